//! Measures every scenario's block under a schedule: regenerates it, runs the guest on it, keeps the result.
//!
//! A full block of a slow operation is billions of cycles. Where running it would take long, the cost is taken from
//! smaller blocks of the same scenario: cycles are deterministic and affine in the iteration count, so a line through
//! two counts, checked at a third outside the fit, gives the full block's. [`Basis`] says which it was.

use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::{Failure, Prover};
use crate::{
    bench::{self, BenchBlock, BenchError, Scenario, Size},
    fit::AffineCost,
    gas::{Gas, Schedule},
    store::{Key, Store},
};

/// A block whose full run is expected to stay below this is run whole: a fifth of a second.
const WHOLE_CYCLES: f64 = 100e6;
/// Cycles of the first block, which tells how slow the scenario is: as gas, since nothing else is known yet.
const PROBE_GAS: Gas = 60_000;
/// Cycles aimed at by the larger block of the fit.
const FIT_CYCLES: f64 = 12e6;
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

/// One scenario's full block under one schedule, on one prover.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Measurement {
    /// The prover's name.
    pub prover: String,
    /// The regenerated block.
    pub block: BenchBlock,
    /// Its cost, or what happened instead: a result either way.
    pub cost: Result<Cost, Failure>,
}

/// Told how far a campaign is. Called from several threads.
pub trait Progress: Sync {
    /// `total` scenarios are about to be measured.
    fn begin(&self, total: usize);
    /// One more is done.
    fn done(&self, scenario: &str);
}

/// Why a campaign could not go on. What blocks and provers do is in the [`Measurement`]s instead.
#[derive(Debug)]
pub enum CampaignError {
    /// A scenario has no block under this schedule.
    Bench(BenchError),
    /// The store cannot be written.
    Store(std::io::Error),
    /// Asked to stop. What was finished is in the store.
    Interrupted,
}

impl std::fmt::Display for CampaignError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Bench(error) => write!(f, "{error}"),
            Self::Store(error) => write!(f, "cannot write the cache: {error}"),
            Self::Interrupted => f.write_str("interrupted"),
        }
    }
}

impl std::error::Error for CampaignError {}

/// What is measured, and where results are kept.
pub struct Campaign<'a> {
    /// The prover.
    pub prover: &'a dyn Prover,
    /// Finished results.
    pub store: &'a Store,
    /// The scenarios.
    pub scenarios: Vec<&'a Scenario>,
    /// The block gas limit to fill.
    pub limit: Gas,
    /// Told about every scenario.
    pub progress: &'a dyn Progress,
    /// Set to stop after the scenarios in hand.
    pub stop: &'a AtomicBool,
}

impl Campaign<'_> {
    /// Every scenario's block under `schedule`, in the scenarios' order.
    ///
    /// # Errors
    /// See [`CampaignError`].
    pub fn measure(&self, schedule: &Schedule) -> Result<Vec<Measurement>, CampaignError> {
        self.progress.begin(self.scenarios.len());
        self.scenarios
            .par_iter()
            .map(|scenario| {
                if self.stop.load(Ordering::Relaxed) {
                    return Err(CampaignError::Interrupted);
                }
                let measurement = self.scenario(scenario, schedule)?;
                self.progress.done(&scenario.id);
                Ok(measurement)
            })
            .collect()
    }

    fn scenario(&self, scenario: &Scenario, schedule: &Schedule) -> Result<Measurement, CampaignError> {
        let block = self.block(scenario, schedule)?;
        let key = self.cost_key(&block, schedule);
        let cost = match self.store.get("cost", key) {
            Some(cost) => cost,
            None => {
                let cost = self.cost(scenario, schedule, &block)?;
                self.store.put("cost", key, &cost).map_err(CampaignError::Store)?;
                cost
            }
        };
        Ok(Measurement { prover: self.prover.name().into(), block, cost })
    }

    /// The full block. Its own entry in the store, so that a second prover does not regenerate it.
    fn block(&self, scenario: &Scenario, schedule: &Schedule) -> Result<BenchBlock, CampaignError> {
        let key = bench::content_key(scenario, schedule, self.limit);
        let key = Key::of(&[env!("CARGO_PKG_VERSION").as_bytes(), &key]);
        if let Some(block) = self.store.get("block", key) {
            return Ok(block);
        }
        let block = bench::build(scenario, schedule, Size::Gas(self.limit)).map_err(CampaignError::Bench)?;
        self.store.put("block", key, &block).map_err(CampaignError::Store)?;
        Ok(block)
    }

    fn cost_key(&self, block: &BenchBlock, schedule: &Schedule) -> Key {
        Key::of(&[
            self.prover.name().as_bytes(),
            self.prover.version().as_bytes(),
            block.block_hash.as_slice(),
            &bench::schedule_bytes(schedule),
        ])
    }

    fn cost(&self, scenario: &Scenario, schedule: &Schedule, block: &BenchBlock) -> Result<Result<Cost, Failure>, CampaignError> {
        let run = |iterations: u64| self.run(scenario, schedule, iterations);
        match estimate(block.iterations, block.gas_used, &run) {
            Ok(cost) => Ok(Ok(cost)),
            Err(Stop::Failure(failure)) => Ok(Err(failure)),
            Err(Stop::Bench(error)) => Err(CampaignError::Bench(error)),
        }
    }

    /// Cycles of a block with `iterations`.
    fn run(&self, scenario: &Scenario, schedule: &Schedule, iterations: u64) -> Result<u64, Stop> {
        let block = bench::build(scenario, schedule, Size::Iterations(iterations)).map_err(Stop::Bench)?;
        let input = block.guest_input().ok_or(Stop::Failure(Failure::OutputMismatch))?;
        let execution = self.prover.execute(&input).map_err(Stop::Failure)?;
        check_output(&execution.public_values, block.block_hash.as_slice()).map_err(Stop::Failure)?;
        Ok(execution.total_num_cycles)
    }
}

