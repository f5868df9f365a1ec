//! One run of this program, as its containers know it: so that those of a dead run are found and removed.
//!
//! A run holds a lock on a file as long as it lives, however it ends. Its containers carry the file's path; one whose
//! file is gone or not locked belongs to nobody.

use std::{
    collections::HashMap,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};

use bollard::{
    Docker,
    query_parameters::{ListContainersOptionsBuilder, RemoveContainerOptionsBuilder},
};

use super::host::DockerError;

/// Label of the lock file's path.
const LOCK: &str = "reprice.lock";
/// Label of the machine that the file is on.
const MACHINE: &str = "reprice.machine";
/// Label of the prover.
const PROVER: &str = "reprice.prover";

/// This run.
#[derive(Debug)]
pub struct Run {
    id: String,
    machine: String,
    path: PathBuf,
    /// Held until the end.
    _lock: File,
    containers: AtomicU32,
}

impl Run {
    /// Begins a run: its lock is in `folder`.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn begin(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let mut number = 0;
        loop {
            let id = format!("{}-{number}", std::process::id());
            let path = folder.join(format!("{id}.lock"));
            let lock = File::create(&path)?;
            // Another program with this number may have left its file, and lives on in another container.
            if lock.try_lock().is_ok() {
                return Ok(Self {
                    id,
                    machine: machine(),
                    path,
                    _lock: lock,
                    containers: AtomicU32::new(0),
                });
            }
            number += 1;
        }
    }

    pub(super) fn container_name(&self, prover: &str) -> String {
        let number = self.containers.fetch_add(1, Ordering::Relaxed);
        let prover: String = prover
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
            .collect();
        format!("reprice-{prover}-{}-{number}", self.id)
    }

    pub(super) fn labels(&self, prover: &str) -> HashMap<String, String> {
        HashMap::from([
            (LOCK.into(), self.path.display().to_string()),
            (MACHINE.into(), self.machine.clone()),
            (PROVER.into(), prover.into()),
        ])
    }

    /// Removes the containers that dead runs on this machine have left; how many.
    ///
    /// # Errors
    /// Docker does not answer.
    pub async fn remove_orphans(&self, docker: &Docker) -> Result<usize, DockerError> {
        let mine = format!("{MACHINE}={}", self.machine);
        let filters = HashMap::from([("label".to_owned(), vec![LOCK.to_owned(), mine])]);
        let options = ListContainersOptionsBuilder::default()
            .all(true)
            .filters(&filters)
            .build();
        let mut removed = 0;
        for container in docker.list_containers(Some(options)).await? {
            let path = container
                .labels
                .as_ref()
                .and_then(|labels| labels.get(LOCK));
            let (Some(path), Some(id)) = (path, &container.id) else {
                continue;
            };
            if is_held(Path::new(path)) {
                continue;
            }
            let options = RemoveContainerOptionsBuilder::default()
                .force(true)
                .v(true)
                .build();
            // Another run may be removing it right now.
            if docker.remove_container(id, Some(options)).await.is_ok() {
                let _ = fs::remove_file(path);
                removed += 1;
            }
        }
        Ok(removed)
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

fn is_held(path: &Path) -> bool {
    File::open(path).is_ok_and(|file| matches!(file.try_lock(), Err(fs::TryLockError::WouldBlock)))
}

/// The machine's name, as far as one can be had without asking anyone.
fn machine() -> String {
    let named = fs::read_to_string("/etc/hostname").ok();
    let named = named.or_else(|| std::env::var("HOSTNAME").ok());
    named.map_or_else(|| "localhost".into(), |name| name.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_held_until_it_ends() {
        let folder = tempfile::tempdir().unwrap();
        let run = Run::begin(folder.path()).unwrap();
        let path = run.path.clone();
        assert!(is_held(&path));
        let other = Run::begin(folder.path()).unwrap();
        assert_ne!(other.path, path);
        drop(run);
        assert!(!is_held(&path));
        // What a killed run leaves behind: the file, and no lock.
        fs::write(&path, "").unwrap();
        assert!(!is_held(&path));
        assert_eq!(
            other.container_name("sp1/x"),
            format!("reprice-sp1-x-{}-0", other.id)
        );
    }
}
