//! Recorded blocks as the closed loop asks for them: the same work under other prices is other gas, and takes as long as it
//! took.

use super::{Decisive, RecordedBlocks, counts_for};
use crate::{
    fit::real,
    gas::{FormulaError, Schedule},
    lang::{Plan, Target},
    prove::{
        BlockId, Measured, MeasuredBlock,
        anchor::{self, AnchorError},
        rates::asked_rate,
    },
    solve::{self, LoopError, LoopOptions, Measure, closed_loop},
};

/// Prices that hold on recorded blocks, or why there are none.
pub struct Repriced {
    /// The answer.
    pub found: solve::Report,
    /// The blocks of every round.
    pub history: Vec<Vec<MeasuredBlock>>,
    /// Blocks that decide a price alone, or did so until they were left out.
    pub decisive: Vec<Decisive>,
}

/// Solves `plan` for prices that hold on `blocks`. A block whose scenario was recorded at one gas level does not decide alone: where it
/// does, it is left out, and prices are solved for again.
///
/// # Errors
/// A formula without a value, or what the solver cannot solve.
pub fn reprice(
    plan: &Plan,
    blocks: &RecordedBlocks,
    options: LoopOptions,
) -> Result<Repriced, LoopError<FormulaError>> {
    let mut blocks = blocks.clone();
    let mut outvoted = Vec::new();
    loop {
        let mut rounds = Rounds {
            blocks: &blocks,
            targets: &plan.targets,
            history: Vec::new(),
        };
        let found = closed_loop(plan, &mut rounds, options)?;
        let history = rounds.history;
        let (out, mut decisive): (Vec<_>, Vec<_>) = Decisive::of(&found, &blocks)
            .into_iter()
            .partition(|one| one.left_out);
        if out.is_empty() {
            decisive.splice(0..0, outvoted);
            return Ok(Repriced {
                found,
                history,
                decisive,
            });
        }
        let is_out = |id: &BlockId| out.iter().any(|one| one.block == *id);
        blocks.all.retain(|block| !is_out(&block.id));
        outvoted.extend(out);
    }
}

/// Fixes what the anchors of `targets` come to: recorded blocks under `root`.
///
/// # Errors
/// An anchor without a rate, or a formula without a value.
pub fn fix_anchors(
    targets: &mut [Target],
    root: &Schedule,
    blocks: &RecordedBlocks,
) -> Result<(), AnchorsError> {
    let mut all = Vec::new();
    for (at, target) in targets.iter().enumerate() {
        if target.anchor().is_none() {
            continue;
        }
        let own = blocks.all.iter();
        for block in own.filter(|block| counts_for(&block.source, target)) {
            let block = block.under(root, at, Measured::Predicted);
            all.push(block.map_err(AnchorsError::Formula)?);
        }
    }
    anchor::fix(targets, &all).map_err(AnchorsError::Anchor)
}

/// Why recorded blocks do not say what an anchor comes to.
#[derive(Debug)]
pub enum AnchorsError {
    /// It has no rate.
    Anchor(AnchorError),
    /// A formula has no value.
    Formula(FormulaError),
}

struct Rounds<'a> {
    blocks: &'a RecordedBlocks,
    targets: &'a [Target],
    /// What was asked for so far.
    history: Vec<Vec<MeasuredBlock>>,
}

impl Measure for Rounds<'_> {
    type Error = FormulaError;

    fn rows(&mut self, schedule: &Schedule) -> Result<Vec<MeasuredBlock>, FormulaError> {
        // The first round is under the prices that the plan begins with, whose gas is what was measured; in later ones only
        // the gas is another, and so the figure a prediction.
        let measured = if self.history.is_empty() {
            Measured::FullBlock
        } else {
            Measured::Predicted
        };
        let (mut round, mut rows) = (Vec::new(), Vec::new());
        for (at, target) in self.targets.iter().enumerate() {
            let blocks = self.blocks.all.iter();
            for block in blocks.filter(|block| counts_for(&block.source, target)) {
                let priced = block.under(schedule, at, measured)?;
                if priced.failure.is_none() {
                    rows.push(priced.clone());
                    round.push(priced);
                } else {
                    rows.extend(ruled_out(&priced, target));
                    // It stands against the proposal unless prices rule it out.
                    if priced.fits(target.gas) {
                        round.push(priced);
                    }
                }
            }
        }
        self.history.push(round);
        Ok(rows)
    }
}

/// By so much more gas than a block has is asked of one that crashed, so that what is rounded does not let it in again.
const BEYOND: f64 = 2e-3;

/// A crash says that a block costs more than can be proven, and not how much: its work has to be worth more gas than a block has, so
/// that no block holds it. `None` where no prices can do that.
fn ruled_out(crashed: &MeasuredBlock, target: &Target) -> Option<MeasuredBlock> {
    let rate = asked_rate(target, &crashed.id.prover, crashed.fixed_s)?;
    Some(MeasuredBlock {
        cost_s: real(target.gas) * (1.0 + BEYOND) / rate,
        cost_interval: None,
        failure: None,
        ..crashed.clone()
    })
}
