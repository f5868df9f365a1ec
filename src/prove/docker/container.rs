//! A server's container: its life.

use std::{path::PathBuf, time::Duration};

use bollard::{
    Docker, body_full,
    errors::Error,
    exec::{CreateExecOptions, StartExecResults},
    models::{ContainerState, ImageInspect},
    query_parameters::{
        CreateContainerOptionsBuilder, CreateImageOptionsBuilder, InspectContainerOptions,
        RemoveContainerOptionsBuilder, StatsOptionsBuilder, UploadToContainerOptionsBuilder,
    },
};
use futures_util::StreamExt as _;
use tokio::time::{Instant, sleep, timeout};

use super::{
    host::DockerError,
    logs,
    program_run::Run,
    reach::Reach,
    secrets::Secrets,
    spec::{PORT, Spec},
};
use crate::prove::{Failure, ere::Client};

/// Where the program is put.
const ELF: &str = "guest.elf";
/// How often a starting server is looked at.
const POLL: Duration = Duration::from_millis(200);
/// How often a server that broke off is looked at before it counts as alive.
const DYING: usize = 10;
/// Exit code of a process that SIGKILL ended.
const KILLED: i64 = 137;
/// Lines of a dead server's log that are kept as the reason.
const LAST_LINES: &str = "5";
/// Lines that are kept of the log of a server that is gone.
const KEPT_LINES: &str = "1000";
/// How long reading them may take.
const LOG_LIMIT: Duration = Duration::from_secs(5);

/// Makes sure the image is there: pulled if it is not. Its id, which is its content.
///
/// # Errors
/// It is neither local nor can it be pulled, or it is another than has to be.
pub async fn image(docker: &Docker, spec: &Spec) -> Result<String, DockerError> {
    let found = match docker.inspect_image(&spec.image).await {
        Ok(found) => found,
        Err(_) => pulled(docker, &spec.image).await?,
    };
    spec.accepted(found)
}

async fn pulled(docker: &Docker, image: &str) -> Result<ImageInspect, DockerError> {
    let options = CreateImageOptionsBuilder::default()
        .from_image(image)
        .build();
    let mut pull = docker.create_image(Some(options), None, None);
    while let Some(step) = pull.next().await {
        step.map_err(|error| {
            let error = DockerError::from(error);
            DockerError(format!(
                "image `{image}` is not here and cannot be pulled: {error}"
            ))
        })?;
    }
    Ok(docker.inspect_image(image).await?)
}

/// A running server.
#[derive(Debug)]
pub struct Container {
    docker: Docker,
    name: String,
    prover: String,
    /// What its log is not to show.
    secrets: Secrets,
    /// Where its log is kept when it is gone.
    logs: Option<PathBuf>,
    /// What it answers.
    pub client: Client,
}

impl Container {
    /// Creates and starts a server, and waits until it listens.
    ///
    /// # Errors
    /// Docker refuses, or the server dies or stays silent: what it was, and its last words.
    pub async fn start(
        docker: &Docker,
        reach: &Reach,
        run: &Run,
        spec: &Spec,
    ) -> Result<Self, Failure> {
        let name = run.container_name(&spec.prover);
        let options = CreateContainerOptionsBuilder::default().name(&name).build();
        let body = spec.create_body(reach.publish(), run.labels(&spec.prover));
        let permit = run.may_make().await;
        let created = docker.create_container(Some(options), body).await;
        drop(permit);
        created.map_err(refused)?;
        let mut this = Self {
            docker: docker.clone(),
            name,
            prover: spec.prover.clone(),
            secrets: spec.secrets(),
            logs: run.logs.clone(),
            client: Client::new(""),
        };
        match this.bring_up(reach, spec).await {
            Ok(()) => Ok(this),
            Err(failure) => {
                this.remove().await;
                Err(failure)
            }
        }
    }

    async fn bring_up(&mut self, reach: &Reach, spec: &Spec) -> Result<(), Failure> {
        let options = UploadToContainerOptionsBuilder::default().path("/").build();
        let body = body_full(archive(&spec.elf)?.into());
        let uploaded = self
            .docker
            .upload_to_container(&self.name, Some(options), body);
        uploaded.await.map_err(refused)?;
        self.docker
            .start_container(&self.name, None)
            .await
            .map_err(refused)?;
        let deadline = Instant::now() + spec.start_limit;
        let mut found = None;
        loop {
            let (state, port) = self.look().await?;
            if state.running != Some(true) {
                return Err(self.last_words(&state).await);
            }
            if let Some(port) = port
                && found != Some(port)
            {
                self.client = reach.client(port).await.map_err(unreached)?;
                found = Some(port);
            }
            if found.is_some() && self.client.is_ready().await {
                return Ok(());
            }
            if Instant::now() >= deadline {
                return Err(Failure::Timeout {
                    limit_s: spec.start_limit.as_secs_f64(),
                });
            }
            sleep(POLL).await;
        }
    }

