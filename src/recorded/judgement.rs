//! Schedules held against measured blocks, whoever proposed them.

use serde::Serialize;

use super::RecordedBlock;
use crate::{
    fit::{median, quantile, real},
    gas::{FormulaError, Gas, Schedule},
    lang::Target,
    prove::{
        BlockId, Measured,
        rates::{asked_rate, too_close},
    },
};

/// Relative shortfall that counts as none: what whole gas cannot express.
const EXACT: f64 = 1e-9;

/// One schedule against all blocks.
#[derive(Clone, Debug, Serialize)]
pub struct JudgedSchedule {
    /// As the user named it.
    pub file: String,
    /// Its title.
    pub name: String,
    /// Blocks judged.
    pub blocks: usize,
    /// Blocks worth too little gas for the time they take.
    pub below: usize,
    /// The least margin of all blocks, as a part of their work, below 0 a miss; absent where none has one. The margin that is
    /// asked for is not taken off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closest: Option<f64>,
    /// Blocks no further from the target than their cost may be off.
    pub too_close: Vec<BlockId>,
    /// Blocks that crashed and are still possible under these prices.
    pub crashed: usize,
    /// Blocks that crashed, and would take more gas than a block has.
    pub ruled_out: usize,
    /// Gas per second of the worst block's work.
    pub worst_rate: f64,
    /// The median of how many times more gas than needed a block is worth.
    pub overshoot_median: f64,
    /// The 95th percentile of the same.
    pub overshoot_p95: f64,
    /// By what factor a block is off, up or down, in the geometric mean.
    pub distortion: f64,
    /// The blocks below, the worst first.
    pub worst: Vec<JudgedBlock>,
}

/// One block under one schedule.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct JudgedBlock {
    /// Which block.
    #[serde(flatten)]
    pub id: BlockId,
    /// Gas that the same work uses under the schedule.
    pub gas_used: Gas,
    /// Seconds beyond the fixed cost; absent where it crashed.
    pub cost_s: Option<f64>,
    /// Gas per second that its work has to reach; absent where the fixed cost alone misses the target.
    pub needed_rate: Option<f64>,
    /// By what part of its work it holds the target, below 0 a miss; the margin asked for is not taken off. Absent for a crash,
    /// and for a block without any cost beyond the fixed one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub margin: Option<f64>,
    /// How far off its cost may be, as a part of it; absent for a crash.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<f64>,
    /// How it crashed, where these prices do not rule it out.
    pub crash: Option<String>,
    /// Whether it crashed and these prices rule it out.
    pub out_of_reach: bool,
}

impl JudgedBlock {
    /// `block` under `schedule`, against a full block of the target.
    ///
    /// # Errors
    /// A formula without a value.
    pub fn of(
        block: &RecordedBlock,
        schedule: &Schedule,
        target: &Target,
    ) -> Result<Self, FormulaError> {
        let priced = block.under(schedule, 0, Measured::Predicted)?;
        let fits = priced.fits(target.gas);
        let rate = asked_rate(target, &block.id.prover, block.fixed_s);
        let crash = block.crash().map(str::to_owned);
        let margin = priced.margin(target);
        Ok(Self {
            margin: Some(margin).filter(|margin| margin.is_finite() && crash.is_none()),
            error: priced.error().filter(|_| crash.is_none()),
            needed_rate: rate.map(|rate| rate * priced.full_share(target.gas)),
            id: priced.id,
            gas_used: priced.gas_used,
            cost_s: block.work.as_ref().ok().map(|work| work.seconds),
            out_of_reach: crash.is_some() && !fits,
            // Who needs more gas than a block has for a crash cannot cause it.
            crash: crash.filter(|_| fits),
        })
    }

    /// Gas per second of its work.
    pub fn rate(&self) -> f64 {
        self.cost_s.map_or(0.0, |cost| real(self.gas_used) / cost)
    }

    /// How many times more gas than needed it is worth; below 1 it misses. `None` for a crash, and for a block without any
    /// cost beyond the fixed one, of which any gas is enough.
    pub fn overshoot(&self) -> Option<f64> {
        let cost_s = self.cost_s.filter(|cost| *cost > 0.0)?;
        Some(real(self.gas_used) / (self.needed_rate.unwrap_or(f64::INFINITY) * cost_s))
    }

