//! Measures every scenario's block under a schedule: regenerates it, runs the guest on it, keeps the result.
//!
//! A full block of a slow operation is billions of cycles. Where running it would take long, the cost is taken from
//! smaller blocks of the same scenario: cycles are deterministic and affine in the iteration count, so a line through
//! two counts, checked at a third outside the fit, gives the full block's. [`Basis`](super::Basis) says which it was.

use std::{cell::RefCell, sync::Arc};

use alloy_primitives::B256;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::{Cost, Execution, Failure, Prover, estimate::estimate};
use crate::{
    bench::{BenchBlock, BenchError, Prepared, Scenario, Size},
    evm::{Tariff, TariffError, Verdict},
    gas::{Gas, Schedule, Usage},
    store::{Key, Store},
};

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
    /// The schedule cannot be charged.
    Tariff(TariffError),
    /// The store cannot be written.
    Store(std::io::Error),
}

impl std::fmt::Display for CampaignError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Tariff(error) => write!(f, "{error}"),
            Self::Store(error) => write!(f, "cannot write the cache: {error}"),
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
}

impl Campaign<'_> {
    /// Every scenario's block under `schedule`, in the scenarios' order.
    ///
    /// # Errors
    /// See [`CampaignError`].
    pub fn measure(&self, schedule: &Schedule) -> Result<Vec<Measurement>, CampaignError> {
        self.progress.begin(self.scenarios.len());
        let prices = prices(schedule);
        let tariff = Arc::new(Tariff::new(schedule).map_err(CampaignError::Tariff)?);
        self.scenarios
            .par_iter()
            .map(|scenario| {
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

    /// Everything a measurement depends on. The program itself is in it, because its code makes the blocks; what was
    /// executed is kept by input alone, so another build only makes the blocks again.
    fn key(&self, scenario: &Scenario, prices: &str) -> Key {
        Key::of(&[
            Key::program().as_bytes(),
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
        let mut measurement = Measurement {
            prover: self.prover.name().into(),
            scenario: scenario.id.clone(),
            operation: scenario.operation.clone(),
            iterations: 0,
            gas_used: 0,
            underfilled: None,
            usage: Usage::default(),
            cost: Err(Failure::OutputMismatch),
        };
        measurement.cost = match self.fill(&mut measurement, scenario, schedule, tariff) {
            Ok(cost) => Ok(cost),
            Err(Stop::Failure(failure)) => Err(failure),
            Err(Stop::Campaign(error)) => return Err(error),
        };
        self.keep("measurement", key, &measurement)?;
        Ok(measurement)
    }

    /// Puts the full block into `measurement`; its cost.
    fn fill(
        &self,
        measurement: &mut Measurement,
        scenario: &Scenario,
        schedule: &Schedule,
        tariff: Arc<Tariff>,
    ) -> Result<Cost, Stop> {
        let prepared = Prepared::new(scenario, schedule, tariff)?;
        let (block, size) = full(&prepared, self.limit)?;
        measurement.iterations = block.iterations;
        measurement.gas_used = block.gas_used;
        measurement.underfilled = block.underfilled;
        measurement.usage = block.usage;
        let prepared = RefCell::new(prepared);
        let run = |iterations| {
            let size = if iterations == block.iterations {
                size
            } else {
                Size::Iterations(iterations)
            };
            self.run(prepared.borrow_mut().block_with_input(size)?)
        };
        estimate(block.iterations, block.gas_used, &run)
    }

    /// Cycles of a block. Kept by content: the prover's version and every byte of the input.
    fn run(&self, block: BenchBlock) -> Result<u64, Stop> {
        let (Some(input), Some(hash)) = (block.input, block.block_hash) else {
            return Err(Stop::Failure(Failure::OutputMismatch));
        };
        let input = input.encode();
        let key = Key::of(&[
            self.prover.name().as_bytes(),
            self.prover.version().as_bytes(),
            &input,
        ]);
        let outcome = if let Some(known) = self.store.get("execution", key) {
            known
        } else {
            let outcome = self.prover.execute(&input);
            self.keep("execution", key, &outcome)
                .map_err(Stop::Campaign)?;
            outcome
        };
        let execution: Execution = outcome.map_err(Stop::Failure)?;
        check_output(&execution.public_values, hash).map_err(Stop::Failure)?;
        Ok(execution.total_num_cycles)
    }

    fn keep<T: Serialize>(&self, kind: &str, key: Key, entry: &T) -> Result<(), CampaignError> {
        let put = self.store.put(kind, key, entry);
        put.map_err(CampaignError::Store)
    }
}

/// What the full block is, and its size; it is executed only where that is quick. Where a single iteration takes more gas
/// than a block has, a block of that one: how much it is worth is the same question.
fn full(prepared: &Prepared<'_>, limit: Gas) -> Result<(BenchBlock, Size), BenchError> {
    match prepared.estimate(Size::Gas(limit)) {
        Err(BenchError::DoesNotFit(gas)) => {
            let mut block = prepared.estimate(Size::Iterations(1))?;
            block.underfilled = Some(format!(
                "one iteration takes {gas} gas, more than a block has"
            ));
            Ok((block, Size::Iterations(1)))
        }
        block => Ok((block?, Size::Gas(limit))),
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
    /// A result of this scenario.
    Failure(Failure),
    /// The end of the campaign.
    Campaign(CampaignError),
}

impl From<BenchError> for Stop {
    fn from(error: BenchError) -> Self {
        Self::Failure(Failure::NoBlock {
            reason: error.to_string(),
        })
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
        _ => Err(Failure::OutputMismatch),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
