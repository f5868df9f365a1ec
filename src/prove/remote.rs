//! A zkVM behind ere-server in containers: one server for each set of GPUs, each with one block at a time.

use std::{
    fmt,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bollard::Docker;
use tokio::runtime::Runtime;

use super::{
    Execution, Failure, Prover,
    docker::{Container, DockerError, Host, Run, Spec, image},
    ere::CallError,
};

/// How long a server may take to check a proof.
const VERIFY_LIMIT: Duration = Duration::from_mins(2);

/// What is asked of the server for each block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Cycles only: time is modelled from them.
    Execute,
    /// A proof, verified, and the time it took.
    Prove,
}

/// What a prover in containers is.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Where its containers run.
    pub host: Host,
    /// What they are; `gpus` is per server, below.
    pub spec: Spec,
    /// One server for each: the device ids it gets.
    pub servers: Vec<Vec<String>>,
    /// What is asked for each block.
    pub mode: Mode,
    /// The guest's name and version, for the record.
    pub guest: String,
    /// How long one block may take.
    pub limit: Duration,
    /// How often a block is tried again after a fault that is not its own.
    pub retries: u32,
    /// How often each block is proven; the median counts.
    pub repeats: u32,
    /// Whether the first block of a container is proven once more, unmeasured, before.
    pub warm_up: bool,
}

/// A prover in containers.
pub struct Remote {
    setup: Setup,
    docker: Docker,
    image_id: String,
    run: Arc<Run>,
    idle: Mutex<Vec<Server>>,
    freed: Condvar,
    runtime: Runtime,
}

/// A place for a container; it is there from the first block on.
struct Server {
    spec: Spec,
    container: Option<Container>,
}

