//! Chains, executed block by block and compared with what their fixture says.

use alloy_consensus::{Block, Header, ReceiptEnvelope, TxEnvelope};
use alloy_eips::eip4895::Withdrawals;
use alloy_primitives::{B256, Bytes, Sealed};

use super::{
    checked::{Checked, Mismatch, Options},
    devnet::{DevnetFactory, UNKNOWN_RULES},
    exception,
    fixture::{Chain, ChainBlock},
    fixture_json::OpcodeCounts,
    guest_bytes,
    network::fork_tariff,
    opcode_counter::{Counted, CountedFactory, renamed},
    stock::StockEvmFactory,
};
use crate::evm::{
    BlockAttributes, BlockError, BlockEvmFactory, Built, ChainRules, Executed, Recorder, StateDb,
    Store, TariffEvmFactory, Witness, World, build_block, execute_block, recovered, validate_block,
};

/// Executes all blocks of a chain, and compares.
pub(super) fn check(chain: &Chain, rules: &ChainRules, options: Options) -> Checked {
    let mut checked = Checked::of(chain.blocks.len());
    let mut mismatch = |block, mut what: String| {
        if chain.devnet {
            what = format!("{what} ({UNKNOWN_RULES})");
        }
        checked.mismatches.push(Mismatch { block, what });
    };
    let mut replay = match Replay::new(chain, rules) {
        Ok(replay) => replay,
        Err(what) => {
            mismatch(None, what);
            return checked;
        }
    };
    let mut opcodes = OpcodeCounts::new();
    let per_block = &chain.opcodes_per_block;
    let count = !chain.opcodes.is_empty() || !per_block.is_empty();
    for (index, block) in chain.blocks.iter().enumerate() {
        match replay.check(block, count, options) {
            Ok(counts) => {
                let counts = counts.unwrap_or_default().opcodes;
                let expected = per_block.get(index);
                if let Some(what) = expected.and_then(|expected| difference(expected, &counts)) {
                    mismatch(Some(index), what);
                } else {
                    checked.reproduced += 1;
                    checked.invalid += usize::from(block.exception.is_some());
                }
                for (name, count) in counts {
                    *opcodes.entry(name).or_insert(0) += count;
                }
            }
            Err(what) => {
                mismatch(Some(index), what);
                // Without this block there is no state for the next one.
                if block.exception.is_none() {
                    return checked;
                }
            }
        }
    }
    if !chain.opcodes.is_empty()
        && let Some(what) = difference(&chain.opcodes, &opcodes)
    {
        mismatch(None, what);
    }
    let last = replay.head.hash();
    if last != chain.last {
        let what = format!("the last block is {last} instead of {}", chain.last);
        mismatch(None, what);
    }
    checked
}

/// The first opcodes whose counts differ, if any.
fn difference(expected: &OpcodeCounts, found: &OpcodeCounts) -> Option<String> {
    let expected = renamed(expected);
    let names = expected.keys().chain(found.keys());
    let count = |counts: &OpcodeCounts, name: &String| counts.get(name).copied().unwrap_or(0);
    let mut wrong: Vec<String> = names
        .filter(|name| count(&expected, name) != count(found, name))
        .map(|name| {
            let (found, expected) = (count(found, name), count(&expected, name));
            format!("{name} {found} instead of {expected}")
        })
        .collect();
    wrong.sort();
    wrong.dedup();
    let more = wrong.len().saturating_sub(3);
    wrong.truncate(3);
    if wrong.is_empty() {
        return None;
    }
    let and = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    Some(format!("opcode counts: {}{and}", wrong.join(", ")))
}

/// A chain under replay.
pub(super) struct Replay<'a> {
    rules: &'a ChainRules,
    devnet: bool,
    world: World,
    pub head: Sealed<Header>,
}

impl<'a> Replay<'a> {
    /// The chain's genesis.
    ///
    /// # Errors
    /// The accounts do not make the genesis block's state.
    pub(super) fn new(chain: &Chain, rules: &'a ChainRules) -> Result<Self, String> {
        let (mut world, root) = World::new(chain.pre.iter().cloned());
        if root != chain.genesis.state_root {
            let wanted = chain.genesis.state_root;
            return Err(format!(
                "the accounts of `pre` have the state root {root} instead of {wanted}"
            ));
        }
        world.add_header(&chain.genesis);
        Ok(Self {
            rules,
            devnet: chain.devnet,
            world,
            head: chain.genesis.clone(),
        })
    }

