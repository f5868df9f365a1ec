//! Our blocks in the form that zkevm-benchmark-workload reads: fixtures of execution-spec-tests with the bytes that guests
//! read and write.

use alloy_consensus::{Block, Header, Transaction as _, TxEnvelope};
use alloy_eips::eip2718::Encodable2718;
use alloy_hardforks::EthereumHardfork as Fork;
use alloy_primitives::{Address, B256, hex};
use alloy_rlp::Decodable;
use serde_json::{Map, Value, json};

use super::{
    exported_earlier::earlier, fixture_json::OpcodeCounts, opcode_counter::CountedFactory,
    stock::StockEvmFactory,
};
use crate::{
    bench::{BenchError, StockBlock, TwinBlocks},
    evm::{
        CanonicalBlock, ChainRules, GenesisAccount,
        canonical::{Layout, PublicKey, StatelessInput},
        canonical_input, execute_stateless,
    },
    gas,
};

/// A form of exported files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Export {
    /// One JSON object with the block in a client's data types, as read until 2026-07.
    Earlier,
    /// Blockchain tests with the guest's bytes, as read from 2026-07.
    Current,
    /// Engine tests with the guest's bytes, as read since.
    Later,
}

impl Export {
    /// The folder that readers look into.
    pub const fn folder(self) -> &'static str {
        match self {
            Self::Earlier => "zkevm-fixtures-input",
            Self::Current => "blockchain_tests",
            Self::Later => "blockchain_tests_engine",
        }
    }

    const fn layout(self) -> Layout {
        match self {
            Self::Earlier | Self::Current => Layout::ForkStart,
            Self::Later => Layout::ChainId,
        }
    }

    const fn format(self) -> &'static str {
        match self {
            Self::Earlier | Self::Current => "blockchain_test",
            Self::Later => "blockchain_test_engine",
        }
    }
}

/// The fork that stock guests are on.
const fn fork(fork: gas::Fork) -> Fork {
    match fork {
        gas::Fork::Prague => Fork::Prague,
        gas::Fork::Osaka => Fork::Osaka,
        gas::Fork::Amsterdam => Fork::Amsterdam,
    }
}

/// The chain that exported blocks are on is the fork's from its start.
const FORK_START: u64 = 0;

/// What a scenario is exported with.
#[derive(Clone, Copy, Debug)]
pub struct Label<'a> {
    /// The schedule's title.
    pub schedule: &'a str,
    /// The state before the block, to be written too, so that the test can be replayed as a chain.
    pub state: Option<&'a [(Address, GenesisAccount)]>,
}

/// A scenario's twin as a file: a test's id, and JSON.
///
/// # Errors
/// The block has no canonical form, or is not valid from its witness.
pub fn write(
    export: Export,
    blocks: &TwinBlocks,
    label: Label<'_>,
) -> Result<(String, String), BenchError> {
    let fork = fork(blocks.stock.input.tariff.fork());
    if export == Export::Earlier && fork == Fork::Amsterdam {
        let why = "this form of files was dropped before Amsterdam";
        return Err(BenchError::Canonical(why.into()));
    }
    let mgas = blocks.candidate.gas_limit / 1_000_000;
    let id = format!(
        "reprice/{}[fork_{}-{}-benchmark-gas-value_{mgas}M]",
        blocks.candidate.scenario,
        fork,
        export.format(),
    );
    let guest = stateless(export, &blocks.stock)?;
    let opcodes = opcodes(&blocks.stock, fork)?;
    let test = match export {
        Export::Earlier => return Ok((id.clone(), pretty(&earlier(&id, blocks)))),
        Export::Current => current(blocks, &guest, &label, fork),
        Export::Later => later(blocks, &guest, &label, fork),
    };
    let mut test = test;
    test["_info"] = info(export, blocks, &opcodes, &label);
    let file = Value::Object(Map::from_iter([(id.clone(), test)]));
    Ok((id, pretty(&file)))
}

