//! What a guest program reads.

use alloc::{sync::Arc, vec::Vec};
use alloy_primitives::{B256, Bytes};
use serde::{Deserialize, Serialize};

use super::{
    ChainRules, Reason, Statement, Tariff, TariffEvmFactory, canonical,
    stateless::{Verdict, validate_block},
    witness::{Witness, WitnessRef},
};

/// A block and all it takes to validate it. The rules come first: [`Statement`] commits to their bytes.
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

    /// What a guest commits to that accepts the block, whose hash is this one.
    pub fn accepted(&self, block_hash: B256) -> Statement {
        let rules = postcard::to_allocvec(&(&self.tariff, self.chain_id))
            .expect("numbers always have a postcard form");
        Statement::under(&rules, Verdict::accepted(block_hash))
    }
}

/// Validates a block from its input alone.
pub fn validate(input: &GuestInput) -> Verdict {
    validate_bytes(&input.encode()).verdict
}

/// All that a guest does: what it commits to for our input or for a canonical one.
pub fn answer(bytes: &[u8]) -> Vec<u8> {
    if canonical::is_canonical(bytes) {
        canonical::validate(bytes)
    } else {
        validate_bytes(bytes).to_bytes().to_vec()
    }
}

/// Rules are no longer than this, bytes: formulas nest no deeper than they are long, and are read by recursion.
const RULES_LIMIT: usize = 1 << 14;

/// [`validate`] on the bytes of [`GuestInput::encode`], whose block and witness are borrowed. The rules stand in front, and
/// what is committed to are the bytes that were read.
pub fn validate_bytes(bytes: &[u8]) -> Statement {
    let unread = Verdict::refused(B256::ZERO, Reason::Input);
    let head = &bytes[..bytes.len().min(RULES_LIMIT)];
    let Ok(((tariff, chain_id), rest)) = postcard::take_from_bytes::<(Tariff, u64)>(head) else {
        return Statement {
            verdict: unread,
            rules_hash: B256::ZERO,
        };
    };
    let (read, rest) = bytes.split_at(head.len() - rest.len());
    let verdict =
        postcard::from_bytes::<(&[u8], WitnessRef<'_>)>(rest).map_or(unread, |(block, witness)| {
            let rules = ChainRules::of(chain_id, &tariff);
            let factory = TariffEvmFactory::new(Arc::new(tariff));
            validate_block(&factory, &rules, block, &witness)
        });
    Statement::under(read, verdict)
}
