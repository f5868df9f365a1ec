//! A machine with a Docker engine.

use std::{fmt, path::PathBuf, time::Duration};

use bollard::{API_DEFAULT_VERSION, Docker};
use serde::Deserialize;

/// How long the engine may take for anything but a proof.
const TIMEOUT: Duration = Duration::from_mins(2);

/// Where an engine is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Host {
    /// `unix:///var/run/docker.sock`, `tcp://machine:2376`, `ssh://user@machine`; the local engine where absent.
    pub url: Option<String>,
    /// Folder with `ca.pem`, `cert.pem` and `key.pem`, for `tcp://` with TLS.
    pub certificates: Option<PathBuf>,
    /// Device ids of its GPUs, for provers that run on GPUs and name none.
    #[serde(default)]
    pub gpus: Vec<String>,
}

/// Docker could not do what was asked, in its own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DockerError(pub String);

impl fmt::Display for DockerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for DockerError {}

impl From<bollard::errors::Error> for DockerError {
    fn from(error: bollard::errors::Error) -> Self {
        Self(match error {
            bollard::errors::Error::DockerResponseServerError { message, .. } => message,
            other => other.to_string(),
        })
    }
}

impl Host {
    /// A connection that speaks the newest API both sides know.
    ///
    /// # Errors
    /// No engine answers there.
    pub async fn connect(&self) -> Result<Docker, DockerError> {
        let docker = match (&self.url, &self.certificates) {
            (Some(url), Some(folder)) => Docker::connect_with_ssl(
                url,
                &folder.join("key.pem"),
                &folder.join("cert.pem"),
                &folder.join("ca.pem"),
                TIMEOUT.as_secs(),
                API_DEFAULT_VERSION,
            ),
            (Some(url), None) => Docker::connect_with_host(url),
            (None, _) => Docker::connect_with_defaults(),
        };
        let docker = docker?.with_timeout(TIMEOUT).negotiate_version().await?;
        docker.ping().await?;
        Ok(docker)
    }

    /// Where containers' ports are published, and where they are reached from here.
    pub fn addresses(&self) -> (&'static str, String) {
        let machine = self.url.as_deref().and_then(|url| {
            let (scheme, rest) = url.split_once("://")?;
            let authority = rest.split('/').next()?;
            let host = authority.rsplit('@').next()?;
            (scheme == "tcp" || scheme == "ssh").then(|| host.split(':').next().unwrap_or(host))
        });
        match machine {
            None | Some("127.0.0.1" | "localhost") => ("127.0.0.1", "127.0.0.1".into()),
            Some(machine) => ("0.0.0.0", machine.into()),
        }
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.url.as_deref().unwrap_or("the local Docker engine"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_of_other_machines_are_reached_by_their_name() {
        let at = |url: Option<&str>| {
            let host = Host {
                url: url.map(str::to_owned),
                ..Host::default()
            };
            host.addresses()
        };
        let loopback = ("127.0.0.1", "127.0.0.1".to_owned());
        assert_eq!(at(None), loopback);
        assert_eq!(at(Some("unix:///run/docker.sock")), loopback);
        assert_eq!(at(Some("ssh://me@gpu1:22")), ("0.0.0.0", "gpu1".into()));
        assert_eq!(
            at(Some("tcp://10.0.0.7:2376")),
            ("0.0.0.0", "10.0.0.7".into())
        );
    }
}
