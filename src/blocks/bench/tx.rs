//! The transactions of a benchmark block: one sender, fixed keys, nonces in order.

use alloy_consensus::{
    SignableTransaction, Signed, TxEip1559, TxEip4844, TxEip4844Variant, TxEip7702, TxEnvelope,
};
use alloy_eips::{
    eip2930::{AccessList, AccessListItem},
    eip4844::VERSIONED_HASH_VERSION_KZG,
    eip7702::{Authorization, SignedAuthorization},
};
use alloy_primitives::{Address, B256, Bytes, Signature, TxKind, U256, keccak256};

use super::{
    BenchError, Scenario,
    keys::{AUTHORITY, SENDER, key, sign},
    looping_contract,
    prestate::{self, Place},
};

/// The chain all benchmark blocks are on: mainnet's number, so that stock clients accept them.
pub(super) const CHAIN_ID: u64 = 1;

/// Far above any base fee.
const MAX_FEE_PER_GAS: u128 = 1_000_000_000_000;

/// One transaction's place in the block.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot {
    /// Its position, which is also its nonce.
    pub nonce: u64,
    /// Its gas limit.
    pub gas_limit: u64,
    /// Its iterations; 1 for scenarios whose iterations are transactions.
    pub count: u64,
    /// Bodies run by the transactions before it.
    pub first: u64,
}

/// What all transactions of a block share.
#[derive(Clone, Debug)]
pub(super) struct Template<'a> {
    pub scenario: &'a Scenario,
    /// Calldata, or what follows the arguments in it.
    pub data: Bytes,
    /// Creates a contract.
    pub creates: bool,
}

impl Template<'_> {
    /// The signed transaction at `slot`.
    pub(super) fn transaction(&self, slot: Slot) -> Result<TxEnvelope, BenchError> {
        let shape = &self.scenario.tx;
        let to = self.to(slot);
        let input = self.input(slot.count, slot.first);
        let value = U256::from(shape.value);
        let access_list = self.access_list(slot);
        if shape.blobs > 0 {
            let hash = |n| {
                let mut hash = keccak256(format!("reprice blob {} {n}", slot.nonce));
                hash[0] = VERSIONED_HASH_VERSION_KZG;
                hash
            };
            let tx = TxEip4844 {
                chain_id: CHAIN_ID,
                nonce: slot.nonce,
                gas_limit: slot.gas_limit,
                max_fee_per_gas: MAX_FEE_PER_GAS,
                max_priority_fee_per_gas: 0,
                to,
                value,
                access_list,
                blob_versioned_hashes: (0..shape.blobs).map(hash).collect(),
                max_fee_per_blob_gas: MAX_FEE_PER_GAS,
                input,
            };
            let signed: Signed<TxEip4844Variant> = signed(tx)?.into();
            return Ok(signed.into());
        }
        if shape.authorizations > 0 {
            let tx = TxEip7702 {
                chain_id: CHAIN_ID,
                nonce: slot.nonce,
                gas_limit: slot.gas_limit,
                max_fee_per_gas: MAX_FEE_PER_GAS,
                max_priority_fee_per_gas: 0,
                to,
                value,
                access_list,
                authorization_list: self.authorizations(slot)?,
                input,
            };
            return Ok(signed(tx)?.into());
        }
        let tx = TxEip1559 {
            chain_id: CHAIN_ID,
            nonce: slot.nonce,
            gas_limit: slot.gas_limit,
            max_fee_per_gas: MAX_FEE_PER_GAS,
            max_priority_fee_per_gas: 0,
            to: if self.creates {
                TxKind::Create
            } else {
                TxKind::Call(to)
            },
            value,
            access_list,
            input,
        };
        Ok(signed(tx)?.into())
    }

    /// Calldata. How many of its bytes are zero does not depend on the numbers.
    pub(super) fn input(&self, count: u64, first: u64) -> Bytes {
        if !self.scenario.loops() {
            return self.data.clone();
        }
        let mut input = looping_contract::arguments(count, first).to_vec();
        input.extend(&self.data);
        input.into()
    }

    fn to(&self, slot: Slot) -> Address {
        let place = match self.scenario.tx.to.as_deref() {
            None => Place::Target,
            Some(name) => prestate::place(self.scenario, name).unwrap_or(Place::Fresh),
        };
        let copies = match place {
            Place::Account(n) => self.scenario.accounts[n].copies.unwrap_or(1),
            Place::Target => 1,
            Place::Fresh => u64::MAX,
        };
        prestate::address(place, slot.nonce % copies)
    }

    /// Addresses and keys that nothing uses: what the list itself costs.
    fn access_list(&self, slot: Slot) -> AccessList {
        let shape = &self.scenario.tx;
        let item = |n| AccessListItem {
            address: prestate::address(Place::Fresh, slot.nonce * shape.addresses + n),
            storage_keys: (0..shape.keys).map(|k| B256::from(U256::from(k))).collect(),
        };
        AccessList((0..shape.addresses).map(item).collect())
    }

    fn authorizations(&self, slot: Slot) -> Result<Vec<SignedAuthorization>, BenchError> {
        let each = self.scenario.tx.authorizations;
        let authorization = |n| {
            let authorization = Authorization {
                chain_id: U256::from(CHAIN_ID),
                address: prestate::address(Place::Target, 0),
                nonce: 0,
            };
            let key = key(AUTHORITY, slot.nonce * each + n);
            let signature = sign(&key, authorization.signature_hash())?;
            Ok(authorization.into_signed(signature))
        };
        (0..each).map(authorization).collect()
    }
}

fn signed<T: SignableTransaction<Signature>>(tx: T) -> Result<Signed<T>, BenchError> {
    let signature = sign(&SENDER, tx.signature_hash())?;
    Ok(tx.into_signed(signature))
}
