//! Measures every scenario's block under a schedule: regenerates it, runs the guest on it, keeps the result.
//!
//! A full block of a slow operation is billions of cycles. Where running it would take long, the cost is taken from
//! smaller blocks of the same scenario: cycles are deterministic and affine in the iteration count, so a line through
//! two counts, checked at a third outside the fit, gives the full block's. [`Basis`](super::Basis) says which it was.
//!
//! What an iteration costs does not depend on the prices, only how many fit. So the line is drawn once, under the prices
//! that all schedules of a family start from, and every other schedule's block only has to confirm it. Under a fork's own
//! prices the built-in guest's costs ship with the tool (`shipped.rs`).
//!
//! Where time is measured, every block is run whole and several times, on servers side by side (`queue.rs`).

use std::{
    cell::RefCell,
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use rayon::prelude::*;

use super::{
    BlockId, Calibration, Cost, CostVector, Execution, Failure, Measurement, Progress, Prover,
    ProverId, Silent,
    block_key::{self, Used},
    confirm::{Known, confirm},
    estimate::{self, Detail, Full, Ran, estimate},
    guest_input::{Ground, Maker},
    one_block::{Run, Runner, empty, full},
    queue::{Job, Pending, on_servers, queue},
    shipped,
    stop::{CampaignError, Stop, outcome},
};
use crate::{
    bench::{BenchBlock, BenchError, Scenario, Size},
    gas::{Gas, Kind, Schedule},
    lang,
    store::{Key, Store},
};

/// What is measured, and where results are kept.
#[derive(Clone)]
pub struct Campaign<'a> {
    /// The prover.
    pub prover: &'a dyn Prover,
    /// Another one, that is quick and whose cycles say how long this one will take.
    pub forecast: Option<&'a dyn Prover>,
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

impl Campaign<'_> {
    /// Every scenario's block under `schedule`, in the scenarios' order.
    ///
    /// # Errors
    /// See [`CampaignError`].
    pub fn measure(&self, schedule: &Schedule) -> Result<Vec<Measurement>, CampaignError> {
        let mut all = self.kept(schedule);
        let unknown = (0..all.len()).filter(|at| all[*at].is_none());
        let unknown: Vec<usize> = unknown.collect();
        let (repeats, jobs) = if unknown.is_empty() {
            (1, Vec::new())
        } else {
            self.jobs(schedule, &unknown)?
        };
        let servers = self.prover.servers();
        self.progress.begin(all.len() - unknown.len() + jobs.len());
        self.progress.servers(&servers);
        for (scenario, _) in self
            .scenarios
            .iter()
            .zip(&all)
            .filter(|(_, one)| one.is_some())
        {
            self.progress.done(&scenario.id);
        }
        let stock = lang::fork_schedule(schedule.fork);
        let mut ground = Ground::new(schedule, self.root, stock).map_err(CampaignError::Tariff)?;
        if !jobs.is_empty() && !self.prover.is_timed() {
            let of_root = ground.of_root();
            ground.charged.empty = self.empty(&ground)?;
            if let (Some(root), Some(of_root)) = (&mut ground.root, of_root) {
                root.empty = self.empty(&of_root)?;
            }
        }
        let pending = |at: &usize| (*at, Mutex::new(Pending::new(repeats)));
        let pending: BTreeMap<usize, Mutex<Pending>> = unknown.iter().map(pending).collect();
        let found = Mutex::new(Vec::new());
        let one = |server: usize, job: Job| {
            let scenario = self.scenarios[job.at];
            self.progress.started(server, &scenario.id);
            let (measurement, failed) = if self.prover.is_timed() {
                self.repeat(server, job, &ground, &pending[&job.at])?
            } else {
                let measurement = self.measured(server, scenario, &ground)?;
                let failed = measurement.cost.is_err();
                (Some(measurement), failed)
            };
            self.progress.finished(server, failed, job.share);
            self.progress.done(&scenario.id);
            if let Some(measurement) = measurement {
                let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
                found.push((job.at, measurement));
            }
            Ok(())
        };
        if servers.is_empty() {
            let all = jobs.into_iter().par_bridge();
            all.try_for_each(|job| one(0, job))?;
        } else {
            on_servers(servers.len(), jobs, &one)?;
        }
        for (at, measurement) in found.into_inner().unwrap_or_else(PoisonError::into_inner) {
            all[at] = Some(measurement);
        }
        Ok(all.into_iter().flatten().collect())
    }

    /// What the store has of [`Self::measure`], by scenario; nothing is run.
    pub fn kept(&self, schedule: &Schedule) -> Vec<Option<Measurement>> {
        let kept = |scenario: &&Scenario| self.known(scenario, schedule);
        self.scenarios.par_iter().map(kept).collect()
    }

    /// How often each of these is run, and in which order.
    fn jobs(
        &self,
        schedule: &Schedule,
        unknown: &[usize],
    ) -> Result<(u32, Vec<Job>), CampaignError> {
        let expected = self.expected(schedule, unknown)?;
        let named = unknown.iter().zip(expected);
        let blocks: Vec<(usize, &str, f64)> = named
            .map(|(at, expected)| (*at, self.scenarios[*at].id.as_str(), expected))
            .collect();
        let repeats = if self.prover.is_timed() {
            self.prover.repeats().max(1)
        } else {
            1
        };
        Ok((repeats, queue(&blocks, repeats)))
    }

    /// How long blocks will take, in any unit.
    fn expected(&self, schedule: &Schedule, of: &[usize]) -> Result<Vec<f64>, CampaignError> {
        let Some(forecast) = self.forecast else {
            // Precompiles take an executor longest.
            let weight = |at: &usize| {
                if is_precompile(schedule, self.scenarios[*at]) {
                    2.0
                } else {
                    1.0
                }
            };
            return Ok(of.iter().map(weight).collect());
        };
        let campaign = Campaign {
            prover: forecast,
            forecast: None,
            scenarios: of.iter().map(|at| self.scenarios[*at]).collect(),
            progress: &Silent,
            ..self.clone()
        };
        // Another zkVM on other hardware: what matters is which take longer, and about how much.
        let model = Calibration::sp1_l40s();
        let seconds = |one: &Measurement| {
            let cost = one.cost.as_ref().ok()?;
            Some(model.fixed_s + model.work_s(&cost.costs)?)
        };
        let known = campaign.measure(schedule)?;
        let known: Vec<Option<f64>> = known.iter().map(seconds).collect();
        // What does not run there may be long.
        let longest = known.iter().flatten().copied().fold(1.0, f64::max);
        Ok(known.iter().map(|one| one.unwrap_or(longest)).collect())
    }

    /// The measurement of a block with the same prices, wherever it was made.
    fn known(&self, scenario: &Scenario, schedule: &Schedule) -> Option<Measurement> {
        let priced = |used: Option<&Used>| {
            let key = self.priced(scenario, schedule, used);
            self.store.get("measurement", key)
        };
        let used: Vec<Used> = self.store.all("used", self.key(scenario, &[]));
        let mut found = used.iter().map(|used| priced(Some(used)));
        found.find_map(|one| one).or_else(|| priced(None))
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
        let prices = |schedule| block_key::prices(schedule, used);
        self.key(scenario, &[&prices(schedule), &prices(self.root)])
    }

    /// Kept, or measured now by counting.
    fn measured(
        &self,
        server: usize,
        scenario: &Scenario,
        ground: &Ground<'_>,
    ) -> Result<Measurement, CampaignError> {
        let schedule = ground.charged.schedule;
        if let Some(known) = self.known(scenario, schedule) {
            return Ok(known);
        }
        let measurement = self.count(server, scenario, ground)?;
        self.keep_measurement(&measurement, scenario, schedule);
        Ok(measurement)
    }

    /// What a block of no transactions costs; nothing where the guest does not run it.
    fn empty(&self, ground: &Ground<'_>) -> Result<CostVector, CampaignError> {
        let run = Run { server: 0, pass: 0 };
        let ran = outcome(empty(self.runner(), run, ground, Detail::All))?;
        Ok(ran.map(|run| run.costs).unwrap_or_default())
    }

    /// The full block and its cost, counted.
    fn count(
        &self,
        server: usize,
        scenario: &Scenario,
        ground: &Ground<'_>,
    ) -> Result<Measurement, CampaignError> {
        let id = self.id(scenario);
        let (maker, block, size) = match self.full_block(scenario, ground) {
            Ok(made) => made,
            Err(error) => return Ok(Measurement::of(id, None, Err(error.into()))),
        };
        let full = Full {
            iterations: block.iterations,
            gas: block.gas_used,
            transactions: block.transactions as u64,
            is_precompile: is_precompile(ground.charged.schedule, scenario),
        };
        let maker = RefCell::new(maker);
        let run = |count, detail| {
            let size = if count == full.iterations {
                size
            } else {
                Size::Iterations(count)
            };
            self.ran(server, &maker, size, detail)
        };
        let cost = || {
            if let Some(cost) = self.shipped(scenario, ground, &block) {
                return Ok(cost);
            }
            match self.confirmed(server, scenario, ground, (&block, full), &run)? {
                Some(cost) => Ok(cost),
                None => estimate(full, &ground.charged.empty, &run),
            }
        };
        let cost = outcome(cost())?;
        Ok(Measurement::of(id, Some(block), cost))
    }

    /// What a full block costs, if that ships. Who keeps nothing wants it counted.
    fn shipped(
        &self,
        scenario: &Scenario,
        ground: &Ground<'_>,
        block: &BenchBlock,
    ) -> Option<Cost> {
        let asked = self.store.folder().is_some() && ground.root.is_none();
        asked.then(|| shipped::cost(&scenario.id, self.counted_key(scenario), block))?
    }

    /// Everything that a count under the root's prices depends on besides how the tool makes blocks.
    pub(super) fn counted_key(&self, scenario: &Scenario) -> Key {
        Key::of(&[
            self.prover.name().as_bytes(),
            self.prover.version().as_bytes(),
            self.prover.counting().as_bytes(),
            scenario.content().as_bytes(),
            &self.limit.to_le_bytes(),
            block_key::prices(self.root, None).as_bytes(),
        ])
    }

    /// What a full block costs by what it costs under the root's prices, if that tells.
    fn confirmed(
        &self,
        server: usize,
        scenario: &Scenario,
        ground: &Ground<'_>,
        (block, full): (&BenchBlock, Full),
        run: estimate::Run<'_, Stop>,
    ) -> Result<Option<Cost>, Stop> {
        let Some(root) = ground.of_root() else {
            return Ok(None);
        };
        let other = self
            .measured(server, scenario, &root)
            .map_err(Stop::Campaign)?;
        let Ok(cost) = &other.cost else {
            return Ok(None);
        };
        let maker = Maker::new(self.prover.form(), scenario, &root)?;
        let maker = RefCell::new(maker);
        let known = Known {
            cost,
            iterations: other.iterations,
            is_same: other.iterations == block.iterations
                && other.usage.counts == block.usage.counts,
            empty: [&ground.charged.empty, &root.charged.empty],
            run: &|count, detail| self.ran(server, &maker, Size::Iterations(count), detail),
        };
        confirm(&known, full, run)
    }

    /// The guest on a block of this size.
    fn ran(
        &self,
        server: usize,
        maker: &RefCell<Maker<'_>>,
        size: Size,
        detail: Detail,
    ) -> Result<Ran, Stop> {
        let transactions = maker.borrow().estimate(size)?.transactions as u64;
        let question = maker.borrow_mut().question(size)?;
        let run = Run { server, pass: 0 };
        let costs = self.runner().run(run, &question, detail)?.costs;
        Ok(Ran {
            costs,
            transactions,
        })
    }

    /// The full block, and what one run of it took. What was timed has noise: no line is drawn.
    fn time(
        &self,
        run: Run,
        scenario: &Scenario,
        ground: &Ground<'_>,
    ) -> Result<(Option<BenchBlock>, Result<Execution, Failure>), CampaignError> {
        let (mut maker, block, size) = match self.full_block(scenario, ground) {
            Ok(made) => made,
            Err(error) => return Ok((None, Err(error.into()))),
        };
        let question = maker.question(size).map_err(Stop::from);
        let execution =
            question.and_then(|question| self.runner().run(run, &question, Detail::All));
        Ok((Some(block), outcome(execution)?))
    }

    /// What makes blocks of a scenario, and which of them is full.
    fn full_block<'g>(
        &self,
        scenario: &'g Scenario,
        ground: &Ground<'g>,
    ) -> Result<(Maker<'g>, BenchBlock, Size), BenchError> {
        let maker = Maker::new(self.prover.form(), scenario, ground)?;
        let (block, size) = full(&maker, self.limit)?;
        Ok((maker, block, size))
    }

    fn runner(&self) -> Runner<'_> {
        Runner {
            prover: self.prover,
            store: self.store,
            progress: self.progress,
        }
    }

    fn id(&self, scenario: &Scenario) -> BlockId {
        BlockId {
            scenario: scenario.id.clone(),
            operation: scenario.operation.clone(),
            prover: ProverId::of(self.prover.name()),
        }
    }

    /// One of the repeats of a block; the measurement when it was the last. And whether it failed.
    fn repeat(
        &self,
        server: usize,
        job: Job,
        ground: &Ground<'_>,
        pending: &Mutex<Pending>,
    ) -> Result<(Option<Measurement>, bool), CampaignError> {
        let scenario = self.scenarios[job.at];
        let lock = || pending.lock().unwrap_or_else(PoisonError::into_inner);
        if !lock().has_failed() {
            let run = Run {
                server,
                pass: job.pass,
            };
            let (block, outcome) = self.time(run, scenario, ground)?;
            lock().add(block, outcome);
        }
        let (finished, failed) = {
            let mut pending = lock();
            let failed = pending.has_failed();
            (pending.done(self.id(scenario)), failed)
        };
        if let Some(measurement) = &finished {
            self.keep_measurement(measurement, scenario, ground.charged.schedule);
        }
        Ok((finished, failed))
    }

    fn keep_measurement(
        &self,
        measurement: &Measurement,
        scenario: &Scenario,
        schedule: &Schedule,
    ) {
        // Says nothing of the block: the next run asks again.
        if let Err(Failure::Transport { .. }) = measurement.cost {
            return;
        }
        // Why a block failed may depend on anything.
        let used = measurement
            .cost
            .is_ok()
            .then(|| block_key::used(&measurement.usage, &scenario.operation));
        let key = self.priced(scenario, schedule, used.as_ref());
        self.store.put("measurement", key, measurement);
        if let Some(used) = used {
            self.store.add("used", self.key(scenario, &[]), &used);
        }
    }
}

fn is_precompile(schedule: &Schedule, scenario: &Scenario) -> bool {
    let entry = schedule.entry(&scenario.operation);
    entry.is_some_and(|entry| entry.kind == Kind::Precompile)
}
