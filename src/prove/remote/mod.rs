//! A zkVM behind ere-server in containers: one server for each set of GPUs on each host, each with one block at a time.

mod setup;

use std::{
    collections::BTreeSet,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use bollard::Docker;
use tokio::{runtime::Runtime, time::sleep};

use super::{
    CostVector, Execution, Failure, InputForm, Prover, Source,
    docker::{Container, DockerError, Reach, Run, Spec, image},
    ere::{CallError, ServerInfo},
};
pub use setup::{Mode, Place, Setup};

/// How long an engine that does not answer is waited for: as long as a restart takes.
const ENGINE_LIMIT: Duration = Duration::from_mins(2);
/// How often it is asked.
const ENGINE_POLL: Duration = Duration::from_millis(500);
/// Before the first retry; twice as long before each further one.
const PAUSE: Duration = Duration::from_millis(500);

/// How long a server may take to check a proof.
const VERIFY_LIMIT: Duration = Duration::from_mins(2);
/// How much longer than it took to answer a server may say that its proof took.
const CLOCK_TOLERANCE: Duration = Duration::from_millis(100);
/// How many times longer than its proof an answer may take: what executes the block first is in it, and what sends the proof.
const MOST_OF_WAIT: u32 = 1_000;

/// A prover in containers.
pub struct Remote {
    setup: Setup,
    engines: Vec<Engine>,
    image_id: String,
    /// Cores and memory of the hosts, each once.
    machines: BTreeSet<String>,
    /// What servers have told.
    told: Mutex<Told>,
    run: Arc<Run>,
    servers: Vec<Mutex<Server>>,
    runtime: Runtime,
}

/// A host's engine, and how its servers are reached.
struct Engine {
    docker: Docker,
    reach: Reach,
    /// The memory of its machine, bytes.
    memory: i64,
}

/// What servers tell of themselves once they run.
#[derive(Default)]
struct Told {
    gpu_models: BTreeSet<String>,
    info: Option<ServerInfo>,
}

/// A place for a container; it is there from the first block on.
struct Server {
    spec: Spec,
    host: usize,
    container: Option<Container>,
}

/// Why a server gave no result.
enum Fault {
    /// The block's doing, and the server goes on.
    Block(Failure),
    /// The server is not to be asked again.
    Server(Failure),
}

impl Remote {
    /// Connects to every host, and makes sure that the image is there. No container is started before the first block.
    ///
    /// # Errors
    /// An engine does not answer, there is no such image, or hosts have different ones.
    pub fn connect(setup: Setup, run: Arc<Run>) -> Result<Self, DockerError> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .map_err(|error| DockerError(error.to_string()))?;
        let (mut engines, mut ids) = (Vec::new(), BTreeSet::new());
        let mut machines = BTreeSet::new();
        for (name, host) in &setup.hosts {
            let connected = runtime.block_on(async {
                let docker = host.connect().await?;
                run.remove_orphans(&docker).await?;
                let id = image(&docker, &setup.spec).await?;
                let info = docker.info().await?;
                let cores = info.ncpu.unwrap_or_default();
                let memory = info.mem_total.unwrap_or_default();
                let engine = Engine {
                    docker,
                    reach: Reach::of(host)?,
                    memory,
                };
                Ok((engine, id, format!("{cores} cores, {} GiB", memory >> 30)))
            });
            let (engine, id, machine) = connected
                .map_err(|DockerError(reason)| DockerError(format!("on {name}: {reason}")))?;
            run.uses(host);
            engines.push(engine);
            ids.insert(id);
            machines.insert(machine);
        }
        let image_id = ids.pop_first().unwrap_or_default();
        if !ids.is_empty() {
            let image = &setup.spec.image;
            return Err(DockerError(format!(
                "the hosts have different images called `{image}`"
            )));
        }
        let server = |place: &Place| {
            Mutex::new(Server {
                spec: setup.spec_at(place, engines[place.host].memory),
                host: place.host,
                container: None,
            })
        };
        Ok(Self {
            servers: setup.servers.iter().map(server).collect(),
            engines,
            image_id,
            machines,
            told: Mutex::default(),
            run,
            runtime,
            setup,
        })
    }

    /// The versions that servers have told; none before the first block.
    pub fn info(&self) -> Option<ServerInfo> {
        lock(&self.told).info.clone()
    }

    /// The machines, as far as they are known: GPUs from the first block on.
    pub fn hardware(&self) -> String {
        self.setup
            .machines(&self.machines, &lock(&self.told).gpu_models)
    }

    fn server(&self, at: usize) -> MutexGuard<'_, Server> {
        lock(&self.servers[at])
    }

    /// The server's container, started if there is none.
    async fn ready<'a>(&self, server: &'a mut Server) -> Result<&'a Container, Failure> {
        let container = match server.container.take() {
            Some(container) => container,
            None => self.started(server).await?,
        };
        Ok(server.container.insert(container))
    }

    /// A new container. That it does not start says nothing of a block.
    async fn started(&self, server: &Server) -> Result<Container, Failure> {
        let Engine { docker, reach, .. } = &self.engines[server.host];
        let started = Container::start(docker, reach, &self.run, &server.spec).await;
        let container = started.map_err(|failure| match failure {
            Failure::Transport { .. } => failure,
            other => Failure::Transport {
                reason: format!("the server does not start: {other}"),
            },
        })?;
        let models = if server.spec.gpus.is_empty() {
            Vec::new()
        } else {
            container.gpu_models().await
        };
        // Whoever does not tell can still prove.
        let info = container.client.info().await.ok();
        let mut told = lock(&self.told);
        told.gpu_models.extend(models);
        told.info = info.or(told.info.take());
        drop(told);
        Ok(container)
    }

    /// One block, tried again after faults that are not its own.
    async fn block(
        &self,
        server: &mut Server,
        input: &[u8],
        say: &dyn Fn(&str),
    ) -> Result<Execution, Failure> {
        let mut tries = 0;
        loop {
            let failure = match self.attempt(server, input, say).await {
                Ok(execution) => return Ok(execution),
                Err(Fault::Block(failure)) => return Err(self.without_secrets(failure)),
                Err(Fault::Server(failure)) => self.without_secrets(failure),
            };
            let transport = matches!(failure, Failure::Transport { .. });
            if transport {
                say("waiting for the engine to answer");
                self.wait_for_engine(server.host).await;
            }
            // A proof under way cannot be called off, and what has gone wrong once may be wrong from now on.
            if let Some(container) = server.container.take() {
                container.remove().await;
            }
            if !transport || tries == self.setup.retries {
                return Err(failure);
            }
            say(&format!("to be tried again: {failure}"));
            sleep(PAUSE * 2_u32.saturating_pow(tries.min(6))).await;
            tries += 1;
        }
    }

    /// The failure, which is shown and kept, without what the server was told in confidence.
    fn without_secrets(&self, failure: Failure) -> Failure {
        let hide = |reason: String| self.setup.spec.secrets().hide(&reason);
        match failure {
            Failure::Crash { reason } => Failure::Crash {
                reason: hide(reason),
            },
            Failure::Transport { reason } => Failure::Transport {
                reason: hide(reason),
            },
            other => other,
        }
    }

    /// Until it answers again, or for so long that it will not.
    async fn wait_for_engine(&self, host: usize) {
        let deadline = Instant::now() + ENGINE_LIMIT;
        while self.engines[host].docker.ping().await.is_err() && Instant::now() < deadline {
            sleep(ENGINE_POLL).await;
        }
    }

    async fn attempt(
        &self,
        server: &mut Server,
        input: &[u8],
        say: &dyn Fn(&str),
    ) -> Result<Execution, Fault> {
        let fresh = server.container.is_none();
        if fresh {
            say("starting a server");
        }
        let container = self.ready(server).await.map_err(Fault::Server)?;
        if fresh && self.setup.warm_up {
            say("warming up");
            self.once(container, input).await?;
        }
        say("");
        let execution = self.once(container, input).await?;
        Ok(Execution {
            peak_memory_bytes: container.peak_memory().await,
            ..execution
        })
    }
}

