//! Which provers this machine has, and what their cycles are worth.

use std::{collections::BTreeSet, env, io, path::PathBuf};

use etcetera::BaseStrategy as _;

use super::{
    config::{Config, ContainerProver, FILE, ModeName},
    containers,
    exit::Failure,
    output::{self, Terminal},
};
use crate::{
    lang::{Plan, Verb},
    printable::printable,
    prove::{self, Calibration, Configured, Embedded, Native, Prover},
    report::number::count,
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
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
    /// Measure everything anew, and keep nothing
    #[arg(long, global = true)]
    no_cache: bool,
}

impl Machine {
    /// The configuration that applies.
    ///
    /// # Errors
    /// Those of [`Config::find`].
    pub fn config(&self) -> Result<Config, Failure> {
        Config::find(self.config.as_deref(), &here()?)
    }

    /// The file that the configuration is read from, if there is one.
    ///
    /// # Errors
    /// There is no current folder.
    pub fn config_file(&self) -> Result<Option<PathBuf>, Failure> {
        Ok(Config::file(self.config.as_deref(), &here()?))
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
            (Some(folder), _) => Store::at(folder, say_unwritable),
            (None, Ok(strategy)) => Store::at(strategy.cache_dir().join("reprice"), say_unwritable),
            // Nobody's home: nothing is kept.
            (None, Err(_)) => Store::none(),
        }
    }
}

fn here() -> Result<PathBuf, Failure> {
    env::current_dir()
        .map_err(|error| Failure::start(format!("there is no current folder: {error}")))
}

/// Says that the store keeps nothing from now on, or not all. What is measured counts all the same.
fn say_unwritable(error: &io::Error) {
    let error = error.to_string();
    output::say(&format!(
        "warning: cannot write the cache: {}\n  help: the run goes on, and the next one measures again what is not kept; `--no-cache` keeps nothing from the start\n",
        printable(&error)
    ));
}

/// Says how much of the store could not be read. It was measured again.
pub fn say_damaged(store: &Store, terminal: &Terminal) {
    let damaged = store.corrupted();
    if damaged > 0 {
        let files = count(damaged, "damaged file");
        terminal.say(&format!(
            "warning: {files} in the cache; what they held was measured again\n"
        ));
    }
}

/// Everything that a target of `plan` names, in the order named: provers, and revm where blocks are only executed.
///
/// # Errors
/// A target that cannot be measured, or a prover this machine does not have.
pub fn configured(
    plan: &Plan,
    config: &Config,
    store: &Store,
    terminal: &Terminal,
) -> Result<Vec<Configured>, Failure> {
    let mut seen = BTreeSet::new();
    let mut provers = Vec::new();
    let mut wanted: Vec<(Verb, &str)> = Vec::new();
    for target in &plan.targets {
        let on = target.on.iter().map(|name| (target.verb, name.as_str()));
        wanted.extend(on);
        if target.verb == Verb::Execute && target.on.is_empty() {
            wanted.push((target.verb, Native::NAME));
        }
    }
    if wanted.is_empty() {
        wanted.push((Verb::Prove, EMBEDDED));
    }
    for (verb, name) in wanted {
        if !seen.insert((verb, name)) {
            continue;
        }
        provers.push(one((verb, name), plan, config, store, terminal)?);
    }
    Ok(provers)
}

/// The prover of this name, for a schedule that may say more of it.
///
/// # Errors
/// This machine does not have it.
pub fn one(
    (verb, name): (Verb, &str),
    plan: &Plan,
    config: &Config,
    store: &Store,
    terminal: &Terminal,
) -> Result<Configured, Failure> {
    match (verb, config.provers.get(name)) {
        (Verb::Execute, _) if name == Native::NAME => native(plan, store),
        (Verb::Execute, _) => Err(not_native(name)),
        (_, Some(prover)) => contained(name, prover, plan, config, store),
        (_, None) if name == EMBEDDED => {
            note_guests(plan, name, terminal);
            embedded(config)
        }
        (_, None) => Err(missing(name, &plan.name)),
    }
}

