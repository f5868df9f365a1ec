//! What recorded runs say about costs: a line per scenario, a regression per operation, all of a prover at once.

mod flags;
mod joint_fit;
#[cfg(test)]
mod published_tests;
mod regressions;
mod scenario_lines;

pub use flags::Flag;
pub use joint_fit::{FittedParameters, JointFit};
pub use regressions::{Coefficient, TestRegression, WorstRegression, regressions, worst};
pub use scenario_lines::{ScenarioLine, lines, medians};

use std::sync::Arc;

use serde::Serialize;

use super::{
    Dataset, ProvingTarget, Run,
    left_out::{CrashedBlock, StalledBlock, crashed, stalled},
};
use crate::prove::Source;

/// The whole answer to `fit`.
#[derive(Clone, Debug, Serialize)]
pub struct Fits {
    /// The folder or file.
    pub runs: String,
    /// Gas of a full block, and the seconds it may take.
    pub target: ProvingTarget,
    /// Who proved.
    pub provers: Vec<FittedProver>,
    /// One per scenario and prover, the steepest first.
    pub lines: Vec<ScenarioLine>,
    /// One per operation, prover and test, where executions are known.
    pub regressions: Vec<TestRegression>,
    /// One per operation and coefficient: the worst of its regressions, and what to think of it.
    pub worst: Vec<WorstRegression>,
    /// One per prover, where opcode counts are known.
    pub joint: Vec<JointFit>,
    /// Blocks that did not come back: lower bounds, and not in any fit.
    pub crashes: Vec<CrashedBlock>,
    /// Blocks left out as stalls.
    pub stalls: Vec<StalledBlock>,
}

/// A prover of a fit.
#[derive(Clone, Debug, Serialize)]
pub struct FittedProver {
    /// zkVM, guest, machine.
    pub name: String,
    /// Seconds of an empty block: the median of where its lines begin.
    pub fixed_s: f64,
    /// Gas per second that turns seconds into prices: what the target needs once the fixed cost is paid.
    pub rate: f64,
}

/// What was asked for, besides the runs.
#[derive(Clone, Copy, Debug)]
pub struct FitQuestion<'a> {
    /// The folder or file.
    pub runs: &'a str,
    /// What turns seconds into prices.
    pub target: ProvingTarget,
    /// Seconds of an empty block, instead of those estimated.
    pub fixed_s: Option<f64>,
}

/// Every fit of a dataset.
pub fn fits(dataset: &Dataset, question: &FitQuestion) -> Fits {
    let Dataset {
        recorded,
        panel,
        counts,
        schedule,
    } = dataset;
    let fixed_s = |source: &Source| {
        let estimated = || panel.empty_block_s(source);
        question.fixed_s.unwrap_or_else(estimated)
    };
    let rate = |source: &Source| question.target.rate_or_none(fixed_s(source));
    let provers = panel.fixed_s.keys().map(|source| FittedProver {
        name: source.to_string(),
        fixed_s: fixed_s(source),
        rate: rate(source),
    });
    // An intercept is compared with what an empty block takes, whatever counts as the fixed cost.
    let of_run = |run: &Run| (rate(&run.source), panel.empty_block_s(&run.source));
    let regressions = regressions(&counts.filled(recorded), schedule, &of_run);
    let joint = |source: &Arc<Source>| joint_fit::joint_fit(dataset, source, rate(source));
    Fits {
        runs: question.runs.into(),
        target: question.target,
        provers: provers.collect(),
        lines: lines(panel),
        worst: worst(&regressions),
        regressions,
        joint: panel.fixed_s.keys().filter_map(joint).collect(),
        crashes: crashed(panel),
        stalls: stalled(panel),
    }
}