impl Remote {
    /// One block, once.
    async fn once(&self, container: &Container, input: &[u8]) -> Result<Execution, Fault> {
        let input = if self.setup.length_prefix {
            prefixed(input)
        } else {
            input.to_vec()
        };
        let outcome = match self.setup.mode {
            Mode::Execute => self.execution(container, input).await,
            Mode::Prove => self.proof(container, input).await,
        };
        match outcome {
            Ok(execution) => Ok(execution),
            Err(CallError::Zkvm(reason)) => Err(Fault::Block(Failure::Crash { reason })),
            Err(CallError::Timeout(limit)) => Err(Fault::Server(Failure::Timeout {
                limit_s: limit.as_secs_f64(),
            })),
            // The connection broke: because the server died of this block, or for a reason of its own.
            Err(CallError::Transport(reason)) => {
                let fate = container.fate().await.map_err(Fault::Server)?;
                Err(Fault::Server(fate.unwrap_or(Failure::Transport { reason })))
            }
        }
    }

    async fn execution(
        &self,
        container: &Container,
        input: Vec<u8>,
    ) -> Result<Execution, CallError> {
        let done = container.client.execute(input, self.setup.limit).await?;
        let cycles = counted(done.total_num_cycles)?;
        Ok(Execution {
            costs: CostVector::cycles(cycles),
            public_values: done.public_values,
            ..Execution::default()
        })
    }

