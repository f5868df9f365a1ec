//! Servers in Docker containers: hosts, GPUs, life cycle, what dead runs leave behind.

mod container;
mod host;
pub mod logs;
mod machine_id;
mod program_run;
mod run_folder;
mod spec;

pub use container::{Container, image};
pub use host::{DockerError, Host};
pub use program_run::Run;
pub use run_folder::RunFolder;
pub use spec::Spec;
