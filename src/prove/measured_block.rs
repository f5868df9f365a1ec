//! Measured blocks in seconds, as targets and the solver look at them.

use serde::Serialize;

use super::{
    Basis, BlockId, Calibration, Cost, Measurement,
    rates::{asked_rate, effective_ratio, throughput},
};
use crate::{
    fit::real,
    gas::{Gas, MeterFill, Usage},
    lang::Target,
};

/// How a figure came about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Measured {
    /// A full block ran on the prover.
    #[default]
    FullBlock,
    /// Smaller blocks ran, and the figure is their line continued.
    Extrapolated,
    /// The same work was measured under other prices, and only its gas is another.
    Predicted,
}

/// A full block as it was measured under some schedule for one of a plan's targets, in seconds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MeasuredBlock {
    /// Which block.
    pub id: BlockId,
    /// Which of the plan's targets it was made for.
    pub target: usize,
    /// What it used, as charged under the schedule it was made for.
    pub usage: Usage,
    /// Its gas under that schedule.
    pub gas_used: Gas,
    /// The meter that it fills most, where that schedule has meters.
    pub meter: Option<MeterFill>,
    /// Proving seconds beyond the fixed cost; infinite where the prover failed.
    pub cost_s: f64,
    /// Where those seconds lie with 95 %, or as far as repeats lie apart; `None` where that is not known, or is nothing.
    pub cost_interval: Option<(f64, f64)>,
    /// Proving seconds of an empty block.
    pub fixed_s: f64,
    /// The mean relative error of the model that its seconds are from; `None` where they were measured, or it is not known.
    pub model_error: Option<f64>,
    /// How the seconds came about.
    pub measured: Measured,
    /// What it cost, where the block was run here and accepted.
    pub cost: Option<Cost>,
    /// Why the block is not full.
    pub underfilled: Option<String>,
    /// What the prover did instead of accepting it.
    pub failure: Option<String>,
}

impl MeasuredBlock {
    /// A measurement in the seconds that `calibration` makes of its cost.
    pub fn of(measurement: Measurement, calibration: &Calibration, target: usize) -> Self {
        let fixed_s = calibration.fixed_s;
        let (cost_s, cost_interval, measured) =
            measurement
                .cost
                .as_ref()
                .map_or((f64::INFINITY, None, Measured::FullBlock), |cost| {
                    let measured = match cost.basis {
                        Basis::Whole => Measured::FullBlock,
                        Basis::Affine { .. }
                        | Basis::Counted { .. }
                        | Basis::Proportional { .. } => Measured::Extrapolated,
                    };
                    let work_s = calibration.seconds(&cost.costs, cost.time_ms);
                    let apart = cost.spread.zip(cost.time_ms);
                    let apart = apart.map(|(spread, ms)| spread * ms / 1e3);
                    let interval = apart.filter(|apart| *apart > 0.0);
                    let interval =
                        interval.map(|apart| ((work_s - apart).max(0.0), work_s + apart));
                    (work_s, interval, measured)
                });
        let timed = |cost: &Cost| cost.time_ms.is_some();
        let modelled = measurement.cost.as_ref().is_ok_and(|cost| !timed(cost));
        let (cost, failure) = match measurement.cost {
            Ok(cost) => (Some(cost), None),
            Err(failure) => (None, Some(failure.to_string())),
        };
        Self {
            id: measurement.id,
            target,
            usage: measurement.usage,
            gas_used: measurement.gas_used,
            meter: measurement.meter,
            cost_s,
            cost_interval,
            fixed_s,
            model_error: calibration.error.filter(|_| modelled),
            measured,
            cost,
            underfilled: measurement.underfilled,
            failure,
        }
    }

    /// Gas per second, fixed cost included.
    pub fn throughput(&self) -> f64 {
        throughput(self.gas_used, self.fixed_s, self.cost_s)
    }

    /// How much of `limit` gas a full block that does the same has: all of it, unless a meter ends the block first.
    pub fn full_share(&self, limit: Gas) -> f64 {
        self.ended(limit)
            .map_or(1.0, |meter| real(self.gas_used) / real(limit) / meter.fill)
    }

    /// The meter that ends a block that does the same before it has `limit` gas.
    pub fn ended(&self, limit: Gas) -> Option<&MeterFill> {
        let fill = real(self.gas_used) / real(limit);
        self.meter.as_ref().filter(|meter| meter.fill > fill)
    }

    /// Whether a block of `limit` gas may hold it.
    pub fn fits(&self, limit: Gas) -> bool {
        self.gas_used <= limit && self.meter.as_ref().is_none_or(|meter| meter.fill <= 1.0)
    }

    /// How many times too slow a full block of it is, above 1 a miss; infinite when the fixed cost alone misses the target.
    pub fn effective_ratio(&self, target: &Target) -> f64 {
        asked_rate(target, &self.id.prover, self.fixed_s).map_or(f64::INFINITY, |rate| {
            self.full_share(target.gas) * effective_ratio(rate, self.gas_used, self.cost_s)
        })
    }

    /// By what part of its cost it holds the target, below 0 a miss: at 0.12 it would still hold if its work took 12 % longer.
    /// The margin that is asked for is not taken off.
    pub fn margin(&self, target: &Target) -> f64 {
        (1.0 + target.margin) / self.effective_ratio(target) - 1.0
    }

    /// How far off its cost may be, as a part of it: the model's error, or half of the interval that was measured.
    pub fn error(&self) -> Option<f64> {
        let measured = self.cost_interval.filter(|_| self.cost_s > 0.0);
        let measured = measured.map(|(low, high)| (high - low) / 2.0 / self.cost_s);
        self.model_error.or(measured)
    }

    /// Gas per second of a full block doing the same, of `limit` gas or what a meter leaves of it: a block that could not be
    /// filled is continued.
    pub fn full_block_rate(&self, limit: Gas) -> f64 {
        let full = real(limit) * self.full_share(limit);
        let work_s = self.cost_s * full / real(self.gas_used.max(1));
        full / (self.fixed_s + work_s)
    }

    /// How far repeats lie apart, as a part of their median, where there are some.
    pub fn spread(&self) -> Option<f64> {
        self.cost.as_ref()?.spread.filter(|spread| *spread > 0.0)
    }
}
