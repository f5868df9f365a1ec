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
    evm::{Built, ChainRules, Tariff, TariffEvmFactory, Witness},
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
    let (replay, block) = stage_for(fixture, tariff)?;
    let before = own(&replay, &block)?;
    let after = rebuilt(&replay, &block, tariff)?;
    let after = Work::of(after.built.executed.gas_used, after.counted);
    Ok((before, after))
}

/// A block that was built under other prices.
pub(super) struct Rebuilt {
    pub rules: ChainRules,
    pub built: Built,
    pub witness: Witness,
    pub counted: Counted,
}

/// What the fixture's last valid block becomes under `tariff`.
///
/// # Errors
/// Why it has no block under these prices.
pub(super) fn rebuild(fixture: &Fixture, tariff: &Arc<Tariff>) -> Result<Rebuilt, String> {
    let (replay, block) = stage_for(fixture, tariff)?;
    rebuilt(&replay, &block, tariff)
}

fn rebuilt(
    replay: &Replay<'_>,
    block: &Block<TxEnvelope>,
    tariff: &Arc<Tariff>,
) -> Result<Rebuilt, String> {
    let factory = CountedFactory::new(TariffEvmFactory::new(Arc::clone(tariff)));
    let rules = ChainRules::of(replay.chain_id(), tariff);
    let built = replay.rebuild(block, &factory, &rules);
    let (built, witness) = built.map_err(|error| format!("refused: {error}"))?;
    let counted = factory.counted();
    Ok(Rebuilt {
        rules,
        built,
        witness,
        counted,
    })
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

/// The same for a fixture whose block can be built under `tariff`.
fn stage_for<'a>(
    fixture: &'a Fixture,
    tariff: &Tariff,
) -> Result<(Replay<'a>, Block<TxEnvelope>), String> {
    let FixtureKind::Chain(chain) = &fixture.kind else {
        return Err("a witness holds only what its block reads under its own prices".into());
    };
    let rules = chain.rules.as_ref().map_err(String::clone)?;
    let (replay, block) = stage(chain, rules)?;
    if fork_tariff(rules, &block).is_none_or(|stock| stock.fork() != tariff.fork()) {
        return Err("the schedule is not one of the fixture's fork".into());
    }
    Ok((replay, block))
}
