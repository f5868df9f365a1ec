//! Measures every scenario's block under a schedule: regenerates it, runs the guest on it, keeps the result.
//!
//! A full block of a slow operation is billions of cycles. Where running it would take long, the cost is taken from
//! smaller blocks of the same scenario: cycles are deterministic and affine in the iteration count, so a line through
//! two counts, checked at a third outside the fit, gives the full block's. [`Basis`] says which it was.

use std::{
    cell::RefCell,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use alloy_primitives::B256;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::{Failure, Prover};
use crate::{
    bench::{BenchBlock, BenchError, Prepared, Scenario, Size},
    evm::{Tariff, Verdict},
    fit::AffineCost,
    gas::{Gas, Schedule, Usage},
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

/// One scenario's full block under one schedule, and what it costs one prover.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Measurement {
    /// The prover's name.
    pub prover: String,
    /// The scenario's id.
    pub scenario: String,
    /// The schedule's operation that it stresses.
    pub operation: String,
    /// Iterations, over all transactions.
    pub iterations: u64,
    /// Gas the block used.
    pub gas_used: Gas,
    /// Why the block is not full.
    pub underfilled: Option<String>,
    /// What it used, in the units that are priced.
    #[serde(with = "by_name")]
    pub usage: Usage,
    /// Its cost, or what happened instead: a result either way.
    pub cost: Result<Cost, Failure>,
}

/// Usage as JSON has it: parameters by their names.
mod by_name {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    use crate::gas::{GasParam, Usage};

    #[derive(Serialize, Deserialize)]
    struct Named {
        counts: BTreeMap<String, i64>,
        rest: BTreeMap<String, i64>,
    }

    pub(super) fn serialize<S: Serializer>(usage: &Usage, to: S) -> Result<S::Ok, S::Error> {
        let counts = usage
            .counts
            .iter()
            .map(|(param, count)| (param.to_string(), *count));
        let rest = usage.rest.clone();
        Named {
            counts: counts.collect(),
            rest,
        }
        .serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Usage, D::Error> {
        let Named { counts, rest } = Named::deserialize(from)?;
        let param = |(name, count): (String, i64)| {
            let param = name.parse::<GasParam>();
            let param =
                param.map_err(|()| D::Error::custom(format!("no gas parameter: {name}")))?;
            Ok((param, count))
        };
        let counts = counts.into_iter().map(param).collect::<Result<_, _>>()?;
        Ok(Usage { counts, rest })
    }
}

/// Told how far a campaign is. Called from several threads.
pub trait Progress: Sync {
    /// `total` scenarios are about to be measured.
    fn begin(&self, total: usize);
    /// One more is done.
    fn done(&self, scenario: &str);
}

/// Why a campaign could not go on. What provers do is in the [`Measurement`]s instead.
#[derive(Debug)]
pub enum CampaignError {
    /// A scenario has no block under this schedule.
    Bench {
        /// The scenario; empty when it is the schedule that cannot be charged.
        scenario: String,
        /// The reason.
        error: BenchError,
    },
    /// The store cannot be written.
    Store(std::io::Error),
    /// Asked to stop. What was finished is in the store.
    Interrupted,
}

impl std::fmt::Display for CampaignError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Bench { scenario, error } if scenario.is_empty() => write!(f, "{error}"),
            Self::Bench { scenario, error } => write!(f, "no block of `{scenario}`: {error}"),
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
        let prices = prices(schedule);
        let tariff = Tariff::new(schedule).map_err(|error| refused("", error.into()))?;
        let tariff = Arc::new(tariff);
        self.scenarios
            .par_iter()
            .map(|scenario| {
                if self.stop.load(Ordering::Relaxed) {
                    return Err(CampaignError::Interrupted);
                }
                let key = self.key(scenario, &prices);
                let kept = self.store.get("measurement", key);
                let measurement = match kept {
                    Some(measurement) => measurement,
                    None => self.fresh(scenario, schedule, Arc::clone(&tariff), key)?,
                };
                self.progress.done(&scenario.id);
                Ok(measurement)
            })
            .collect()
    }

    /// What the store has of [`Self::measure`], by scenario; nothing is run.
    pub fn kept(&self, schedule: &Schedule) -> Vec<Option<Measurement>> {
        let prices = prices(schedule);
        let kept =
            |scenario: &&Scenario| self.store.get("measurement", self.key(scenario, &prices));
        self.scenarios.iter().map(kept).collect()
    }

    /// Everything a measurement depends on.
    fn key(&self, scenario: &Scenario, prices: &str) -> Key {
        Key::of(&[
            env!("CARGO_PKG_VERSION").as_bytes(),
            self.prover.name().as_bytes(),
            self.prover.version().as_bytes(),
            scenario.content().as_bytes(),
            prices.as_bytes(),
            &self.limit.to_le_bytes(),
        ])
    }

    fn fresh(
        &self,
        scenario: &Scenario,
        schedule: &Schedule,
        tariff: Arc<Tariff>,
        key: Key,
    ) -> Result<Measurement, CampaignError> {
        let refused = |error| refused(&scenario.id, error);
        let mut prepared = Prepared::new(scenario, schedule, tariff).map_err(refused)?;
        let (block, size) = full(&mut prepared, self.limit).map_err(refused)?;
        let prepared = RefCell::new(prepared);
        let run = |iterations| {
            let size = if iterations == block.iterations {
                size
            } else {
                Size::Iterations(iterations)
            };
            self.run(&mut prepared.borrow_mut(), size)
        };
        let cost = match estimate(block.iterations, block.gas_used, &run) {
            Ok(cost) => Ok(cost),
            Err(Stop::Failure(failure)) => Err(failure),
            Err(Stop::Bench(error)) => return Err(refused(error)),
        };
        let measurement = Measurement {
            prover: self.prover.name().into(),
            scenario: block.scenario,
            operation: block.operation,
            iterations: block.iterations,
            gas_used: block.gas_used,
            underfilled: block.underfilled,
            usage: block.usage,
            cost,
        };
        let put = self.store.put("measurement", key, &measurement);
        put.map_err(CampaignError::Store)?;
        Ok(measurement)
    }

    /// Cycles of the block of this size.
    fn run(&self, prepared: &mut Prepared<'_>, size: Size) -> Result<u64, Stop> {
        let block = prepared.block_with_input(size).map_err(Stop::Bench)?;
        let (Some(input), Some(hash)) = (block.input, block.block_hash) else {
            return Err(Stop::Failure(Failure::OutputMismatch));
        };
        let execution = self
            .prover
            .execute(&input.encode())
            .map_err(Stop::Failure)?;
        check_output(&execution.public_values, hash).map_err(Stop::Failure)?;
        Ok(execution.total_num_cycles)
    }
}

