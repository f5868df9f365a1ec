//! Recorded blocks as the closed loop asks for them: the same work under other prices is other gas, and takes as long as it
//! took.

use super::{RecordedBlocks, counts_for};
use crate::{
    gas::{FormulaError, Schedule},
    lang::{Plan, Target},
    prove::{
        Measured, MeasuredBlock,
        anchor::{self, AnchorError},
    },
    solve::{self, LoopError, LoopOptions, Measure, closed_loop},
};

/// Solves `plan` for prices that hold on `blocks`, and answers with the blocks of every round.
///
/// # Errors
/// A formula without a value, or what the solver cannot solve.
pub fn reprice(
    plan: &Plan,
    blocks: &RecordedBlocks,
    options: LoopOptions,
) -> Result<(solve::Report, Vec<Vec<MeasuredBlock>>), LoopError<FormulaError>> {
    let mut loop_blocks = Repriced {
        blocks,
        targets: &plan.targets,
        history: Vec::new(),
    };
    let found = closed_loop(plan, &mut loop_blocks, options)?;
    Ok((found, loop_blocks.history))
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

struct Repriced<'a> {
    blocks: &'a RecordedBlocks,
    targets: &'a [Target],
    /// What was asked for so far.
    history: Vec<Vec<MeasuredBlock>>,
}

impl Measure for Repriced<'_> {
    type Error = FormulaError;

    fn rows(&mut self, schedule: &Schedule) -> Result<Vec<MeasuredBlock>, FormulaError> {
        // The first round is under the prices that the plan begins with, whose gas is what was measured; in later ones only
        // the gas is another, and so the figure a prediction.
        let measured = if self.history.is_empty() {
            Measured::FullBlock
        } else {
            Measured::Predicted
        };
        let mut round = Vec::new();
        for (at, target) in self.targets.iter().enumerate() {
            let blocks = self.blocks.all.iter();
            for block in blocks.filter(|block| counts_for(&block.source, target)) {
                let priced = block.under(schedule, at, measured)?;
                // A crashed block says nothing of its cost. It stands against the proposal unless prices rule it out.
                if priced.failure.is_none() || priced.fits(target.gas) {
                    round.push(priced);
                }
            }
        }
        let proven = round.iter().filter(|block| block.failure.is_none());
        let rows = proven.cloned().collect();
        self.history.push(round);
        Ok(rows)
    }
}
