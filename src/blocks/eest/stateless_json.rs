//! JSON stateless inputs of 2025: a block in the words of one client's data types, its witness, and the chain's forks.

use std::collections::BTreeMap;

use alloy_consensus::{
    Block, BlockBody, Header, SignableTransaction, TxEip1559, TxEip2930, TxEnvelope, TxLegacy,
};
use alloy_eips::eip4895::{Withdrawal, Withdrawals};
use alloy_hardforks::EthereumHardfork as Fork;
use alloy_primitives::Signature;
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error as _},
};
use serde_json::Value;

use super::fixture_json::Lists;
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
    #[serde(deserialize_with = "from_snake_case")]
    header: Header,
    body: JsonBody,
}

#[derive(Deserialize)]
struct JsonBody {
    transactions: Vec<JsonTransaction>,
    withdrawals: Option<Vec<Withdrawal>>,
}

#[derive(Deserialize)]
struct JsonTransaction {
    signature: Signature,
    transaction: Unsigned,
}

/// The kinds that published inputs have.
#[derive(Deserialize)]
enum Unsigned {
    Legacy(#[serde(deserialize_with = "from_snake_case")] TxLegacy),
    Eip2930(#[serde(deserialize_with = "from_snake_case")] TxEip2930),
    Eip1559(#[serde(deserialize_with = "from_snake_case")] TxEip1559),
}

/// One of alloy's types: the client's has the same fields, called in snake case.
fn from_snake_case<'de, D: Deserializer<'de>, T: DeserializeOwned>(
    deserializer: D,
) -> Result<T, D::Error> {
    let fields = BTreeMap::<String, Value>::deserialize(deserializer)?;
    let fields = fields.into_iter();
    let fields = fields.map(|(name, value)| (camel_case(&name), value));
    T::deserialize(Value::Object(fields.collect())).map_err(D::Error::custom)
}

fn camel_case(name: &str) -> String {
    let mut camel = String::new();
    let mut upper = false;
    for c in name.chars() {
        match c {
            '_' => upper = true,
            c if upper => {
                camel.push(c.to_ascii_uppercase());
                upper = false;
            }
            c => camel.push(c),
        }
    }
    camel
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
        let transactions = self.body.transactions.into_iter();
        Block {
            header: self.header,
            body: BlockBody {
                transactions: transactions.map(JsonTransaction::envelope).collect(),
                ommers: Vec::new(),
                withdrawals: self.body.withdrawals.map(Withdrawals::new),
            },
        }
    }
}

impl JsonTransaction {
    fn envelope(self) -> TxEnvelope {
        match self.transaction {
            Unsigned::Legacy(unsigned) => unsigned.into_signed(self.signature).into(),
            Unsigned::Eip2930(unsigned) => unsigned.into_signed(self.signature).into(),
            Unsigned::Eip1559(unsigned) => unsigned.into_signed(self.signature).into(),
        }
    }
}
