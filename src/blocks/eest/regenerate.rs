//! A fixture's last block again, under other prices.
//!
//! Most benchmark transactions run until they are out of gas, so other prices make them do other work: that is what is
//! reported. The blocks before set the stage, and are executed under the prices of their fork.

use alloy_consensus::{Block, TxEnvelope};
use std::sync::Arc;

use super::{
    devnet::UNKNOWN_RULES,
    fixture::{BlockSource, Chain, Fixture, FixtureKind},
    fixture_json::OpcodeCounts,
    network::fork_tariff,
    opcode_counter::{Counted, CountedFactory},
    replay::Replay,
};
use crate::{
    evm::{ChainRules, Tariff, TariffEvmFactory},
    gas::Gas,
};

/// What a block did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// By all transactions.
    pub gas: Gas,
    /// How often each opcode ran.
    pub opcodes: OpcodeCounts,
    /// The same by the names of a schedule, calls of precompiles among them.
    operations: OpcodeCounts,
}

impl Work {
    /// Opcodes that ran.
    pub fn operations(&self) -> u64 {
        self.opcodes.values().sum()
    }

    /// How often one operation ran, by its name in a schedule; a precompile, how often it was called.
    pub fn count(&self, operation: &str) -> u64 {
        self.operations.get(operation).copied().unwrap_or(0)
    }

    fn of(gas: Gas, counted: Counted) -> Self {
        Self {
            gas,
            opcodes: counted.opcodes,
            operations: counted.operations,
        }
    }
}

/// What the fixture's last valid block does under the prices of its fork.
///
/// # Errors
/// Why it has no such block.
pub fn work(fixture: &Fixture) -> Result<Work, String> {
    let FixtureKind::Chain(chain) = &fixture.kind else {
        return Err("a single block with a witness is no test of a benchmark".into());
    };
    let rules = chain.rules.as_ref().map_err(String::clone)?;
    let (replay, block) = stage(chain, rules)?;
    own(&replay, &block)
}

fn own(replay: &Replay<'_>, block: &Block<TxEnvelope>) -> Result<Work, String> {
    let step = replay.step(block, true);
    let step = step.map_err(|error| format!("refused: {error}"))?;
    let counted = step.counts.unwrap_or_default();
    Ok(Work::of(step.executed.gas_used, counted))
}

/// What the fixture's last valid block did under the prices of its fork, and what it does under `tariff`.
///
/// # Errors
/// Why it has no block under these prices.
pub fn regenerate(fixture: &Fixture, tariff: &Arc<Tariff>) -> Result<(Work, Work), String> {
    let FixtureKind::Chain(chain) = &fixture.kind else {
        return Err("a witness holds only what its block reads under its own prices".into());
    };
    let rules = chain.rules.as_ref().map_err(String::clone)?;
    let (replay, block) = stage(chain, rules)?;
    if fork_tariff(rules, &block).is_none_or(|stock| stock.fork() != tariff.fork()) {
        return Err("the schedule is not one of the fixture's fork".into());
    }
    let before = own(&replay, &block)?;
    let factory = CountedFactory::new(TariffEvmFactory::new(Arc::clone(tariff)));
    let rules = ChainRules::of(rules.chain_id, tariff);
    let after = replay.rebuild(&block, &factory, &rules);
    let (after, _) = after.map_err(|error| format!("refused: {error}"))?;
    let after = Work::of(after.executed.gas_used, factory.counted());
    Ok((before, after))
}

/// The chain up to its last valid block, and that block.
pub(super) fn stage<'a>(
    chain: &Chain,
    rules: &'a ChainRules,
) -> Result<(Replay<'a>, Block<TxEnvelope>), String> {
    if chain.devnet {
        return Err(UNKNOWN_RULES.into());
    }
    let mut valid = chain
        .blocks
        .iter()
        .filter(|block| block.exception.is_none());
    let last = valid.next_back().ok_or("it has no valid block")?;
    let mut replay = Replay::new(chain, rules)?;
    let decode = |source: &BlockSource| source.decode().map_err(|e| e.to_string());
    for block in valid {
        let block = decode(&block.source)?;
        let step = replay.step(&block, false).map_err(|e| e.to_string())?;
        replay.advance(&block, step);
    }
    Ok((replay, decode(&last.source)?))
}
