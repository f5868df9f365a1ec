//! Work-equivalent blocks for guests whose prices are compiled in: the same transactions under the fork's own prices.
//!
//! A scenario's block under a schedule has a twin: what ran is the same to the last unit, but header, receipts and roots
//! are those of the fork. Time to prove the twin, set against the block's gas, is the schedule's throughput.

use alloy_consensus::{Block, TxEnvelope};
use alloy_eips::eip7685::Requests;
use alloy_primitives::{Address, Bytes};
use std::sync::Arc;

use super::{
    BenchBlock, BenchError, Scenario, Size,
    affine::Metered,
    planned_block::{Bench, Outcome, Plan},
    prepared::Prepared,
    tx::Slot,
};
use crate::{
    evm::{GenesisAccount, GuestInput, Tariff, Used},
    gas::{Gas, Schedule, Usage},
};

/// A scenario ready to make blocks under a schedule with their twins under the fork's own prices.
#[derive(Debug)]
pub struct Twins<'a> {
    candidate: Prepared<'a>,
    stock: Prepared<'a>,
}

/// A block under a schedule, and its twin.
#[derive(Clone, Debug)]
pub struct TwinBlocks {
    /// Under the schedule: its gas is what the throughput counts.
    pub candidate: BenchBlock,
    /// Under the fork's own prices: what a stock guest accepts.
    pub stock: StockBlock,
}

/// A block under the fork's own prices.
#[derive(Clone, Debug)]
pub struct StockBlock {
    /// The block.
    pub block: Block<TxEnvelope>,
    /// Of the block: at least the schedule's, more where the fork's prices are above the schedule's.
    pub gas_limit: Gas,
    /// By all transactions.
    pub gas_used: Gas,
    /// Transactions whose gas limit had to be raised above that of the block under the schedule.
    pub raised: usize,
    /// EIP-7685.
    pub requests: Requests,
    /// RLP of the block access list (EIP-7928); `None` before Amsterdam.
    pub block_access_list: Option<Bytes>,
    /// Executions and units.
    pub work: Usage,
    /// Block and witness.
    pub input: GuestInput,
}

impl<'a> Twins<'a> {
    /// Finds what the scenario's iterations cost under `schedule` and under `stock`, the fork's own prices; each comes
    /// with its tariff.
    ///
    /// # Errors
    /// Those of [`Prepared::new`], under either.
    pub fn new(
        scenario: &'a Scenario,
        schedule: (&'a Schedule, Arc<Tariff>),
        stock: (&'a Schedule, Arc<Tariff>),
    ) -> Result<Self, BenchError> {
        let bench = Bench::new(scenario, schedule.0, schedule.1, false)?;
        let stock = Prepared::calibrated(bench.repriced(stock.0, stock.1))?;
        let mut candidate = Prepared::calibrated(bench)?;
        candidate.bound(stock.most_iterations()?);
        Ok(Self { candidate, stock })
    }

    /// The accounts before the last block that was made; of a deep state ([`Scenario::is_deep`]), those that it touches.
    ///
    /// # Errors
    /// The scenario cannot be written down.
    pub fn state(&self) -> Result<Vec<(Address, GenesisAccount)>, BenchError> {
        self.candidate.state()
    }

    /// What the block of this size under the schedule would be, without executing it.
    ///
    /// # Errors
    /// Those of [`Prepared::estimate`].
    pub fn estimate(&self, size: Size) -> Result<BenchBlock, BenchError> {
        self.candidate.estimate(size)
    }

    /// Makes the state that blocks of this size are built on, ahead of them.
    ///
    /// # Errors
    /// Those of [`Prepared::estimate`].
    pub fn lay_out(&mut self, size: Size) -> Result<(), BenchError> {
        self.candidate.lay_out(size)
    }

    /// The block of this size under the schedule, and its twin.
    ///
    /// # Errors
    /// Those of [`Prepared::block`]; also where what runs depends on prices.
    pub fn blocks(&mut self, size: Size) -> Result<TwinBlocks, BenchError> {
        let (candidate, plan, work) = self.candidate.make_planned(size)?;
        let (plan, raised) = self.stock_plan(plan)?;
        let (outcome, input) = self.stock.run_on_state_of(&self.candidate, &plan)?;
        compare(&work, &outcome.units.work)?;
        let Outcome {
            used,
            requests,
            block_access_list,
            units: Used { work, .. },
            decoded,
            ..
        } = outcome;
        Ok(TwinBlocks {
            candidate,
            stock: StockBlock {
                block: decoded,
                gas_limit: plan.gas_limit,
                gas_used: used,
                raised,
                requests,
                block_access_list,
                work,
                input,
            },
        })
    }

    /// The same transactions, with gas limits that suffice under the fork's own prices; and how many were raised.
    fn stock_plan(&self, plan: Plan) -> Result<(Plan, usize), BenchError> {
        let (mut gas_limit, mut raised) = (plan.gas_limit, 0);
        let mut used = Metered::default();
        let (mut slots, mut signed) = (Vec::new(), Vec::new());
        for (slot, transaction) in plan.slots.iter().zip(plan.signed) {
            let needed = self.stock.limit(slot.count)?;
            let enough = needed <= slot.gas_limit;
            raised += usize::from(!enough);
            let limit = needed.max(slot.gas_limit);
            slots.push(Slot {
                gas_limit: limit,
                ..*slot
            });
            signed.push(transaction.filter(|_| enough));
            gas_limit = gas_limit.max(used.counted() + limit);
            used = used.plus(self.stock.used(slot.count));
        }
        let plan = Plan {
            gas_limit,
            slots,
            signed,
        };
        Ok((plan, raised))
    }
}

/// The same work has the same counts.
fn compare(candidate: &Usage, stock: &Usage) -> Result<(), BenchError> {
    let params = candidate.counts.keys().chain(stock.counts.keys());
    let units = |usage: &Usage, param| usage.counts.get(param).copied().unwrap_or(0);
    for param in params {
        let (candidate, stock) = (units(candidate, param), units(stock, param));
        if candidate != stock {
            return Err(BenchError::PriceDependent {
                param: param.clone(),
                candidate,
                stock,
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gas::GasParam;

    #[test]
    fn a_difference_names_the_operation() {
        let usage = |units| {
            let mut usage = Usage::default();
            usage.add(GasParam::whole("ADD"), 5);
            usage.add(GasParam::whole("MUL"), units);
            usage
        };
        assert_eq!(compare(&usage(7), &usage(7)), Ok(()));
        let error = compare(&usage(7), &usage(8)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "what runs depends on prices: `MUL` 7 times under the schedule, 8 times under the fork's own"
        );
    }
}
