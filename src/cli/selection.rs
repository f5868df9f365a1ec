//! Which scenarios a command is about.

use std::path::PathBuf;

use super::{destination::Input, exit::Failure, schedules::reason};
use crate::{
    bench::{self, Scenario, ScenarioError, matches},
    gas::Schedule,
    input_file,
};

/// Scenarios chosen by their names, and those of files.
#[derive(clap::Args, Clone, Debug)]
pub struct Selection {
    /// Only scenarios that match, by their names or by their operations, such as `mulmod/*` or `MULMOD`; `*` stands for anything; may
    /// be given several times
    #[arg(long, value_name = "PATTERN")]
    scenario: Vec<String>,
    /// Also the scenarios of this file, in the form of fixtures/scenarios; may be given several times
    #[arg(long, value_name = "FILE.toml")]
    scenarios: Vec<PathBuf>,
}

/// Scenarios that files add to those built in.
#[derive(Clone, Debug, Default)]
pub struct Added(Vec<Scenario>);

impl Added {
    /// None.
    pub const fn none() -> &'static Self {
        const NONE: &Added = &Added(Vec::new());
        NONE
    }
}

impl Selection {
    /// What chooses them; nothing where all are meant.
    pub fn patterns(&self) -> &[String] {
        &self.scenario
    }

    /// Whether not all are meant.
    pub fn is_some(&self) -> bool {
        !self.scenario.is_empty()
    }

    /// The files that are read.
    pub fn inputs(&self) -> impl Iterator<Item = Input> {
        let file = |path: &PathBuf| Input::new(path, "the scenarios that are read");
        self.scenarios.iter().map(file)
    }

    /// Reads the files.
    ///
    /// # Errors
    /// One cannot be read, is of another form, or has a name that is taken.
    pub fn read(&self) -> Result<Added, Failure> {
        let mut all: Vec<Scenario> = Vec::new();
        for path in &self.scenarios {
            let name = path.display();
            let text = input_file::text(path, input_file::CONFIGURATION).map_err(|error| {
                Failure::start(format!(
                    "cannot read scenarios `{name}`: {}",
                    reason(&error)
                ))
            })?;
            let found = bench::scenarios_in(&name.to_string(), &text);
            let broken = |error: ScenarioError| {
                let text = error.to_string();
                let (what, excerpt) = text.split_once('\n').unwrap_or((&text, ""));
                Failure::start(what).excerpt(excerpt)
            };
            for one in found.map_err(broken)? {
                let taken = bench::scenario(&one.id)
                    .or_else(|| all.iter().find(|known| known.id == one.id));
                if let Some(taken) = taken {
                    let id = &taken.id;
                    return Err(Failure::start(format!(
                        "{name}: there is a scenario `{id}` already"
                    ))
                    .help("its `id` has to be another one's, so that tables can tell them apart"));
                }
                all.push(one);
            }
        }
        Ok(Added(all))
    }

    /// The scenarios under `schedule` that match one of the patterns; all without any. Those of files are behind those built in.
    ///
    /// # Errors
    /// A pattern that matches none.
    pub fn scenarios<'a>(
        &self,
        schedule: &Schedule,
        added: &'a Added,
    ) -> Result<Vec<&'a Scenario>, Failure> {
        if self.scenario.is_empty() {
            return Ok(priced(schedule, added));
        }
        matching(&self.scenario, schedule, added)
    }
}

/// Every scenario whose operation `schedule` prices.
pub fn priced<'a>(schedule: &Schedule, added: &'a Added) -> Vec<&'a Scenario> {
    let mut all = bench::scenarios_of(schedule);
    let priced = |one: &&Scenario| schedule.entry(&one.operation).is_some();
    all.extend(added.0.iter().filter(priced));
    all
}

/// The scenarios under `schedule` that match one of `patterns`.
///
/// # Errors
/// A pattern that matches none.
pub fn matching<'a>(
    patterns: &[String],
    schedule: &Schedule,
    added: &'a Added,
) -> Result<Vec<&'a Scenario>, Failure> {
    let mut chosen = priced(schedule, added);
    for pattern in patterns {
        let named = |scenario: &Scenario| is_named(scenario, pattern);
        if chosen.iter().any(|scenario| named(scenario)) {
            continue;
        }
        if bench::scenarios().iter().chain(&added.0).any(named) {
            return Err(Failure::start(format!(
                "the scenarios that match `{pattern}` are about what {} does not have",
                schedule.fork.name()
            )));
        }
        return Err(Failure::start(format!("no scenario matches `{pattern}`"))
            .help("`reprice explain NAME` lists the scenarios of an operation"));
    }
    chosen.retain(|scenario| patterns.iter().any(|pattern| is_named(scenario, pattern)));
    Ok(chosen)
}

fn is_named(scenario: &Scenario, pattern: &str) -> bool {
    matches(pattern, &scenario.id) || matches(pattern, &scenario.operation)
}
