//! One run of this program, as its containers know it: so that those of a dead run are found and removed.
//!
//! A run holds a lock on a file as long as it lives, however it ends. Its containers carry the file's path; one whose
//! file is gone or not locked belongs to nobody.
//!
//! Once a run is stopped, none of its threads makes a container any more, whatever it is at.

use std::{
    collections::HashMap,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
};

use bollard::{
    Docker,
    models::ContainerSummary,
    query_parameters::{ListContainersOptionsBuilder, RemoveContainerOptionsBuilder},
};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::host::{DockerError, Host};

/// Label of the lock file's path.
const LOCK: &str = "reprice.lock";
/// Label of the machine that the file is on.
const MACHINE: &str = "reprice.machine";
/// Label of the prover.
const PROVER: &str = "reprice.prover";
/// Containers that may be in the making at once: more than any campaign has servers.
const MAKING: u32 = 1 << 16;

/// This run.
#[derive(Debug)]
pub struct Run {
    id: String,
    machine: String,
    path: PathBuf,
    /// Held until the end.
    _lock: File,
    containers: AtomicU32,
    making: Semaphore,
    hosts: Mutex<Vec<Host>>,
    /// Where the logs of servers are kept that are gone.
    pub(super) logs: Option<PathBuf>,
}

impl Run {
    /// Begins a run: its lock is in `folder`, and the logs of its servers are kept in `logs`.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn begin(folder: &Path, logs: Option<PathBuf>) -> io::Result<Self> {
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
                    making: Semaphore::new(MAKING as usize),
                    hosts: Mutex::default(),
                    logs,
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

    /// Leave to make a container. Never comes once the run is stopped.
    pub(super) async fn may_make(&self) -> SemaphorePermit<'_> {
        match self.making.acquire().await {
            Ok(permit) => permit,
            Err(_stopped) => std::future::pending().await,
        }
    }

    /// Remembers a host that containers of this run are made on.
    pub(crate) fn uses(&self, host: &Host) {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if !hosts.contains(host) {
            hosts.push(host.clone());
        }
    }

    /// Ends the run: removes its containers on every host, and makes none any more. How many there were.
    pub async fn stop(&self) -> usize {
        // Those in the making are waited for, so that they are found.
        let _all = self.making.acquire_many(MAKING).await;
        self.making.close();
        let hosts = self
            .hosts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let mut removed = 0;
        for host in hosts {
            if let Ok(docker) = host.connect().await {
                removed += self.remove_own(&docker, None).await.unwrap_or_default();
            }
        }
        let _ = fs::remove_file(&self.path);
        removed
    }

    /// Removes this run's containers, or those of one prover; how many.
    ///
    /// # Errors
    /// Docker does not answer.
    pub async fn remove_own(
        &self,
        docker: &Docker,
        prover: Option<&str>,
    ) -> Result<usize, DockerError> {
        let own = |container: &ContainerSummary| label(container, LOCK) == self.path.to_str();
        let of = |container: &ContainerSummary| {
            prover.is_none_or(|prover| label(container, PROVER) == Some(prover))
        };
        let mut containers = self.here(docker).await?;
        containers.retain(|container| own(container) && of(container));
        Ok(remove(docker, &containers).await)
    }

    /// Removes the containers that dead runs on this machine have left; how many.
    ///
    /// # Errors
    /// Docker does not answer.
    pub async fn remove_orphans(&self, docker: &Docker) -> Result<usize, DockerError> {
        let mut containers = self.here(docker).await?;
        containers.retain(|one| label(one, LOCK).is_some_and(|path| !is_held(Path::new(path))));
        let removed = remove(docker, &containers).await;
        for path in containers.iter().filter_map(|one| label(one, LOCK)) {
            let _ = fs::remove_file(path);
        }
        Ok(removed)
    }

    /// The containers of runs on this machine.
    async fn here(&self, docker: &Docker) -> Result<Vec<ContainerSummary>, DockerError> {
        labelled(docker, &[LOCK, &format!("{MACHINE}={}", self.machine)]).await
    }
}

/// The containers of one of the provers of any run, on any machine.
pub(super) async fn servers_of(
    docker: &Docker,
    prover: &str,
) -> Result<Vec<ContainerSummary>, DockerError> {
    labelled(docker, &[&format!("{PROVER}={prover}")]).await
}

async fn labelled(docker: &Docker, labels: &[&str]) -> Result<Vec<ContainerSummary>, DockerError> {
    let labels = labels.iter().map(|label| (*label).to_owned()).collect();
    let filters = HashMap::from([("label".to_owned(), labels)]);
    let options = ListContainersOptionsBuilder::default()
        .all(true)
        .filters(&filters)
        .build();
    Ok(docker.list_containers(Some(options)).await?)
}

fn label<'a>(container: &'a ContainerSummary, name: &str) -> Option<&'a str> {
    container.labels.as_ref()?.get(name).map(String::as_str)
}

/// Removes them side by side; how many.
async fn remove(docker: &Docker, containers: &[ContainerSummary]) -> usize {
    let one = async |container: &ContainerSummary| {
        let options = RemoveContainerOptionsBuilder::default()
            .force(true)
            .v(true)
            .build();
        let id = container.id.as_deref().unwrap_or_default();
        // Another run may be removing it right now.
        docker.remove_container(id, Some(options)).await.is_ok()
    };
    let all = futures_util::future::join_all(containers.iter().map(one)).await;
    all.into_iter().filter(|removed| *removed).count()
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
        let run = Run::begin(folder.path(), None).unwrap();
        let path = run.path.clone();
        assert!(is_held(&path));
        let other = Run::begin(folder.path(), None).unwrap();
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
