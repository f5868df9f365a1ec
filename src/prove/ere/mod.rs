//! One zkVM behind ere-server's HTTP API (Twirp): `execute`, `prove`, `verify`, versions.

pub mod wire;

pub use wire::{Executed, Proved};

use std::{fmt, path::PathBuf, time::Duration};

use prost::Message;
use wire::{Answer, InputRequest, VerifyRequest, WireError};

/// The most that a server may answer: a proof is a few megabytes.
const MAX_ANSWER: usize = 256 << 20;
/// The most characters of an error that are told on.
const MAX_ERROR: usize = 4_000;
/// The most that a guest may commit to, bytes. Those of blocks commit to fewer than 256.
const MAX_PUBLIC_VALUES: usize = 1 << 16;
/// The most characters of a name or version.
const MAX_NAME: usize = 64;
/// How long small questions may take.
const SHORT: Duration = Duration::from_secs(5);

/// A server.
#[derive(Clone, Debug)]
pub struct Client {
    base: String,
    http: reqwest::Client,
}

/// Versions, as the server tells them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServerInfo {
    /// Of the server.
    pub version: String,
    /// The zkVM it runs.
    pub zkvm_name: String,
    /// Of the zkVM's SDK.
    pub zkvm_sdk_version: String,
}

/// Why a call has no result.
#[derive(Debug)]
pub enum CallError {
    /// The zkVM failed, in its own words.
    Zkvm(String),
    /// No answer within the limit.
    Timeout(Duration),
    /// The connection failed, or what came is no answer of such a server.
    Transport(String),
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Zkvm(error) | Self::Transport(error) => f.write_str(error),
            Self::Timeout(limit) => write!(f, "no answer within {} s", limit.as_secs_f64()),
        }
    }
}

impl std::error::Error for CallError {}

impl From<WireError> for CallError {
    fn from(error: WireError) -> Self {
        Self::Transport(error.to_string())
    }
}

impl Client {
    /// The server at `base`, such as `http://127.0.0.1:3000`. No other gets what it is sent: redirects are not followed, and proxies
    /// that the environment names not used.
    pub fn new(base: impl Into<String>) -> Self {
        Self::built(base.into(), reqwest::Client::builder())
    }

    /// The server behind a socket of this machine.
    pub fn through(socket: PathBuf) -> Self {
        // The socket decides; the name is for the request's head.
        Self::built(
            "http://localhost".into(),
            reqwest::Client::builder().unix_socket(socket),
        )
    }

    fn built(base: String, builder: reqwest::ClientBuilder) -> Self {
        let http = builder
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build();
        Self {
            base,
            http: http.expect("a client without TLS is always there"),
        }
    }

    /// Whether the server is up. It listens only once the program is set up.
    pub async fn is_ready(&self) -> bool {
        let request = self
            .http
            .get(format!("{}/health", self.base))
            .timeout(SHORT);
        request
            .send()
            .await
            .is_ok_and(|response| response.status().is_success())
    }

    /// Which versions answer.
    ///
    /// # Errors
    /// The connection failed, or the server does not tell.
    pub async fn info(&self) -> Result<ServerInfo, CallError> {
        let request = self
            .http
            .get(format!("{}/metrics", self.base))
            .timeout(SHORT);
        let response = request
            .send()
            .await
            .map_err(|error| transport(&error, SHORT))?;
        let text = read(response, SHORT).await?;
        info(&String::from_utf8_lossy(&text))
            .ok_or_else(|| CallError::Transport("its metrics do not tell its version".into()))
    }

    /// Runs the program on `input` without proving.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn execute(&self, input: Vec<u8>, limit: Duration) -> Result<Executed, CallError> {
        let request = InputRequest { input_stdin: input };
        let done = self
            .call("Execute", &request, limit, wire::executed)
            .await?;
        committed(&done.public_values)?;
        Ok(done)
    }

    /// Proves the program's run on `input`.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn prove(&self, input: Vec<u8>, limit: Duration) -> Result<Proved, CallError> {
        let request = InputRequest { input_stdin: input };
        let done = self.call("Prove", &request, limit, wire::proved).await?;
        committed(&done.public_values)?;
        Ok(done)
    }

    /// The public values that a proof is about.
    ///
    /// # Errors
    /// See [`CallError`]; a proof that does not hold is the zkVM's error.
    pub async fn verify(&self, proof: Vec<u8>, limit: Duration) -> Result<Vec<u8>, CallError> {
        let request = VerifyRequest { proof };
        let public_values = self.call("Verify", &request, limit, wire::verified).await?;
        committed(&public_values)?;
        Ok(public_values)
    }

    async fn call<T>(
        &self,
        method: &str,
        request: &impl Message,
        limit: Duration,
        parse: fn(&[u8]) -> Result<Answer<T>, WireError>,
    ) -> Result<T, CallError> {
        let url = format!("{}/twirp/api.ZkvmService/{method}", self.base);
        let request = self
            .http
            .post(url)
            .header("content-type", "application/protobuf")
            .body(request.encode_to_vec())
            .timeout(limit);
        let response = request
            .send()
            .await
            .map_err(|error| transport(&error, limit))?;
        let (status, kind) = (response.status(), content_type(&response));
        let body = read(response, limit).await?;
        if !status.is_success() {
            let text = String::from_utf8_lossy(&body);
            let text: String = text.chars().take(300).collect();
            return Err(CallError::Transport(format!(
                "HTTP status {status}: {text}"
            )));
        }
        if kind != "application/protobuf" {
            return Err(CallError::Transport(format!(
                "content type `{kind}` instead of `application/protobuf`"
            )));
        }
        parse(&body)?.map_err(|error| CallError::Zkvm(shortened(&error)))
    }
}

