//! The stateless validator: a block and its witness in, a verdict out.

use alloy_consensus::{Block, TxEnvelope};
use alloy_primitives::{B256, Sealed, keccak256};
use alloy_rlp::{Decodable, Header as RlpHeader};

use super::{
    BlockError, ChainRules, Reason,
    block::{BlockEvmFactory, Executed, execute_block},
    state::StateDb,
    witness::{WitnessRef, WitnessStore},
};

/// What a validator says about a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The hash of the block's header; zero where the block cannot be decoded.
    pub block_hash: B256,
    /// Whether the block is valid.
    pub valid: bool,
    /// Why not.
    pub reason: Reason,
}

impl Verdict {
    /// The block hash, 1 or 0, and the reason's code: what a guest commits.
    pub fn to_bytes(&self) -> [u8; 34] {
        let mut bytes = [0; 34];
        bytes[..32].copy_from_slice(self.block_hash.as_slice());
        bytes[32] = u8::from(self.valid);
        bytes[33] = self.reason.code();
        bytes
    }

    /// Reads [`Self::to_bytes`]; `None` where it says something else.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (hash, &[valid, code]) = bytes.split_at_checked(32)? else {
            return None;
        };
        let reason = Reason::from_code(code)?;
        (valid == u8::from(reason == Reason::None)).then(|| Self {
            block_hash: B256::from_slice(hash),
            valid: valid == 1,
            reason,
        })
    }

    pub(crate) const fn refused(block_hash: B256, reason: Reason) -> Self {
        Self {
            block_hash,
            valid: false,
            reason,
        }
    }
}

/// Validates the block with this RLP against `witness`, which need not be trusted: the block names its parent by
/// hash, the parent's header names the state, and everything else is found by hash from there.
pub fn validate_block<F: BlockEvmFactory>(
    factory: &F,
    rules: &ChainRules,
    block: &[u8],
    witness: &WitnessRef<'_>,
) -> Verdict {
    let Some(block_hash) = header_hash(block) else {
        return Verdict::refused(B256::ZERO, Reason::BlockEncoding);
    };
    match execute_stateless(factory, rules, block, witness) {
        Ok(_) => Verdict {
            block_hash,
            valid: true,
            reason: Reason::None,
        },
        Err(error) => Verdict::refused(block_hash, error.reason),
    }
}

/// The same with everything that execution gave, or the refusal with its details.
///
/// # Errors
/// The first rule that is broken, or what the witness lacks.
pub fn execute_stateless<F: BlockEvmFactory>(
    factory: &F,
    rules: &ChainRules,
    block: &[u8],
    witness: &WitnessRef<'_>,
) -> Result<Executed, BlockError> {
    let mut rest = block;
    let block = Block::<TxEnvelope>::decode(&mut rest)
        .map_err(|error| BlockError::new(Reason::BlockEncoding, error))?;
    if !rest.is_empty() {
        return Err(Reason::BlockEncoding.into());
    }
    execute_witnessed(factory, rules, &block, witness)
}

/// [`execute_stateless`] on a block that is decoded already.
pub(crate) fn execute_witnessed<F: BlockEvmFactory>(
    factory: &F,
    rules: &ChainRules,
    block: &Block<TxEnvelope>,
    witness: &WitnessRef<'_>,
) -> Result<Executed, BlockError> {
    let store = WitnessStore::new(witness, block.header.parent_hash)?;
    let parent = Sealed::new_unchecked(store.parent().clone(), block.header.parent_hash);
    let mut db = StateDb::new(&store, parent.state_root);
    execute_block(factory, rules, &parent, block, &mut db)
}

/// The hash of the header within a block's RLP.
fn header_hash(block: &[u8]) -> Option<B256> {
    let mut rest = block;
    let outer = RlpHeader::decode(&mut rest).ok()?;
    let start = rest;
    let header = RlpHeader::decode(&mut rest).ok()?;
    let length = start.len() - rest.len() + header.payload_length;
    (outer.list && header.list)
        .then(|| start.get(..length).map(keccak256))
        .flatten()
}
