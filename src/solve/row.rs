//! One block on one prover: what it used, and what it cost.

use std::collections::BTreeMap;

use crate::{
    gas::{FormulaError, Gas, GasParam, Schedule, Usage},
    lang::Target,
};

use super::{
    Price, Prices,
    price::float,
    target::{effective_rate, effective_ratio, throughput},
};

/// A full block as it was measured under some schedule.
#[derive(Clone, Debug, PartialEq)]
pub struct MeasuredRow {
    /// Its scenario, such as `mulmod/255-bit`.
    pub scenario: String,
    /// The operation or parameter that the scenario stresses.
    pub operation: String,
    /// Who proved it; a guest may follow a slash: `zisk/reth`.
    pub prover: String,
    /// Which of the plan's targets the block was made for.
    pub target: usize,
    /// What it used, as charged under the schedule it was made for.
    pub usage: Usage,
    /// Its gas under that schedule.
    pub gas: Gas,
    /// Proving seconds beyond the fixed cost.
    pub cost_s: f64,
    /// Proving seconds of an empty block.
    pub fixed_s: f64,
}

impl MeasuredRow {
    /// Gas per second, fixed cost included.
    pub fn throughput(&self) -> f64 {
        throughput(self.gas, self.fixed_s, self.cost_s)
    }

    /// How many times too slow a full block of it is; infinite when the fixed cost alone misses the target.
    pub fn effective_ratio(&self, target: &Target) -> f64 {
        effective_rate(target.gas, target.within_s, self.fixed_s).map_or(f64::INFINITY, |rate| {
            effective_ratio(rate, self.gas, self.cost_s)
        })
    }
}

/// A block as the solver sees it: its gas is linear in the prices, and it must be at least `needed_rate * cost_s`.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Its scenario.
    pub scenario: String,
    /// The operation or parameter that the scenario stresses.
    pub operation: String,
    /// Who proved it; a guest may follow a slash: `zisk/reth`.
    pub prover: String,
    /// Which of the plan's targets it must meet.
    pub target: usize,
    /// Units by the parameter that owns the price; for a formula that is not linear, its gas at factor 1.
    pub units: BTreeMap<GasParam, f64>,
    /// Gas that no price explains.
    pub rest: f64,
    /// Proving seconds beyond the fixed cost.
    pub cost_s: f64,
    /// Proving seconds of an empty block.
    pub fixed_s: f64,
    /// Gas per second, from [`effective_rate`]; infinite when the fixed cost alone misses the target.
    pub needed_rate: f64,
}

impl Row {
    /// A measurement under `schedule`, which is the solver's starting schedule with `prices` applied.
    ///
    /// The block's gas as measured is kept to the last unit: what units and prices do not explain goes to `rest`.
    ///
    /// # Errors
    /// A formula without a value.
    pub fn of(
        measured: &MeasuredRow,
        target: &Target,
        schedule: &Schedule,
        prices: &Prices,
    ) -> Result<Self, FormulaError> {
        let mut units = BTreeMap::new();
        let mut explained = 0.0;
        for (param, count) in schedule.attribute(&measured.usage)? {
            let count = signed(count);
            explained += count * float(schedule.price(&param)?);
            // The gas of a scaled formula, in gas of the formula as it stands at the start.
            let at_start = match prices.get(&param) {
                Some(Price::Factor(hundredths)) => count * 100.0 / float((*hundredths).max(1)),
                _ => count,
            };
            units.insert(param, at_start);
        }
        Ok(Self {
            scenario: measured.scenario.clone(),
            operation: measured.operation.clone(),
            prover: measured.prover.clone(),
            target: measured.target,
            units,
            rest: float(measured.gas) - explained,
            cost_s: measured.cost_s,
            fixed_s: measured.fixed_s,
            needed_rate: effective_rate(target.gas, target.within_s, measured.fixed_s)
                .unwrap_or(f64::INFINITY),
        })
    }

    /// Gas it must be worth.
    pub fn need(&self) -> f64 {
        self.needed_rate * self.cost_s
    }

    /// The prover's name without the guest.
    pub fn prover_name(&self) -> &str {
        prover_name(&self.prover)
    }
}

/// `zisk` of `zisk/reth`.
pub(super) fn prover_name(prover: &str) -> &str {
    prover.split_once('/').map_or(prover, |(name, _)| name)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts in a block are far below 2^53"
)]
const fn signed(count: i64) -> f64 {
    count as f64
}
