//! Our blocks in the form that was read until 2026-07: a client's data types in JSON.

use alloy_consensus::{Transaction as _, TxEnvelope};
use alloy_primitives::Bytes;
use serde_json::{Map, Value, json};

use crate::bench::{StockBlock, TwinBlocks};

/// The block in the words of one client's data types.
pub(super) fn earlier(id: &str, blocks: &TwinBlocks) -> Value {
    let StockBlock { block, input, .. } = &blocks.stock;
    let header = &block.header;
    let transactions = block.body.transactions.iter().map(|transaction| {
        let signature = transaction.signature();
        json!({
            "signature": {
                "r": format!("{:#x}", signature.r()),
                "s": format!("{:#x}", signature.s()),
                "yParity": format!("{:#x}", u8::from(signature.v())),
                "v": format!("{:#x}", u8::from(signature.v())),
            },
            "transaction": kind(transaction),
        })
    });
    let list = |list: &[Bytes]| json!(list);
    json!({
        "name": id,
        "stateless_input": {
            "block": {
                "header": {
                    "parent_hash": header.parent_hash,
                    "ommers_hash": header.ommers_hash,
                    "beneficiary": header.beneficiary,
                    "state_root": header.state_root,
                    "transactions_root": header.transactions_root,
                    "receipts_root": header.receipts_root,
                    "withdrawals_root": header.withdrawals_root,
                    "logs_bloom": header.logs_bloom,
                    "difficulty": format!("{:#x}", header.difficulty),
                    "number": header.number,
                    "gas_limit": header.gas_limit,
                    "gas_used": header.gas_used,
                    "timestamp": header.timestamp,
                    "mix_hash": header.mix_hash,
                    "nonce": header.nonce,
                    "base_fee_per_gas": header.base_fee_per_gas,
                    "blob_gas_used": header.blob_gas_used,
                    "excess_blob_gas": header.excess_blob_gas,
                    "parent_beacon_block_root": header.parent_beacon_block_root,
                    "requests_hash": header.requests_hash,
                    "extra_data": header.extra_data,
                },
                "body": {
                    "transactions": transactions.collect::<Vec<_>>(),
                    "ommers": [],
                    "withdrawals": [],
                },
            },
            "witness": {
                "state": list(&input.witness.state),
                "codes": list(&input.witness.codes),
                "keys": [],
                "headers": list(&input.witness.headers),
            },
            "chain_config": {
                "chain_id": input.chain_id,
                "shanghai_time": 0,
                "cancun_time": 0,
                "prague_time": 0,
                "osaka_time": 0,
            },
        },
        "success": true,
    })
}

/// A transaction's fields under the name of its kind.
fn kind(transaction: &TxEnvelope) -> Value {
    let mut fields = json!({
        "chain_id": transaction.chain_id().map(|id| format!("{id:#x}")),
        "nonce": transaction.nonce(),
        "gas_limit": transaction.gas_limit(),
        "max_fee_per_gas": transaction.max_fee_per_gas(),
        "max_priority_fee_per_gas": transaction.max_priority_fee_per_gas(),
        "to": transaction.to(),
        "value": format!("{:#x}", transaction.value()),
        "access_list": transaction.access_list(),
        "input": transaction.input(),
    });
    let name = match transaction {
        TxEnvelope::Legacy(_) => "Legacy",
        TxEnvelope::Eip2930(_) => "Eip2930",
        TxEnvelope::Eip1559(_) => "Eip1559",
        TxEnvelope::Eip4844(_) => "Eip4844",
        TxEnvelope::Eip7702(_) => "Eip7702",
    };
    if let Some(hashes) = transaction.blob_versioned_hashes() {
        fields["blob_versioned_hashes"] = json!(hashes);
        fields["max_fee_per_blob_gas"] = json!(transaction.max_fee_per_blob_gas());
    }
    if let Some(list) = transaction.authorization_list() {
        fields["authorization_list"] = json!(list);
    }
    Value::Object(Map::from_iter([(name.to_owned(), fields)]))
}
