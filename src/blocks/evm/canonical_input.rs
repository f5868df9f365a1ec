//! Canonical inputs (EIP-8025) from blocks.

use alloy_consensus::{Block, Transaction as _, TxEnvelope};
use alloy_eips::{eip2718::Encodable2718, eip7685::Requests};
use alloy_hardforks::EthereumHardfork as Fork;
use alloy_primitives::{Bytes, U256};
use libssz::{DecodeError, SszDecode};
use libssz_types::SszList;
use reprice_engine::canonical::{
    AmsterdamRequests, CanonicalError, ChainConfig, ExecutionRequests, ExecutionWitness,
    ForkActivation, ForkConfig, Layout, NewPayload, PayloadV3, PayloadV4, PublicKey, Request,
    StatelessInput, Withdrawal,
};

use super::Witness;

/// A block with everything a canonical input says about it.
#[derive(Clone, Debug)]
pub struct CanonicalBlock<'a> {
    /// The block.
    pub block: &'a Block<TxEnvelope>,
    /// EIP-7685.
    pub requests: &'a Requests,
    /// RLP of the block access list (EIP-7928), of blocks of Amsterdam.
    pub block_access_list: Option<&'a Bytes>,
    /// What the block reads.
    pub witness: &'a Witness,
    /// The senders' keys, in the order of transactions.
    pub public_keys: Vec<PublicKey>,
    /// EIP-155.
    pub chain_id: u64,
    /// The fork, and since when, in seconds.
    pub fork: (Fork, u64),
}

fn too_long<E>(_: E) -> CanonicalError {
    CanonicalError::Ssz(DecodeError::ExtraBytesRemaining(0))
}

fn list<T, const N: usize>(items: Vec<T>) -> Result<SszList<T, N>, CanonicalError> {
    items.try_into().map_err(too_long)
}

/// The canonical input of a block of Prague or later, in a layout with a schema number.
///
/// # Errors
/// A list is longer than the schema lets it be.
pub fn canonical_input(
    layout: Layout,
    parts: CanonicalBlock<'_>,
) -> Result<StatelessInput, CanonicalError> {
    let (fork, start) = parts.fork;
    let body = &parts.block.body;
    let hashes = body.transactions.iter();
    let hashes = hashes.filter_map(|transaction| transaction.blob_versioned_hashes());
    let root = parts.block.header.parent_beacon_block_root;
    let versioned_hashes = list(hashes.flatten().map(|hash| hash.0).collect())?;
    let parent_beacon_block_root = root.unwrap_or_default().0;
    let execution_payload = payload(parts.block)?;
    let request = match parts.block_access_list {
        None => NewPayload::V3(Request {
            execution_payload,
            versioned_hashes,
            parent_beacon_block_root,
            execution_requests: requests_from(parts.requests)?,
        }),
        Some(accesses) => NewPayload::V4(Request {
            execution_payload: PayloadV4::new(
                &execution_payload,
                list(accesses.to_vec())?,
                parts.block.header.slot_number.unwrap_or_default(),
            ),
            versioned_hashes,
            parent_beacon_block_root,
            execution_requests: amsterdam_requests_from(parts.requests)?,
        }),
    };
    let copied = |bytes: &[Bytes]| bytes.iter().map(|bytes| bytes.to_vec()).collect();
    let active_fork = ForkConfig {
        activation: ForkActivation {
            block_number: SszList::default(),
            timestamp: list(vec![start])?,
        },
    };
    Ok(StatelessInput {
        layout,
        fork,
        request,
        witness: ExecutionWitness {
            state: copied(&parts.witness.state),
            codes: copied(&parts.witness.codes),
            headers: copied(&parts.witness.headers),
        },
        chain: match layout {
            Layout::ForkStart => ChainConfig {
                chain_id: parts.chain_id,
                active_fork,
            },
            Layout::Unnumbered | Layout::ChainId => ChainConfig {
                chain_id: parts.chain_id,
                ..ChainConfig::default()
            },
        },
        public_keys: parts.public_keys,
    })
}

fn payload(block: &Block<TxEnvelope>) -> Result<PayloadV3, CanonicalError> {
    let Block { header, body } = block;
    let transactions = body.transactions.iter().map(|tx| list(tx.encoded_2718()));
    let withdrawals = body.withdrawals.iter().flat_map(|list| list.iter());
    let withdrawals = withdrawals.map(|withdrawal| Withdrawal {
        index: withdrawal.index,
        validator_index: withdrawal.validator_index,
        address: withdrawal.address.into_array(),
        amount: withdrawal.amount,
    });
    Ok(PayloadV3 {
        parent_hash: header.parent_hash.0,
        fee_recipient: header.beneficiary.into_array(),
        state_root: header.state_root.0,
        receipts_root: header.receipts_root.0,
        logs_bloom: header.logs_bloom.into_array(),
        prev_randao: header.mix_hash.0,
        block_number: header.number,
        gas_limit: header.gas_limit,
        gas_used: header.gas_used,
        timestamp: header.timestamp,
        extra_data: list(header.extra_data.to_vec())?,
        base_fee_per_gas: U256::from(header.base_fee_per_gas.unwrap_or_default()).to_le_bytes(),
        block_hash: header.hash_slow().0,
        transactions: list(transactions.collect::<Result<_, _>>()?)?,
        withdrawals: list(withdrawals.collect())?,
        blob_gas_used: header.blob_gas_used.unwrap_or_default(),
        excess_blob_gas: header.excess_blob_gas.unwrap_or_default(),
    })
}

fn requests_from(requests: &Requests) -> Result<ExecutionRequests, CanonicalError> {
    let AmsterdamRequests {
        deposits,
        withdrawals,
        consolidations,
        builder_deposits,
        builder_exits,
    } = amsterdam_requests_from(requests)?;
    if builder_deposits.len() + builder_exits.len() > 0 {
        // A request of a later fork, which the schema has no place for.
        return Err(too_long(()));
    }
    Ok(ExecutionRequests {
        deposits,
        withdrawals,
        consolidations,
    })
}

fn amsterdam_requests_from(requests: &Requests) -> Result<AmsterdamRequests, CanonicalError> {
    let mut found = AmsterdamRequests::default();
    for request in requests.iter() {
        let Some((kind, data)) = request.split_first() else {
            continue;
        };
        match kind {
            0 => found.deposits = SszDecode::from_ssz_bytes(data)?,
            1 => found.withdrawals = SszDecode::from_ssz_bytes(data)?,
            2 => found.consolidations = SszDecode::from_ssz_bytes(data)?,
            3 => found.builder_deposits = SszDecode::from_ssz_bytes(data)?,
            4 => found.builder_exits = SszDecode::from_ssz_bytes(data)?,
            _ => return Err(too_long(())),
        }
    }
    Ok(found)
}
