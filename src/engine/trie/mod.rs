//! A sparse Merkle-Patricia trie over 32-byte keys.
//!
//! Nodes are pulled from a store by their hash when a path leads through them, so the same code runs on a full node
//! store and on a witness, and what it pulls from the former is what the latter must hold. Reading walks the nodes
//! as they stand in the store; only what is written is built in memory, and untouched children stay references
//! into the store.
//!
//! Invariant: nothing here panics on what a store returns. The path of a node is at most 64 nibbles deep, so
//! recursion is bounded too.

mod encode;
mod node;
mod padded;
mod path;
mod sparse;
#[cfg(test)]
mod tests;

use alloy_primitives::B256;
use core::fmt;

pub use alloy_trie::EMPTY_ROOT_HASH;
pub use padded::Entry;
pub use sparse::Trie;

/// Where nodes come from.
pub trait NodeStore {
    /// The RLP of the node with this hash.
    fn node(&self, hash: &B256) -> Option<&[u8]>;
}

/// Why a trie has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrieError {
    /// The store lacks a node on the path.
    Missing(B256),
    /// A node is no valid RLP, or no node that a trie over 32-byte keys can have there.
    Malformed,
}

impl fmt::Display for TrieError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(hash) => write!(f, "the trie node {hash} is missing"),
            Self::Malformed => f.write_str("a trie node is malformed"),
        }
    }
}

impl core::error::Error for TrieError {}
