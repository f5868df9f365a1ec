//! Which provers this machine has, and what their cycles are worth.

use std::{collections::BTreeSet, env, path::PathBuf};

use etcetera::BaseStrategy as _;

use super::{
    config::{Config, ContainerProver, FILE, ModeName},
    containers,
    exit::Failure,
    output::Terminal,
};
use crate::{
    lang::{Plan, Verb},
    prove::{Calibration, Embedded, Prover, campaign, remote::Remote},
    store::Store,
};

/// The prover inside this program, by its name in schedules.
pub const EMBEDDED: &str = "sp1";
/// The guest program it runs.
pub const GUEST: &str = "reprice-guest";

/// Names the cache folder; the configuration's counts where it is not set.
const CACHE_VARIABLE: &str = "REPRICE_CACHE_DIR";

/// Where provers and earlier results are looked for.
#[derive(clap::Args, Clone, Debug)]
pub struct Machine {
    /// Configuration file [default: the closest reprice.toml, here or above]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Measure everything anew, and keep nothing
    #[arg(long)]
    no_cache: bool,
}

/// A prover that can be asked.
pub struct Configured {
    /// The prover.
    pub prover: Box<dyn Prover>,
    /// What its cycles are worth.
    pub calibration: Calibration,
}

impl Machine {
    /// The configuration that applies.
    ///
    /// # Errors
    /// Those of [`Config::find`].
    pub fn config(&self) -> Result<Config, Failure> {
        let here = env::current_dir()
            .map_err(|error| Failure::start(format!("there is no current folder: {error}")))?;
        Config::find(self.config.as_deref(), &here)
    }

    /// The measurements kept on this machine.
    pub fn store(&self, config: &Config) -> Store {
        if self.no_cache {
            return Store::none();
        }
        let named = env::var_os(CACHE_VARIABLE).map(PathBuf::from);
        match (
            named.as_ref().or(config.cache.as_ref()),
            etcetera::choose_base_strategy(),
        ) {
            (Some(folder), _) => Store::at(folder),
            (None, Ok(strategy)) => Store::at(strategy.cache_dir().join("reprice")),
            // Nobody's home: nothing is kept.
            (None, Err(_)) => Store::none(),
        }
    }
}

/// Every prover that a target of `plan` names, in the order named.
///
/// # Errors
/// A target that is no proving time, or a prover this machine does not have.
pub fn configured(
    plan: &Plan,
    config: &Config,
    store: &Store,
    terminal: &Terminal,
) -> Result<Vec<Configured>, Failure> {
    if let Some(other) = plan
        .targets
        .iter()
        .find(|target| target.verb != Verb::Prove)
    {
        let failure = format!(
            "a target for `{}` cannot be measured here: only `prove` can",
            other.verb.name()
        );
        return Err(Failure::start(failure).help("write the target as `target prove ...`"));
    }
    let named: Vec<&str> = plan
        .targets
        .iter()
        .flat_map(|target| &target.on)
        .map(String::as_str)
        .collect();
    let mut seen = BTreeSet::new();
    let mut provers = Vec::new();
    for name in if named.is_empty() {
        vec![EMBEDDED]
    } else {
        named
    } {
        if !seen.insert(name) {
            continue;
        }
        provers.push(match config.provers.get(name) {
            Some(prover) => contained(name, prover, plan, config, store)?,
            None if name == EMBEDDED => {
                note_guests(plan, name, terminal);
                embedded(config)?
            }
            None => return Err(missing(name, &plan.name)),
        });
    }
    Ok(provers)
}

/// The prover inside this program.
///
/// # Errors
/// It does not start.
pub fn embedded(config: &Config) -> Result<Configured, Failure> {
    let prover = Embedded::new().map_err(|failure| {
        Failure::outside(format!("the built-in prover does not start: {failure}"))
    })?;
    let calibration = config.calibrations.get(EMBEDDED).cloned();
    Ok(Configured {
        prover: Box::new(prover),
        calibration: calibration.unwrap_or_else(Calibration::sp1_l40s),
    })
}

/// A prover in containers.
fn contained(
    name: &str,
    prover: &ContainerProver,
    plan: &Plan,
    config: &Config,
    store: &Store,
) -> Result<Configured, Failure> {
    let remote = containers::connect(name, prover, config)?;
    let calibration = match (config.calibrations.get(name), prover.mode) {
        (Some(calibration), ModeName::Execute) => calibration.clone(),
        (None, ModeName::Execute) => {
            return Err(Failure::start(format!(
                "`{name}` counts cycles only, and nothing says what they are worth"
            ))
            .help(format!("write `[calibration.{name}]` in {FILE}"))
            .help(format!("or `mode = \"prove\"` in `[prover.{name}]`")));
        }
        (_, ModeName::Prove) => measured(&remote, prover, plan, store)?,
    };
    Ok(Configured {
        prover: Box::new(remote),
        calibration,
    })
}

/// What proving an empty block takes: the part of every proof that prices cannot change.
fn measured(
    remote: &Remote,
    prover: &ContainerProver,
    plan: &Plan,
    store: &Store,
) -> Result<Calibration, Failure> {
    let empty = campaign::empty_block(remote, store, &plan.root);
    let empty = empty.map_err(|error| Failure::outside(format!("an empty block: {error}")))?;
    Ok(Calibration {
        hardware: match prover.gpus.len() {
            0 => prover.resource.clone(),
            count => format!("{} with {count} GPUs", prover.resource),
        },
        fixed_s: empty.proving_time_ms.unwrap_or_default() / 1e3,
        s_per_million_cycles: 0.0,
        source: "measured on this prover".into(),
    })
}

/// The guests a schedule names may be those of production machines; here runs one.
fn note_guests(plan: &Plan, name: &str, terminal: &Terminal) {
    let spec = plan.provers.iter().find(|prover| prover.name == name);
    let guests = spec.map_or(&[][..], |prover| &prover.guests);
    let others: Vec<&str> = guests
        .iter()
        .map(String::as_str)
        .filter(|guest| *guest != GUEST)
        .collect();
    if !others.is_empty() {
        terminal.say(&format!(
            "note: {name} runs {GUEST}, a stateless block validator on revm, and not {}\n",
            others.join(", ")
        ));
    }
}

fn missing(prover: &str, schedule: &str) -> Failure {
    Failure::start(format!(
        "`{prover}` is not configured on this machine, and a target of \"{schedule}\" is on it"
    ))
    .help(format!(
        "configure Docker for it: `[prover.{prover}]` in {FILE}, as `reprice prover --help` shows"
    ))
    .help("pass recorded runs of it: `--runs DIR`")
    .help(format!(
        "target another prover: `{EMBEDDED}` runs everywhere, inside this program"
    ))
}