    async fn proof(&self, container: &Container, input: Vec<u8>) -> Result<Execution, CallError> {
        let client = &container.client;
        let asked = Instant::now();
        let done = client.prove(input, self.setup.limit).await?;
        let took = asked.elapsed();
        believable(done.proving_time, took)?;
        let public_values = client.verify(done.proof.clone(), VERIFY_LIMIT).await?;
        Ok(Execution {
            costs: CostVector::cycles(done.total_num_cycles.unwrap_or_default()),
            times_ms: vec![done.proving_time.as_secs_f64() * 1e3],
            proof_size: Some(done.proof.len() as u64),
            public_values,
            ..Execution::default()
        })
    }
}

/// The cycles of an execution.
///
/// # Errors
/// It says none, or 0: then nothing is known of what the block costs.
fn counted(cycles: Option<u64>) -> Result<u64, CallError> {
    cycles.filter(|cycles| *cycles > 0).ok_or_else(|| {
        let reason = "it executed the block and counted no cycles, as servers of ere 0.17 and later do; with `mode = \"prove\"` its time counts";
        CallError::Transport(reason.into())
    })
}

/// # Errors
/// A proof cannot have taken longer than its answer, and most of the wait for an answer is its proof.
fn believable(proving: Duration, took: Duration) -> Result<(), CallError> {
    let is_less = proving * MOST_OF_WAIT < took;
    if proving <= took + CLOCK_TOLERANCE && !proving.is_zero() && !is_less {
        return Ok(());
    }
    let why = if is_less {
        "that is not what was waited for"
    } else {
        "its clock jumped"
    };
    Err(CallError::Transport(format!(
        "it says that its proof took {} s, and answered within {:.3} s: {why}",
        proving.as_secs_f64(),
        took.as_secs_f64()
    )))
}

impl Prover for Remote {
    fn name(&self) -> &str {
        &self.setup.spec.prover
    }

    fn version(&self) -> String {
        self.setup.version(&self.image_id, &self.machines)
    }

    fn execute(&self, input: &[u8]) -> Result<Execution, Failure> {
        self.execute_on(0, input, &|_| ())
    }

    fn execute_on(
        &self,
        server: usize,
        input: &[u8],
        say: &dyn Fn(&str),
    ) -> Result<Execution, Failure> {
        let mut server = self.server(server);
        self.runtime.block_on(self.block(&mut server, input, say))
    }

    fn servers(&self) -> Vec<String> {
        let names = self.setup.servers.iter().map(|place| place.name.clone());
        names.collect()
    }

    fn is_timed(&self) -> bool {
        self.setup.mode == Mode::Prove
    }

    fn repeats(&self) -> u32 {
        self.setup.repeats
    }

    fn form(&self) -> InputForm {
        self.setup.form
    }

    fn source(&self) -> Source {
        self.setup
            .source(self.hardware(), lock(&self.told).info.as_ref())
    }
}

impl Drop for Remote {
    fn drop(&mut self) {
        let servers = self.servers.iter_mut();
        let containers = servers.filter_map(|server| {
            let server = server.get_mut().unwrap_or_else(PoisonError::into_inner);
            server.container.take()
        });
        let containers: Vec<Container> = containers.collect();
        self.runtime.block_on(async {
            for container in containers {
                container.remove().await;
            }
            // And those that could not be removed when they should have been.
            for engine in &self.engines {
                let prover = &self.setup.spec.prover;
                self.run.remove_own(&engine.docker, Some(prover)).await;
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

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The input after its length.
fn prefixed(input: &[u8]) -> Vec<u8> {
    let length = u32::try_from(input.len()).unwrap_or(u32::MAX);
    [&length.to_le_bytes()[..], input].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_the_length() {
        assert_eq!(prefixed(&[7; 3]), [3, 0, 0, 0, 7, 7, 7]);
        assert_eq!(prefixed(&[0; 258])[..4], [2, 1, 0, 0]);
    }

    #[test]
    fn an_execution_without_cycles_is_no_result() {
        assert_eq!(counted(Some(7)).unwrap(), 7);
        for cycles in [None, Some(0)] {
            let error = counted(cycles).unwrap_err();
            assert!(error.to_string().contains("counted no cycles"), "{error}");
        }
    }

    #[test]
    fn a_time_that_was_not_waited_for_is_no_result() {
        let told = |proving, took| {
            let error = believable(Duration::from_nanos(proving), Duration::from_nanos(took));
            error.map_err(|error| error.to_string())
        };
        let second = 1_000_000_000;
        assert_eq!(told(second, second), Ok(()));
        assert_eq!(told(second, 900 * second), Ok(()));
        for (proving, took, why) in [
            (1, second, "not what was waited for"),
            (second, 1_001 * second, "not what was waited for"),
            (2 * second, second, "its clock jumped"),
            (0, 1, "took 0 s"),
        ] {
            let error = told(proving, took).unwrap_err();
            assert!(error.contains(why), "{error}");
        }
    }
}
