//! What a recorded block's work costs, and how far off that may be.

use super::{Point, Series};
use crate::{
    fit::{normal_quantile, real},
    gas::Gas,
};

/// What a block costs.
///
/// A budget of uncertainty (Bertsimas and Sim 2004) bounds how many uncertain numbers of one constraint are at their worst at
/// once. Here a block's constraint holds one, its cost, and prices stand on the other side: any budget of one or more is the
/// upper cost, one of none the measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum CostBasis {
    /// What was measured.
    Measured,
    /// The larger of what was measured and what its scenario's line says at most, with this probability; and of the largest
    /// level, what a full block of this gas says.
    Upper(f64, Gas),
}

/// Which blocks, and how they count.
#[derive(Clone, Copy, Debug)]
pub struct BlockSelection {
    /// Gas levels, both included; all without.
    pub levels: Option<(Gas, Gas)>,
    /// Seconds of an empty block, instead of those estimated per prover.
    pub fixed_s: Option<f64>,
    /// What a block costs.
    pub basis: CostBasis,
}

impl BlockSelection {
    /// Whether blocks of this gas level are meant.
    pub fn has(&self, level: Gas) -> bool {
        self.levels
            .is_none_or(|(low, high)| (low..=high).contains(&level))
    }
}

/// What a block costs beyond the fixed cost.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WorkCost {
    /// Seconds.
    pub seconds: f64,
    /// Where those seconds lie with 95 %.
    pub interval: (f64, f64),
}

/// What the ends of a 95 % interval leave out above them.
const UPPER_END: f64 = 0.975;

impl WorkCost {
    /// The cost of one of a series' points, where an empty block takes `fixed_s` and single runs scatter by `noise`.
    pub fn of(
        series: &Series,
        point: &Point,
        (fixed_s, noise): (f64, f64),
        selection: &BlockSelection,
    ) -> Self {
        Self {
            seconds: seconds(series, point, (fixed_s, noise), selection),
            interval: interval(series, point, (fixed_s, noise)),
        }
    }
}

/// Seconds beyond the fixed cost. A line through measurements can say less than one of them did: the larger counts.
fn seconds(
    series: &Series,
    point: &Point,
    (fixed_s, noise): (f64, f64),
    selection: &BlockSelection,
) -> f64 {
    let measured = point.seconds - fixed_s;
    let CostBasis::Upper(confidence, full) = selection.basis else {
        return measured.max(0.0);
    };
    let Some(line) = &series.line else {
        return (measured + noise * point.seconds).max(0.0);
    };
    let upper = |gas: f64| line.upper(gas, confidence, noise) - fixed_s;
    let (gas, full) = (real(point.gas), real(full));
    let mut cost = measured.max(upper(gas));
    let last = series.sound().filter(|p| selection.has(p.level)).last();
    if last.is_some_and(|last| last.level == point.level) {
        cost = cost.max(upper(full) * gas / full);
    }
    cost.max(0.0)
}

/// The 95 % interval of those seconds: what another run of this block would take by its scenario's line, or by a single run among
/// others of this prover. A price is what the worst of such runs makes it, and not what lines do.
fn interval(series: &Series, point: &Point, (fixed_s, noise): (f64, f64)) -> (f64, f64) {
    let gas = real(point.gas);
    let (middle, upper) = series.line.as_ref().map_or_else(
        || {
            let off = normal_quantile(UPPER_END) * noise * point.seconds;
            (point.seconds, point.seconds + off)
        },
        |line| (line.at(gas), line.upper_of_one(gas, UPPER_END, noise)),
    );
    let lower = 2.0 * middle - upper;
    ((lower - fixed_s).max(0.0), (upper - fixed_s).max(0.0))
}
