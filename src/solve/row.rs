//! One block on one prover: what it used, and what it cost.

use std::collections::BTreeMap;

use crate::{
    gas::{FormulaError, Gas, GasParam, MeterFill, Schedule, Usage},
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
    /// The meter that it fills most, where that schedule has meters.
    pub meter: Option<MeterFill>,
    /// Proving seconds beyond the fixed cost.
    pub cost_s: f64,
    /// Where those seconds lie with 95 %, or as far as repeats lie apart; `None` where that is not known, or is nothing.
    pub cost_interval: Option<(f64, f64)>,
    /// Proving seconds of an empty block.
    pub fixed_s: f64,
}

impl MeasuredRow {
    /// Gas per second, fixed cost included.
    pub fn throughput(&self) -> f64 {
        throughput(self.gas, self.fixed_s, self.cost_s)
    }

    /// How much of `limit` gas a full block that does the same has: all of it, unless a meter ends the block first.
    pub fn full_share(&self, limit: Gas) -> f64 {
        self.ended(limit)
            .map_or(1.0, |meter| float(self.gas) / float(limit) / meter.fill)
    }

    /// The meter that ends a block that does the same before it has `limit` gas.
    pub fn ended(&self, limit: Gas) -> Option<&MeterFill> {
        let fill = float(self.gas) / float(limit);
        self.meter.as_ref().filter(|meter| meter.fill > fill)
    }

    /// Whether a block of `limit` gas may hold it.
    pub fn fits(&self, limit: Gas) -> bool {
        self.gas <= limit && self.meter.as_ref().is_none_or(|meter| meter.fill <= 1.0)
    }

    /// How many times too slow a full block of it is; infinite when the fixed cost alone misses the target.
    pub fn effective_ratio(&self, target: &Target) -> f64 {
        effective_rate(target.gas, target.within_s, self.fixed_s).map_or(f64::INFINITY, |rate| {
            self.full_share(target.gas) * effective_ratio(rate, self.gas, self.cost_s)
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
    /// See [`MeasuredRow::cost_interval`].
    pub cost_interval: Option<(f64, f64)>,
    /// Proving seconds of an empty block.
    pub fixed_s: f64,
    /// Gas per second, from [`effective_rate`]; infinite when the fixed cost alone misses the target. Of a block that a meter
    /// ends, for the gas that it has.
    pub needed_rate: f64,
}

impl Row {
    /// A measurement under `schedule`, which is the solver's starting schedule with `prices` applied.
    ///
    /// The block's gas as measured is kept to the last unit: what units and prices do not explain goes to `rest`.
    ///
    /// A block that a meter ends has to be proven in time as it is, so it asks for less gas than a block that is full of gas;
    /// prices then help as far as the meter counts with them. Where that is the longer way, it is asked for all the gas.
    ///
    /// # Errors
    /// A formula without a value.
    pub fn of(
        measured: &MeasuredRow,
        target: &Target,
        schedule: &Schedule,
        prices: &Prices,
    ) -> Result<Self, FormulaError> {
        let rate = effective_rate(target.gas, target.within_s, measured.fixed_s);
        let rate = rate.unwrap_or(f64::INFINITY);
        let units = schedule.attribute(&measured.usage)?.into_iter();
        let units = units.map(|(param, count)| (param, signed(count))).collect();
        let by_gas = Self::asked(measured, rate, units, schedule, prices)?;
        let Some(fill) = measured.ended(target.gas) else {
            return Ok(by_gas.0);
        };
        let rate = rate * measured.full_share(target.gas);
        let units = followed(measured, fill, schedule)?;
        let by_meter = Self::asked(measured, rate, units, schedule, prices)?;
        let nearer = if by_meter.1 <= by_gas.1 {
            by_meter
        } else {
            by_gas
        };
        Ok(nearer.0)
    }

    /// The row in which prices weigh `units`, and how many times what they explain has to be.
    fn asked(
        measured: &MeasuredRow,
        needed_rate: f64,
        mut units: BTreeMap<GasParam, f64>,
        schedule: &Schedule,
        prices: &Prices,
    ) -> Result<(Self, f64), FormulaError> {
        let mut explained = 0.0;
        for (param, count) in &mut units {
            explained += *count * float(schedule.price(param)?);
            // The gas of a scaled formula, in gas of the formula as it stands at the start.
            if let Some(Price::Factor(hundredths)) = prices.get(param) {
                *count = *count * 100.0 / float((*hundredths).max(1));
            }
        }
        let row = Self {
            scenario: measured.scenario.clone(),
            operation: measured.operation.clone(),
            prover: measured.prover.clone(),
            target: measured.target,
            units,
            rest: float(measured.gas) - explained,
            cost_s: measured.cost_s,
            cost_interval: measured.cost_interval,
            fixed_s: measured.fixed_s,
            needed_rate,
        };
        let missing = (row.need() - float(measured.gas)).max(0.0);
        let rise = if missing > 0.0 {
            missing / explained.max(0.0)
        } else {
            0.0
        };
        Ok((row, rise))
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

/// What a meter counts of a block, by the parameters whose prices it follows, in gas of this block: so the figures of a row
/// that a meter ends compare with all others.
fn followed(
    measured: &MeasuredRow,
    fill: &MeterFill,
    schedule: &Schedule,
) -> Result<BTreeMap<GasParam, f64>, FormulaError> {
    let mut units = BTreeMap::new();
    let Some(meter) = schedule.meters.iter().find(|m| m.name == fill.meter) else {
        return Ok(units);
    };
    let scale = float(measured.gas) / (fill.fill * float(meter.limit));
    for (charged, &count) in &measured.usage.counts {
        let weight = meter.entry(charged).map(|entry| entry.weight(schedule));
        let Some(weight) = weight.transpose()?.flatten() else {
            continue;
        };
        let mut one = Usage::default();
        one.add(charged.clone(), count);
        for (param, count) in schedule.attribute(&one)? {
            *units.entry(param).or_default() += signed(count) * weight.times.to_f64() * scale;
        }
    }
    units.retain(|_, units| *units != 0.0);
    Ok(units)
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
