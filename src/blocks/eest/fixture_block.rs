//! The block of a fixture that provers are measured with: its last valid one, with all that a guest needs.

use alloy_eips::eip7685::Requests;
use alloy_primitives::{B256, Bytes};
use std::sync::Arc;

use super::{
    block_usage,
    exported::{Export, stateless},
    fixture::{Fixture, FixtureKind, WitnessedBlock},
    fixture_json::OpcodeCounts,
    guest_bytes,
    network::fork_tariff,
    regenerate::{rebuild, stage},
    replay::Step,
};
use crate::{
    bench::StockBlock,
    evm::{GuestInput, Payload, Statement, Tariff, canonical::StatelessInput},
    gas::{Gas, Usage},
};

/// A block of another project's.
#[derive(Clone, Debug)]
pub struct FixtureBlock {
    /// By all transactions.
    pub gas_used: Gas,
    /// Of its header.
    pub hash: B256,
    /// What its transactions use, in the units that schedules price; or why that is not known.
    pub usage: Result<Usage, String>,
    /// How often each opcode ran, the system calls' own among them; nothing where it was not executed here.
    pub opcodes: OpcodeCounts,
    form: Form,
}

#[derive(Clone, Debug)]
enum Form {
    /// A block and what it reads.
    Block(Box<StockBlock>),
    /// A guest's input and output as the fixture holds them.
    Bytes(Vec<u8>, Vec<u8>),
}

/// What a guest reads of a block, and what it answers that accepts it.
#[derive(Clone, Debug)]
pub enum GuestQuestion {
    /// Our own input, and the statement.
    Own(Vec<u8>, Statement),
    /// The canonical input and output.
    Canonical(Vec<u8>, Vec<u8>),
}

/// The fixture's last valid block.
///
/// # Errors
/// Why it has none that a guest can be given.
pub fn block(fixture: &Fixture) -> Result<FixtureBlock, String> {
    match &fixture.kind {
        FixtureKind::Chain(chain) => {
            let rules = chain.rules.as_ref().map_err(String::clone)?;
            let (replay, block) = stage(chain, rules)?;
            let step = replay.step(&block, true);
            let step = step.map_err(|error| format!("its last block is refused: {error}"))?;
            let hash = block.header.hash_slow();
            let alone = WitnessedBlock {
                rules: rules.clone(),
                block,
                hash,
                witness: step.witness.clone(),
                valid: true,
                headless: None,
            };
            of_witnessed(&alone, Some(step))
        }
        FixtureKind::Witnessed(block) => of_witnessed(block, None),
        FixtureKind::Guests(blocks) => {
            let valid = blocks.iter().filter(|block| block.exception.is_none());
            let mut bytes = valid.filter_map(|block| block.guest.as_ref());
            let accepted = |(_, output): &&(_, _)| guest_bytes::is_valid(output);
            let (input, output) = bytes
                .rfind(accepted)
                .ok_or("it has no valid block with a guest's input")?;
            let decoded = StatelessInput::decode(input)
                .map_err(|error| format!("its guest input: {error}"))?;
            let block = Payload::block(&decoded.payload());
            let block = block.map_err(|error| format!("its guest input: {error}"))?;
            Ok(FixtureBlock {
                gas_used: block.header.gas_used,
                hash: block.header.hash_slow(),
                usage: Err("the fixture holds a guest's bytes only".into()),
                opcodes: OpcodeCounts::new(),
                form: Form::Bytes(input.to_vec(), output.to_vec()),
            })
        }
    }
}

/// The block that the fixture's last valid one becomes under other prices of its fork: the same transactions, on the same state.
///
/// # Errors
/// Why there is none.
pub fn block_under(fixture: &Fixture, tariff: &Arc<Tariff>) -> Result<FixtureBlock, String> {
    let rebuilt = rebuild(fixture, tariff)?;
    let executed = rebuilt.built.executed;
    let (block, hash) = rebuilt.built.block.into_parts();
    let alone = WitnessedBlock {
        rules: rebuilt.rules,
        block,
        hash,
        witness: rebuilt.witness,
        valid: true,
        headless: None,
    };
    let usage = block_usage::under(Arc::clone(tariff), &alone);
    let made = (
        rebuilt.counted.opcodes,
        executed.requests,
        executed.block_access_list,
    );
    Ok(of_block(&alone, tariff, usage, made))
}

fn of_witnessed(block: &WitnessedBlock, step: Option<Step>) -> Result<FixtureBlock, String> {
    if block.headless.is_some() {
        return Err("the parent's header is not in the file: no guest can validate it".into());
    }
    if !block.valid {
        return Err("its block is invalid on purpose".into());
    }
    let tariff = fork_tariff(&block.rules, &block.block)
        .ok_or("the guest does not have the prices of its fork")?;
    let made = match step {
        Some(step) => (
            step.counts.unwrap_or_default().opcodes,
            step.executed.requests,
            step.executed.block_access_list,
        ),
        None => (OpcodeCounts::new(), Requests::default(), None),
    };
    let usage = block_usage::of_block(block);
    Ok(of_block(block, &tariff, usage, made))
}

/// What executing it counted and made is its opcodes, requests and list of accesses.
fn of_block(
    block: &WitnessedBlock,
    tariff: &Tariff,
    usage: Result<Usage, String>,
    (opcodes, requests, list): (OpcodeCounts, Requests, Option<Bytes>),
) -> FixtureBlock {
    let header = &block.block.header;
    FixtureBlock {
        gas_used: header.gas_used,
        hash: block.hash,
        opcodes,
        form: Form::Block(Box::new(StockBlock {
            gas_limit: header.gas_limit,
            gas_used: header.gas_used,
            raised: 0,
            requests,
            block_access_list: list,
            work: Usage::default(),
            input: GuestInput {
                tariff: tariff.clone(),
                chain_id: block.rules.chain_id,
                block: alloy_rlp::encode(&block.block).into(),
                witness: block.witness.clone(),
            },
            block: block.block.clone(),
        })),
        usage,
    }
}

impl FixtureBlock {
    /// What a guest is asked that reads our own input, or the canonical one in this layout.
    ///
    /// # Errors
    /// The block has no such input.
    pub fn question(&self, canonical: Option<Export>) -> Result<GuestQuestion, String> {
        match (&self.form, canonical) {
            // Our guest reads both.
            (Form::Bytes(input, output), _) => {
                Ok(GuestQuestion::Canonical(input.clone(), output.clone()))
            }
            (Form::Block(block), None) => {
                let input = &block.input;
                Ok(GuestQuestion::Own(
                    input.encode(),
                    input.accepted(self.hash),
                ))
            }
            (Form::Block(block), Some(export)) => {
                let input = stateless(export, block).map_err(|error| error.to_string())?;
                Ok(GuestQuestion::Canonical(input.encode(), input.output(true)))
            }
        }
    }
}