enum Stop {
    Failure(Failure),
    Bench(BenchError),
}

/// The cycles of a block with `full` iterations and `gas` gas, from the smallest blocks that tell.
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "sizes of trial blocks")]
fn estimate<E>(full: u64, gas: Gas, run: &dyn Fn(u64) -> Result<u64, E>) -> Result<Cost, E> {
    let whole = || Ok(Cost { cycles: run(full)?, basis: Basis::Whole });
    let probe = (full as f64 * PROBE_GAS as f64 / gas.max(1) as f64).ceil().max(1.0) as u64;
    if probe * 2 * CHECK_FACTOR >= full {
        return whole();
    }
    let mut low = (probe, run(probe)?);
    // The probe's own fixed part is in it: never too low.
    let per_iteration = low.1 as f64 / probe as f64;
    if per_iteration * full as f64 <= WHOLE_CYCLES {
        return whole();
    }
    let size = ((FIT_CYCLES / per_iteration) as u64).max(2 * probe);
    let mut high = (size, run(size)?);
    loop {
        let checked = high.0 * CHECK_FACTOR;
        if checked * 2 >= full {
            return whole();
        }
        let check = (checked, run(checked)?);
        let line = AffineCost::fit(&[low, high].map(|(n, c)| (n as f64, c as f64)));
        let error = line.relative_error(check.0 as f64, check.1 as f64);
        if error <= CHECK_TOLERANCE {
            let cycles = line.at(full as f64).round() as u64;
            return Ok(Cost { cycles, basis: Basis::Affine { fitted: vec![low.0, high.0], checked, error } });
        }
        (low, high) = (high, check);
    }
}

/// Whether the guest accepted this very block.
fn check_output(public_values: &[u8], block_hash: &[u8]) -> Result<(), Failure> {
    match public_values.split_at_checked(block_hash.len()) {
        Some((hash, [1, ..])) if hash == block_hash => Ok(()),
        Some((_, [0, reason, ..])) => Err(Failure::InvalidBlock { reason: crate::evm::reason_name(*reason).into() }),
        _ => Err(Failure::OutputMismatch),
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
    fn a_quick_block_is_run_whole() {
        let (cost, _) = estimated(10_000, 30_000_000, |n| 100_000 + 50 * n);
        assert_eq!(cost, Cost { cycles: 600_000, basis: Basis::Whole });
    }

    #[test]
    fn a_slow_block_is_extrapolated_and_checked_outside_the_fit() {
        let (cost, runs) = estimated(1_000_000, 30_000_000, |n| 100_000 + 5_000 * n);
        assert_eq!(cost.cycles, 100_000 + 5_000 * 1_000_000);
        let Basis::Affine { fitted, checked, error } = cost.basis else { panic!("expected a line") };
        assert!(checked > *fitted.iter().max().unwrap() && error < 1e-9);
        assert!(runs.iter().sum::<u64>() < 50_000, "most of the block was run: {runs:?}");
    }

    #[test]
    fn a_cost_that_is_not_affine_is_followed_up_to_the_whole_block() {
        let (cost, _) = estimated(100_000, 30_000_000, |n| n * n);
        assert_eq!(cost, Cost { cycles: 100_000 * 100_000, basis: Basis::Whole });
    }

    #[test]
    fn a_bend_below_the_check_is_left_behind() {
        // Twice as dear per iteration up to 20,000 of them.
        let bent = |n: u64| 4_000 * n + 4_000 * n.min(20_000);
        let (cost, _) = estimated(10_000_000, 30_000_000, bent);
        let exact = bent(10_000_000) as f64;
        assert!((cost.cycles as f64 / exact - 1.0).abs() < CHECK_TOLERANCE, "{cost:?}");
    }

    #[test]
    fn the_output_is_checked() {
        let hash = [7_u8; 32];
        let output = |tail: &[u8]| [&hash[..], tail].concat();
        assert_eq!(check_output(&output(&[1, 0]), &hash), Ok(()));
        assert!(matches!(check_output(&output(&[0, 3]), &hash), Err(Failure::InvalidBlock { .. })));
        assert_eq!(check_output(&output(&[1, 0]), &[8; 32]), Err(Failure::OutputMismatch));
        assert_eq!(check_output(&hash, &hash), Err(Failure::OutputMismatch));
    }
}
