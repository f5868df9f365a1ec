//! A machine with a Docker engine.

use std::{fmt, net::IpAddr, path::PathBuf, time::Duration};

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
    /// Its address that servers are published on and reached at, in a network that others are kept out of. Without one they
    /// listen on its loopback, and are reached through `ssh`.
    pub publish: Option<IpAddr>,
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

    /// Its address, where it is reached by `ssh`.
    pub(super) fn ssh(&self) -> Option<&str> {
        let url = self.url.as_deref()?;
        url.starts_with("ssh://").then_some(url)
    }

    /// Whether its servers can be reached without listening to everyone.
    ///
    /// # Errors
    /// What is missing, or too much.
    pub fn check(&self) -> Result<(), String> {
        let url = self.url.as_deref().unwrap_or_default();
        let machine = url.strip_prefix("tcp://").map(|rest| {
            let end = rest.find(['/', ':']).unwrap_or(rest.len());
            &rest[..end]
        });
        match (self.publish, machine) {
            (Some(address), _) if address.is_unspecified() => Err(format!(
                "`publish` is {address}, which is every network; servers ask nobody who he is"
            )),
            (None, Some(machine)) if !["127.0.0.1", "localhost"].contains(&machine) => {
                Err(format!(
                    "its servers have no address: `publish` names one of {machine} in a private network, or `url` is `ssh://`"
                ))
            }
            _ => Ok(()),
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
    use crate::prove::docker::Reach;

    #[test]
    fn no_port_is_open_to_everyone() {
        let checked = |url: Option<&str>, publish: Option<&str>| {
            let host = Host {
                url: url.map(str::to_owned),
                publish: publish.map(|address| address.parse().unwrap()),
                ..Host::default()
            };
            host.check()?;
            Ok::<_, String>(match Reach::of(&host).unwrap() {
                Reach::At(address) => address.to_string(),
                through @ Reach::Through(_) => format!("{} by ssh", through.publish()),
            })
        };
        let loopback = Ok("127.0.0.1".to_owned());
        assert_eq!(checked(None, None), loopback);
        assert_eq!(checked(Some("unix:///run/docker.sock"), None), loopback);
        assert_eq!(checked(Some("tcp://localhost:2375"), None), loopback);
        let by_ssh = Ok("127.0.0.1 by ssh".to_owned());
        assert_eq!(checked(Some("ssh://me@gpu1:22"), None), by_ssh);
        let private = Ok("10.0.0.7".to_owned());
        for url in ["ssh://me@gpu1", "tcp://gpu1:2376"] {
            assert_eq!(checked(Some(url), Some("10.0.0.7")), private);
        }
        for (url, publish, why) in [
            (
                "tcp://gpu1:2376",
                None,
                "its servers have no address: `publish` names one of gpu1",
            ),
            ("tcp://gpu1:2376", Some("0.0.0.0"), "every network"),
            ("ssh://gpu1", Some("::"), "every network"),
        ] {
            let error = checked(Some(url), publish).unwrap_err();
            assert!(error.contains(why), "{error}");
        }
    }
}
