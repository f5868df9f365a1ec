//! Which scenarios a command is about.

use super::exit::Failure;
use crate::bench::{self, Scenario, matches};

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

    /// The scenarios that match one of the patterns; all without any.
    ///
    /// # Errors
    /// A pattern that matches none.
    pub fn scenarios(&self) -> Result<Vec<&'static Scenario>, Failure> {
        if self.scenario.is_empty() {
            return Ok(bench::scenarios().iter().collect());
        }
        matching(&self.scenario)
    }
}

/// The scenarios that match one of `patterns`.
///
/// # Errors
/// A pattern that matches none.
pub fn matching(patterns: &[String]) -> Result<Vec<&'static Scenario>, Failure> {
    let scenarios = bench::scenarios();
    for pattern in patterns {
        if !scenarios
            .iter()
            .any(|scenario| matches(pattern, &scenario.id))
        {
            return Err(Failure::start(format!("no scenario matches `{pattern}`"))
                .help("`reprice explain NAME` lists the scenarios of an operation"));
        }
    }
    let wanted = |scenario: &&Scenario| {
        patterns
            .iter()
            .any(|pattern| matches(pattern, &scenario.id))
    };
    Ok(scenarios.iter().filter(wanted).collect())
}
