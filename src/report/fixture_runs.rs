//! Other people's blocks as they were measured.

use serde::Serialize;

use super::grid::{Align, Grid};
use super::number::{count, mgas_per_s, three_digits};
use super::proposal::ProverLine;
use super::table::{Layout, prover_text};
use super::text::line;
use crate::{
    fit::real,
    gas::Gas,
    prove::{Calibration, Cost, CostVector},
};

/// The whole answer to `measure --fixtures`.
#[derive(Clone, Debug, Serialize)]
pub struct FixtureRuns {
    /// Who ran them, and what its time means.
    pub prover: ProverLine,
    /// Every block, the slowest first.
    pub blocks: Vec<FixtureRun>,
    /// What was not run, and why.
    pub left_out: Vec<LeftOut>,
}

/// A block.
#[derive(Clone, Debug, Serialize)]
pub struct FixtureRun {
    /// The test, or the file where it names none.
    pub name: String,
    /// By all transactions.
    pub gas_used: Gas,
    /// What it cost, counted; absent where it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub costs: Option<CostVector>,
    /// Seconds to prove it, the fixed part included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seconds: Option<f64>,
    /// Gas per second.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub throughput: Option<f64>,
    /// What the prover did instead of accepting it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
}

/// A test that was not run.
#[derive(Clone, Debug, Serialize)]
pub struct LeftOut {
    /// The test or the file.
    pub name: String,
    /// Why.
    pub reason: String,
}

impl FixtureRun {
    /// A block of this name and gas, in the seconds that `calibration` makes of its cost.
    pub fn new(
        name: String,
        gas_used: Gas,
        cost: Result<&Cost, String>,
        calibration: &Calibration,
    ) -> Self {
        let seconds = cost.as_ref().ok().and_then(|cost| match cost.time_ms {
            Some(ms) => Some(ms / 1e3),
            None => Some(calibration.fixed_s + calibration.work_s(&cost.costs)?),
        });
        Self {
            name,
            gas_used,
            costs: cost.as_ref().ok().map(|cost| cost.costs.clone()),
            seconds,
            throughput: seconds.map(|seconds| real(gas_used) / seconds),
            failure: cost.err(),
        }
    }
}

impl FixtureRuns {
    /// Whether every block was accepted.
    pub fn accepted(&self) -> bool {
        self.blocks.iter().all(|block| block.failure.is_none())
    }
}

/// Tests named one by one that were left out.
const NAMED: usize = 5;

/// A row a block, and what was left out.
pub fn table(report: &FixtureRuns, layout: Layout) -> String {
    let mut out = String::from("Blocks of fixtures, under the prices of their forks\n");
    for (head, text) in prover_text(&report.prover, false) {
        line(&mut out, format!("  {head:<8}  {text}"));
    }
    out.push('\n');
    let gas = report.blocks.iter().any(|block| {
        let costs = block.costs.as_ref();
        costs.is_some_and(|costs| costs.prover_gas.is_some())
    });
    let mut columns = vec![
        (Align::Left, "fixture"),
        (Align::Right, "gas"),
        (Align::Right, "Mcycles"),
    ];
    if gas {
        columns.push((Align::Right, "prover Mgas"));
    }
    columns.extend([
        (Align::Right, "seconds"),
        (Align::Right, "Mgas/s"),
        (Align::Left, ""),
    ]);
    let mut grid = Grid::new(columns);
    for block in &report.blocks {
        let millions = |amount: Option<u64>| {
            amount.map_or_else(String::new, |amount| three_digits(real(amount) / 1e6))
        };
        let costs = block.costs.as_ref();
        let mut cells = vec![
            block.name.clone(),
            block.gas_used.to_string(),
            millions(
                costs
                    .map(|costs| costs.total_num_cycles)
                    .filter(|cycles| *cycles > 0),
            ),
        ];
        if gas {
            cells.push(millions(costs.and_then(|costs| costs.prover_gas)));
        }
        cells.push(block.seconds.map_or_else(String::new, three_digits));
        cells.push(block.throughput.map_or_else(String::new, mgas_per_s));
        cells.push(block.failure.clone().unwrap_or_default());
        grid.row(cells);
    }
    out.push_str(&grid.render(layout.width));
    let failed = report
        .blocks
        .iter()
        .filter(|block| block.failure.is_some())
        .count();
    let all = count(report.blocks.len(), "block");
    line(
        &mut out,
        match failed {
            0 => format!("{all}, each accepted"),
            failed => format!("{all}, {failed} not accepted"),
        },
    );
    for one in report.left_out.iter().take(NAMED) {
        line(
            &mut out,
            format!("  left out: {}: {}", one.name, one.reason),
        );
    }
    if report.left_out.len() > NAMED {
        let more = report.left_out.len() - NAMED;
        line(&mut out, format!("  left out: and {more} more"));
    }
    out
}
