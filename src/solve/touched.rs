//! Which blocks the prices of a plan answer for.

use std::collections::BTreeSet;

use super::{Problem, Row};
use crate::{
    fit::real,
    gas::{Expr, FormulaError, GasParam, Schedule},
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
            let own = plan.schedule.formula(&param.operation)?;
            // What the root does not price is a change, too.
            if plan.root.formula(&param.operation).ok() != Some(own) {
                params.insert(param);
            }
        }
        Ok((!params.is_empty()).then_some(Self(params)))
    }

    /// Whether the block is about one of their operations, or one whose price refers to them, or most of its gas under the plan's own
    /// prices is theirs.
    pub(super) fn answer_for(
        &self,
        block: &MeasuredBlock,
        row: &Row,
        plan: &Plan,
    ) -> Result<bool, FormulaError> {
        if self.are_in(&block.id.operation, &plan.schedule) {
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

    /// Whether the price of an operation is one of these or made of one. A schedule has no circles of references.
    fn are_in(&self, operation: &str, schedule: &Schedule) -> bool {
        let own = |param: &GasParam| param.operation == operation;
        self.0.iter().any(own)
            || schedule
                .entry(operation)
                .is_some_and(|entry| self.are_in_formula(&entry.expr, schedule))
    }

    fn are_in_formula(&self, expr: &Expr, schedule: &Schedule) -> bool {
        if let Expr::Param(param) = expr {
            return self.are_in(&param.operation, schedule);
        }
        let parts = expr.children();
        parts
            .into_iter()
            .any(|part| self.are_in_formula(part, schedule))
    }
}
