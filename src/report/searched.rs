//! What a search for dearer operands found.

use serde::Serialize;

use super::{
    grid::{Align, Grid},
    number::{count, multiplier, three_digits},
    text::line,
};
use crate::{gas::grouped, prove::operand_search::Found};

/// The whole answer to `search`.
#[derive(Clone, Debug, Serialize)]
pub struct SearchReport {
    /// The prover and its version.
    pub prover: String,
    /// The schedule's file or name.
    pub schedule: String,
    /// Operands tried for each scenario.
    pub tries: u64,
    /// What decided them.
    pub seed: u64,
    /// In the order of the scenarios.
    pub found: Vec<Found>,
    /// Scenarios without operands to change.
    pub without: Vec<String>,
}

/// A row per scenario, and below it the operands that are dearer than its own.
pub fn table(report: &SearchReport, width: usize) -> String {
    let mut out = String::new();
    line(
        &mut out,
        format!(
            "{}; {} operands tried per scenario, seed {}, under {}",
            report.prover,
            grouped(report.tries.into()),
            report.seed,
            report.schedule
        ),
    );
    let mut grid = Grid::new([
        (Align::Left, "scenario"),
        (Align::Right, "cycles/gas"),
        (Align::Right, "dearest"),
        (Align::Right, "change"),
        (Align::Right, "refused"),
    ]);
    for found in &report.found {
        grid.row([
            found.scenario.clone(),
            three_digits(found.before),
            three_digits(found.after),
            multiplier(found.before, found.after),
            found.refused.to_string(),
        ]);
    }
    out.push_str(&grid.render(width));
    for found in report
        .found
        .iter()
        .filter(|found| found.after > found.before)
    {
        out.push('\n');
        line(&mut out, &found.scenario);
        for operand in &found.operands {
            line(&mut out, format!("  {operand}"));
        }
    }
    if !report.without.is_empty() {
        let without = count(report.without.len(), "scenario");
        out.push('\n');
        line(&mut out, format!("{without} without operands to change"));
    }
    out
}
