//! The cycles of a full block from smaller blocks of the same scenario.

use serde::{Deserialize, Serialize};

use crate::{fit::AffineCost, gas::Gas};

/// Gas of the smallest block.
const PROBE_GAS: Gas = 30_000;
/// The check is this many times larger than the larger block of the fit.
const CHECK_FACTOR: u64 = 3;
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
        /// The iteration counts the line goes through.
        fitted: Vec<u64>,
        /// The larger count it was checked at.
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
    /// How they are known.
    pub basis: Basis,
}

/// The cycles of a block with `full` iterations and `gas` gas, from the smallest blocks that tell.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "sizes of trial blocks"
)]
pub(super) fn estimate<E>(
    full: u64,
    gas: Gas,
    run: &dyn Fn(u64) -> Result<u64, E>,
) -> Result<Cost, E> {
    let whole = || {
        Ok(Cost {
            cycles: run(full)?,
            basis: Basis::Whole,
        })
    };
    let probe = (full as f64 * PROBE_GAS as f64 / gas.max(1) as f64)
        .ceil()
        .max(1.0) as u64;
    if probe * 2 * CHECK_FACTOR >= full {
        return whole();
    }
    let mut low = (probe, run(probe)?);
    // Sizes follow from gas alone. Neither cycles nor time may choose them: an operation of few cycles can still
    // take the executor long, and another machine would get another result.
    let mut high = (2 * probe, run(2 * probe)?);
    loop {
        let checked = high.0 * CHECK_FACTOR;
        if checked * 2 >= full {
            return whole();
        }
        let check = (checked, run(checked)?);
        let Ok(line) = AffineCost::fit(&[low, high].map(|(n, c)| (n, c as f64))) else {
            return whole();
        };
        let error = line.check((check.0, check.1 as f64)).abs();
        if error <= CHECK_TOLERANCE {
            let cycles = line.at(full).round() as u64;
            return Ok(Cost {
                cycles,
                basis: Basis::Affine {
                    fitted: vec![low.0, high.0],
                    checked,
                    error,
                },
            });
        }
        (low, high) = (high, check);
    }
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
            fitted,
            checked,
            error,
        } = cost.basis
        else {
            panic!("expected a line")
        };
        assert!(checked > *fitted.iter().max().unwrap() && error < 1e-9);
        assert!(
            runs.iter().sum::<u64>() < 50_000,
            "most of the block was run: {runs:?}"
        );
    }

    #[test]
    fn a_cost_that_is_not_affine_is_followed_up_to_the_whole_block() {
        let (cost, _) = estimated(100_000, 30_000_000, |n| n * n);
        assert_eq!(
            cost,
            Cost {
                cycles: 100_000 * 100_000,
                basis: Basis::Whole
            }
        );
    }

    #[test]
    #[expect(clippy::cast_precision_loss, reason = "figures below 2^53")]
    fn a_bend_below_the_check_is_left_behind() {
        // Twice as dear per iteration up to 20,000 of them.
        let bent = |n: u64| 4_000 * n + 4_000 * n.min(20_000);
        let (cost, _) = estimated(10_000_000, 30_000_000, bent);
        let exact = bent(10_000_000) as f64;
        assert!(
            (cost.cycles as f64 / exact - 1.0).abs() < CHECK_TOLERANCE,
            "{cost:?}"
        );
    }
}