    fn below(&self) -> bool {
        let hopeless = self.needed_rate.is_none() && self.cost_s.is_some();
        hopeless || self.overshoot().is_some_and(|x| x < 1.0 - EXACT)
    }
}

/// Holds `schedule`, which is called `name` and was read from `file`, against recorded blocks.
///
/// # Errors
/// A formula without a value.
pub fn judge<'a>(
    (file, name): (&str, &str),
    schedule: &Schedule,
    target: &Target,
    blocks: impl IntoIterator<Item = &'a RecordedBlock>,
) -> Result<JudgedSchedule, FormulaError> {
    let judged = |block| JudgedBlock::of(block, schedule, target);
    let blocks: Vec<JudgedBlock> = blocks.into_iter().map(judged).collect::<Result<_, _>>()?;
    Ok(figures((file, name), &blocks))
}

fn figures((file, name): (&str, &str), blocks: &[JudgedBlock]) -> JudgedSchedule {
    let mut overshoots: Vec<f64> = blocks.iter().filter_map(JudgedBlock::overshoot).collect();
    let logs: Vec<f64> = overshoots
        .iter()
        .filter(|x| **x > 0.0)
        .map(|x| x.ln().abs())
        .collect();
    let measured = blocks.iter().filter(|block| block.cost_s.is_some());
    let worst_rate = measured
        .clone()
        .map(JudgedBlock::rate)
        .fold(f64::INFINITY, f64::min);
    let overshoot_median = median(&mut overshoots);
    let margins = blocks.iter().filter_map(|block| block.margin);
    let closest = margins.min_by(f64::total_cmp);
    let near = |block: &&JudgedBlock| {
        let known = block.margin.zip(block.error);
        known.is_some_and(|(margin, error)| too_close(margin, error, EXACT))
    };
    let mut too_close: Vec<&JudgedBlock> = blocks.iter().filter(near).collect();
    too_close.sort_by(|a, b| {
        let apart = |block: &JudgedBlock| block.margin.unwrap_or_default().abs();
        apart(a).total_cmp(&apart(b)).then_with(|| a.id.cmp(&b.id))
    });
    let mut worst: Vec<JudgedBlock> = blocks.iter().filter(|b| b.below()).cloned().collect();
    worst.sort_by(|a, b| a.rate().total_cmp(&b.rate()));
    JudgedSchedule {
        file: file.into(),
        name: name.into(),
        blocks: measured.count(),
        below: worst.len(),
        closest,
        too_close: too_close.iter().map(|block| block.id.clone()).collect(),
        crashed: blocks.iter().filter(|block| block.crash.is_some()).count(),
        ruled_out: blocks.iter().filter(|block| block.out_of_reach).count(),
        worst_rate,
        overshoot_median,
        overshoot_p95: quantile(&overshoots, 0.95),
        distortion: (logs.iter().sum::<f64>() / real(logs.len().max(1) as u64)).exp(),
        worst,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(gas_used: Gas, cost_s: Option<f64>, crash: bool) -> JudgedBlock {
        JudgedBlock {
            id: BlockId::default(),
            gas_used,
            cost_s,
            needed_rate: Some(10e6),
            margin: cost_s
                .filter(|cost| *cost > 0.0)
                .map(|cost| real(gas_used) / cost / 10e6 - 1.0),
            error: cost_s.map(|_| 0.1),
            crash: crash.then(|| "timeout".into()),
            out_of_reach: false,
        }
    }

    #[test]
    fn blocks_are_counted() {
        let judged = figures(
            ("f", "F"),
            &[
                block(20_000_000, Some(1.0), false),
                block(10_000_000, Some(1.0), false),
                block(5_000_000, Some(1.0), false),
                block(5_000_000, Some(0.0), false),
                block(5_000_000, None, true),
            ],
        );
        assert_eq!((judged.blocks, judged.below, judged.crashed), (4, 1, 1));
        assert!((judged.closest.unwrap() + 0.5).abs() < 1e-12);
        assert_eq!(judged.too_close.len(), 1);
        assert!((judged.overshoot_median - 1.0).abs() < 1e-12);
        assert!((judged.worst_rate - 5e6).abs() < 1e-6);
        // Twice too much, exact, half of it: the mean factor of three is 2^(2/3).
        assert!((judged.distortion - 2f64.powf(2.0 / 3.0)).abs() < 1e-9);
    }
}
