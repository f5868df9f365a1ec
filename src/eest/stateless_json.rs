//! JSON stateless inputs of 2025: a block in the words of one client's data types, its witness, and the chain's forks.

use alloy_consensus::{
    Block, BlockBody, Header, SignableTransaction, TxEip1559, TxEip2930, TxEnvelope, TxLegacy,
};
use alloy_eips::{
    eip2930::AccessList,
    eip4895::{Withdrawal, Withdrawals},
};
use alloy_hardforks::EthereumHardfork as Fork;
use alloy_primitives::{Address, B64, B256, Bloom, Bytes, Signature, TxKind, U64, U256};
use serde::Deserialize;

use super::shape::Lists;
use crate::evm::{Activation, ChainRules, blob_params};

#[derive(Deserialize)]
pub(super) struct StatelessInput {
    pub name: String,
    #[serde(alias = "stateless_input")]
    pub block_and_witness: BlockAndWitness,
    pub success: bool,
}

#[derive(Deserialize)]
pub(super) struct BlockAndWitness {
    pub block: JsonBlock,
    pub witness: Lists,
    pub chain_config: ChainConfig,
}

#[derive(Deserialize)]
pub(super) struct JsonBlock {
    header: JsonHeader,
    body: Body,
}

#[derive(Deserialize)]
struct Body {
    transactions: Vec<Transaction>,
    withdrawals: Option<Vec<Withdrawal>>,
}

/// A number, in hexadecimal or not.
#[derive(Clone, Copy, Deserialize)]
#[serde(untagged)]
enum Number {
    Plain(u64),
    Hexadecimal(U256),
}

impl Number {
    fn u64(self) -> u64 {
        match self {
            Self::Plain(number) => number,
            Self::Hexadecimal(number) => number.saturating_to(),
        }
    }

    fn u128(self) -> u128 {
        match self {
            Self::Plain(number) => number.into(),
            Self::Hexadecimal(number) => number.saturating_to(),
        }
    }
}

#[derive(Deserialize)]
struct JsonHeader {
    parent_hash: B256,
    ommers_hash: B256,
    beneficiary: Address,
    state_root: B256,
    transactions_root: B256,
    receipts_root: B256,
    withdrawals_root: Option<B256>,
    logs_bloom: Bloom,
    difficulty: U256,
    number: Number,
    gas_limit: Number,
    gas_used: Number,
    timestamp: Number,
    mix_hash: B256,
    nonce: B64,
    base_fee_per_gas: Option<Number>,
    blob_gas_used: Option<Number>,
    excess_blob_gas: Option<Number>,
    parent_beacon_block_root: Option<B256>,
    requests_hash: Option<B256>,
    extra_data: Bytes,
}

