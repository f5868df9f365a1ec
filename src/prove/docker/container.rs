//! A server's container: what it is made of, and its life.

use std::{collections::HashMap, sync::Arc, time::Duration};

use bollard::{
    Docker, body_full,
    models::{
        ContainerCreateBody, ContainerState, DeviceRequest, HostConfig, PortBinding,
        ResourcesUlimits,
    },
    query_parameters::{
        CreateContainerOptionsBuilder, CreateImageOptionsBuilder, InspectContainerOptions,
        LogsOptionsBuilder, RemoveContainerOptionsBuilder, StatsOptionsBuilder,
        UploadToContainerOptionsBuilder,
    },
};
use futures_util::StreamExt as _;
use tokio::time::{Instant, sleep};

use super::{
    host::{DockerError, Host},
    run::Run,
};
use crate::prove::{Failure, ere::Client};

/// The port that every server listens on, inside.
const PORT: &str = "3000/tcp";
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

/// What a server's container is made of.
#[derive(Clone, Debug)]
pub struct Spec {
    /// The prover's name in schedules.
    pub prover: String,
    /// Image.
    pub image: String,
    /// What follows the port and the program: `gpu`, `cpu`, `network --endpoint U`.
    pub arguments: Vec<String>,
    /// The guest program.
    pub elf: Arc<[u8]>,
    /// Environment.
    pub env: Vec<(String, String)>,
    /// Device ids of the GPUs that it gets; none for a prover on the CPU.
    pub gpus: Vec<String>,
    /// Shared memory, bytes.
    pub shm_bytes: Option<i64>,
    /// The most memory it may use, bytes.
    pub memory_bytes: Option<i64>,
    /// Whether it may lock any amount of memory, as zisk needs.
    pub memlock: bool,
    /// How long it may take until it listens.
    pub start_limit: Duration,
}

impl Spec {
    /// The request that creates the container.
    pub fn create_body(
        &self,
        publish: &str,
        labels: HashMap<String, String>,
    ) -> ContainerCreateBody {
        let own = ["--port", "3000", "--elf-path", "/guest.elf"].map(str::to_owned);
        let device = DeviceRequest {
            driver: None,
            count: None,
            device_ids: Some(self.gpus.clone()),
            capabilities: Some(vec![vec!["gpu".into()]]),
            options: None,
        };
        let binding = PortBinding {
            host_ip: Some(publish.into()),
            host_port: Some("0".into()),
        };
        ContainerCreateBody {
            image: Some(self.image.clone()),
            cmd: Some(own.into_iter().chain(self.arguments.clone()).collect()),
            env: Some(self.env.iter().map(|(k, v)| format!("{k}={v}")).collect()),
            exposed_ports: Some(vec![PORT.into()]),
            labels: Some(labels),
            host_config: Some(HostConfig {
                port_bindings: Some(HashMap::from([(PORT.into(), Some(vec![binding]))])),
                shm_size: self.shm_bytes,
                memory: self.memory_bytes,
                // Swapping would turn a lack of memory into a slow proof.
                memory_swap: self.memory_bytes,
                ulimits: self.memlock.then(|| {
                    vec![ResourcesUlimits {
                        name: Some("memlock".into()),
                        soft: Some(-1),
                        hard: Some(-1),
                    }]
                }),
                device_requests: (!self.gpus.is_empty()).then(|| vec![device]),
                ..HostConfig::default()
            }),
            ..ContainerCreateBody::default()
        }
    }
}

/// Makes sure the image is there: pulled if it is not. Its id, which is its content.
///
/// # Errors
/// It is neither local nor can it be pulled.
pub async fn image(docker: &Docker, image: &str) -> Result<String, DockerError> {
    if let Ok(found) = docker.inspect_image(image).await {
        return Ok(found.id.unwrap_or_default());
    }
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
    Ok(docker.inspect_image(image).await?.id.unwrap_or_default())
}

/// A running server.
#[derive(Debug)]
pub struct Container {
    docker: Docker,
    name: String,
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
        host: &Host,
        run: &Run,
        spec: &Spec,
    ) -> Result<Self, Failure> {
        let name = run.container_name(&spec.prover);
        let (publish, reach) = host.addresses();
        let options = CreateContainerOptionsBuilder::default().name(&name).build();
        let body = spec.create_body(publish, run.labels(&spec.prover));
        let created = docker.create_container(Some(options), body).await;
        created.map_err(refused)?;
        let mut this = Self {
            docker: docker.clone(),
            name,
            client: Client::new(""),
        };
        match this.bring_up(&reach, spec).await {
            Ok(()) => Ok(this),
            Err(failure) => {
                this.remove().await;
                Err(failure)
            }
        }
    }

    async fn bring_up(&mut self, reach: &str, spec: &Spec) -> Result<(), Failure> {
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
        loop {
            let (state, port) = self.look().await?;
            if state.running != Some(true) {
                return Err(self.last_words(&state).await);
            }
            if let Some(port) = port {
                self.client = Client::new(format!("http://{reach}:{port}"));
                if self.client.is_ready().await {
                    return Ok(());
                }
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
    async fn look(&self) -> Result<(ContainerState, Option<String>), Failure> {
        let options = None::<InspectContainerOptions>;
        let container = self.docker.inspect_container(&self.name, options).await;
        let container = container.map_err(refused)?;
        let ports = container.network_settings.and_then(|network| network.ports);
        let bound = ports.and_then(|mut ports| ports.remove(PORT).flatten());
        let port = bound.and_then(|bindings| bindings.into_iter().find_map(|one| one.host_port));
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

    /// The last lines of its log; `all` for everything.
    pub async fn log(&self, lines: &str) -> String {
        let options = LogsOptionsBuilder::default()
            .stdout(true)
            .stderr(true)
            .tail(lines)
            .build();
        let mut log = self.docker.logs(&self.name, Some(options));
        let mut text = String::new();
        while let Some(Ok(part)) = log.next().await {
            text.push_str(&part.to_string());
        }
        text.trim().to_owned()
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

    /// Kills and removes it, whatever its state.
    pub async fn remove(&self) {
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

fn refused(error: bollard::errors::Error) -> Failure {
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