/// The beginning of an error, which may be a zkVM's whole output.
fn shortened(error: &str) -> String {
    let mut beginning: String = error.chars().take(MAX_ERROR).collect();
    if beginning.len() < error.len() {
        beginning.push_str(" ...");
    }
    beginning
}

/// # Errors
/// More than a guest of blocks commits to: it would be kept.
fn committed(public_values: &[u8]) -> Result<(), CallError> {
    if public_values.len() > MAX_PUBLIC_VALUES {
        return Err(CallError::Transport(format!(
            "{} bytes of public values, of {MAX_PUBLIC_VALUES} that a guest may commit to",
            public_values.len()
        )));
    }
    Ok(())
}

fn content_type(response: &reqwest::Response) -> String {
    let value = response.headers().get("content-type");
    let text = value
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    text.split(';').next().unwrap_or_default().trim().to_owned()
}

/// The body, as long as it is not absurdly large.
async fn read(mut response: reqwest::Response, limit: Duration) -> Result<Vec<u8>, CallError> {
    let mut body = Vec::new();
    while let Some(chunk) = response
        .chunk()
        .await
        .map_err(|error| transport(&error, limit))?
    {
        if body.len() + chunk.len() > MAX_ANSWER {
            return Err(CallError::Transport(format!(
                "an answer of more than {} MiB",
                MAX_ANSWER >> 20
            )));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn transport(error: &reqwest::Error, limit: Duration) -> CallError {
    if error.is_timeout() {
        return CallError::Timeout(limit);
    }
    // The cause says more than what reqwest was doing.
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    CallError::Transport(cause.to_string())
}

/// The labels of `ere_server_info{...} 1`.
fn info(metrics: &str) -> Option<ServerInfo> {
    let line = metrics
        .lines()
        .find_map(|line| line.strip_prefix("ere_server_info{"))?;
    let (labels, _) = line.split_once('}')?;
    let label = |name: &str| {
        labels.split(',').find_map(|label| {
            let (key, value) = label.split_once('=')?;
            (key.trim() == name).then(|| value.trim().trim_matches('"'))
        })
    };
    // Folders of results are named by them.
    let label = |name: &str| Some(as_name(label(name)?));
    Some(ServerInfo {
        version: label("version")?,
        zkvm_name: label("zkvm_name").unwrap_or_default(),
        zkvm_sdk_version: label("zkvm_sdk_version").unwrap_or_default(),
    })
}

/// What is told, as it may stand in the name of a folder.
fn as_name(told: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._+-".contains(c);
    told.chars()
        .take(MAX_NAME)
        .map(|c| if plain(c) { c } else { '-' })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read as _, Write as _},
        net::TcpListener,
        thread,
    };

    use super::*;

    #[test]
    fn versions_are_names() {
        let metrics = "ere_server_info{version=\"../a\u{1b}[2J\",zkvm_name=\"x y\"} 1\n";
        let info = info(metrics).unwrap();
        assert_eq!((&*info.version, &*info.zkvm_name), ("..-a--2J", "x-y"));
    }

    #[test]
    fn versions_are_read_from_the_metrics() {
        let metrics = "# TYPE ere_server_info gauge\n\
            ere_server_info{version=\"0.16.2\",zkvm_name=\"sp1\",zkvm_sdk_version=\"6.4.0\"} 1\n";
        let info = info(metrics).unwrap();
        assert_eq!(
            (
                info.version.as_str(),
                info.zkvm_name.as_str(),
                info.zkvm_sdk_version.as_str()
            ),
            ("0.16.2", "sp1", "6.4.0")
        );
        assert_eq!(super::info("other_metric 1\n"), None);
    }

    /// A server that answers its first request with these bytes, and where it listens.
    fn answering(answer: Vec<u8>) -> (String, thread::JoinHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let serve = move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut asked = Vec::new();
            while !asked.ends_with(b"question") {
                let mut part = [0; 1_024];
                let read = stream.read(&mut part).unwrap();
                asked.extend_from_slice(&part[..read]);
            }
            stream.write_all(&answer).unwrap();
        };
        (base, thread::spawn(serve))
    }

    fn executed(answer: Vec<u8>) -> CallError {
        let (base, server) = answering(answer);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let limit = Duration::from_secs(20);
        let asked = Client::new(base);
        let error = runtime.block_on(asked.execute(b"question".into(), limit));
        server.join().unwrap();
        error.unwrap_err()
    }

    fn ok(body: &[u8]) -> Vec<u8> {
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/protobuf\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        [head.as_bytes(), body].concat()
    }

    #[test]
    fn a_block_is_sent_to_its_server_alone() {
        let elsewhere = "HTTP/1.1 307 Temporary Redirect\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n";
        let error = executed(elsewhere.into());
        assert!(
            matches!(&error, CallError::Transport(reason) if reason.contains("307")),
            "{error:?}"
        );
    }

    #[test]
    fn a_long_error_is_cut() {
        let CallError::Zkvm(error) = executed(ok(&wire::encode_error("x".repeat(1 << 20)))) else {
            panic!("expected the zkVM's error")
        };
        assert_eq!(error.len(), MAX_ERROR + " ...".len());
    }

    #[test]
    fn a_guest_commits_to_little() {
        let body = wire::encode(wire::ExecuteOkDuration {
            public_values: vec![0; MAX_PUBLIC_VALUES + 1],
            duration_nanos: 1,
        });
        let error = executed(ok(&body));
        assert!(
            matches!(&error, CallError::Transport(reason) if reason.starts_with("65537 bytes of public values")),
            "{error:?}"
        );
    }
}
