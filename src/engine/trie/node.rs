//! Nodes as they stand in the store: RLP, read in place.

use alloy_rlp::Header;

use super::{
    TrieError,
    path::{EncodedPath, KEY_NIBBLES},
};

/// An RLP item: whole, and without its header.
#[derive(Clone, Copy, Debug)]
struct Item<'a> {
    raw: &'a [u8],
    payload: &'a [u8],
    list: bool,
}

/// Takes the first item off `rest`.
fn item<'a>(rest: &mut &'a [u8]) -> Result<Item<'a>, TrieError> {
    let all = *rest;
    // Nearly every item of a branch is a hash or nothing.
    let (header, length, list) = match all.first() {
        Some(0xa0) => (1, 32, false),
        Some(0x80) => (1, 0, false),
        _ => {
            let mut after = all;
            let header = Header::decode(&mut after).map_err(|_| TrieError::Malformed)?;
            (all.len() - after.len(), header.payload_length, header.list)
        }
    };
    let (raw, after) = all
        .split_at_checked(header + length)
        .ok_or(TrieError::Malformed)?;
    *rest = after;
    Ok(Item {
        raw,
        payload: &raw[header..],
        list,
    })
}

/// What a node refers to a child by.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Child<'a> {
    /// No child.
    Empty,
    /// The hash of its RLP.
    Hash(&'a [u8; 32]),
    /// Its RLP, shorter than a hash.
    Inline(&'a [u8]),
}

impl<'a> Child<'a> {
    /// Reads a child's item.
    pub fn new(raw: &'a [u8]) -> Result<Self, TrieError> {
        match raw {
            [0x80] => Ok(Self::Empty),
            [0xa0, hash @ ..] => hash
                .try_into()
                .map(Self::Hash)
                .map_err(|_| TrieError::Malformed),
            [0xc0..=0xff, ..] if raw.len() < 32 => Ok(Self::Inline(raw)),
            _ => Err(TrieError::Malformed),
        }
    }
}

/// A node, read as far as its kind.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Encoded<'a> {
    /// The rest of a key and its value.
    Leaf(EncodedPath<'a>, &'a [u8]),
    /// A stretch that all keys below share, and the item of the branch below.
    Extension(EncodedPath<'a>, &'a [u8]),
    /// The seventeen items.
    Branch(&'a [u8]),
}

impl<'a> Encoded<'a> {
    /// Reads the node that stands at `depth` nibbles below the root.
    pub fn new(rlp: &'a [u8], depth: usize) -> Result<Self, TrieError> {
        let mut rest = rlp;
        let node = item(&mut rest)?;
        if !node.list || !rest.is_empty() {
            return Err(TrieError::Malformed);
        }
        let mut rest = node.payload;
        let first = item(&mut rest)?;
        let second = item(&mut rest)?;
        if !rest.is_empty() {
            return if depth < KEY_NIBBLES {
                Ok(Self::Branch(node.payload))
            } else {
                Err(TrieError::Malformed)
            };
        }
        if first.list {
            return Err(TrieError::Malformed);
        }
        let path = EncodedPath::new(first.payload).ok_or(TrieError::Malformed)?;
        let below = depth + path.length;
        if path.leaf {
            // Every key is as long as every other: a leaf ends where keys end.
            if second.list || second.payload.is_empty() || below != KEY_NIBBLES {
                return Err(TrieError::Malformed);
            }
            Ok(Self::Leaf(path, second.payload))
        } else {
            // An empty stretch would let a chain of nodes go on without getting deeper.
            if path.length == 0 || below >= KEY_NIBBLES {
                return Err(TrieError::Malformed);
            }
            Ok(Self::Extension(path, second.raw))
        }
    }
}

/// The item of child `index` among a branch's items.
pub(crate) fn branch_child(items: &[u8], index: usize) -> Result<&[u8], TrieError> {
    let mut rest = items;
    for _ in 0..index {
        item(&mut rest)?;
    }
    Ok(item(&mut rest)?.raw)
}

/// The items of all children of a branch, which must have no value of its own.
pub(crate) fn branch_children(items: &[u8]) -> Result<[&[u8]; 16], TrieError> {
    let mut rest = items;
    let mut children: [&[u8]; 16] = [&[]; 16];
    for child in &mut children {
        *child = item(&mut rest)?.raw;
    }
    if rest == [0x80] {
        Ok(children)
    } else {
        Err(TrieError::Malformed)
    }
}
