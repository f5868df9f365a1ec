//! What a guest program reads.

use alloc::{sync::Arc, vec::Vec};
use alloy_primitives::{B256, Bytes};
use serde::{Deserialize, Serialize};

use super::{
    ChainRules, Reason, Tariff, TariffEvmFactory, canonical,
    stateless::{Verdict, validate_block},
    witness::{Witness, WitnessRef},
};

/// A block and all it takes to validate it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GuestInput {
    /// The schedule.
    pub tariff: Tariff,
    /// EIP-155.
    pub chain_id: u64,
    /// The block's RLP.
    pub block: Bytes,
    /// What the block reads.
    pub witness: Witness,
}

/// [`GuestInput`], borrowed: same bytes, but decoding copies nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GuestInputRef<'a> {
    /// The schedule.
    pub tariff: Tariff,
    /// EIP-155.
    pub chain_id: u64,
    /// The block's RLP.
    #[serde(borrow)]
    pub block: &'a [u8],
    /// What the block reads.
    #[serde(borrow)]
    pub witness: WitnessRef<'a>,
}

impl GuestInput {
    /// The bytes a guest reads: postcard.
    pub fn encode(&self) -> Vec<u8> {
        postcard::to_allocvec(self).expect("bytes and numbers always have a postcard form")
    }

    /// Reads [`Self::encode`].
    ///
    /// # Errors
    /// The bytes are something else.
    pub fn decode(bytes: &[u8]) -> Result<Self, postcard::Error> {
        postcard::from_bytes(bytes)
    }

    /// Borrows it.
    pub fn as_ref(&self) -> GuestInputRef<'_> {
        GuestInputRef {
            tariff: self.tariff.clone(),
            chain_id: self.chain_id,
            block: &self.block,
            witness: self.witness.as_ref(),
        }
    }
}

/// Validates a block from its input alone.
pub fn validate(input: &GuestInput) -> Verdict {
    validate_ref(input.as_ref())
}

/// [`validate`] on borrowed input.
pub fn validate_ref(input: GuestInputRef<'_>) -> Verdict {
    let rules = ChainRules::of(input.chain_id, &input.tariff);
    let factory = TariffEvmFactory::new(Arc::new(input.tariff));
    validate_block(&factory, &rules, input.block, &input.witness)
}

/// All that a guest does: what it commits to for our input or for a canonical one.
pub fn answer(bytes: &[u8]) -> Vec<u8> {
    if canonical::is_canonical(bytes) {
        canonical::validate(bytes)
    } else {
        validate_bytes(bytes).to_bytes().to_vec()
    }
}

/// [`validate`] on the bytes of [`GuestInput::encode`].
pub fn validate_bytes(bytes: &[u8]) -> Verdict {
    match postcard::from_bytes(bytes) {
        Ok(input) => validate_ref(input),
        Err(_) => Verdict::refused(B256::ZERO, Reason::Input),
    }
}
