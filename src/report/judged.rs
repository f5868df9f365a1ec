//! Measured blocks held against their targets.

use super::number::percent;
use super::proposal::{BlockLine, Measured, MeterLine, TargetLine};
use super::table::{meter_text, to_f64};
use crate::{
    gas::{Meter, Schedule},
    lang::Target,
    prove::Cost,
    solve::{LoopOptions, MeasuredRow},
};

/// Repeats that lie further apart are worth a word.
const NOISY: f64 = 0.2;

/// A full block, what it costs its prover, and how that is known.
#[derive(Clone, Debug)]
pub struct Judged {
    /// The block; its cost is infinite where the prover failed.
    pub row: MeasuredRow,
    /// How the cost came about.
    pub measured: Measured,
    /// What it cost, where the block was run and accepted.
    pub cost: Option<Cost>,
    /// Why the block is not full.
    pub underfilled: Option<String>,
    /// What the prover did instead of accepting it.
    pub failure: Option<String>,
}

impl Judged {
    /// How many times too slow it is for its target; above 1 is a miss.
    pub fn ratio(&self, target: &Target) -> f64 {
        self.row.effective_ratio(target)
    }

    /// Whether it meets its target.
    pub fn meets(&self, target: &Target) -> bool {
        self.ratio(target) <= 1.0 + LoopOptions::default().tolerance
    }

    /// Gas per second of a full block doing the same, of `limit` gas or what a meter leaves of it: a block that could not be
    /// filled is continued.
    pub fn full_block_rate(&self, limit: u64) -> f64 {
        let full = to_f64(limit) * self.row.full_share(limit);
        let work_s = self.row.cost_s * full / to_f64(self.row.gas.max(1));
        full / (self.row.fixed_s + work_s)
    }

    /// As reports show it. `target` is what it has to meet, if anything; `limit` a full block's gas.
    pub fn line(&self, target: Option<&Target>, limit: u64) -> BlockLine {
        let proving_s = self.row.fixed_s + self.row.cost_s;
        BlockLine {
            scenario: self.row.scenario.clone(),
            operation: self.row.operation.clone(),
            prover: self.row.prover.clone(),
            gas_used: self.row.gas,
            proving_s: proving_s.is_finite().then_some(proving_s),
            meter: self.row.ended(limit).map(|by| by.meter.clone()),
            throughput: self.full_block_rate(limit),
            meets: target.map(|target| self.meets(target)),
            measured: self.measured,
            spread: self.spread(),
            note: self.note(),
        }
    }

    /// How far repeats lie apart, where there are some.
    fn spread(&self) -> Option<f64> {
        self.cost.as_ref()?.spread.filter(|spread| *spread > 0.0)
    }

    fn note(&self) -> Option<String> {
        let noise = self.spread().filter(|spread| *spread > NOISY);
        let noise = noise.map(|spread| format!("repeats lie {} apart", percent(spread)));
        let said = self.failure.clone().or_else(|| self.underfilled.clone());
        let all: Vec<String> = said.into_iter().chain(noise).collect();
        (!all.is_empty()).then(|| all.join("; "))
    }
}

/// The meters of `schedule`, and how many of the blocks each ends.
pub fn meter_lines(schedule: &Schedule, blocks: &[BlockLine]) -> Vec<MeterLine> {
    let one = |meter: &Meter| MeterLine {
        text: meter_text(meter),
        ends: blocks
            .iter()
            .filter(|block| block.meter.as_ref() == Some(&meter.name))
            .count(),
    };
    schedule.meters.iter().map(one).collect()
}

/// A target as reports show it.
pub fn target_line(target: &Target) -> TargetLine {
    TargetLine {
        verb: target.verb.name(),
        gas: target.gas,
        within_s: target.within_s,
        on: target.on.clone(),
        at_least: target.at_least,
        anchor_rate: target.anchor_rate(),
    }
}
