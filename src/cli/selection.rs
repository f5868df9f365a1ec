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
        let patterns = &self.scenario;
        let matching = |pattern: &String| -> Result<(), Failure> {
            if bench::scenarios()
                .iter()
                .any(|scenario| matches(pattern, &scenario.id))
            {
                return Ok(());
            }
            Err(Failure::start(format!("no scenario matches `{pattern}`"))
                .help("`reprice explain NAME` lists the scenarios of an operation"))
        };
        patterns.iter().try_for_each(matching)?;
        let wanted = |scenario: &&Scenario| {
            patterns.is_empty()
                || patterns
                    .iter()
                    .any(|pattern| matches(pattern, &scenario.id))
        };
        Ok(bench::scenarios().iter().filter(wanted).collect())
    }
}
