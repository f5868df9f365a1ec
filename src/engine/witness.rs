//! What a stateless validator is given in place of a state.

use alloc::vec::Vec;
use alloy_consensus::Header;
use alloy_primitives::{B256, Bytes, keccak256, map::B256Map};
use alloy_rlp::Decodable;
use revm::state::Bytecode;
use serde::{Deserialize, Serialize};

use super::{
    Reason,
    state::{Store, bytecode},
    trie::NodeStore,
};

/// Everything that a block reads, by value: whoever receives it hashes it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Witness {
    /// RLP of trie nodes, of the account trie and of storage tries alike.
    pub state: Vec<Bytes>,
    /// Contract codes.
    pub codes: Vec<Bytes>,
    /// RLP of ancestors' headers, oldest first, the last one the parent's.
    pub headers: Vec<Bytes>,
}

/// [`Witness`], borrowed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WitnessRef<'a> {
    /// RLP of trie nodes.
    #[serde(borrow)]
    pub state: Vec<&'a [u8]>,
    /// Contract codes.
    #[serde(borrow)]
    pub codes: Vec<&'a [u8]>,
    /// RLP of headers.
    #[serde(borrow)]
    pub headers: Vec<&'a [u8]>,
}

impl Witness {
    /// Borrows it.
    pub fn as_ref(&self) -> WitnessRef<'_> {
        fn all(list: &[Bytes]) -> Vec<&[u8]> {
            list.iter().map(|bytes| &bytes[..]).collect()
        }
        WitnessRef {
            state: all(&self.state),
            codes: all(&self.codes),
            headers: all(&self.headers),
        }
    }
}

/// A witness by hash.
#[derive(Debug)]
pub struct WitnessStore<'a> {
    nodes: B256Map<&'a [u8]>,
    codes: B256Map<&'a [u8]>,
    /// Number and hash of the parent, then of older ancestors.
    ancestors: Vec<B256>,
    parent: Header,
}

impl<'a> WitnessStore<'a> {
    /// Hashes a witness and checks that its headers are an unbroken chain that ends in the block's parent.
    ///
    /// # Errors
    /// The headers are missing, broken, or not the block's ancestors.
    pub fn new(witness: &WitnessRef<'a>, parent_hash: B256) -> Result<Self, Reason> {
        let mut parent = None;
        let mut ancestors = Vec::with_capacity(witness.headers.len());
        let mut expected = parent_hash;
        for rlp in witness.headers.iter().rev() {
            if keccak256(rlp) != expected {
                return Err(Reason::WitnessHeaders);
            }
            let mut rest = *rlp;
            let header = Header::decode(&mut rest).map_err(|_| Reason::WitnessHeaders)?;
            if !rest.is_empty() {
                return Err(Reason::WitnessHeaders);
            }
            ancestors.push(expected);
            expected = header.parent_hash;
            parent.get_or_insert(header);
        }
        let hashed = |list: &[&'a [u8]]| {
            list.iter()
                .map(|&bytes| (keccak256(bytes), bytes))
                .collect()
        };
        Ok(Self {
            nodes: hashed(&witness.state),
            codes: hashed(&witness.codes),
            ancestors,
            parent: parent.ok_or(Reason::WitnessHeaders)?,
        })
    }

    /// The parent's header.
    pub const fn parent(&self) -> &Header {
        &self.parent
    }
}

impl NodeStore for WitnessStore<'_> {
    fn node(&self, hash: &B256) -> Option<&[u8]> {
        self.nodes.get(hash).copied()
    }
}

impl Store for WitnessStore<'_> {
    fn code(&self, hash: &B256) -> Option<Bytecode> {
        let code = self.codes.get(hash)?;
        Some(bytecode(Bytes::copy_from_slice(code)))
    }

    fn block_hash(&self, number: u64) -> Option<B256> {
        let back = self.parent.number.checked_sub(number)?;
        self.ancestors.get(usize::try_from(back).ok()?).copied()
    }
}