impl Remote {
    /// Connects, and makes sure that the image is there. No container is started before the first block.
    ///
    /// # Errors
    /// No engine answers, or there is no such image.
    pub fn connect(setup: Setup, run: Arc<Run>) -> Result<Self, DockerError> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .map_err(|error| DockerError(error.to_string()))?;
        let (docker, image_id) = runtime.block_on(async {
            let docker = setup.host.connect().await?;
            run.remove_orphans(&docker).await?;
            let id = image(&docker, &setup.spec.image).await?;
            Ok::<_, DockerError>((docker, id))
        })?;
        let server = |gpus: &Vec<String>| Server {
            spec: Spec {
                gpus: gpus.clone(),
                ..setup.spec.clone()
            },
            container: None,
        };
        let idle = setup.servers.iter().map(server).collect();
        Ok(Self {
            docker,
            image_id,
            run,
            idle: Mutex::new(idle),
            freed: Condvar::new(),
            runtime,
            setup,
        })
    }

    /// Starts a server, and asks for its versions.
    ///
    /// # Errors
    /// It does not start, or does not tell.
    pub fn info(&self) -> Result<super::ere::ServerInfo, Failure> {
        let mut server = self.take();
        let info = self.runtime.block_on(async {
            let container = self.ready(&mut server).await?;
            let told = container.client.info().await;
            told.map_err(|error| Failure::Transport {
                reason: error.to_string(),
            })
        });
        self.give_back(server);
        info
    }

    fn servers(&self) -> MutexGuard<'_, Vec<Server>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A server that nobody uses, as soon as there is one.
    fn take(&self) -> Server {
        let mut idle = self.servers();
        loop {
            if let Some(server) = idle.pop() {
                return server;
            }
            idle = self
                .freed
                .wait(idle)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn give_back(&self, server: Server) {
        self.servers().push(server);
        self.freed.notify_one();
    }

    /// The server's container, started if there is none.
    async fn ready<'a>(&self, server: &'a mut Server) -> Result<&'a Container, Failure> {
        let container = match server.container.take() {
            Some(container) => container,
            None => {
                Container::start(&self.docker, &self.setup.host, &self.run, &server.spec).await?
            }
        };
        Ok(server.container.insert(container))
    }

    /// One block, tried again after faults that are not its own.
    async fn block(&self, server: &mut Server, input: &[u8]) -> Result<Execution, Failure> {
        let mut tries = 0;
        loop {
            let outcome = self.attempt(server, input).await;
            if let Err(Failure::Transport { .. } | Failure::Timeout { .. } | Failure::OutOfMemory) =
                &outcome
            {
                // A proof under way cannot be called off, and what has gone wrong once may be wrong from now on.
                if let Some(container) = server.container.take() {
                    container.remove().await;
                }
            }
            match outcome {
                Err(Failure::Transport { .. }) if tries < self.setup.retries => tries += 1,
                other => return other,
            }
        }
    }

    async fn attempt(&self, server: &mut Server, input: &[u8]) -> Result<Execution, Failure> {
        let fresh = server.container.is_none();
        let container = self.ready(server).await?;
        if fresh && self.setup.warm_up {
            self.once(container, input).await?;
        }
        let mut runs = Vec::new();
        for _ in 0..self.setup.repeats.max(1) {
            runs.push(self.once(container, input).await?);
        }
        runs.sort_by(|a, b| {
            let time = |run: &Execution| run.proving_time_ms.unwrap_or_default();
            time(a).total_cmp(&time(b))
        });
        let median = runs.swap_remove(runs.len() / 2);
        Ok(Execution {
            peak_memory_bytes: container.peak_memory().await,
            ..median
        })
    }

    async fn once(&self, container: &Container, input: &[u8]) -> Result<Execution, Failure> {
        let (client, limit) = (&container.client, self.setup.limit);
        let outcome = match self.setup.mode {
            Mode::Execute => client
                .execute(input.to_vec(), limit)
                .await
                .map(|done| Execution {
                    total_num_cycles: done.total_num_cycles.unwrap_or_default(),
                    public_values: done.public_values,
                    ..Execution::default()
                }),
            Mode::Prove => match client.prove(input.to_vec(), limit).await {
                Err(error) => Err(error),
                Ok(done) => {
                    let verified = client.verify(done.proof.clone(), VERIFY_LIMIT).await;
                    verified.map(|public_values| Execution {
                        total_num_cycles: done.total_num_cycles.unwrap_or_default(),
                        proving_time_ms: Some(done.proving_time.as_secs_f64() * 1e3),
                        proof_size: Some(done.proof.len() as u64),
                        public_values,
                        ..Execution::default()
                    })
                }
            },
        };
        match outcome {
            Ok(execution) => Ok(execution),
            Err(CallError::Zkvm(reason)) => Err(Failure::Crash { reason }),
            Err(CallError::Timeout(limit)) => Err(Failure::Timeout {
                limit_s: limit.as_secs_f64(),
            }),
            // The connection broke: because the server died of this block, or for a reason of its own.
            Err(CallError::Transport(reason)) => Err(container
                .fate()
                .await?
                .unwrap_or(Failure::Transport { reason })),
        }
    }
}

impl Prover for Remote {
    fn name(&self) -> &str {
        &self.setup.spec.prover
    }

    fn version(&self) -> String {
        let spec = &self.setup.spec;
        let id = self.image_id.trim_start_matches("sha256:");
        let elf = blake3::hash(&spec.elf).to_hex();
        let arguments = spec.arguments.join(" ");
        format!(
            "{} {} {arguments}, guest {} {}",
            spec.image,
            id.get(..12).unwrap_or(id),
            self.setup.guest,
            &elf.as_str()[..16]
        )
    }

    fn execute(&self, input: &[u8]) -> Result<Execution, Failure> {
        let mut server = self.take();
        let outcome = self.runtime.block_on(self.block(&mut server, input));
        self.give_back(server);
        outcome
    }

    fn slots(&self) -> Option<usize> {
        Some(self.setup.servers.len())
    }

    fn proves(&self) -> bool {
        self.setup.mode == Mode::Prove
    }
}

impl Drop for Remote {
    fn drop(&mut self) {
        let servers = std::mem::take(&mut *self.servers());
        self.runtime.block_on(async {
            for container in servers.into_iter().filter_map(|server| server.container) {
                container.remove().await;
            }
        });
    }
}

impl fmt::Debug for Remote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Remote")
            .field("setup", &self.setup)
            .finish_non_exhaustive()
    }
}
