//! What a guest commits to: that a block is valid, or is not, under which rules.

use alloy_primitives::{B256, keccak256};

use super::{Reason, Verdict};

/// A verdict and what it holds under. Whoever checks a proof compares both: the same block may be valid under many
/// schedules, and its hash tells none of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Statement {
    /// About the block.
    pub verdict: Verdict,
    /// The Keccak-256 hash of the schedule and the chain's number, as [`GuestInput`](super::GuestInput) encodes them; zero
    /// where they cannot be decoded.
    pub rules_hash: B256,
}

impl Statement {
    /// How many bytes a guest commits.
    pub const BYTES: usize = 66;

    /// The block hash, 1 or 0, the reason's code, the hash of the rules: what a guest commits.
    pub fn to_bytes(&self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        bytes[..32].copy_from_slice(self.verdict.block_hash.as_slice());
        bytes[32] = u8::from(self.verdict.valid);
        bytes[33] = self.verdict.reason.code();
        bytes[34..].copy_from_slice(self.rules_hash.as_slice());
        bytes
    }

    /// Reads [`Self::to_bytes`]; `None` where it says something else.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (block_hash, rest) = bytes.split_first_chunk::<32>()?;
        let (&[valid, code], rules_hash) = rest.split_first_chunk()?;
        let reason = Reason::from_code(code)?;
        let rules_hash = B256::try_from(rules_hash).ok()?;
        (valid == u8::from(reason == Reason::None)).then(|| Self {
            verdict: Verdict {
                block_hash: block_hash.into(),
                valid: valid == 1,
                reason,
            },
            rules_hash,
        })
    }

    /// About the block of an input that starts with these bytes of rules.
    pub(crate) fn under(rules: &[u8], verdict: Verdict) -> Self {
        Self {
            verdict,
            rules_hash: keccak256(rules),
        }
    }
}
