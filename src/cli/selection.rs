//! Which scenarios a command is about.

use super::exit::Failure;
use crate::{
    bench::{self, Scenario, matches},
    gas::Schedule,
};

/// Scenarios chosen by their names.
#[derive(clap::Args, Clone, Debug)]
pub struct Selection {
    /// Only scenarios that match; `*` stands for anything; may be given several times
    #[arg(long, value_name = "PATTERN")]
    scenario: Vec<String>,
}

impl Selection {
    /// Whether not all are meant.
    pub fn is_some(&self) -> bool {
        !self.scenario.is_empty()
    }

    /// The scenarios under `schedule` that match one of the patterns; all without any.
    ///
    /// # Errors
    /// A pattern that matches none.
    pub fn scenarios(&self, schedule: &Schedule) -> Result<Vec<&'static Scenario>, Failure> {
        if self.scenario.is_empty() {
            return Ok(bench::scenarios_of(schedule));
        }
        matching(&self.scenario, schedule)
    }
}

/// The scenarios under `schedule` that match one of `patterns`.
///
/// # Errors
/// A pattern that matches none.
pub fn matching(
    patterns: &[String],
    schedule: &Schedule,
) -> Result<Vec<&'static Scenario>, Failure> {
    let mut chosen = bench::scenarios_of(schedule);
    for pattern in patterns {
        let named = |scenario: &Scenario| matches(pattern, &scenario.id);
        if chosen.iter().any(|scenario| named(scenario)) {
            continue;
        }
        if bench::scenarios().iter().any(named) {
            return Err(Failure::start(format!(
                "the scenarios that match `{pattern}` are about what {} does not have",
                schedule.fork.name()
            )));
        }
        return Err(Failure::start(format!("no scenario matches `{pattern}`"))
            .help("`reprice explain NAME` lists the scenarios of an operation"));
    }
    chosen.retain(|scenario| {
        patterns
            .iter()
            .any(|pattern| matches(pattern, &scenario.id))
    });
    Ok(chosen)
}
