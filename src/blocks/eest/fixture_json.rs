//! The files as they are written: blockchain tests, engine tests, JSON stateless inputs, mainnet blocks with a witness.

use alloy_consensus::Header;
use alloy_eips::eip4895::Withdrawal;
use alloy_primitives::{Address, B64, B256, Bloom, Bytes, U64, U256};
use serde::{
    Deserialize, Deserializer,
    de::{Error as _, IgnoredAny, SeqAccess, Visitor},
};
use std::{collections::BTreeMap, fmt};

use crate::evm::{GenesisAccount, Payload, Witness};

/// A header in a fixture's words.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FixtureHeader {
    parent_hash: B256,
    uncle_hash: B256,
    coinbase: Address,
    state_root: B256,
    transactions_trie: B256,
    receipt_trie: B256,
    bloom: Bloom,
    difficulty: U256,
    number: U64,
    gas_limit: U64,
    gas_used: U64,
    timestamp: U64,
    extra_data: Bytes,
    mix_hash: B256,
    nonce: B64,
    base_fee_per_gas: Option<U64>,
    withdrawals_root: Option<B256>,
    blob_gas_used: Option<U64>,
    excess_blob_gas: Option<U64>,
    parent_beacon_block_root: Option<B256>,
    requests_hash: Option<B256>,
    block_access_list_hash: Option<B256>,
    slot_number: Option<U64>,
    pub hash: B256,
}

impl FixtureHeader {
    pub(super) fn header(&self) -> Header {
        Header {
            parent_hash: self.parent_hash,
            ommers_hash: self.uncle_hash,
            beneficiary: self.coinbase,
            state_root: self.state_root,
            transactions_root: self.transactions_trie,
            receipts_root: self.receipt_trie,
            logs_bloom: self.bloom,
            difficulty: self.difficulty,
            number: self.number.to(),
            gas_limit: self.gas_limit.to(),
            gas_used: self.gas_used.to(),
            timestamp: self.timestamp.to(),
            extra_data: self.extra_data.clone(),
            mix_hash: self.mix_hash,
            nonce: self.nonce,
            base_fee_per_gas: self.base_fee_per_gas.map(|fee| fee.to()),
            withdrawals_root: self.withdrawals_root,
            blob_gas_used: self.blob_gas_used.map(|gas| gas.to()),
            excess_blob_gas: self.excess_blob_gas.map(|gas| gas.to()),
            parent_beacon_block_root: self.parent_beacon_block_root,
            requests_hash: self.requests_hash,
            block_access_list_hash: self.block_access_list_hash,
            slot_number: self.slot_number.map(|slot| slot.to()),
        }
    }
}

#[derive(Deserialize)]
pub(super) struct Account {
    nonce: U64,
    balance: U256,
    code: Bytes,
    storage: BTreeMap<U256, U256>,
}

impl From<Account> for GenesisAccount {
    fn from(account: Account) -> Self {
        Self {
            nonce: account.nonce.to(),
            balance: account.balance,
            code: account.code,
            storage: account.storage.into_iter().collect(),
            ..Self::default()
        }
    }
}

