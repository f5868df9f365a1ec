//! Measures every scenario's block under a schedule: regenerates it, runs the guest on it, keeps the result.
//!
//! A full block of a slow operation is billions of cycles. Where running it would take long, the cost is taken from
//! smaller blocks of the same scenario: cycles are deterministic and affine in the iteration count, so a line through
//! two counts, checked at a third outside the fit, gives the full block's. [`Basis`] says which it was.
//!
//! What an iteration costs does not depend on the prices, only how many fit. So the line is drawn once, under the prices
//! that all schedules of a family start from, and every other schedule's block only has to confirm it.

use std::{cell::RefCell, sync::Arc};

use rayon::{ThreadPoolBuilder, prelude::*};
use serde::Serialize;

use super::{
    Basis, Cost, Execution, Failure, Measurement, Prover,
    estimate::{confirm, estimate},
    output::check_output,
    relevant::{self, Used},
};
use crate::{
    bench::{BenchBlock, BenchError, Prepared, Scenario, Size, scenarios},
    evm::{Tariff, TariffError},
    gas::{Gas, Kind, Schedule, Usage},
    store::{Key, Store},
};

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
    /// No threads to be had.
    Threads(String),
}

impl std::fmt::Display for CampaignError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Tariff(error) => write!(f, "{error}"),
            Self::Store(error) => write!(f, "cannot write the cache: {error}"),
            Self::Threads(error) => write!(f, "cannot start threads: {error}"),
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
    /// The prices under which cost lines are drawn: those that the measured schedules start from.
    pub root: &'a Schedule,
    /// Told about every scenario.
    pub progress: &'a dyn Progress,
}

/// A schedule, ready to be charged.
struct Charged<'a> {
    schedule: &'a Schedule,
    tariff: Arc<Tariff>,
}

impl<'a> Charged<'a> {
    fn new(schedule: &'a Schedule) -> Result<Self, CampaignError> {
        let tariff = Tariff::new(schedule).map_err(CampaignError::Tariff)?;
        Ok(Self {
            schedule,
            tariff: Arc::new(tariff),
        })
    }
}

