//! Servers in Docker containers: hosts, GPUs, life cycle, what dead runs leave behind.

mod container;
mod host;
pub mod logs;
mod machine_id;
mod program_run;
mod reach;
mod run_folder;
mod secrets;
mod spec;
mod tunnel;

pub use container::{Container, image};
pub use host::{DockerError, Host};
pub use program_run::Run;
pub use reach::Reach;
pub use run_folder::RunFolder;
pub use secrets::Secrets;
pub use spec::Spec;
