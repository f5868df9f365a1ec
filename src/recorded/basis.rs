//! What a recorded block costs, and how far off that may be.

use crate::{fit::normal_quantile, gas::Gas};

use super::{
    Point, Series,
    blocks::{Choice, within},
    real,
};

/// What a block costs.
///
/// A budget of uncertainty (Bertsimas and Sim 2004) bounds how many uncertain numbers of one constraint are at their worst at
/// once. Here a block's constraint holds one, its cost, and prices stand on the other side: any budget of one or more is the
/// upper cost, one of none the measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Basis {
    /// What was measured.
    Measured,
    /// The larger of what was measured and what its scenario's line says at most, with this probability; and of the largest
    /// level, what a full block of this gas says.
    Upper(f64, Gas),
}

/// What the ends of a 95 % interval leave out above them.
const UPPER_END: f64 = 0.975;

/// Seconds of a block beyond the fixed cost. A line through measurements can say less than one of them did: the larger
/// counts.
pub(super) fn cost(
    series: &Series,
    point: &Point,
    (fixed_s, noise): (f64, f64),
    choice: &Choice,
) -> f64 {
    let measured = point.seconds - fixed_s;
    let Basis::Upper(confidence, full) = choice.basis else {
        return measured.max(0.0);
    };
    let Some(line) = &series.line else {
        return (measured + noise * point.seconds).max(0.0);
    };
    let upper = |gas: f64| line.upper(gas, confidence, noise) - fixed_s;
    let (gas, full) = (real(point.gas), real(full));
    let mut cost = measured.max(upper(gas));
    let last = series.sound().filter(|p| within(choice, p.level)).last();
    if last.is_some_and(|last| last.level == point.level) {
        cost = cost.max(upper(full) * gas / full);
    }
    cost.max(0.0)
}

/// The 95 % interval of those seconds: of its scenario's line at this block, or of a single run among others of this prover.
pub(super) fn interval(series: &Series, point: &Point, (fixed_s, noise): (f64, f64)) -> (f64, f64) {
    let gas = real(point.gas);
    let (middle, upper) = series.line.as_ref().map_or_else(
        || {
            let off = normal_quantile(UPPER_END) * noise * point.seconds;
            (point.seconds, point.seconds + off)
        },
        |line| (line.at(gas), line.upper(gas, UPPER_END, noise)),
    );
    let lower = 2.0 * middle - upper;
    ((lower - fixed_s).max(0.0), (upper - fixed_s).max(0.0))
}
