//! The block of a scenario, taken apart.

use std::sync::Arc;

use super::profiled::{Profile, answered};
use crate::{
    bench::{BenchBlock, BenchError, Prepared, Scenario, Size},
    evm,
    gas::{Gas, Schedule},
    prove::{Failure, guest_input::Question},
};

/// A scenario's block, taken apart.
#[derive(Clone, Debug)]
pub struct ScenarioBlock {
    /// By all transactions.
    pub gas_used: Gas,
    /// Over all transactions.
    pub iterations: u64,
    /// Where its cost goes.
    pub profile: Profile,
    /// The same for a block on the same state without transactions.
    pub empty: Profile,
}

/// The block of this size of `scenario` under `schedule`; of one iteration where not even that fits.
///
/// # Errors
/// There is no such block, or the guest refuses it.
pub fn scenario_block(
    scenario: &Scenario,
    schedule: &Schedule,
    size: Size,
) -> Result<ScenarioBlock, Failure> {
    let tariff = evm::compile(schedule).map_err(|error| Failure::from(BenchError::from(error)))?;
    let mut prepared = Prepared::new(scenario, schedule, Arc::new(tariff))?;
    let empty = prepared.block_with_input(Size::Iterations(0))?;
    let block = match prepared.block_with_input(size) {
        Err(BenchError::DoesNotFit(_)) => prepared.block_with_input(Size::Iterations(1)),
        block => block,
    };
    let block = block?;
    Ok(ScenarioBlock {
        gas_used: block.gas_used,
        iterations: block.iterations,
        profile: of_block(&block)?,
        empty: of_block(&empty)?,
    })
}

fn of_block(block: &BenchBlock) -> Result<Profile, Failure> {
    answered(&Question::of(block).ok_or(Failure::OutputMismatch)?)
}
