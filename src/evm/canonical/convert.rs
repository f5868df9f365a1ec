//! Canonical inputs from blocks, and blocks from canonical inputs.

use alloc::{vec, vec::Vec};
use alloy_consensus::{Block, Header, Transaction as _, TxEnvelope};
use alloy_eips::{eip2718::Encodable2718, eip4895, eip7685::Requests};
use alloy_hardforks::EthereumHardfork as Fork;
use alloy_primitives::{Address, B256, Bloom, Bytes, U256, keccak256};
use libssz::{DecodeError, SszDecode, SszEncode};
use libssz_merkle::HashTreeRoot;
use libssz_types::SszList;

use super::{
    AmsterdamRequests, CanonicalError, ChainConfig, ExecutionRequests, ExecutionWitness,
    ForkActivation, ForkConfig, Layout, NewPayload, PayloadV3, PayloadV4, PublicKey, Request,
    StatelessInput, Withdrawal,
};
use crate::evm::{Payload, Witness, WitnessRef};

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

/// What payloads of all forks have in common.
macro_rules! common {
    ($payload:ident, $from:expr, $withdrawals:expr $(, $own:ident: $value:expr)*) => {
        $payload {
            parent_hash: $from.parent_hash,
            fee_recipient: $from.fee_recipient,
            state_root: $from.state_root,
            receipts_root: $from.receipts_root,
            logs_bloom: $from.logs_bloom,
            prev_randao: $from.prev_randao,
            block_number: $from.block_number,
            gas_limit: $from.gas_limit,
            gas_used: $from.gas_used,
            timestamp: $from.timestamp,
            extra_data: $from.extra_data.clone(),
            base_fee_per_gas: $from.base_fee_per_gas,
            block_hash: $from.block_hash,
            transactions: $from.transactions.clone(),
            withdrawals: $withdrawals,
            blob_gas_used: $from.blob_gas_used,
            excess_blob_gas: $from.excess_blob_gas,
            $($own: $value,)*
        }
    };
}

impl StatelessInput {
    /// The canonical input of a block of Prague or later, in a layout with a schema number.
    ///
    /// # Errors
    /// A list is longer than the schema lets it be.
    pub fn new(layout: Layout, parts: CanonicalBlock<'_>) -> Result<Self, CanonicalError> {
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
                execution_payload: common!(
                    PayloadV4,
                    execution_payload,
                    execution_payload.withdrawals.clone(),
                    block_access_list: list(accesses.to_vec())?,
                    slot_number: parts.block.header.slot_number.unwrap_or_default()
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
        Ok(Self {
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
                Layout::Unnumbered | Layout::ChainId => super::only_id(parts.chain_id),
            },
            public_keys: parts.public_keys,
        })
    }

    /// The block as the engine API hands it over.
    pub fn payload(&self) -> Payload {
        match &self.request {
            NewPayload::V3(request) => {
                let requests = requests_to(&request.execution_requests);
                payload_of(request, &request.execution_payload, requests)
            }
            NewPayload::V4(request) => {
                let own = &request.execution_payload;
                let requests = amsterdam_requests_to(&request.execution_requests);
                let common = common!(PayloadV3, own, own.withdrawals.clone());
                let payload = payload_of(request, &common, requests);
                with_accesses(payload, &own.block_access_list, own.slot_number)
            }
            NewPayload::Early(request) => {
                let own = &request.execution_payload;
                let requests = request.execution_requests.iter();
                let requests = requests.map(|request| Bytes::copy_from_slice(request));
                // More withdrawals than a block may have are cut off: the block hash will differ.
                let withdrawals: Vec<_> = own.withdrawals.iter().take(16).cloned().collect();
                let common = common!(PayloadV3, own, list(withdrawals).unwrap_or_default());
                let payload = payload_of(request, &common, requests.collect());
                with_accesses(payload, &own.block_access_list, own.slot_number)
            }
        }
    }

    /// The witness, borrowed.
    pub fn witness(&self) -> WitnessRef<'_> {
        fn all(list: &[Vec<u8>]) -> Vec<&[u8]> {
            list.iter().map(Vec::as_slice).collect()
        }
        WitnessRef {
            state: all(&self.witness.state),
            codes: all(&self.witness.codes),
            headers: all(&self.witness.headers),
        }
    }

    /// The senders that the keys belong to.
    pub fn senders(&self) -> impl Iterator<Item = Address> + '_ {
        let of = |key: &PublicKey| Address::from_slice(&keccak256(&key[1..])[12..]);
        self.public_keys.iter().map(of)
    }
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

fn with_accesses(mut payload: Payload, accesses: &[u8], slot_number: u64) -> Payload {
    payload.block_access_list = Some(Bytes::copy_from_slice(accesses));
    payload.header.slot_number = Some(slot_number);
    payload
}

fn payload_of<P, R>(request: &Request<P, R>, payload: &PayloadV3, requests: Vec<Bytes>) -> Payload
where
    P: SszEncode + SszDecode + HashTreeRoot,
    R: SszEncode + SszDecode + HashTreeRoot,
{
    let withdrawals = payload.withdrawals.iter();
    let withdrawals = withdrawals.map(|withdrawal| eip4895::Withdrawal {
        index: withdrawal.index,
        validator_index: withdrawal.validator_index,
        address: withdrawal.address.into(),
        amount: withdrawal.amount,
    });
    // A fee beyond 64 bits is no header's: the block hash will differ.
    let base_fee = U256::from_le_bytes(payload.base_fee_per_gas).saturating_to();
    Payload {
        header: Header {
            parent_hash: payload.parent_hash.into(),
            beneficiary: payload.fee_recipient.into(),
            state_root: payload.state_root.into(),
            receipts_root: payload.receipts_root.into(),
            logs_bloom: Bloom::from(payload.logs_bloom),
            mix_hash: payload.prev_randao.into(),
            number: payload.block_number,
            gas_limit: payload.gas_limit,
            gas_used: payload.gas_used,
            timestamp: payload.timestamp,
            extra_data: Bytes::copy_from_slice(&payload.extra_data),
            base_fee_per_gas: Some(base_fee),
            blob_gas_used: Some(payload.blob_gas_used),
            excess_blob_gas: Some(payload.excess_blob_gas),
            parent_beacon_block_root: Some(request.parent_beacon_block_root.into()),
            ..Header::default()
        },
        transactions: payload
            .transactions
            .iter()
            .map(|bytes| Bytes::copy_from_slice(bytes))
            .collect(),
        withdrawals: Some(withdrawals.collect()),
        requests: Some(requests),
        block_access_list: None,
        block_hash: B256::from(payload.block_hash),
    }
}

fn requests_to(requests: &ExecutionRequests) -> Vec<Bytes> {
    typed([
        requests.deposits.to_ssz(),
        requests.withdrawals.to_ssz(),
        requests.consolidations.to_ssz(),
    ])
}

fn amsterdam_requests_to(requests: &AmsterdamRequests) -> Vec<Bytes> {
    typed([
        requests.deposits.to_ssz(),
        requests.withdrawals.to_ssz(),
        requests.consolidations.to_ssz(),
        requests.builder_deposits.to_ssz(),
        requests.builder_exits.to_ssz(),
    ])
}

/// Requests with their types in front: EIP-6110, EIP-7002, EIP-7251, EIP-8282 twice. Empty ones are left out.
fn typed<const N: usize>(data: [Vec<u8>; N]) -> Vec<Bytes> {
    let all = (0_u8..).zip(data).filter(|(_, data)| !data.is_empty());
    all.map(|(kind, data)| [&[kind], &data[..]].concat().into())
        .collect()
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
