//! Keys that belong to no one: who sends transactions, and who signs authorizations.

use alloy_primitives::{Address, B256, Signature, keccak256};
use k256::ecdsa::SigningKey;
use std::sync::LazyLock;

use super::BenchError;

/// Any fixed key will do; this one belongs to no one.
pub(super) static SENDER: LazyLock<SigningKey> = LazyLock::new(|| key("sender", 0));

/// Who sends every transaction.
pub(super) fn sender() -> Address {
    static ADDRESS: LazyLock<Address> = LazyLock::new(|| Address::from_private_key(&SENDER));
    *ADDRESS
}

/// The account that signs the n-th authorization.
pub(super) fn authority(n: u64) -> Address {
    Address::from_private_key(&key(AUTHORITY, n))
}

/// What [`key`]s are for that sign authorizations.
pub(super) const AUTHORITY: &str = "authority";

/// The n-th key of a purpose.
pub(super) fn key(purpose: &str, n: u64) -> SigningKey {
    let seed = keccak256(format!("reprice {purpose} {n}"));
    SigningKey::from_slice(seed.as_slice()).expect("a hash is a valid key but for one in 2^128")
}

/// Signs a hash.
///
/// # Errors
/// Never for the hashes of transactions; the library's signature.
pub(super) fn sign(key: &SigningKey, hash: B256) -> Result<Signature, BenchError> {
    let signed = key.sign_prehash_recoverable(hash.as_slice());
    signed.map(Signature::from).map_err(|_| BenchError::Signing)
}
