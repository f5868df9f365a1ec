//! A way to ports on another machine's own loopback, through `ssh`: no port of it is open to a network.

use std::{net::Ipv4Addr, path::PathBuf, time::Duration};

use openssh::{ForwardType, Session, SessionBuilder};
use tempfile::TempDir;
use tokio::sync::Mutex;

use super::host::DockerError;

/// How often the other machine is asked whether it is still there.
const ALIVE: Duration = Duration::from_secs(30);

/// A connection by `ssh`, and the doors on this side: sockets in a folder that is this user's alone.
#[derive(Debug)]
pub struct Tunnel {
    url: String,
    doors: TempDir,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    session: Option<Session>,
    /// How many doors there have been.
    made: usize,
}

impl Tunnel {
    /// To the machine at `url`, `ssh://user@machine:port`. It connects when the first door is asked for.
    ///
    /// # Errors
    /// There is no place for the doors.
    pub(super) fn new(url: &str) -> Result<Self, DockerError> {
        let doors = tempfile::Builder::new().prefix("reprice-").tempdir();
        Ok(Self {
            url: url.to_owned(),
            doors: doors.map_err(|error| DockerError(error.to_string()))?,
            state: Mutex::default(),
        })
    }

    /// A socket on this machine that leads to `port` on the other one's loopback.
    ///
    /// # Errors
    /// `ssh` does not connect, or forwards nothing.
    pub(super) async fn door(&self, port: u16) -> Result<PathBuf, DockerError> {
        let mut state = self.state.lock().await;
        let session = match state.session.take() {
            Some(session) if session.check().await.is_ok() => session,
            _ => self.connect().await?,
        };
        state.made += 1;
        let door = self.doors.path().join(state.made.to_string());
        let there = (Ipv4Addr::LOCALHOST, port);
        let made = session.request_port_forward(ForwardType::Local, door.clone(), there);
        let made = made.await;
        state.session = Some(session);
        made.map_err(|error| refused(&error))?;
        Ok(door)
    }

    async fn connect(&self) -> Result<Session, DockerError> {
        let mut builder = SessionBuilder::default();
        builder.server_alive_interval(ALIVE);
        let session = builder.connect(&self.url).await;
        session.map_err(|error| refused(&error))
    }
}

/// What `ssh` said, or why it was not started.
fn refused(error: &openssh::Error) -> DockerError {
    let cause = std::error::Error::source(error).map(|cause| format!(": {cause}"));
    DockerError(format!("ssh: {error}{}", cause.unwrap_or_default()))
}
