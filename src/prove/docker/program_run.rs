//! One run of this program, as its containers know it: so that those of a dead run are found and removed.
//!
//! A run has a random id and a file of that name, locked as long as it lives, however it ends. Its containers carry the id in
//! label and name. Those of a dead run are the ones whose id is that of a file in our own folder which nobody locks.
//!
//! Once a run is stopped, none of its threads makes a container any more, whatever it is at.

use std::{
    collections::HashMap,
    io,
    path::PathBuf,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
};

use bollard::{
    Docker,
    models::ContainerSummary,
    query_parameters::{ListContainersOptionsBuilder, RemoveContainerOptionsBuilder},
};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::{
    host::{DockerError, Host},
    machine_id::machine_id,
    run_folder::{RunFolder, RunLock},
};

/// Label of the run's id.
const RUN: &str = "reprice.run";
/// Label of the machine that the run is on.
const MACHINE: &str = "reprice.machine";
/// Label of the prover.
const PROVER: &str = "reprice.prover";
/// Containers that may be in the making at once: more than any campaign has servers.
const MAKING: u32 = 1 << 16;

/// This run.
#[derive(Debug)]
pub struct Run {
    folder: RunFolder,
    lock: RunLock,
    machine: String,
    containers: AtomicU32,
    making: Semaphore,
    hosts: Mutex<Vec<Host>>,
    /// Whether containers may be left that could not be removed.
    leaves: AtomicBool,
    /// Where the logs of servers are kept that are gone.
    pub(super) logs: Option<PathBuf>,
}

impl Run {
    /// Begins a run: its lock is in `folder`, and the logs of its servers are kept in `logs`.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn begin(folder: RunFolder, logs: Option<PathBuf>) -> io::Result<Self> {
        Ok(Self {
            machine: machine_id(folder.path())?,
            lock: folder.begin()?,
            folder,
            containers: AtomicU32::new(0),
            making: Semaphore::new(MAKING as usize),
            hosts: Mutex::default(),
            leaves: AtomicBool::new(false),
            logs,
        })
    }

    pub(super) fn container_name(&self, prover: &str) -> String {
        let number = self.containers.fetch_add(1, Ordering::Relaxed);
        let prover: String = prover
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
            .collect();
        format!("reprice-{prover}-{}-{number}", self.lock.id)
    }

    pub(super) fn labels(&self, prover: &str) -> HashMap<String, String> {
        HashMap::from([
            (RUN.into(), self.lock.id.clone()),
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
            match host.connect().await {
                Ok(docker) => removed += self.remove_own(&docker, None).await,
                Err(_) => self.leaves.store(true, Ordering::Relaxed),
            }
        }
        self.end();
        removed
    }

    /// Ends a run whose containers are removed. One that has left some stays known, for the next run to remove them.
    pub fn end(&self) {
        if !self.leaves.load(Ordering::Relaxed) {
            self.lock.remove();
        }
    }

    /// Removes this run's containers, or those of one prover; how many.
    pub async fn remove_own(&self, docker: &Docker, prover: Option<&str>) -> usize {
        let of = |container: &ContainerSummary| {
            prover.is_none_or(|prover| label(container, PROVER) == Some(prover))
        };
        let Ok(mut containers) = self.here(docker).await else {
            self.leaves.store(true, Ordering::Relaxed);
            return 0;
        };
        containers.retain(|container| is_of(container, &self.lock) && of(container));
        let removed = remove(docker, &containers).await;
        if removed < containers.len() {
            self.leaves.store(true, Ordering::Relaxed);
        }
        removed
    }

    /// Removes the containers that dead runs on this machine have left; how many.
    ///
    /// # Errors
    /// Docker does not answer.
    pub async fn remove_orphans(&self, docker: &Docker) -> Result<usize, DockerError> {
        let dead = self.folder.dead();
        let mut containers = self.here(docker).await?;
        containers.retain(|container| dead.iter().any(|run| is_of(container, run)));
        Ok(remove(docker, &containers).await)
    }

    /// The containers of runs on this machine.
    async fn here(&self, docker: &Docker) -> Result<Vec<ContainerSummary>, DockerError> {
        labelled(docker, &[RUN, &format!("{MACHINE}={}", self.machine)]).await
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

/// Whether a container is one that this run has made: images set labels, but they name no containers.
fn is_of(container: &ContainerSummary, run: &RunLock) -> bool {
    let within = format!("-{}-", run.id);
    let mut names = container.names.iter().flatten();
    label(container, RUN) == Some(&run.id) && names.any(|name| name.contains(&within))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn containers_of_a_run_have_its_id_in_label_and_name() {
        let place = tempfile::tempdir().unwrap();
        let folder = RunFolder::at(&place.path().join("runs")).unwrap();
        let run = Run::begin(folder.clone(), None).unwrap();
        let name = run.container_name("sp1/x");
        assert_eq!(name, format!("reprice-sp1-x-{}-0", run.lock.id));
        let container = ContainerSummary {
            names: Some(vec![format!("/{name}")]),
            labels: Some(run.labels("sp1/x")),
            ..ContainerSummary::default()
        };
        assert!(is_of(&container, &run.lock));
        let foreign = ContainerSummary {
            names: Some(vec!["/database".into()]),
            ..container.clone()
        };
        assert!(!is_of(&foreign, &run.lock));
        let other = Run::begin(folder, None).unwrap();
        assert!(!is_of(&container, &other.lock));
    }
}