/// The full block and its size. Where a single iteration takes more gas than a block has, a block of that one: how much it
/// is worth is the same question.
fn full(prepared: &mut Prepared<'_>, limit: Gas) -> Result<(BenchBlock, Size), BenchError> {
    match prepared.block(Size::Gas(limit)) {
        Err(BenchError::DoesNotFit(gas)) => {
            let mut block = prepared.block(Size::Iterations(1))?;
            block.underfilled = Some(format!(
                "one iteration takes {gas} gas, more than a block has"
            ));
            Ok((block, Size::Iterations(1)))
        }
        block => Ok((block?, Size::Gas(limit))),
    }
}

fn refused(scenario: &str, error: BenchError) -> CampaignError {
    CampaignError::Bench {
        scenario: scenario.into(),
        error,
    }
}

/// Every formula in numbers: what gas and usage follow from.
fn prices(schedule: &Schedule) -> String {
    let mut text = String::new();
    for entry in schedule.entries() {
        // A formula without a value is refused when the schedule is compiled.
        let formula = schedule
            .formula(&entry.name)
            .map(|f| f.to_string())
            .unwrap_or_default();
        text.extend([entry.name.as_str(), " = ", &formula, "\n"]);
    }
    text
}

enum Stop {
    Failure(Failure),
    Bench(BenchError),
}

/// The cycles of a block with `full` iterations and `gas` gas, from the smallest blocks that tell.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "sizes of trial blocks"
)]
fn estimate<E>(full: u64, gas: Gas, run: &dyn Fn(u64) -> Result<u64, E>) -> Result<Cost, E> {
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
        let points = [low, high].map(|(n, cycles)| (n, cycles as f64));
        // Without a line through the points there is nothing to continue: larger blocks may have one.
        if let Ok(line) = AffineCost::fit(&points) {
            let error = line.check((check.0, check.1 as f64)).abs();
            if error <= CHECK_TOLERANCE {
                let basis = Basis::Affine {
                    fitted: vec![low.0, high.0],
                    checked,
                    error,
                };
                return Ok(Cost {
                    cycles: line.at(full).round() as u64,
                    basis,
                });
            }
        }
        (low, high) = (high, check);
    }
}

/// Whether the guest accepted this very block.
fn check_output(public_values: &[u8], block_hash: B256) -> Result<(), Failure> {
    match Verdict::from_bytes(public_values) {
        // A block that cannot even be read has no hash.
        Some(verdict) if !verdict.valid => Err(Failure::InvalidBlock {
            reason: verdict.reason.text().into(),
        }),
        Some(verdict) if verdict.block_hash == block_hash => Ok(()),
        Some(_) => Err(Failure::OutputMismatch),
        None => Err(Failure::OutputMismatch),
    }
}

#[cfg(test)]
mod tests {
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
        assert_eq!(
            cost,
            Cost {
                cycles: 600_000,
                basis: Basis::Whole
            }
        );
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

    #[test]
    fn the_output_is_checked() {
        let hash = B256::repeat_byte(7);
        let output = |tail: &[u8]| [hash.as_slice(), tail].concat();
        assert_eq!(check_output(&output(&[1, 0]), hash), Ok(()));
        assert!(matches!(
            check_output(&output(&[0, 3]), hash),
            Err(Failure::InvalidBlock { .. })
        ));
        assert_eq!(
            check_output(&output(&[1, 0]), B256::repeat_byte(8)),
            Err(Failure::OutputMismatch)
        );
        assert_eq!(
            check_output(hash.as_slice(), hash),
            Err(Failure::OutputMismatch)
        );
    }
}
