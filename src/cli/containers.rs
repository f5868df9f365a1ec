//! From `[prover.NAME]` in the configuration to a prover in containers.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use etcetera::BaseStrategy as _;

use super::{
    config::{Config, ContainerProver, FILE, InputName, ModeName},
    exit::Failure,
    interrupt,
};
use crate::{
    eest::Export,
    input_file,
    prove::{
        Embedded, InputForm,
        docker::{DockerError, Run, RunFolder, Spec},
        remote::{Mode, Remote, Setup},
    },
    store::Store,
};

/// Shared memory and locked memory cost nothing where they are not used.
const MIB: i64 = 1 << 20;

/// The prover that the configuration describes, its image at hand on every host.
///
/// # Errors
/// A guest program that cannot be read, no engine, no image.
pub fn connect(
    name: &str,
    prover: &ContainerProver,
    config: &Config,
    store: &Store,
) -> Result<Remote, Failure> {
    let setup = setup(name, prover, config)?;
    let run = run(logs(store).as_deref())?;
    Remote::connect(setup, run).map_err(|DockerError(reason)| {
        Failure::outside(format!("`{name}` {reason}"))
            .help(format!("`[prover.{name}]` in {FILE} says where it runs"))
    })
}

/// Where the logs of servers are kept.
pub fn logs(store: &Store) -> Option<PathBuf> {
    store.folder().map(|folder| folder.join("logs"))
}

/// This process as its containers know it, from the first prover in containers on.
static RUN: Mutex<Option<Arc<Run>>> = Mutex::new(None);

/// What containers need at the end of the process: nothing but to be forgotten, for provers have removed theirs.
pub fn end() {
    let run = RUN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(run) = &*run {
        run.end();
    }
}

/// This process as its containers know it. An interrupt removes them from now on.
fn run(logs: Option<&Path>) -> Result<Arc<Run>, Failure> {
    let mut run = RUN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(run) = &*run {
        return Ok(Arc::clone(run));
    }
    let begun = Arc::new(begin(logs)?);
    interrupt::stops(Arc::clone(&begun))?;
    Ok(Arc::clone(run.insert(begun)))
}

/// Begins this process's run in a folder that is its user's alone: where things are kept, so that what runs have left is found
/// when the machine was started again; in the session's own where nothing can be kept.
fn begin(logs: Option<&Path>) -> Result<Run, Failure> {
    let strategy = etcetera::choose_base_strategy()
        .map_err(|error| Failure::outside(format!("this user has no folder: {error}")))?;
    let mut refused = None;
    for place in [strategy.state_dir(), strategy.runtime_dir()]
        .into_iter()
        .flatten()
    {
        let path = place.join("reprice");
        match RunFolder::at(&path).and_then(|folder| Run::begin(folder, logs.map(Path::to_owned))) {
            Ok(run) => return Ok(run),
            Err(error) => {
                refused.get_or_insert(format!("cannot use `{}`: {error}", path.display()));
            }
        }
    }
    Err(Failure::outside(refused.unwrap_or_default())
        .help("runs are known by a folder that is this user's alone; `XDG_STATE_HOME` names another place for it"))
}

fn setup(name: &str, prover: &ContainerProver, config: &Config) -> Result<Setup, Failure> {
    let elf: Arc<[u8]> = match &prover.elf {
        None => Embedded::guest().into(),
        Some(path) => input_file::bytes(path, input_file::PROGRAM)
            .map_err(|error| Failure::start(format!("cannot read `{}`: {error}", path.display())))?
            .into(),
    };
    let (hosts, servers) = prover.places(&config.hosts);
    let env = prover.env.iter().map(|(k, v)| (k.clone(), v.clone()));
    Ok(Setup {
        hosts,
        spec: Spec {
            prover: name.into(),
            image: prover.image.clone(),
            arguments: prover
                .resource
                .split_whitespace()
                .map(str::to_owned)
                .collect(),
            elf,
            env: env.collect(),
            gpus: Vec::new(),
            shm_bytes: prover.shm_gib.map(|gib| i64::from(gib) * 1024 * MIB),
            memory_bytes: prover.memory_mib.map(|mib| i64::from(mib) * MIB),
            pids: prover.pids_limit.into(),
            capabilities: prover.capabilities.clone(),
            digest: prover.digest.clone(),
            memlock: prover.memlock_unlimited,
            start_limit: Duration::from_secs_f64(prover.start_limit_s),
        },
        servers,
        mode: match prover.mode {
            ModeName::Prove => Mode::Prove,
            ModeName::Execute => Mode::Execute,
        },
        form: match prover.input {
            InputName::Reprice => InputForm::Own,
            InputName::Current => InputForm::Canonical(Export::Current),
            InputName::Later => InputForm::Canonical(Export::Later),
        },
        length_prefix: prover.length_prefix,
        guest: prover.guest.clone(),
        hardware: prover.hardware.clone(),
        limit: Duration::from_secs_f64(prover.block_limit_s),
        retries: prover.retries,
        repeats: prover.repeats,
        warm_up: prover.warm_up,
    })
}
