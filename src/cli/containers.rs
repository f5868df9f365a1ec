//! From `[prover.NAME]` in the configuration to a prover in containers.

use std::{env, fs, sync::Arc, time::Duration};

use super::{
    config::{Config, ContainerProver, FILE, ModeName},
    exit::Failure,
};
use crate::prove::{
    Embedded,
    docker::{DockerError, Host, Run, Spec},
    remote::{Mode, Remote, Setup},
};

/// Shared memory and locked memory cost nothing where they are not used.
const MIB: i64 = 1 << 20;

/// The prover that the configuration describes, its image at hand.
///
/// # Errors
/// A guest program that cannot be read, no engine, no image.
pub fn connect(name: &str, prover: &ContainerProver, config: &Config) -> Result<Remote, Failure> {
    let setup = setup(name, prover, config)?;
    let folder = env::temp_dir().join("reprice-runs");
    let run = Run::begin(&folder).map_err(|error| {
        Failure::outside(format!("cannot write `{}`: {error}", folder.display()))
    })?;
    let host = setup.host.to_string();
    Remote::connect(setup, Arc::new(run)).map_err(|DockerError(reason)| {
        Failure::outside(format!("`{name}` on {host}: {reason}"))
            .help(format!("`[prover.{name}]` in {FILE} says where it runs"))
    })
}

fn setup(name: &str, prover: &ContainerProver, config: &Config) -> Result<Setup, Failure> {
    let elf: Arc<[u8]> = match &prover.elf {
        None => Embedded::guest().into(),
        Some(path) => fs::read(path)
            .map_err(|error| Failure::start(format!("cannot read `{}`: {error}", path.display())))?
            .into(),
    };
    let host = match &prover.host {
        None => Host::default(),
        Some(host) => config.hosts.get(host).cloned().unwrap_or_default(),
    };
    let env = prover.env.iter().map(|(k, v)| (k.clone(), v.clone()));
    Ok(Setup {
        host,
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
            memlock: prover.memlock_unlimited,
            start_limit: Duration::from_secs_f64(prover.start_limit_s),
        },
        servers: prover.device_sets(),
        mode: match prover.mode {
            ModeName::Prove => Mode::Prove,
            ModeName::Execute => Mode::Execute,
        },
        guest: prover.guest.clone(),
        limit: Duration::from_secs_f64(prover.block_limit_s),
        retries: prover.retries,
        repeats: prover.repeats,
        warm_up: prover.warm_up,
    })
}