/// What guests read of a block, and what they answer it with.
///
/// # Errors
/// The block has no canonical form.
pub fn stateless(export: Export, stock: &StockBlock) -> Result<StatelessInput, BenchError> {
    let parts = CanonicalBlock {
        block: &stock.block,
        requests: &stock.requests,
        block_access_list: stock.block_access_list.as_ref(),
        witness: &stock.input.witness,
        public_keys: public_keys(&stock.block)?,
        chain_id: stock.input.chain_id,
        fork: (fork(stock.input.tariff.fork()), FORK_START),
    };
    canonical_input(export.layout(), parts)
        .map_err(|error| BenchError::Canonical(error.to_string()))
}

fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}

fn quantity(number: u64) -> String {
    format!("{number:#04x}")
}

fn bytes(bytes: &[u8]) -> String {
    hex::encode_prefixed(bytes)
}

/// What readers know, and ours.
fn info(export: Export, blocks: &TwinBlocks, opcodes: &OpcodeCounts, label: &Label<'_>) -> Value {
    let TwinBlocks { candidate, stock } = blocks;
    json!({
        "fixture-format": export.format(),
        "metadata": {
            "opcode_count_per_block": [opcodes],
            "reprice": {
                "version": 1,
                "schedule": label.schedule,
                "scenario": candidate.scenario,
                "operation": candidate.operation,
                "iterations": candidate.iterations,
                "transactions": candidate.transactions,
                "candidate": {
                    "gas_limit": candidate.gas_limit,
                    "gas_used": candidate.gas_used,
                    "block_hash": candidate.block_hash,
                    "usage": counts(&candidate.usage.counts),
                },
                "stock": {
                    "gas_limit": stock.gas_limit,
                    "gas_used": stock.gas_used,
                    "transactions_with_raised_limit": stock.raised,
                },
            },
        },
    })
}

fn counts(counts: &std::collections::BTreeMap<crate::gas::GasParam, i64>) -> Value {
    let entries = counts
        .iter()
        .map(|(param, units)| (param.to_string(), json!(units)));
    Value::Object(entries.collect())
}

fn current(blocks: &TwinBlocks, guest: &StatelessInput, label: &Label<'_>, fork: Fork) -> Value {
    let StockBlock { block, input, .. } = &blocks.stock;
    let mut test = json!({
        "network": fork.to_string(),
        "config": { "network": fork.to_string(), "chainid": quantity(input.chain_id) },
        "blocks": [{
            "statelessInputBytes": bytes(&guest.encode()),
            "statelessOutputBytes": bytes(&guest.output(true)),
            "blockHeader": header(&block.header),
            "rlp": bytes(&alloy_rlp::encode(block)),
        }],
    });
    with_state(&mut test, blocks, label);
    test
}

fn later(blocks: &TwinBlocks, guest: &StatelessInput, label: &Label<'_>, fork: Fork) -> Value {
    let StockBlock {
        block,
        input,
        requests,
        block_access_list,
        ..
    } = &blocks.stock;
    let Block { header, body } = block;
    let transactions: Vec<String> = body
        .transactions
        .iter()
        .map(|transaction| bytes(&transaction.encoded_2718()))
        .collect();
    let hashes: Vec<String> = body
        .transactions
        .iter()
        .filter_map(|transaction| transaction.blob_versioned_hashes())
        .flatten()
        .map(B256::to_string)
        .collect();
    let mut payload = json!({
        "parentHash": header.parent_hash,
        "feeRecipient": header.beneficiary,
        "stateRoot": header.state_root,
        "receiptsRoot": header.receipts_root,
        "logsBloom": header.logs_bloom,
        "blockNumber": quantity(header.number),
        "gasLimit": quantity(header.gas_limit),
        "gasUsed": quantity(header.gas_used),
        "timestamp": quantity(header.timestamp),
        "extraData": header.extra_data,
        "prevRandao": header.mix_hash,
        "baseFeePerGas": quantity(header.base_fee_per_gas.unwrap_or_default()),
        "blobGasUsed": quantity(header.blob_gas_used.unwrap_or_default()),
        "excessBlobGas": quantity(header.excess_blob_gas.unwrap_or_default()),
        "blockHash": header.hash_slow(),
        "transactions": transactions,
        "withdrawals": [],
    });
    if let (Some(accesses), Some(slot)) = (block_access_list, header.slot_number) {
        payload["blockAccessList"] = json!(accesses);
        payload["slotNumber"] = json!(quantity(slot));
    }
    let requests: Vec<String> = requests.iter().map(|request| bytes(request)).collect();
    let mut test = json!({
        "network": fork.to_string(),
        "config": { "network": fork.to_string(), "chainid": quantity(input.chain_id) },
        "engineNewPayloads": [{
            "params": [payload, hashes, header.parent_beacon_block_root, requests],
            "newPayloadVersion": if block_access_list.is_some() { "5" } else { "4" },
            "statelessInputBytes": bytes(&guest.encode()),
            "statelessOutputBytes": bytes(&guest.output(true)),
        }],
    });
    with_state(&mut test, blocks, label);
    test
}

