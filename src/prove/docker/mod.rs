//! Servers in Docker containers: hosts, GPUs, life cycle, what dead runs leave behind.

mod container;
mod host;
mod run;

pub use container::{Container, Spec, image};
pub use host::{DockerError, Host};
pub use run::Run;
