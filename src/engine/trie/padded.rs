//! Tries that are as deep as those of millions of keys, from a few keys.
//!
//! Every path leads through full branches down to some depth. The children of those that lead to no key are hashes of
//! nothing: a witness holds only the nodes on a path, so nobody who reads or writes the keys sees the difference.

use alloc::{boxed::Box, vec::Vec};
use alloy_primitives::{B256, keccak256};

use super::{
    NodeStore, Trie,
    path::{KEY_NIBBLES, Path, nibble},
    sparse::Node,
};

/// A key and its value; `None` where the path ends at nothing, so that the key's absence can be proven and a value put there.
pub type Entry = (B256, Option<Vec<u8>>);

impl<'a, S: NodeStore> Trie<'a, S> {
    /// The trie that holds `entries` below at least `depth` branches each (at most 63). Keys that share more than that
    /// stand deeper. Of equal keys the first counts.
    pub fn padded(store: &'a S, mut entries: Vec<Entry>, depth: usize) -> Self {
        entries.sort_by_key(|(key, _)| *key);
        entries.dedup_by_key(|(key, _)| *key);
        let root = if entries.is_empty() {
            Node::Empty
        } else {
            padded(&mut entries, 0, depth.min(KEY_NIBBLES - 1))
        };
        Self { store, root }
    }
}

/// The node at `at` above `entries`, of which there is at least one, sorted and distinct.
fn padded<'a>(entries: &mut [Entry], at: usize, depth: usize) -> Node<'a> {
    if let [(key, value)] = entries
        && at >= depth
    {
        return value.take().map_or(Node::Empty, |value| {
            Node::Leaf(Box::new((Path::of(key, at, KEY_NIBBLES), value)))
        });
    }
    let mut nothing = keccak256(entries[0].0);
    nothing[1] = at.to_le_bytes()[0];
    let mut children = [const { Node::Empty }; 16];
    let mut rest = entries;
    for (index, child) in children.iter_mut().enumerate() {
        let here = rest.partition_point(|(key, _)| nibble(key, at) <= index);
        let (below, after) = rest.split_at_mut(here);
        rest = after;
        *child = if below.is_empty() {
            nothing[0] = index.to_le_bytes()[0];
            Node::Hash(Box::new(nothing))
        } else {
            padded(below, at + 1, depth)
        };
    }
    Node::Branch(Box::new(children))
}
