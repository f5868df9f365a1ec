//! Blocks from canonical inputs.

use alloc::vec::Vec;
use alloy_consensus::Header;
use alloy_eips::eip4895;
use alloy_primitives::{Address, B256, Bloom, Bytes, U256, keccak256};
use libssz::{SszDecode, SszEncode};
use libssz_merkle::HashTreeRoot;
use libssz_types::SszList;

use super::{
    AmsterdamRequests, ExecutionRequests, NewPayload, PayloadV3, PayloadV4, PublicKey, Request,
    StatelessInput,
};
use crate::{Payload, WitnessRef};

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

impl PayloadV4 {
    /// The payload with what Amsterdam adds to it.
    pub fn new(
        common: &PayloadV3,
        block_access_list: SszList<u8, 16_777_216>,
        slot_number: u64,
    ) -> Self {
        common!(
            PayloadV4,
            common,
            common.withdrawals.clone(),
            block_access_list: block_access_list,
            slot_number: slot_number
        )
    }
}

impl StatelessInput {
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
                let common = common!(PayloadV3, own, withdrawals.try_into().unwrap_or_default());
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
