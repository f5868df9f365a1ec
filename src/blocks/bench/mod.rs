//! Benchmark blocks: scenarios as data, regenerated under any schedule.
//!
//! A [`Scenario`] does one operation in a counted loop. [`build`] finds how many iterations fit into a block under a
//! schedule's prices, makes the block - signed transactions, state, receipts, roots - and executes it, recording what
//! it used. The same scenario, schedule and size make the same block, hash included.
//!
//! [`Twins`] makes the same block again under the fork's own prices, for guests that have those compiled in. Blocks of
//! others are in [`eest`](crate::eest).
//!
//! Invariants: no loop ends by running out of gas and none looks at the gas left; every transaction succeeds, and no
//! gas burns in a failing call; what was counted, at the schedule's prices, is the gas used, to the last unit.

mod affine;
mod asm;
mod calibrate;
mod cost;
mod data;
mod eest_coverage;
mod error;
mod forwarded;
mod keys;
mod lexer;
mod looping_contract;
#[cfg(test)]
mod meter_tests;
pub(crate) mod metered_evm;
mod operands;
mod planned_block;
mod prepared;
mod prestate;
mod scenario;
#[cfg(test)]
pub(crate) mod tests;
mod twin;
#[cfg(test)]
mod twin_tests;
mod tx;

use alloy_primitives::B256;
use rayon::prelude::*;
use std::sync::Arc;

use crate::{
    evm::{self, GuestInput},
    gas::{Gas, MeterFill, Schedule, Usage},
};

pub use eest_coverage::{Covered, coverage, matches};
pub(crate) use forwarded::forward;

pub use error::{BenchError, NotationError, ScenarioError};
pub use prepared::Prepared;
pub use scenario::{
    Scenario, Unmeasured, scenario, scenarios, scenarios_in, scenarios_of, unmeasured,
};
pub use twin::{StockBlock, TwinBlocks, Twins};

/// How large a block to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// As many iterations as fit into a block with this gas limit.
    Gas(Gas),
    /// This many iterations, in a block with the gas limit they need.
    Iterations(u64),
}

/// A scenario's block under a schedule.
#[derive(Clone, Debug, PartialEq)]
pub struct BenchBlock {
    /// The scenario's id.
    pub scenario: String,
    /// The schedule's operation that it stresses.
    pub operation: String,
    /// Iterations, over all transactions.
    pub iterations: u64,
    /// Of the block.
    pub gas_limit: Gas,
    /// By all transactions.
    pub gas_used: Gas,
    /// `gas_used / gas_limit`.
    pub fill: f64,
    /// Why the block is filled less than 99.5 %.
    pub underfilled: Option<String>,
    /// The meter that it fills most, however full its gas is; `None` where the schedule has no meters.
    pub meter: Option<MeterFill>,
    /// How many.
    pub transactions: usize,
    /// What it used, in the units that are priced.
    pub usage: Usage,
    /// Of the block; `None` if it was estimated and not executed.
    pub block_hash: Option<B256>,
    /// Block and witness, if asked for.
    pub input: Option<GuestInput>,
}

impl BenchBlock {
    /// The meter that ended the block; `None`: its gas did.
    pub fn ended_by(&self) -> Option<&str> {
        let meter = self.meter.as_ref();
        meter
            .filter(|meter| meter.fill > self.fill)
            .map(|meter| meter.meter.as_str())
    }
}

/// The block of `scenario` under `schedule`, executed, without the input for a guest.
///
/// # Errors
/// A schedule that cannot be charged, and those of [`Prepared::block`].
pub fn build(
    scenario: &Scenario,
    schedule: &Schedule,
    size: Size,
) -> Result<BenchBlock, BenchError> {
    prepare(scenario, schedule)?.block(size)
}

/// [`build`], with the input for a guest.
///
/// # Errors
/// Those of [`build`].
pub fn build_with_input(
    scenario: &Scenario,
    schedule: &Schedule,
    size: Size,
) -> Result<BenchBlock, BenchError> {
    prepare(scenario, schedule)?.block_with_input(size)
}

fn prepare<'a>(scenario: &'a Scenario, schedule: &'a Schedule) -> Result<Prepared<'a>, BenchError> {
    Prepared::new(scenario, schedule, Arc::new(evm::compile(schedule)?))
}

/// The full block of every scenario, executed, in parallel, without inputs.
///
/// # Errors
/// A schedule that cannot be charged; the others are per scenario.
pub fn regenerate(
    scenarios: &[&Scenario],
    schedule: &Schedule,
    gas_limit: Gas,
) -> Result<Vec<Result<BenchBlock, BenchError>>, BenchError> {
    each(scenarios, schedule, |mut prepared| {
        prepared.block(Size::Gas(gas_limit))
    })
}

/// The full block of every scenario, estimated from small ones: what [`regenerate`] gives, but for the hash, in a
/// fraction of the time.
///
/// # Errors
/// Those of [`regenerate`].
pub fn estimate(
    scenarios: &[&Scenario],
    schedule: &Schedule,
    gas_limit: Gas,
) -> Result<Vec<Result<BenchBlock, BenchError>>, BenchError> {
    each(scenarios, schedule, |prepared| {
        prepared.estimate(Size::Gas(gas_limit))
    })
}

fn each<T: Send>(
    scenarios: &[&Scenario],
    schedule: &Schedule,
    make: impl Fn(Prepared<'_>) -> Result<T, BenchError> + Sync,
) -> Result<Vec<Result<T, BenchError>>, BenchError> {
    let tariff = Arc::new(evm::compile(schedule)?);
    let of = |scenario: &&Scenario| make(Prepared::new(scenario, schedule, Arc::clone(&tariff))?);
    Ok(scenarios.par_iter().map(of).collect())
}