/// Adds what replaying the test as a chain needs.
fn with_state(test: &mut Value, blocks: &TwinBlocks, label: &Label<'_>) {
    let Some(state) = label.state else {
        return;
    };
    let parent = blocks.stock.input.witness.headers.last();
    let Some(parent) = parent.and_then(|rlp| Header::decode(&mut &rlp[..]).ok()) else {
        return;
    };
    let accounts = state.iter().map(|(address, account)| {
        let storage = account.storage.iter();
        let storage: Map<String, Value> = storage
            .map(|(slot, value)| (format!("{slot:#x}"), json!(format!("{value:#x}"))))
            .collect();
        let account = json!({
            "nonce": quantity(account.nonce),
            "balance": format!("{:#x}", account.balance),
            "code": account.code,
            "storage": storage,
        });
        (address.to_string().to_lowercase(), account)
    });
    test["pre"] = Value::Object(accounts.collect());
    test["genesisBlockHeader"] = header(&parent);
    test["lastblockhash"] = json!(blocks.stock.block.header.hash_slow());
}

/// A header in a fixture's words.
fn header(header: &Header) -> Value {
    let mut value = json!({
        "parentHash": header.parent_hash,
        "uncleHash": header.ommers_hash,
        "coinbase": header.beneficiary,
        "stateRoot": header.state_root,
        "transactionsTrie": header.transactions_root,
        "receiptTrie": header.receipts_root,
        "bloom": header.logs_bloom,
        "difficulty": format!("{:#x}", header.difficulty),
        "number": quantity(header.number),
        "gasLimit": quantity(header.gas_limit),
        "gasUsed": quantity(header.gas_used),
        "timestamp": quantity(header.timestamp),
        "extraData": header.extra_data,
        "mixHash": header.mix_hash,
        "nonce": header.nonce,
        "hash": header.hash_slow(),
    });
    for (name, number) in [
        ("baseFeePerGas", header.base_fee_per_gas),
        ("blobGasUsed", header.blob_gas_used),
        ("excessBlobGas", header.excess_blob_gas),
        ("slotNumber", header.slot_number),
    ] {
        if let Some(number) = number {
            value[name] = json!(quantity(number));
        }
    }
    for (name, hash) in [
        ("withdrawalsRoot", header.withdrawals_root),
        ("parentBeaconBlockRoot", header.parent_beacon_block_root),
        ("requestsHash", header.requests_hash),
        ("blockAccessListHash", header.block_access_list_hash),
    ] {
        if let Some(hash) = hash {
            value[name] = json!(hash);
        }
    }
    value
}

/// The senders' keys.
fn public_keys(block: &Block<TxEnvelope>) -> Result<Vec<PublicKey>, BenchError> {
    let of = |transaction: &TxEnvelope| {
        let hash = transaction.signature_hash();
        let key = transaction.signature().recover_from_prehash(&hash).ok()?;
        key.to_encoded_point(false).as_bytes().try_into().ok()
    };
    let keys = block.body.transactions.iter().map(of);
    keys.collect::<Option<_>>().ok_or(BenchError::Signing)
}

/// How often each opcode runs, system calls included.
fn opcodes(stock: &StockBlock, fork: Fork) -> Result<OpcodeCounts, BenchError> {
    let factory = CountedFactory::new(StockEvmFactory);
    let rules = ChainRules::from_genesis(stock.input.chain_id, fork);
    let witness = stock.input.witness.as_ref();
    execute_stateless(&factory, &rules, &stock.input.block, &witness)?;
    Ok(factory.counted().opcodes)
}