impl Campaign<'_> {
    /// Every scenario's block under `schedule`, in the scenarios' order.
    ///
    /// # Errors
    /// See [`CampaignError`].
    pub fn measure(&self, schedule: &Schedule) -> Result<Vec<Measurement>, CampaignError> {
        self.progress.begin(self.scenarios.len());
        let same = relevant::prices(schedule, None) == relevant::prices(self.root, None);
        let root = if same {
            None
        } else {
            Some(Charged::new(self.root)?)
        };
        let charged = Charged::new(schedule)?;
        let measure = |at: usize| {
            let measurement = self.measured(self.scenarios[at], &charged, root.as_ref())?;
            self.progress.done(&self.scenarios[at].id);
            Ok((at, measurement))
        };
        // Precompiles take the executor longest: one of them begun last would have all other cores wait.
        let mut order: Vec<usize> = (0..self.scenarios.len()).collect();
        order.sort_by_key(|at| !is_precompile(schedule, self.scenarios[*at]));
        let all = || {
            let measured = order.into_iter().par_bridge().map(measure);
            measured.collect::<Result<Vec<_>, _>>()
        };
        let mut measured = match self.prover.slots() {
            None => all()?,
            // These threads wait for servers.
            Some(slots) => ThreadPoolBuilder::new()
                .num_threads(slots)
                .build()
                .map_err(|error| CampaignError::Threads(error.to_string()))?
                .install(all)?,
        };
        measured.sort_by_key(|(at, _)| *at);
        Ok(measured.into_iter().map(|(_, one)| one).collect())
    }

    /// What the store has of [`Self::measure`], by scenario; nothing is run.
    pub fn kept(&self, schedule: &Schedule) -> Vec<Option<Measurement>> {
        let kept = |scenario: &&Scenario| self.known(scenario, schedule);
        self.scenarios.iter().map(kept).collect()
    }

    /// The measurement of a block with the same prices, wherever it was made.
    fn known(&self, scenario: &Scenario, schedule: &Schedule) -> Option<Measurement> {
        let used: Option<Used> = self.store.get("used", self.key(scenario, &[]));
        let priced = |used: Option<&Used>| {
            let key = self.priced(scenario, schedule, used);
            self.store.get("measurement", key)
        };
        used.and_then(|used| priced(Some(&used)))
            .or_else(|| priced(None))
    }

    /// Everything a scenario's blocks depend on besides prices. The program itself is in it, because its code makes the
    /// blocks; what was executed is kept by input alone, so another build only makes the blocks again.
    fn key(&self, scenario: &Scenario, more: &[&str]) -> Key {
        let (program, content, version) =
            (Key::program(), scenario.content(), self.prover.version());
        let limit = self.limit.to_le_bytes();
        let mut parts = vec![
            &program.as_bytes()[..],
            self.prover.name().as_bytes(),
            version.as_bytes(),
            content.as_bytes(),
            &limit,
        ];
        parts.extend(more.iter().map(|text| text.as_bytes()));
        Key::of(&parts)
    }

    fn priced(&self, scenario: &Scenario, schedule: &Schedule, used: Option<&Used>) -> Key {
        let prices = |schedule| relevant::prices(schedule, used);
        self.key(scenario, &[&prices(schedule), &prices(self.root)])
    }

    /// Kept, or measured now. `root` is where the cost line comes from, if not from this schedule's own blocks.
    fn measured(
        &self,
        scenario: &Scenario,
        charged: &Charged<'_>,
        root: Option<&Charged<'_>>,
    ) -> Result<Measurement, CampaignError> {
        if let Some(known) = self.known(scenario, charged.schedule) {
            return Ok(known);
        }
        let line = match root {
            None => None,
            // What was timed has noise, and is not continued.
            Some(_) if self.prover.proves() => None,
            Some(root) => line(&self.measured(scenario, root, None)?),
        };
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
        measurement.cost = match self.fill(&mut measurement, scenario, charged, line) {
            Ok(cost) => Ok(cost),
            Err(Stop::Failure(failure)) => Err(failure),
            Err(Stop::Campaign(error)) => return Err(error),
        };
        // Says nothing of the block: the next run asks again.
        if let Err(Failure::Transport { .. }) = measurement.cost {
            return Ok(measurement);
        }
        // Why a block failed may depend on anything.
        let used = measurement
            .cost
            .is_ok()
            .then(|| relevant::used(&measurement.usage, &scenario.operation));
        let key = self.priced(scenario, charged.schedule, used.as_ref());
        self.keep("measurement", key, &measurement)?;
        if let Some(used) = used {
            self.keep("used", self.key(scenario, &[]), &used)?;
        }
        Ok(measurement)
    }

    /// Puts the full block into `measurement`; its cost.
    fn fill(
        &self,
        measurement: &mut Measurement,
        scenario: &Scenario,
        charged: &Charged<'_>,
        line: Option<[(u64, u64); 2]>,
    ) -> Result<Cost, Stop> {
        let prepared = Prepared::new(scenario, charged.schedule, Arc::clone(&charged.tariff))?;
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
        if self.prover.proves() {
            return Ok(Cost::of(&run(block.iterations)?));
        }
        let cycles = |iterations| Ok(run(iterations)?.total_num_cycles);
        if let Some(points) = line
            && let Some(cost) = confirm(points, block.iterations, block.gas_used, &cycles)?
        {
            return Ok(cost);
        }
        estimate(block.iterations, block.gas_used, &cycles)
    }

    /// What running a block took. Kept by content: the prover's version and every byte of the input.
    fn run(&self, block: BenchBlock) -> Result<Execution, Stop> {
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
            if !matches!(outcome, Err(Failure::Transport { .. })) {
                self.keep("execution", key, &outcome)
                    .map_err(Stop::Campaign)?;
            }
            outcome
        };
        let execution: Execution = outcome.map_err(Stop::Failure)?;
        check_output(&execution.public_values, hash).map_err(Stop::Failure)?;
        Ok(execution)
    }

    fn keep<T: Serialize>(&self, kind: &str, key: Key, entry: &T) -> Result<(), CampaignError> {
        let put = self.store.put(kind, key, entry);
        put.map_err(CampaignError::Store)
    }
}

/// What running an empty block takes, kept like any other.
///
/// # Errors
/// See [`Failure`]; a store that cannot be written is told as one.
pub fn empty_block(
    prover: &dyn Prover,
    store: &Store,
    schedule: &Schedule,
) -> Result<Execution, Failure> {
    struct Silent;
    impl Progress for Silent {
        fn begin(&self, _: usize) {}
        fn done(&self, _: &str) {}
    }
    let campaign = Campaign {
        prover,
        store,
        scenarios: Vec::new(),
        limit: 0,
        root: schedule,
        progress: &Silent,
    };
    let outcome = || {
        // Without iterations, one scenario's block is as empty as another's.
        let scenario = &scenarios()[0];
        let charged = Charged::new(schedule).map_err(Stop::Campaign)?;
        let mut prepared = Prepared::new(scenario, schedule, charged.tariff)?;
        campaign.run(prepared.block_with_input(Size::Iterations(0))?)
    };
    outcome().map_err(|stop| match stop {
        Stop::Failure(failure) => failure,
        Stop::Campaign(error) => Failure::Transport {
            reason: error.to_string(),
        },
    })
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

fn is_precompile(schedule: &Schedule, scenario: &Scenario) -> bool {
    let entry = schedule.entry(&scenario.operation);
    entry.is_some_and(|entry| entry.kind == Kind::Precompile)
}

/// The points of the line that a block's cost lies on.
fn line(measurement: &Measurement) -> Option<[(u64, u64); 2]> {
    match measurement.cost.as_ref().ok()?.basis {
        Basis::Affine { points, .. } => Some(points),
        Basis::Whole => None,
    }
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
