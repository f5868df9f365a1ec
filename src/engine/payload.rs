//! Blocks as the consensus layer hands them over: an execution payload in place of a header and a body.

use alloc::vec::Vec;
use alloy_consensus::{Block, BlockBody, EMPTY_OMMER_ROOT_HASH, Header, TxEnvelope};
use alloy_eips::{
    eip2718::Decodable2718,
    eip4895::{Withdrawal, Withdrawals},
    eip7685::Requests,
};
use alloy_primitives::{B256, Bytes, keccak256};
use alloy_trie::root::ordered_trie_root_encoded;

use super::{BlockError, Reason, header::require};

/// A block in the engine API's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payload {
    /// What the payload says of the header; what follows from the rest is filled in by [`Self::block`].
    pub header: Header,
    /// EIP-2718 encodings.
    pub transactions: Vec<Bytes>,
    /// EIP-4895; `None` before Shanghai.
    pub withdrawals: Option<Vec<Withdrawal>>,
    /// EIP-7685, each with its type in front; `None` before Prague.
    pub requests: Option<Vec<Bytes>>,
    /// RLP of the block access list (EIP-7928); `None` before Amsterdam.
    pub block_access_list: Option<Bytes>,
    /// What the hash of the header has to be.
    pub block_hash: B256,
}

impl Payload {
    /// The block.
    ///
    /// # Errors
    /// A transaction cannot be decoded, or the block hash is another.
    pub fn block(&self) -> Result<Block<TxEnvelope>, BlockError> {
        let decode = |(index, bytes): (usize, &Bytes)| {
            TxEnvelope::decode_2718_exact(bytes).map_err(|error| {
                let detail = format_args!("transaction {index}: {error}");
                BlockError::new(Reason::BlockEncoding, detail)
            })
        };
        let transactions: Result<Vec<_>, _> =
            self.transactions.iter().enumerate().map(decode).collect();
        let withdrawals = self.withdrawals.clone().map(Withdrawals::new);
        let header = Header {
            ommers_hash: EMPTY_OMMER_ROOT_HASH,
            transactions_root: ordered_trie_root_encoded(&self.transactions),
            withdrawals_root: withdrawals
                .as_ref()
                .map(|list| alloy_consensus::proofs::calculate_withdrawals_root(list)),
            requests_hash: self
                .requests
                .as_ref()
                .map(|list| Requests::new(list.clone()).requests_hash()),
            block_access_list_hash: self.block_access_list.as_ref().map(keccak256),
            ..self.header.clone()
        };
        require(Reason::BlockHash, self.block_hash, header.hash_slow())?;
        let body = BlockBody {
            transactions: transactions?,
            ommers: Vec::new(),
            withdrawals,
        };
        Ok(Block { header, body })
    }
}
