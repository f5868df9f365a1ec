//! A mix of operations, to weigh prices by.

use std::path::Path;

use super::{
    exit::{Exit, Failure},
    output::Terminal,
    schedules,
};
use crate::{
    gas::Schedule,
    input_file,
    lang::{self, Mix, Plan},
};

/// What changes of prices are weighed by.
#[derive(clap::Args, Clone, Debug)]
pub struct Weighing {
    /// Weigh changes by how often each operation is used: CSV, a name and a count a line (`reprice fixtures usage`)
    #[arg(long, value_name = "FILE")]
    pub weights: Option<String>,
    /// With --weights: the mix as a whole may take no more gas than before
    #[arg(long, requires = "weights")]
    neutral: bool,
}

impl Weighing {
    /// Puts the mix into what the plan asks of the solver.
    ///
    /// # Errors
    /// The file cannot be read, or names what the schedule does not have.
    pub fn apply(&self, plan: &mut Plan, terminal: &Terminal) -> Result<(), Failure> {
        let Some(path) = &self.weights else {
            return Ok(());
        };
        let mix = Mix {
            neutral: self.neutral,
            ..read(path, &plan.schedule, terminal)?
        };
        if let Some(solve) = &mut plan.solve {
            solve.mix = Some(mix);
        }
        Ok(())
    }
}

/// The mix in the file at `path`.
///
/// # Errors
/// It cannot be read, or names what the schedule does not have.
pub fn read(path: &str, schedule: &Schedule, terminal: &Terminal) -> Result<Mix, Failure> {
    let text = input_file::text(Path::new(path), input_file::PRICES).map_err(|error| {
        let why = schedules::reason(&error);
        Failure::start(format!("cannot read `{path}`: {why}"))
    })?;
    let weights = lang::weights(path, &text, schedule);
    terminal.findings(&weights.diagnostics, &weights.sources);
    weights.mix.ok_or(Failure::said(Exit::CouldNotStart))
}
