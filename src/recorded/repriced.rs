//! Recorded blocks as the closed loop asks for them: the same work under other prices is other gas, and takes as long as it
//! took.

use super::{RecordedBlocks, counts_for};
use crate::{
    gas::{FormulaError, Schedule},
    lang::{Plan, Target},
    solve::{self, LoopError, LoopOptions, Measure, MeasuredRow, closed_loop},
};

/// Solves `plan` for prices that hold on `blocks`, and answers with the blocks of every round.
///
/// # Errors
/// A formula without a value, or what the solver cannot solve.
pub fn reprice(
    plan: &Plan,
    blocks: &RecordedBlocks,
) -> Result<(solve::Report, Vec<Vec<RepricedBlock>>), LoopError<FormulaError>> {
    let mut loop_blocks = Repriced {
        blocks,
        targets: &plan.targets,
        history: Vec::new(),
    };
    let found = closed_loop(plan, &mut loop_blocks, LoopOptions::default())?;
    Ok((found, loop_blocks.history))
}

/// A recorded block under the prices of one round.
#[derive(Clone, Debug)]
pub struct RepricedBlock {
    /// The block; its cost is infinite where it crashed.
    pub row: MeasuredRow,
    /// How it crashed.
    pub crash: Option<String>,
}

struct Repriced<'a> {
    blocks: &'a RecordedBlocks,
    targets: &'a [Target],
    /// What was asked for so far.
    history: Vec<Vec<RepricedBlock>>,
}

impl Measure for Repriced<'_> {
    type Error = FormulaError;

    fn rows(&mut self, schedule: &Schedule) -> Result<Vec<MeasuredRow>, FormulaError> {
        let mut round = Vec::new();
        for (at, target) in self.targets.iter().enumerate() {
            let blocks = self.blocks.all.iter();
            for block in blocks.filter(|block| counts_for(&block.source, target)) {
                let row = block.row(schedule, at)?;
                let crash = block.crash().map(str::to_owned);
                // A crashed block says nothing of its cost. It stands against the proposal unless prices rule it out.
                if crash.is_none() || row.fits(target.gas) {
                    round.push(RepricedBlock { row, crash });
                }
            }
        }
        let proven = round.iter().filter(|block| block.crash.is_none());
        let rows = proven.map(|block| block.row.clone()).collect();
        self.history.push(round);
        Ok(rows)
    }
}