    /// Executes a block and compares. Returns how often each opcode ran if `count`.
    fn check(
        &mut self,
        block: &ChainBlock,
        count: bool,
        options: Options,
    ) -> Result<Option<Counted>, String> {
        let outcome = block.source.decode().and_then(|decoded| {
            let step = self.step(&decoded, count)?;
            Ok((decoded, step))
        });
        let (decoded, step) = match (outcome, &block.exception) {
            (Ok(valid), None) => valid,
            (Err(refusal), Some(expected)) => {
                return exception::expect(expected, &refusal).map(|()| None);
            }
            (Ok(_), Some(expected)) => return Err(format!("is valid, but expects `{expected}`")),
            (Err(refusal), None) => return Err(format!("is refused: {refusal}")),
        };
        let header = Sealed::new(decoded.header.clone());
        if let Some(hash) = block.hash
            && hash != header.hash()
        {
            return Err(format!("the block is {} instead of {hash}", header.hash()));
        }
        if let Some(expected) = &block.receipts {
            let receipts = step.executed.receipts.iter();
            let found: Vec<u64> = receipts.map(ReceiptEnvelope::cumulative_gas_used).collect();
            if &found != expected {
                return Err(format!("receipts: gas {found:?} instead of {expected:?}"));
            }
        }
        if options.witness {
            self.expect_verdict(&decoded, &step.witness, true)
                .map_err(|what| format!("from the witness it needs: {what}"))?;
        }
        if let Some(witness) = &block.witness {
            // The guest's output says whether the block can be validated from this witness.
            let guest = block.guest.as_ref();
            let valid = guest.is_none_or(|(_, output)| guest_bytes::is_valid(output));
            self.expect_verdict(&decoded, witness, valid)
                .map_err(|what| format!("from the fixture's witness: {what}"))?;
        }
        Ok(self.advance(&decoded, step))
    }

    /// Makes a block that was executed the head; returns its opcode counts.
    pub(super) fn advance(&mut self, block: &Block<TxEnvelope>, step: Step) -> Option<Counted> {
        self.world
            .add_block(&block.header, &step.executed, step.nodes);
        self.head = Sealed::new(block.header.clone());
        step.counts
    }

    /// The chain's id.
    pub(super) const fn chain_id(&self) -> u64 {
        self.rules.chain_id
    }

    /// Executes a block on the head.
    ///
    /// # Errors
    /// Why it is refused.
    pub(super) fn step(&self, block: &Block<TxEnvelope>, count: bool) -> Result<Step, BlockError> {
        let recorder = Recorder::new(&self.world);
        let mut db = StateDb::new(&recorder, self.head.state_root);
        let (rules, head) = (self.rules, &self.head);
        let (executed, counts) = if self.devnet {
            run(DevnetFactory::new(), rules, head, block, &mut db, count)
        } else if let Some(tariff) = fork_tariff(rules, block) {
            run(
                TariffEvmFactory::new(tariff),
                rules,
                head,
                block,
                &mut db,
                count,
            )
        } else {
            run(StockEvmFactory, rules, head, block, &mut db, count)
        }?;
        let nodes = db.built();
        Ok(Step {
            executed,
            nodes,
            witness: recorder.witness(self.head.number),
            counts,
        })
    }

    /// Builds a block of the same transactions on the head, under other prices; and what it reads.
    ///
    /// # Errors
    /// Why it cannot be.
    pub(super) fn rebuild<F: BlockEvmFactory>(
        &self,
        block: &Block<TxEnvelope>,
        factory: &F,
        rules: &ChainRules,
    ) -> Result<(Built, Witness), BlockError> {
        let header = &block.header;
        let withdrawals = block.body.withdrawals.clone();
        let attributes = BlockAttributes {
            timestamp: header.timestamp,
            beneficiary: header.beneficiary,
            prev_randao: header.mix_hash,
            parent_beacon_block_root: header.parent_beacon_block_root.unwrap_or_default(),
            gas_limit: header.gas_limit,
            extra_data: header.extra_data.clone(),
            withdrawals: withdrawals.map_or_else(Vec::new, Withdrawals::into_inner),
            slot_number: header.slot_number.unwrap_or_default(),
        };
        let recorder = Recorder::new(&self.world);
        let mut db = StateDb::new(&recorder, self.head.state_root);
        let transactions = recovered(block.body.transactions.clone())?;
        let head = &self.head;
        let built = build_block(factory, rules, head, &attributes, transactions, &mut db)?;
        Ok((built, recorder.witness(head.number)))
    }

    /// Validates a block statelessly, with revm as it is.
    fn expect_verdict(
        &self,
        block: &Block<TxEnvelope>,
        witness: &Witness,
        valid: bool,
    ) -> Result<(), String> {
        let rlp = alloy_rlp::encode(block);
        let (rules, witness) = (self.rules, witness.as_ref());
        let verdict = if self.devnet {
            validate_block(&DevnetFactory::new(), rules, &rlp, &witness)
        } else {
            validate_block(&StockEvmFactory, rules, &rlp, &witness)
        };
        match (verdict.valid, valid) {
            (true, false) => Err("is valid, which it should not be".into()),
            (false, true) => Err(format!("is refused: {}", verdict.reason)),
            _ => Ok(()),
        }
    }
}

/// A block that was executed.
pub(super) struct Step {
    pub executed: Executed,
    /// Trie nodes of the state after it.
    pub nodes: Vec<(B256, Bytes)>,
    pub witness: Witness,
    pub counts: Option<Counted>,
}

/// Executes a block.
///
/// # Errors
/// Why it is refused.
pub(super) fn run<F: BlockEvmFactory, S: Store>(
    factory: F,
    rules: &ChainRules,
    parent: &Sealed<Header>,
    block: &Block<TxEnvelope>,
    db: &mut StateDb<'_, S>,
    count: bool,
) -> Result<(Executed, Option<Counted>), BlockError> {
    if !count {
        let executed = execute_block(&factory, rules, parent, block, db)?;
        return Ok((executed, None));
    }
    let counted = CountedFactory::new(factory);
    let executed = execute_block(&counted, rules, parent, block, db)?;
    Ok((executed, Some(counted.counted())))
}
