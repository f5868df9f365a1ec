//! What one block asks of prices.

use std::collections::BTreeMap;

use crate::{
    fit::{real, real_signed},
    gas::{FormulaError, GasParam, MeterFill, Schedule, Usage},
    lang::Target,
    prove::{BlockId, MeasuredBlock, rates::asked_rate},
};

use super::{Price, Prices};

/// A block as the solver sees it: its gas is linear in the prices, and it must be at least `needed_rate * cost_s`.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Which block.
    pub id: BlockId,
    /// Which of the plan's targets it must meet.
    pub target: usize,
    /// Units by the parameter that owns the price; for a formula that is not linear, its gas at factor 1.
    pub units: BTreeMap<GasParam, f64>,
    /// Gas that no price explains.
    pub rest: f64,
    /// Proving seconds beyond the fixed cost.
    pub cost_s: f64,
    /// See [`MeasuredBlock::cost_interval`].
    pub cost_interval: Option<(f64, f64)>,
    /// Proving seconds of an empty block.
    pub fixed_s: f64,
    /// Gas per second, from [`asked_rate`]; infinite when the fixed cost alone misses the target. Of a block that a meter
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
        measured: &MeasuredBlock,
        target: &Target,
        schedule: &Schedule,
        prices: &Prices,
    ) -> Result<Self, FormulaError> {
        let rate = asked_rate(target, &measured.id.prover, measured.fixed_s);
        let rate = rate.unwrap_or(f64::INFINITY);
        let units = schedule.attribute(&measured.usage)?.into_iter();
        let units = units
            .map(|(param, count)| (param, real_signed(count)))
            .collect();
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
        measured: &MeasuredBlock,
        needed_rate: f64,
        mut units: BTreeMap<GasParam, f64>,
        schedule: &Schedule,
        prices: &Prices,
    ) -> Result<(Self, f64), FormulaError> {
        let mut explained = 0.0;
        for (param, count) in &mut units {
            explained += *count * real(schedule.price(param)?);
            // The gas of a scaled formula, in gas of the formula as it stands at the start.
            if let Some(Price::Factor(hundredths)) = prices.get(param) {
                *count = *count * 100.0 / real((*hundredths).max(1));
            }
        }
        let row = Self {
            id: measured.id.clone(),
            target: measured.target,
            units,
            rest: real(measured.gas_used) - explained,
            cost_s: measured.cost_s,
            cost_interval: measured.cost_interval,
            fixed_s: measured.fixed_s,
            needed_rate,
        };
        let missing = (row.need() - real(measured.gas_used)).max(0.0);
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
}

/// What a meter counts of a block, by the parameters whose prices it follows, in gas of this block: so the figures of a row
/// that a meter ends compare with all others.
fn followed(
    measured: &MeasuredBlock,
    fill: &MeterFill,
    schedule: &Schedule,
) -> Result<BTreeMap<GasParam, f64>, FormulaError> {
    let mut units = BTreeMap::new();
    let Some(meter) = schedule.meters.iter().find(|m| m.name == fill.meter) else {
        return Ok(units);
    };
    let scale = real(measured.gas_used) / (fill.fill * real(meter.limit));
    for (charged, &count) in &measured.usage.counts {
        let weight = meter.entry(charged).map(|entry| entry.weight(schedule));
        let Some(weight) = weight.transpose()?.flatten() else {
            continue;
        };
        let mut one = Usage::default();
        one.add(charged.clone(), count);
        for (param, count) in schedule.attribute(&one)? {
            *units.entry(param).or_default() += real_signed(count) * weight.times.to_f64() * scale;
        }
    }
    units.retain(|_, units| *units != 0.0);
    Ok(units)
}
