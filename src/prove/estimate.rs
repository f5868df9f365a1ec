//! What a full block costs, from smaller blocks of the same scenario.

use serde::{Deserialize, Serialize};

use super::{CostVector, Execution};
use crate::{
    fit::{AffineCost, real},
    gas::Gas,
};

/// Gas of the smallest block of a line.
const PROBE_GAS: Gas = 30_000;
/// Gas of the block that a line is checked at.
const CHECK_GAS: Gas = 180_000;
/// Where a line does not hold, the next check is this many times larger.
const GROWTH: u64 = 3;
/// The largest relative error of the line at the check.
pub const CHECK_TOLERANCE: f64 = 0.02;

/// How a block's costs are known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// The block itself was run.
    Whole,
    /// Extrapolated along a line.
    Affine {
        /// Iterations and costs of the blocks that the lines go through, under the prices that the schedule starts
        /// from or its own.
        points: [(u64, CostVector); 2],
        /// The iterations of a block under the schedule's own prices, no point of the line, whose cycles were checked.
        checked: u64,
        /// Relative error of the cycles there; at most [`CHECK_TOLERANCE`].
        error: f64,
    },
}

/// What a block costs a prover.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cost {
    /// What executing the full block costs, counted.
    #[serde(flatten)]
    pub costs: CostVector,
    /// Milliseconds that it took, where time is measured: the median of the repeats.
    pub time_ms: Option<f64>,
    /// How far the repeats lie apart, as a part of that.
    pub spread: Option<f64>,
    /// Bytes of the proof, where there is one.
    pub proof_size: Option<u64>,
    /// The most memory that the prover used, bytes, where that is known.
    pub peak_memory_bytes: Option<u64>,
    /// How they are known.
    pub basis: Basis,
}

impl Cost {
    /// Of a block that was run itself.
    pub(super) fn of(run: &Execution) -> Self {
        Self {
            costs: run.costs.clone(),
            time_ms: run.time_ms(),
            spread: run.spread(),
            proof_size: run.proof_size,
            peak_memory_bytes: run.peak_memory_bytes,
            basis: Basis::Whole,
        }
    }

    const fn counted(costs: CostVector, basis: Basis) -> Self {
        Self {
            costs,
            time_ms: None,
            spread: None,
            proof_size: None,
            peak_memory_bytes: None,
            basis,
        }
    }
}

/// What of an execution has to be counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Detail {
    /// Cycles suffice.
    Cycles,
    /// All costs.
    All,
}

/// The costs of a block with `full` iterations and `gas` gas, from the smallest blocks that tell.
///
/// Sizes follow from gas alone. Neither cycles nor time may choose them: an operation of few cycles can still take the
/// executor long, and another machine would get another result. Cycles say where a line holds; the other costs of an iteration
/// are as constant as these, and are counted in the smallest blocks only.
pub(super) fn estimate<E>(
    full: u64,
    gas: Gas,
    run: &dyn Fn(u64, Detail) -> Result<CostVector, E>,
) -> Result<Cost, E> {
    let whole = || Ok(Cost::counted(run(full, Detail::All)?, Basis::Whole));
    let probe = holding(PROBE_GAS, full, gas);
    let mut checked = holding(CHECK_GAS, full, gas).max(2 * probe + 1);
    if checked * 2 >= full {
        return whole();
    }
    let point = |count| Ok((count, run(count, Detail::All)?));
    let mut points = [point(probe)?, point(2 * probe)?];
    loop {
        let check = (checked, run(checked, Detail::Cycles)?);
        if let Some(cost) = extrapolate(&points, &check, full) {
            return Ok(cost);
        }
        let next = checked * GROWTH;
        if next * 2 >= full {
            return whole();
        }
        let [_, high] = points;
        points = [high, point(checked)?];
        checked = next;
    }
}

/// The same from lines through blocks under other prices, if one block under these agrees with them.
pub(super) fn confirm<E>(
    points: &[(u64, CostVector); 2],
    full: u64,
    gas: Gas,
    run: &dyn Fn(u64, Detail) -> Result<CostVector, E>,
) -> Result<Option<Cost>, E> {
    let checked = holding(CHECK_GAS, full, gas);
    if checked * 2 >= full {
        return Ok(None);
    }
    let check = (checked, run(checked, Detail::Cycles)?);
    Ok(extrapolate(points, &check, full))
}

