//! Where a machine's servers listen, and how they are reached from here.

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
};

use super::{
    host::{DockerError, Host},
    tunnel::Tunnel,
};
use crate::prove::ere::Client;

/// How the servers of a machine are reached. They ask nobody who he is, and so never listen to everyone.
#[derive(Clone, Debug)]
pub enum Reach {
    /// At this address: the loopback of this machine, or one of a private network's.
    At(IpAddr),
    /// At the machine's own loopback, through `ssh`.
    Through(Arc<Tunnel>),
}

impl Reach {
    /// How those of `host` are reached.
    ///
    /// # Errors
    /// There is no place for the tunnel's sockets.
    pub fn of(host: &Host) -> Result<Self, DockerError> {
        Ok(match (host.publish, host.ssh()) {
            (Some(address), _) => Self::At(address),
            (None, Some(url)) => Self::Through(Arc::new(Tunnel::new(url)?)),
            (None, None) => Self::At(Ipv4Addr::LOCALHOST.into()),
        })
    }

    /// The address of the machine that ports are published on.
    pub fn publish(&self) -> IpAddr {
        match self {
            Self::At(address) => *address,
            Self::Through(_) => Ipv4Addr::LOCALHOST.into(),
        }
    }

    /// What asks the server that is published on `port`.
    ///
    /// # Errors
    /// No tunnel leads there.
    pub async fn client(&self, port: u16) -> Result<Client, DockerError> {
        Ok(match self {
            Self::At(address) => {
                let authority = std::net::SocketAddr::new(*address, port);
                Client::new(format!("http://{authority}"))
            }
            Self::Through(tunnel) => Client::through(tunnel.door(port).await?),
        })
    }
}
