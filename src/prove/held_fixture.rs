//! Blocks of others that prices have to hold beside the scenarios': fixtures, made again under these prices and run.
//!
//! A fixture's block is small, and takes once what a full block takes once, too: headers, code that is hashed, signatures. So it
//! is also made under prices that leave its transactions nothing for their first instruction, and what it costs beyond that is
//! judged by the gas that it uses beyond that.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use rayon::prelude::*;

use super::{
    BlockId, CampaignError, Configured, Cost, CostVector, Failure, MeasuredBlock, Measurement,
    Measuring, ProverId, fixture_block,
    queue::{Job, on_servers},
};
use crate::{
    eest::{self, Fixture, FixtureBlock},
    evm::{self, Tariff},
    gas::{Entry, Expr, Gas, GasParam, Part, Schedule, Usage},
    lang::Target,
};

/// Where less than one part in so many of a block's gas is for instructions, the block is about its transactions: nothing is taken
/// off.
const ABOUT_TRANSACTIONS: i64 = 10;

/// A fixture whose block is held.
#[derive(Clone, Debug)]
pub struct HeldFixture {
    /// What tables call it.
    pub name: String,
    /// The operation that it is a benchmark of.
    pub operation: String,
    /// The test.
    pub fixture: Fixture,
}

/// Blocks under a schedule, and fixtures that have none.
#[derive(Clone, Debug, Default)]
pub struct HeldBlocks {
    /// Those that were run.
    pub blocks: Vec<MeasuredBlock>,
    /// Why others have none under these prices, by name: their transactions cannot be sent.
    pub without: BTreeMap<String, String>,
}

/// What the operations of a fixture's block are, without what it takes once.
#[derive(Clone, Debug)]
pub struct FixtureWork {
    /// What they use.
    pub usage: Usage,
    /// Their gas.
    pub gas: Gas,
    /// What the whole block costs.
    all: Cost,
    /// What it costs before the first instruction; nothing where that is its work.
    once: Option<Cost>,
}

impl FixtureWork {
    /// What they cost.
    pub fn costs(&self) -> CostVector {
        let once = self.once.as_ref();
        once.map_or_else(
            || self.all.costs.clone(),
            |once| self.all.costs.without(&once.costs),
        )
    }

    /// Whether nothing is taken off: the block is about its transactions, or they differ too much.
    pub const fn is_whole(&self) -> bool {
        self.once.is_none()
    }

    /// The same, as what a block costs a prover that takes `fixed_s` seconds for an empty one.
    fn cost(&self, fixed_s: f64) -> Cost {
        let once = self.once.as_ref().and_then(|once| once.time_ms);
        let without = |ms: f64| once.map_or(ms, |once| (ms - once).max(0.0) + fixed_s * 1e3);
        Cost {
            costs: self.costs(),
            time_ms: self.all.time_ms.map(without),
            ..self.all.clone()
        }
    }
}

/// Runs a fixture's block as `schedule` makes it, and what of it a block takes once.
///
/// # Errors
/// Why there is no such block; in the result, what the prover did instead of accepting one.
pub fn fixture_work(
    run: &dyn Fn(FixtureBlock) -> Result<Cost, Failure>,
    fixture: &Fixture,
    (schedule, tariff): (&Schedule, &Arc<Tariff>),
) -> Result<Result<FixtureWork, Failure>, String> {
    let block = eest::block_under(fixture, tariff)?;
    let usage = block.usage.clone()?;
    let once = once(&usage, block.gas_used, schedule)?;
    let once = once.map(|dear| {
        let tariff = evm::compile(&dear).map_err(|error| error.to_string())?;
        eest::block_under(fixture, &Arc::new(tariff))
    });
    // Transactions that differ much are not all left nothing by one price: their block counts as it is.
    let once = once.and_then(Result::ok);
    let used = once.as_ref().map(|once| once.usage.clone()).transpose()?;
    let mut own = usage;
    if let Some(once) = &used {
        own = own.without(once);
    }
    let gas = schedule.gas(&own).map_err(|error| error.to_string())?;
    let gas = Gas::try_from(gas).map_err(|_| "it gives back more gas than it takes")?;
    let outcome = || {
        let all = run(block)?;
        let once = once.map(run).transpose()?;
        Ok(FixtureWork {
            usage: own,
            gas: gas.max(1),
            all,
            once,
        })
    };
    Ok(outcome())
}

