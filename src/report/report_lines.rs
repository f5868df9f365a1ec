//! Measured blocks held against their targets.

use super::margin::MarginLine;
use super::number::percent;
use super::proposal::{AnchorLine, AnchorRateLine, BlockLine, MeterLine, ProverLine, TargetLine};
use super::table::meter_text;
use crate::{
    gas::{Gas, Meter, Schedule},
    lang::{Anchor, AnchorRate, Target},
    prove::{Configured, MeasuredBlock, ProverId, rates::asked_rate},
    solve::LoopOptions,
};

/// Repeats that lie further apart are worth a word.
const NOISY: f64 = 0.2;

/// Whether a block meets its target.
pub fn meets(block: &MeasuredBlock, target: &Target) -> bool {
    block.effective_ratio(target) <= 1.0 + LoopOptions::default().tolerance
}

/// A block as reports show it. `target` is what it has to meet, if anything; `limit` a full block's gas.
pub fn block_line(block: &MeasuredBlock, target: Option<&Target>, limit: Gas) -> BlockLine {
    let proving_s = block.fixed_s + block.cost_s;
    BlockLine {
        id: block.id.clone(),
        gas_used: block.gas_used,
        proving_s: proving_s.is_finite().then_some(proving_s),
        meter: block.ended(limit).map(|by| by.meter.clone()),
        throughput: block.full_block_rate(limit),
        meets: target.map(|target| meets(block, target)),
        margin: target
            .map(|target| block.margin(target))
            .filter(|margin| margin.is_finite() && block.failure.is_none()),
        error: block.error(),
        of_asked: target.and_then(|target| of_asked(block, target)),
        costs: block.cost.as_ref().map(|cost| cost.costs.clone()),
        measured: block.measured,
        spread: block.spread(),
        note: note(block),
    }
}

/// How many times the rate that a relative target asks of its work a block reaches.
pub fn of_asked(block: &MeasuredBlock, target: &Target) -> Option<f64> {
    let reaches = 1.0 / block.effective_ratio(target);
    (target.anchor().is_some() && reaches.is_finite()).then_some(reaches)
}

fn note(block: &MeasuredBlock) -> Option<String> {
    let noise = block.spread().filter(|spread| *spread > NOISY);
    let noise = noise.map(|spread| format!("repeats lie {} apart", percent(spread)));
    let said = block.failure.clone().or_else(|| block.underfilled.clone());
    let all: Vec<String> = said.into_iter().chain(noise).collect();
    (!all.is_empty()).then(|| all.join("; "))
}

/// A prover as reports show it, with the rate that the first target on it asks of the work.
pub fn prover_line(configured: &Configured, targets: &[Target]) -> ProverLine {
    let calibration = &configured.calibration;
    let target = targets.iter().find(|target| configured.counts_for(target));
    ProverLine {
        name: configured.prover.name().into(),
        version: configured.prover.version(),
        modelled: !configured.prover.is_timed(),
        fixed_s: calibration.fixed_s,
        s_per_million: calibration.s_per_million.clone(),
        not_covered: calibration.not_covered.clone(),
        doubts: calibration.doubts(&configured.prover.source()),
        calibration: calibration.hardware.clone(),
        source: calibration.source.clone(),
        error: calibration.error.filter(|_| !configured.prover.is_timed()),
        anchored: target.is_some_and(|target| target.anchor().is_some()),
        effective_rate: target.and_then(|target| {
            let prover = ProverId::of(configured.prover.name());
            asked_rate(target, &prover, calibration.fixed_s)
        }),
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
        within_s: target.within_s(),
        anchor: target.anchor().map(anchor_line),
        margin: target.margin,
        on: target.on.clone(),
        at_least: target.at_least,
        anchor_rate: target.anchor_rate(),
    }
}

/// How closely `blocks` hold, where a margin of `asked` is asked.
pub fn margin_line(asked: f64, blocks: &[BlockLine], provers: &[ProverLine]) -> MarginLine {
    let known = blocks.iter();
    let known = known.map(|block| (&block.id, block.margin, block.error));
    let errors = provers.iter().filter_map(|prover| prover.error);
    MarginLine {
        error: errors.max_by(f64::total_cmp),
        modelled: provers.iter().any(|prover| prover.modelled),
        ..MarginLine::of(asked, known)
    }
}

fn anchor_line(anchor: &Anchor) -> AnchorLine {
    let rate = |(prover, rate): (&String, &AnchorRate)| AnchorRateLine {
        prover: prover.clone(),
        gas_per_s: rate.gas_per_s,
        operation: rate.operation.clone(),
        scenario: rate.scenario.clone(),
    };
    AnchorLine {
        of: anchor.words.clone(),
        times: anchor.times,
        rates: anchor.rates.iter().map(rate).collect(),
    }
}
