//! Servers in Docker containers: hosts, GPUs, life cycle, what dead runs leave behind.

mod container;
mod host;
pub mod logs;
mod program_run;
mod spec;

pub use container::{Container, image};
pub use host::{DockerError, Host};
pub use program_run::Run;
pub use spec::Spec;
