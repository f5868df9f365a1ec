//! Measures every scenario's block under a schedule: regenerates it, runs the guest on it, keeps the result.
//!
//! A full block of a slow operation is billions of cycles. Where running it would take long, the cost is taken from
//! smaller blocks of the same scenario: cycles are deterministic and affine in the iteration count, so a line through
//! two counts, checked at a third outside the fit, gives the full block's. [`Basis`](super::Basis) says which it was.
//!
//! What an iteration costs does not depend on the prices, only how many fit. So the line is drawn once, under the prices
//! that all schedules of a family start from, and every other schedule's block only has to confirm it.
//!
//! Where time is measured, every block is run whole and several times, on servers side by side (`queue.rs`).

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use rayon::prelude::*;

use super::{
    Calibration, Failure, Measurement, Prover,
    fill::{Run, Stop},
    form::Ground,
    queue::{Job, Pending, on_servers, queue},
    relevant::{self, Used},
};
use crate::{
    bench::Scenario,
    evm::TariffError,
    gas::{Gas, Kind, Schedule},
    lang,
    store::{Key, Store},
};

/// Told how far a campaign is. Called from several threads.
pub trait Progress: Sync {
    /// So many blocks are about to be measured; each repeat counts.
    fn begin(&self, total: usize);
    /// One more is done.
    fn done(&self, scenario: &str);
    /// What they are run on; none where that is this machine's cores.
    fn servers(&self, _names: &[String]) {}
    /// A server begins with a block.
    fn started(&self, _server: usize, _scenario: &str) {}
    /// What a server does before it can go on with its block; nothing, when that is over.
    fn doing(&self, _server: usize, _what: &str) {}
    /// A server is through with its block, which was this part of all the work that had to be done.
    fn finished(&self, _server: usize, _failed: bool, _share: f64) {}
}

/// Tells nobody.
#[derive(Clone, Copy, Debug)]
pub struct Silent;

impl Progress for Silent {
    fn begin(&self, _: usize) {}
    fn done(&self, _: &str) {}
}

/// Why a campaign could not go on. What provers do is in the [`Measurement`]s instead.
#[derive(Debug)]
pub enum CampaignError {
    /// The schedule cannot be charged.
    Tariff(TariffError),
    /// The store cannot be written.
    Store(std::io::Error),
    /// No threads to be had.
    Threads(std::io::Error),
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
        let ground = Ground::new(schedule, self.root, stock).map_err(CampaignError::Tariff)?;
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
            Some(model.fixed_s + model.work_s(cost.cycles))
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
        let prices = |schedule| relevant::prices(schedule, used);
        self.key(scenario, &[&prices(schedule), &prices(self.root)])
    }

    /// Kept, or measured now from cycles.
    pub(super) fn measured(
        &self,
        server: usize,
        scenario: &Scenario,
        ground: &Ground<'_>,
    ) -> Result<Measurement, CampaignError> {
        let schedule = ground.charged.schedule;
        if let Some(known) = self.known(scenario, schedule) {
            return Ok(known);
        }
        let mut measurement = Measurement::of(scenario, self.prover.name());
        let run = Run { server, pass: 0 };
        measurement.cost = match self.count(run, &mut measurement, scenario, ground) {
            Ok(cost) => Ok(cost),
            Err(Stop::Failure(failure)) => Err(failure),
            Err(Stop::Campaign(error)) => return Err(error),
        };
        self.keep_measurement(&measurement, scenario, schedule)?;
        Ok(measurement)
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
            let mut measurement = Measurement::of(scenario, self.prover.name());
            let run = Run {
                server,
                pass: job.pass,
            };
            let outcome = match self.time(run, &mut measurement, scenario, ground) {
                Ok(execution) => Ok(execution),
                Err(Stop::Failure(failure)) => Err(failure),
                Err(Stop::Campaign(error)) => return Err(error),
            };
            lock().add(measurement, outcome);
        }
        let (finished, failed) = {
            let mut pending = lock();
            let failed = pending.has_failed();
            (pending.done(), failed)
        };
        if let Some(measurement) = &finished {
            self.keep_measurement(measurement, scenario, ground.charged.schedule)?;
        }
        Ok((finished, failed))
    }

    fn keep_measurement(
        &self,
        measurement: &Measurement,
        scenario: &Scenario,
        schedule: &Schedule,
    ) -> Result<(), CampaignError> {
        // Says nothing of the block: the next run asks again.
        if let Err(Failure::Transport { .. }) = measurement.cost {
            return Ok(());
        }
        // Why a block failed may depend on anything.
        let used = measurement
            .cost
            .is_ok()
            .then(|| relevant::used(&measurement.usage, &scenario.operation));
        let key = self.priced(scenario, schedule, used.as_ref());
        let kept = self.store.put("measurement", key, measurement);
        let kept = kept.and_then(|()| match used {
            Some(used) => self.store.add("used", self.key(scenario, &[]), &used),
            None => Ok(()),
        });
        kept.map_err(CampaignError::Store)
    }
}

fn is_precompile(schedule: &Schedule, scenario: &Scenario) -> bool {
    let entry = schedule.entry(&scenario.operation);
    entry.is_some_and(|entry| entry.kind == Kind::Precompile)
}
