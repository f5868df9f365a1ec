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
    /// The block with this hash is valid.
    pub const fn accepted(block_hash: B256) -> Self {
        Self {
            block_hash,
            valid: true,
            reason: Reason::None,
        }
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
        Ok(_) => Verdict::accepted(block_hash),
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
    execute_witnessed(factory, rules, &decode_block(block)?, witness)
}

/// The block that these bytes are the RLP of.
///
/// # Errors
/// They are none, or not the only ones of their block. alloy takes typed transactions in other wrappers than their own: of
/// any length, or in none.
pub fn decode_block(rlp: &[u8]) -> Result<Block<TxEnvelope>, BlockError> {
    let block =
        Block::decode(&mut &*rlp).map_err(|error| BlockError::new(Reason::BlockEncoding, error))?;
    if alloy_rlp::encode(&block) != rlp {
        let detail = "the bytes are not the block's own encoding";
        return Err(BlockError::new(Reason::BlockEncoding, detail));
    }
    Ok(block)
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