/// Prices at which transactions have nothing left when they begin; nothing where a block is about its transactions.
fn once(usage: &Usage, gas_used: Gas, schedule: &Schedule) -> Result<Option<Schedule>, String> {
    let price = |param: &GasParam| {
        let price = schedule.price(param).map_err(|error| error.to_string());
        i64::try_from(price?).map_err(|error| error.to_string())
    };
    let mut intrinsic = 0;
    let mut transactions = 0;
    for (param, count) in &usage.counts {
        let operation = param.operation.as_str();
        if operation.starts_with("TX_") && !operation.starts_with("TX_FLOOR") {
            intrinsic += count * price(param)?;
        }
        if operation == "TX_BASE" {
            transactions += count;
        }
    }
    let used = i64::try_from(gas_used).map_err(|error| error.to_string())?;
    let left = used - intrinsic;
    if transactions == 0 || left < used / ABOUT_TRANSACTIONS {
        return Ok(None);
    }
    let whole = |operation: &str| GasParam {
        operation: operation.into(),
        part: Part::Whole,
    };
    let mut dear = schedule.clone();
    let base = price(&whole("TX_BASE"))? + left / transactions;
    // The floor refers to the base.
    let floor = price(&whole("TX_FLOOR_BASE")).ok();
    for (name, price) in [("TX_BASE", Some(base)), ("TX_FLOOR_BASE", floor)] {
        if let (Some(entry), Some(price)) = (schedule.entry(name), price) {
            let price = Gas::try_from(price).map_err(|error| error.to_string())?;
            dear.insert(Entry {
                expr: Expr::number(price),
                ..entry.clone()
            });
        }
    }
    Ok(Some(dear))
}

impl Measuring<'_> {
    /// Every fixture's block under `schedule`, for each of `targets` on each of its provers.
    ///
    /// # Errors
    /// A schedule that cannot be charged, a store that cannot be written, or a prover that cannot be reached.
    pub fn held(
        &self,
        fixtures: &[HeldFixture],
        schedule: &Schedule,
        targets: &[Target],
    ) -> Result<HeldBlocks, CampaignError> {
        let tariff = Arc::new(evm::compile(schedule).map_err(CampaignError::Tariff)?);
        let mut all = HeldBlocks::default();
        for (at, target) in targets.iter().enumerate() {
            for configured in self.provers {
                if configured.counts_for(target) {
                    self.hold(fixtures, (schedule, &tariff), (configured, at), &mut all)?;
                }
            }
        }
        Ok(all)
    }

    fn hold(
        &self,
        fixtures: &[HeldFixture],
        prices: (&Schedule, &Arc<Tariff>),
        (configured, target): (&Configured, usize),
        all: &mut HeldBlocks,
    ) -> Result<(), CampaignError> {
        let found = Mutex::new(Vec::new());
        let one = |server: usize, at: usize| {
            let held = &fixtures[at];
            let run = |block: FixtureBlock| {
                let question = block.question(None);
                let question = question.map_err(|reason| Failure::NoBlock { reason })?;
                fixture_block((&*configured.prover, self.store), server, question)
            };
            let work = fixture_work(&run, &held.fixture, prices);
            self.progress.done(&held.name);
            let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
            found.push((at, work));
        };
        let servers = configured.prover.servers();
        self.progress.begin(fixtures.len());
        self.progress.servers(&servers);
        if servers.is_empty() {
            (0..fixtures.len())
                .into_par_iter()
                .for_each(|at| one(0, at));
        } else {
            let job = |at| Job {
                at,
                pass: 0,
                share: 0.0,
            };
            let jobs = (0..fixtures.len()).map(job).collect();
            on_servers(servers.len(), jobs, &|server, job| {
                one(server, job.at);
                Ok(())
            })?;
        }
        let mut found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
        found.sort_by_key(|(at, _)| *at);
        let lost = |(_, work): &&(usize, Result<Result<_, Failure>, _>)| {
            matches!(work, Ok(Err(Failure::Transport { .. })))
        };
        let unreached = found.iter().filter(lost).count();
        for (at, work) in found {
            let held = &fixtures[at];
            match work {
                Ok(Err(first @ Failure::Transport { .. })) => {
                    return Err(CampaignError::Unreached {
                        blocks: unreached,
                        of: fixtures.len(),
                        first,
                    });
                }
                Ok(work) => {
                    let measurement = measurement(held, work, configured, prices.0);
                    let seconds = MeasuredBlock::of(measurement, &configured.calibration, target);
                    all.blocks.push(seconds);
                }
                Err(why) => {
                    all.without.insert(held.name.clone(), why);
                }
            }
        }
        Ok(())
    }
}

/// A fixture's block as a campaign would tell it; without figures where the prover failed.
fn measurement(
    held: &HeldFixture,
    work: Result<FixtureWork, Failure>,
    configured: &Configured,
    schedule: &Schedule,
) -> Measurement {
    let id = BlockId {
        scenario: held.name.clone(),
        operation: held.operation.clone(),
        prover: ProverId::of(configured.prover.name()),
    };
    match work {
        Ok(work) => Measurement {
            id,
            iterations: 1,
            gas_used: work.gas,
            underfilled: None,
            // A schedule whose meters cannot be counted was refused when it was loaded.
            meter: schedule.fullest_meter(&work.usage).ok().flatten(),
            cost: Ok(work.cost(configured.calibration.fixed_s)),
            usage: work.usage,
        },
        Err(failure) => Measurement::of(id, None, Err(failure)),
    }
}