    /// Its state, and the port it is reached at.
    async fn look(&self) -> Result<(ContainerState, Option<u16>), Failure> {
        let options = None::<InspectContainerOptions>;
        let container = self.docker.inspect_container(&self.name, options).await;
        let container = container.map_err(refused)?;
        let ports = container.network_settings.and_then(|network| network.ports);
        let bound = ports.and_then(|mut ports| ports.remove(PORT).flatten());
        let port = bound.and_then(|bindings| bindings.into_iter().find_map(|one| one.host_port));
        let port = port.and_then(|port| port.parse().ok());
        Ok((container.state.unwrap_or_default(), port))
    }

    /// What became of a server that does not answer any more; `None` while it runs.
    ///
    /// # Errors
    /// Docker does not answer either.
    pub async fn fate(&self) -> Result<Option<Failure>, Failure> {
        // The connection breaks a moment before the engine knows why.
        for _ in 0..DYING {
            let (state, _) = self.look().await?;
            if state.running != Some(true) {
                return Ok(Some(self.last_words(&state).await));
            }
            sleep(POLL).await;
        }
        Ok(None)
    }

    async fn last_words(&self, state: &ContainerState) -> Failure {
        if state.oom_killed == Some(true) {
            return Failure::OutOfMemory;
        }
        let log = self.log(LAST_LINES).await;
        let code = state.exit_code.unwrap_or_default();
        // Nothing but a signal from outside gives this code: not the block's fault.
        if code == KILLED {
            return Failure::Transport {
                reason: "the container was killed".into(),
            };
        }
        let words = if log.is_empty() {
            String::new()
        } else {
            format!(": {log}")
        };
        Failure::Crash {
            reason: format!("the server left with exit code {code}{words}"),
        }
    }

    async fn log(&self, lines: &str) -> String {
        let log = logs::tail(&self.docker, &self.name, lines).await;
        self.secrets.hide(&log)
    }

    /// The models of its GPUs, where `nvidia-smi` is in it and tells.
    pub async fn gpu_models(&self) -> Vec<String> {
        let command = ["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"];
        let options = CreateExecOptions {
            attach_stdout: Some(true),
            cmd: Some(command.to_vec()),
            ..CreateExecOptions::default()
        };
        let Ok(exec) = self.docker.create_exec(&self.name, options).await else {
            return Vec::new();
        };
        let started = self.docker.start_exec(&exec.id, None).await;
        let Ok(StartExecResults::Attached { output, .. }) = started else {
            return Vec::new();
        };
        let told = logs::text(output).await;
        let ended = self.docker.inspect_exec(&exec.id).await;
        let works = ended.is_ok_and(|exec| exec.exit_code == Some(0));
        let models = told.lines().map(|line| line.trim().to_owned());
        models.filter(|line| works && !line.is_empty()).collect()
    }

    /// The most memory it has used, bytes, where the engine tells.
    pub async fn peak_memory(&self) -> Option<u64> {
        let options = StatsOptionsBuilder::default()
            .stream(false)
            .one_shot(true)
            .build();
        let stats = self
            .docker
            .stats(&self.name, Some(options))
            .next()
            .await?
            .ok()?;
        let memory = stats.memory_stats?;
        memory.max_usage.or(memory.usage)
    }

    /// Kills and removes it, whatever its state. Its log is kept.
    pub async fn remove(&self) {
        if let Some(folder) = &self.logs {
            let read = timeout(LOG_LIMIT, self.log(KEPT_LINES)).await;
            // A log that cannot be kept is no reason to stop.
            let _ = logs::keep(folder, &self.prover, &self.name, &read.unwrap_or_default());
        }
        let options = RemoveContainerOptionsBuilder::default()
            .force(true)
            .v(true)
            .build();
        // Gone already, or found by its label at the next start.
        let _ = self
            .docker
            .remove_container(&self.name, Some(options))
            .await;
    }
}

fn unreached(DockerError(reason): DockerError) -> Failure {
    Failure::Transport { reason }
}

fn refused(error: Error) -> Failure {
    Failure::Transport {
        reason: format!("Docker: {}", DockerError::from(error)),
    }
}

/// The program as the archive that Docker unpacks.
fn archive(elf: &[u8]) -> Result<Vec<u8>, Failure> {
    let mut header = tar::Header::new_gnu();
    header.set_size(elf.len() as u64);
    header.set_mode(0o755);
    let mut archive = tar::Builder::new(Vec::new());
    archive
        .append_data(&mut header, ELF, elf)
        .and_then(|()| archive.into_inner())
        .map_err(|error| Failure::Transport {
            reason: error.to_string(),
        })
}