/// A fork's blob parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct BlobSchedule {
    pub target: U64,
    pub max: U64,
    pub base_fee_update_fraction: U64,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Config {
    #[serde(default)]
    pub blob_schedule: BTreeMap<String, BlobSchedule>,
    pub chainid: Option<U64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Receipt {
    pub cumulative_gas_used: U64,
}

/// A witness as other programs write it; `keys` are not needed.
#[derive(Clone, Deserialize)]
pub(super) struct Lists {
    #[serde(default)]
    state: Vec<Bytes>,
    #[serde(default)]
    codes: Vec<Bytes>,
    #[serde(default)]
    headers: Vec<Bytes>,
}

impl From<Lists> for Witness {
    fn from(lists: Lists) -> Self {
        Self {
            state: lists.state,
            codes: lists.codes,
            headers: lists.headers,
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Block {
    pub rlp: Option<Bytes>,
    pub expect_exception: Option<String>,
    #[serde(rename = "blockHeader")]
    pub header: Option<FixtureHeader>,
    pub receipts: Option<Vec<Receipt>>,
    pub execution_witness: Option<Lists>,
    pub stateless_input_bytes: Option<Bytes>,
    pub stateless_output_bytes: Option<Bytes>,
}

/// How often each opcode ran.
pub type OpcodeCounts = BTreeMap<String, u64>;

#[derive(Default, Deserialize)]
pub(super) struct Metadata {
    #[serde(default)]
    pub opcode_count: OpcodeCounts,
    #[serde(default)]
    pub opcode_count_per_block: Vec<OpcodeCounts>,
    /// What our own export says.
    pub reprice: Option<Exported>,
}

#[derive(Deserialize)]
pub(super) struct Exported {
    pub operation: String,
}

#[derive(Default, Deserialize)]
pub(super) struct Info {
    #[serde(default)]
    pub opcode_count: OpcodeCounts,
    #[serde(default)]
    pub metadata: Metadata,
}

/// What blockchain tests and engine tests share, and the blocks of either. Without the state before, each block comes with
/// the bytes that guests read.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Case {
    pub network: String,
    pub genesis_block_header: Option<FixtureHeader>,
    pub pre: Option<BTreeMap<Address, Account>>,
    pub lastblockhash: Option<B256>,
    #[serde(default)]
    pub config: Config,
    #[serde(default, rename = "_info")]
    pub info: Info,
    pub blocks: Option<Vec<Block>>,
    pub engine_new_payloads: Option<Vec<NewPayload>>,
}

/// One call of `engine_newPayload`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NewPayload {
    pub params: Params,
    pub validation_error: Option<String>,
    pub execution_witness: Option<Lists>,
    pub stateless_input_bytes: Option<Bytes>,
    pub stateless_output_bytes: Option<Bytes>,
}

/// The call's parameters, as many as its version has.
pub(super) struct Params {
    pub payload: Box<EnginePayload>,
    pub beacon_root: Option<B256>,
    pub requests: Option<Vec<Bytes>>,
}

impl<'de> Deserialize<'de> for Params {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct List;
        impl<'de> Visitor<'de> for List {
            type Value = Params;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the parameters of engine_newPayload")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Params, A::Error> {
                let payload = list.next_element()?;
                let payload = payload.ok_or_else(|| A::Error::invalid_length(0, &self))?;
                // Versioned hashes: they follow from the transactions.
                list.next_element::<Vec<B256>>()?;
                let params = Params {
                    payload,
                    beacon_root: list.next_element()?,
                    requests: list.next_element()?,
                };
                while list.next_element::<IgnoredAny>()?.is_some() {}
                Ok(params)
            }
        }
        deserializer.deserialize_seq(List)
    }
}

/// An execution payload in the engine's words.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct EnginePayload {
    parent_hash: B256,
    fee_recipient: Address,
    state_root: B256,
    receipts_root: B256,
    logs_bloom: Bloom,
    prev_randao: B256,
    block_number: U64,
    gas_limit: U64,
    gas_used: U64,
    timestamp: U64,
    extra_data: Bytes,
    base_fee_per_gas: U64,
    block_hash: B256,
    transactions: Vec<Bytes>,
    withdrawals: Option<Vec<Withdrawal>>,
    blob_gas_used: Option<U64>,
    excess_blob_gas: Option<U64>,
    block_access_list: Option<Bytes>,
    slot_number: Option<U64>,
}

impl EnginePayload {
    /// The payload with what stands beside it in the call.
    pub(super) fn with(&self, params: &Params) -> Payload {
        let to = |number: Option<U64>| number.map(|number| number.to());
        Payload {
            header: Header {
                parent_hash: self.parent_hash,
                beneficiary: self.fee_recipient,
                state_root: self.state_root,
                receipts_root: self.receipts_root,
                logs_bloom: self.logs_bloom,
                mix_hash: self.prev_randao,
                number: self.block_number.to(),
                gas_limit: self.gas_limit.to(),
                gas_used: self.gas_used.to(),
                timestamp: self.timestamp.to(),
                extra_data: self.extra_data.clone(),
                base_fee_per_gas: Some(self.base_fee_per_gas.to()),
                blob_gas_used: to(self.blob_gas_used),
                excess_blob_gas: to(self.excess_blob_gas),
                parent_beacon_block_root: params.beacon_root,
                slot_number: to(self.slot_number),
                ..Header::default()
            },
            transactions: self.transactions.clone(),
            withdrawals: self.withdrawals.clone(),
            requests: params.requests.clone(),
            block_access_list: self.block_access_list.clone(),
            block_hash: self.block_hash,
        }
    }
}

/// A mainnet block with the witness another client made.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct MainnetBlock {
    pub chain_id: u64,
    pub block_hash: B256,
    pub pre_state_root: B256,
    pub block_rlp: Bytes,
    /// The ancestors' hashes, the parent's first: in place of headers.
    #[serde(default)]
    pub block_hashes: Vec<B256>,
    pub witness: Lists,
}
