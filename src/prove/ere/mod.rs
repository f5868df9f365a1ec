//! One zkVM behind ere-server's HTTP API (Twirp): `execute`, `prove`, `verify`, versions.

pub mod wire;

pub use wire::{Executed, Proved};

use std::{fmt, time::Duration};

use prost::Message;
use wire::{Answer, InputRequest, VerifyRequest, WireError};

/// The most that a server may answer: a proof is a few megabytes.
const MAX_ANSWER: usize = 256 << 20;
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
    /// The server at `base`, such as `http://127.0.0.1:3000`.
    pub fn new(base: impl Into<String>) -> Self {
        Self {
            base: base.into(),
            http: reqwest::Client::new(),
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
        self.call("Execute", &request, limit, wire::executed).await
    }

    /// Proves the program's run on `input`.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn prove(&self, input: Vec<u8>, limit: Duration) -> Result<Proved, CallError> {
        let request = InputRequest { input_stdin: input };
        self.call("Prove", &request, limit, wire::proved).await
    }

    /// The public values that a proof is about.
    ///
    /// # Errors
    /// See [`CallError`]; a proof that does not hold is the zkVM's error.
    pub async fn verify(&self, proof: Vec<u8>, limit: Duration) -> Result<Vec<u8>, CallError> {
        let request = VerifyRequest { proof };
        self.call("Verify", &request, limit, wire::verified).await
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
        parse(&body)?.map_err(CallError::Zkvm)
    }
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
            (key.trim() == name).then(|| value.trim().trim_matches('"').to_owned())
        })
    };
    Some(ServerInfo {
        version: label("version")?,
        zkvm_name: label("zkvm_name").unwrap_or_default(),
        zkvm_sdk_version: label("zkvm_sdk_version").unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