/// The iterations of a block of about this much gas; at least one.
fn holding(part: Gas, full: u64, gas: Gas) -> u64 {
    let count = (u128::from(full) * u128::from(part)).div_ceil(u128::from(gas.max(1)));
    u64::try_from(count)
        .unwrap_or(u64::MAX)
        .clamp(1, full.max(1))
}

/// The full block along the lines, if the check lies on that of the cycles.
fn extrapolate(
    points: &[(u64, CostVector); 2],
    check: &(u64, CostVector),
    full: u64,
) -> Option<Cost> {
    let cycles = |(count, costs): &(u64, CostVector)| (*count, real(costs.total_num_cycles));
    let line = AffineCost::fit(&points.each_ref().map(cycles)).ok()?;
    let error = line.check(cycles(check)).abs();
    let [low, high] = points;
    let costs = CostVector::along([(low.0, &low.1), (high.0, &high.1)], full);
    let basis = Basis::Affine {
        points: points.clone(),
        checked: check.0,
        error,
    };
    (error <= CHECK_TOLERANCE).then(|| Cost::counted(costs, basis))
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    fn estimated(full: u64, gas: Gas, cycles: impl Fn(u64) -> u64) -> (Cost, Vec<u64>) {
        let runs = RefCell::new(Vec::new());
        let run = |n: u64, _| -> Result<CostVector, ()> {
            runs.borrow_mut().push(n);
            Ok(CostVector::cycles(cycles(n)))
        };
        let cost = estimate(full, gas, &run).unwrap();
        (cost, runs.into_inner())
    }

    #[test]
    fn a_block_of_few_iterations_is_run_whole() {
        let (cost, runs) = estimated(5, 30_000_000, |n| 100_000 + 50 * n);
        assert_eq!(
            (cost.costs.total_num_cycles, cost.basis),
            (100_250, Basis::Whole)
        );
        assert_eq!(runs, [5]);
    }

    #[test]
    fn a_slow_block_is_extrapolated_and_checked_outside_the_fit() {
        let (cost, runs) = estimated(1_000_000, 30_000_000, |n| 100_000 + 5_000 * n);
        assert_eq!(cost.costs.total_num_cycles, 100_000 + 5_000 * 1_000_000);
        let Basis::Affine {
            points,
            checked,
            error,
        } = cost.basis
        else {
            panic!("expected a line")
        };
        assert!(checked > points[1].0 && error < 1e-9);
        assert!(
            runs.iter().sum::<u64>() < 50_000,
            "most of the block was run: {runs:?}"
        );
    }

    #[test]
    fn a_line_of_other_prices_serves_if_one_block_confirms_it() {
        let run =
            |n: u64, _| -> Result<CostVector, ()> { Ok(CostVector::cycles(100_000 + 5_000 * n)) };
        let points = |low, high| {
            [
                (10, CostVector::cycles(low)),
                (20, CostVector::cycles(high)),
            ]
        };
        let known = points(150_000, 200_000);
        let cost = confirm(&known, 1_000, 30_000_000, &run).unwrap();
        assert_eq!(
            cost.unwrap().costs,
            CostVector::cycles(100_000 + 5_000 * 1_000)
        );
        let dearer = points(150_000, 250_000);
        assert_eq!(confirm(&dearer, 1_000, 30_000_000, &run), Ok(None));
    }

    #[test]
    fn a_cost_that_is_not_affine_is_followed_up_to_the_whole_block() {
        let (cost, _) = estimated(100_000, 30_000_000, |n| n * n);
        let whole = CostVector::cycles(100_000 * 100_000);
        assert_eq!(cost, Cost::counted(whole, Basis::Whole));
    }

    #[test]
    fn a_bend_below_the_check_is_left_behind() {
        // Twice as dear per iteration up to 20,000 of them.
        let bent = |n: u64| 4_000 * n + 4_000 * n.min(20_000);
        let (cost, _) = estimated(10_000_000, 30_000_000, bent);
        let exact = real(bent(10_000_000));
        assert!(
            (real(cost.costs.total_num_cycles) / exact - 1.0).abs() < CHECK_TOLERANCE,
            "{cost:?}"
        );
    }
}
