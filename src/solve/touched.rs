//! Which blocks the prices of a plan answer for.

use std::collections::BTreeSet;

use super::{Problem, Row};
use crate::{
    fit::real,
    gas::{FormulaError, GasParam},
    lang::Plan,
    prove::MeasuredBlock,
};

/// A block answers to the prices that at least this part of its gas comes from.
const MOST: f64 = 0.5;

/// The prices that a plan varies, or has changed already.
pub(super) struct Touched(BTreeSet<GasParam>);

impl Touched {
    /// None where the plan neither varies nor changes a price: then it is a price list, which every block judges.
    pub(super) fn of(plan: &Plan, problem: &Problem) -> Result<Option<Self>, FormulaError> {
        let varied = problem.params.iter().map(|one| one.param.clone());
        let mut params: BTreeSet<GasParam> = varied.collect();
        for param in plan.schedule.params()? {
            // A price that the root does not have is a change, too.
            if plan.root.price(&param).ok() != Some(plan.schedule.price(&param)?) {
                params.insert(param);
            }
        }
        Ok((!params.is_empty()).then_some(Self(params)))
    }

    /// Whether the block is about one of their operations, or most of its gas under the plan's own prices is theirs.
    pub(super) fn answer_for(
        &self,
        block: &MeasuredBlock,
        row: &Row,
        plan: &Plan,
    ) -> Result<bool, FormulaError> {
        let operation = &block.id.operation;
        if self.0.iter().any(|param| param.operation == *operation) {
            return Ok(true);
        }
        let mut theirs = 0.0;
        for (param, units) in &row.units {
            if self.0.contains(param) {
                theirs += units * real(plan.schedule.price(param)?);
            }
        }
        Ok(theirs >= MOST * real(block.gas_used))
    }
}
