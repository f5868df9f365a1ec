//! What recorded runs say about costs: a line per scenario, a regression per operation, all of a prover at once.

mod flags;
mod joint;
mod lines;
mod regressions;
#[cfg(test)]
mod tests;

pub use flags::Flag;
pub use joint::{DirectionRow, JointFit};
pub use lines::{LineRow, lines};
pub use regressions::{CoefficientRow, RegressionRow, Worst, regressions, worst};

use std::sync::Arc;

use serde::Serialize;

use super::{
    OpcodeCounts, Panel, Recorded, Run,
    ratios::{Asked, CrashLine, StallLine, crashes, stalls},
};
use crate::{
    gas::{Gas, Schedule},
    prove::Source,
    solve::target::effective_rate,
};

/// The whole answer to `fit`.
#[derive(Clone, Debug, Serialize)]
pub struct Fits {
    /// The folder or file.
    pub runs: String,
    /// Gas of a full block, and the seconds it may take.
    pub target: Asked,
    /// Who proved.
    pub provers: Vec<FitProver>,
    /// One per scenario and prover, the steepest first.
    pub lines: Vec<LineRow>,
    /// One per operation, prover and test, where executions are known.
    pub regressions: Vec<RegressionRow>,
    /// One per operation and coefficient: the worst of its regressions, and what to think of it.
    pub worst: Vec<Worst>,
    /// One per prover, where opcode counts are known.
    pub joint: Vec<JointFit>,
    /// Blocks that did not come back: lower bounds, and not in any fit.
    pub crashes: Vec<CrashLine>,
    /// Blocks left out as stalls.
    pub stalls: Vec<StallLine>,
}

/// A prover of a fit.
#[derive(Clone, Debug, Serialize)]
pub struct FitProver {
    /// zkVM, guest, machine.
    pub name: String,
    /// Seconds of an empty block: the median of where its lines begin.
    pub fixed_s: f64,
    /// Gas per second that turns seconds into prices: what the target needs once the fixed cost is paid.
    pub rate: f64,
}

/// The rate that turns a prover's seconds into prices; 0 where the fixed cost alone misses the target.
pub fn rate(gas: Gas, within_s: f64, fixed_s: f64) -> f64 {
    effective_rate(gas, within_s, fixed_s).unwrap_or(0.0)
}

/// What was asked for, besides the runs.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// The folder or file.
    pub runs: &'a str,
    /// What turns seconds into prices.
    pub target: Asked,
    /// Seconds of an empty block, instead of those estimated.
    pub fixed_s: Option<f64>,
}

/// Every fit of everything in `panel`, the runs' own series, under the prices that they were run under.
pub fn fits(
    recorded: &Recorded,
    panel: &Panel,
    counts: &OpcodeCounts,
    schedule: &Schedule,
    question: &Question,
) -> Fits {
    let begin = |source: &Arc<Source>| panel.fixed_s.get(source).copied().unwrap_or(0.0);
    let fixed_s = |source: &Arc<Source>| question.fixed_s.unwrap_or_else(|| begin(source));
    let target = question.target;
    let rate = |source: &Arc<Source>| rate(target.gas, target.within_s, fixed_s(source));
    let provers = panel.fixed_s.keys().map(|source| FitProver {
        name: source.to_string(),
        fixed_s: fixed_s(source),
        rate: rate(source),
    });
    // An intercept is compared with what an empty block takes, whatever counts as the fixed cost.
    let of_run = |run: &Run| (rate(&run.source), begin(&run.source));
    let regressions = regressions(&counts.filled(recorded), schedule, &of_run);
    let joint = |source: &Arc<Source>| {
        let cost = (begin(source), rate(source));
        joint::joint_fit(recorded, panel, source, counts, schedule, cost)
    };
    Fits {
        runs: question.runs.into(),
        target,
        provers: provers.collect(),
        lines: lines(panel),
        worst: worst(&regressions),
        regressions,
        joint: panel.fixed_s.keys().filter_map(joint).collect(),
        crashes: crashes(panel),
        stalls: stalls(panel),
    }
}
