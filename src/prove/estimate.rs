//! The cycles of a full block from smaller blocks of the same scenario.

use serde::{Deserialize, Serialize};

use super::Execution;
use crate::{
    fit::{AffineCost, count, real},
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

/// How a block's cycles are known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// The block itself was run.
    Whole,
    /// Extrapolated along a line.
    Affine {
        /// Iterations and cycles of the blocks that the line goes through, under the prices that the schedule starts
        /// from or its own.
        points: [(u64, u64); 2],
        /// The iterations of a block under the schedule's own prices, no point of the line, that it was checked at.
        checked: u64,
        /// Relative error there; at most [`CHECK_TOLERANCE`].
        error: f64,
    },
}

/// What a block costs a prover.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cost {
    /// zkVM cycles of the full block.
    pub cycles: u64,
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
            cycles: run.total_num_cycles,
            time_ms: run.time_ms(),
            spread: run.spread(),
            proof_size: run.proof_size,
            peak_memory_bytes: run.peak_memory_bytes,
            basis: Basis::Whole,
        }
    }

    const fn counted(cycles: u64, basis: Basis) -> Self {
        Self {
            cycles,
            time_ms: None,
            spread: None,
            proof_size: None,
            peak_memory_bytes: None,
            basis,
        }
    }
}

/// The cycles of a block with `full` iterations and `gas` gas, from the smallest blocks that tell.
///
/// Sizes follow from gas alone. Neither cycles nor time may choose them: an operation of few cycles can still take the
/// executor long, and another machine would get another result.
pub(super) fn estimate<E>(
    full: u64,
    gas: Gas,
    run: &dyn Fn(u64) -> Result<u64, E>,
) -> Result<Cost, E> {
    let whole = || Ok(Cost::counted(run(full)?, Basis::Whole));
    let probe = holding(PROBE_GAS, full, gas);
    let mut checked = holding(CHECK_GAS, full, gas).max(2 * probe + 1);
    if checked * 2 >= full {
        return whole();
    }
    let mut low = (probe, run(probe)?);
    let mut high = (2 * probe, run(2 * probe)?);
    loop {
        let check = (checked, run(checked)?);
        if let Some(cost) = extrapolate([low, high], check, full) {
            return Ok(cost);
        }
        (low, high) = (high, check);
        checked *= GROWTH;
        if checked * 2 >= full {
            return whole();
        }
    }
}

/// The same from a line through blocks under other prices, if one block under these agrees with it.
pub(super) fn confirm<E>(
    points: [(u64, u64); 2],
    full: u64,
    gas: Gas,
    run: &dyn Fn(u64) -> Result<u64, E>,
) -> Result<Option<Cost>, E> {
    let checked = holding(CHECK_GAS, full, gas);
    if checked * 2 >= full {
        return Ok(None);
    }
    Ok(extrapolate(points, (checked, run(checked)?), full))
}

/// The iterations of a block of about this much gas; at least one.
fn holding(part: Gas, full: u64, gas: Gas) -> u64 {
    let count = (u128::from(full) * u128::from(part)).div_ceil(u128::from(gas.max(1)));
    u64::try_from(count)
        .unwrap_or(u64::MAX)
        .clamp(1, full.max(1))
}

/// The full block along the line, if that is where the check is.
fn extrapolate(points: [(u64, u64); 2], check: (u64, u64), full: u64) -> Option<Cost> {
    let line = AffineCost::fit(&points.map(|(n, cycles)| (n, real(cycles)))).ok()?;
    let error = line.check((check.0, real(check.1))).abs();
    let basis = Basis::Affine {
        points,
        checked: check.0,
        error,
    };
    (error <= CHECK_TOLERANCE).then(|| Cost::counted(count(line.at(full).round()), basis))
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    fn estimated(full: u64, gas: Gas, cycles: impl Fn(u64) -> u64) -> (Cost, Vec<u64>) {
        let runs = RefCell::new(Vec::new());
        let run = |n: u64| -> Result<u64, ()> {
            runs.borrow_mut().push(n);
            Ok(cycles(n))
        };
        let cost = estimate(full, gas, &run).unwrap();
        (cost, runs.into_inner())
    }

    #[test]
    fn a_block_of_few_iterations_is_run_whole() {
        let (cost, runs) = estimated(5, 30_000_000, |n| 100_000 + 50 * n);
        assert_eq!((cost.cycles, cost.basis), (100_250, Basis::Whole));
        assert_eq!(runs, [5]);
    }

    #[test]
    fn a_slow_block_is_extrapolated_and_checked_outside_the_fit() {
        let (cost, runs) = estimated(1_000_000, 30_000_000, |n| 100_000 + 5_000 * n);
        assert_eq!(cost.cycles, 100_000 + 5_000 * 1_000_000);
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
        let cycles = |n: u64| -> Result<u64, ()> { Ok(100_000 + 5_000 * n) };
        let points = [(10, 150_000), (20, 200_000)];
        let cost = confirm(points, 1_000, 30_000_000, &cycles).unwrap();
        assert_eq!(cost.unwrap().cycles, 100_000 + 5_000 * 1_000);
        let dearer = [(10, 150_000), (20, 250_000)];
        assert_eq!(confirm(dearer, 1_000, 30_000_000, &cycles), Ok(None));
    }

    #[test]
    fn a_cost_that_is_not_affine_is_followed_up_to_the_whole_block() {
        let (cost, _) = estimated(100_000, 30_000_000, |n| n * n);
        assert_eq!(cost, Cost::counted(100_000 * 100_000, Basis::Whole));
    }

    #[test]
    fn a_bend_below_the_check_is_left_behind() {
        // Twice as dear per iteration up to 20,000 of them.
        let bent = |n: u64| 4_000 * n + 4_000 * n.min(20_000);
        let (cost, _) = estimated(10_000_000, 30_000_000, bent);
        let exact = real(bent(10_000_000));
        assert!(
            (real(cost.cycles) / exact - 1.0).abs() < CHECK_TOLERANCE,
            "{cost:?}"
        );
    }
}