#[derive(Deserialize)]
struct Transaction {
    signature: JsonSignature,
    transaction: Kind,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct JsonSignature {
    r: U256,
    s: U256,
    y_parity: U64,
}

/// The kinds that published inputs have.
#[derive(Deserialize)]
enum Kind {
    Legacy(Fields),
    Eip2930(Fields),
    Eip1559(Fields),
}

#[derive(Deserialize)]
struct Fields {
    chain_id: Option<Number>,
    nonce: Number,
    gas_limit: Number,
    #[serde(alias = "max_fee_per_gas")]
    gas_price: Number,
    max_priority_fee_per_gas: Option<Number>,
    to: Option<Address>,
    value: U256,
    #[serde(default)]
    access_list: AccessList,
    input: Bytes,
}

/// When the forks start; `None` never.
#[derive(Deserialize)]
pub(super) struct ChainConfig {
    chain_id: u64,
    shanghai_time: Option<u64>,
    cancun_time: Option<u64>,
    prague_time: Option<u64>,
    osaka_time: Option<u64>,
    bpo1_time: Option<u64>,
    bpo2_time: Option<u64>,
}

impl ChainConfig {
    pub(super) fn rules(&self) -> ChainRules {
        let later = [
            (Fork::Shanghai, self.shanghai_time),
            (Fork::Cancun, self.cancun_time),
            (Fork::Prague, self.prague_time),
            (Fork::Osaka, self.osaka_time),
            (Fork::Bpo1, self.bpo1_time),
            (Fork::Bpo2, self.bpo2_time),
        ];
        let started = later
            .into_iter()
            .filter_map(|(fork, time)| Some((fork, time?)));
        started.fold(
            ChainRules::from_genesis(self.chain_id, Fork::Paris),
            |rules, (fork, timestamp)| {
                rules.then(Activation {
                    timestamp,
                    fork,
                    blobs: blob_params(fork),
                })
            },
        )
    }
}

impl JsonBlock {
    pub(super) fn block(self) -> Block<TxEnvelope> {
        let header = self.header;
        Block {
            header: Header {
                parent_hash: header.parent_hash,
                ommers_hash: header.ommers_hash,
                beneficiary: header.beneficiary,
                state_root: header.state_root,
                transactions_root: header.transactions_root,
                receipts_root: header.receipts_root,
                withdrawals_root: header.withdrawals_root,
                logs_bloom: header.logs_bloom,
                difficulty: header.difficulty,
                number: header.number.u64(),
                gas_limit: header.gas_limit.u64(),
                gas_used: header.gas_used.u64(),
                timestamp: header.timestamp.u64(),
                mix_hash: header.mix_hash,
                nonce: header.nonce,
                base_fee_per_gas: header.base_fee_per_gas.map(Number::u64),
                blob_gas_used: header.blob_gas_used.map(Number::u64),
                excess_blob_gas: header.excess_blob_gas.map(Number::u64),
                parent_beacon_block_root: header.parent_beacon_block_root,
                requests_hash: header.requests_hash,
                extra_data: header.extra_data,
                ..Header::default()
            },
            body: BlockBody {
                transactions: self
                    .body
                    .transactions
                    .into_iter()
                    .map(Transaction::envelope)
                    .collect(),
                ommers: Vec::new(),
                withdrawals: self.body.withdrawals.map(Withdrawals::new),
            },
        }
    }
}

impl Transaction {
    fn envelope(self) -> TxEnvelope {
        let JsonSignature { r, s, y_parity } = self.signature;
        let signature = Signature::new(r, s, !y_parity.is_zero());
        match self.transaction {
            Kind::Legacy(fields) => TxLegacy {
                chain_id: fields.chain_id.map(Number::u64),
                nonce: fields.nonce.u64(),
                gas_price: fields.gas_price.u128(),
                gas_limit: fields.gas_limit.u64(),
                to: fields.to(),
                value: fields.value,
                input: fields.input,
            }
            .into_signed(signature)
            .into(),
            Kind::Eip2930(fields) => TxEip2930 {
                chain_id: fields.chain_id(),
                nonce: fields.nonce.u64(),
                gas_price: fields.gas_price.u128(),
                gas_limit: fields.gas_limit.u64(),
                to: fields.to(),
                value: fields.value,
                access_list: fields.access_list,
                input: fields.input,
            }
            .into_signed(signature)
            .into(),
            Kind::Eip1559(fields) => TxEip1559 {
                chain_id: fields.chain_id(),
                nonce: fields.nonce.u64(),
                gas_limit: fields.gas_limit.u64(),
                max_fee_per_gas: fields.gas_price.u128(),
                max_priority_fee_per_gas: fields.max_priority_fee_per_gas.map_or(0, Number::u128),
                to: fields.to(),
                value: fields.value,
                access_list: fields.access_list,
                input: fields.input,
            }
            .into_signed(signature)
            .into(),
        }
    }
}

impl Fields {
    fn to(&self) -> TxKind {
        self.to.map_or(TxKind::Create, TxKind::Call)
    }

    fn chain_id(&self) -> u64 {
        self.chain_id.map_or(0, Number::u64)
    }
}