/// revm on this machine.
fn native(plan: &Plan, store: &Store) -> Result<Configured, Failure> {
    let native = Native::new();
    let calibration = measured(&native, native.hardware(), Native::method(), plan, store)?;
    Ok(Configured {
        prover: Box::new(native),
        verb: Verb::Execute,
        calibration,
    })
}

fn not_native(name: &str) -> Failure {
    let native = Native::NAME;
    Failure::start(format!(
        "`{name}` does not execute blocks natively: only `{native}` does here"
    ))
    .help(format!(
        "leave it out, as in `target execute 100 Mgas within 1 s`: then it is {native}"
    ))
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
        verb: Verb::Prove,
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
    if prover.mode == ModeName::Prove {
        check_resource(name, prover, plan)?;
    }
    let remote = containers::connect(name, prover, config, store)?;
    let calibration = match (config.calibrations.get(name), prover.mode) {
        (Some(calibration), ModeName::Execute) => calibration.clone(),
        (None, ModeName::Execute) => {
            return Err(Failure::start(format!(
                "`{name}` counts cycles only, and nothing says what they are worth"
            ))
            .help(format!("write `[calibration.{name}]` in {FILE}"))
            .help(format!("or `mode = \"prove\"` in `[prover.{name}]`")));
        }
        (_, ModeName::Prove) => {
            let method = match prover.repeats {
                0 | 1 => "measured on this prover".into(),
                repeats => format!("measured on this prover, median of {repeats}"),
            };
            let mut calibration = measured(&remote, String::new(), method, plan, store)?;
            // Known now that a server has run.
            calibration.hardware = remote.hardware();
            calibration
        }
    };
    Ok(Configured {
        prover: Box::new(remote),
        verb: Verb::Prove,
        calibration,
    })
}

/// Times count for a schedule only where the prover runs on what the schedule says.
fn check_resource(name: &str, prover: &ContainerProver, plan: &Plan) -> Result<(), Failure> {
    let spec = plan.provers.iter().find(|spec| spec.name == name);
    let Some(wanted) = spec.and_then(|spec| spec.resource) else {
        return Ok(());
    };
    let runs_on = prover.resource.split_whitespace().next().unwrap_or("");
    if runs_on == wanted.name() {
        return Ok(());
    }
    let wanted = wanted.name();
    Err(Failure::start(format!(
        "`{name}` is timed on `{wanted}`, says \"{}\", and runs on `{runs_on}` here",
        plan.name
    ))
    .help(format!(
        "write `resource = \"{wanted}\"` in `[prover.{name}]` of {FILE}"
    ))
    .help(format!(
        "or leave `resource` out of the schedule's `prover {name}`"
    )))
}

/// What an empty block takes: the part of every block's time that prices cannot change.
fn measured(
    prover: &dyn Prover,
    hardware: String,
    source: String,
    plan: &Plan,
    store: &Store,
) -> Result<Calibration, Failure> {
    let empty = prove::empty_block(prover, store, &plan.root);
    let empty = empty.map_err(|error| {
        let name = prover.name();
        Failure::outside(format!("an empty block on `{name}`: {error}"))
    })?;
    let fixed_s = empty.time_ms().unwrap_or_default() / 1e3;
    Ok(Calibration::measured(hardware, fixed_s, source))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::{self, NoFiles, Options, ProverSpec, Resource};

    #[test]
    fn a_schedule_says_what_its_provers_are_timed_on() {
        let mut plan = lang::load("osaka", &NoFiles, &Options::default())
            .plan
            .unwrap();
        plan.provers.push(ProverSpec {
            name: "zisk".into(),
            guests: Vec::new(),
            resource: Some(Resource::Gpu),
        });
        let on = |resource| -> ContainerProver {
            toml::from_str(&format!("image = \"i\"\nresource = \"{resource}\"")).unwrap()
        };
        assert!(check_resource("zisk", &on("gpu"), &plan).is_ok());
        assert!(check_resource("zisk", &on("cpu"), &plan).is_err());
        assert!(check_resource("sp1", &on("cpu"), &plan).is_ok());
    }
}
