//! The trie: reading in place, writing in memory.

use alloc::{boxed::Box, vec::Vec};
use alloy_primitives::{B256, keccak256};
use core::fmt;

use super::{
    EMPTY_ROOT_HASH, NodeStore, TrieError,
    node::{Child, Encoded, branch_child, branch_children},
    path::{KEY_NIBBLES, Path, diverge, nibble},
};

/// A node: still in the store, or built because something below it was written.
#[derive(Debug, Default)]
pub(crate) enum Node<'a> {
    #[default]
    Empty,
    /// The item by which the parent refers to it.
    Stored(&'a [u8]),
    /// Known by its hash alone: a root that was not read yet, or a node that nobody reads.
    Hash(Box<B256>),
    Leaf(Box<(Path, Vec<u8>)>),
    Extension(Box<(Path, Self)>),
    Branch(Box<[Self; 16]>),
}

/// A trie over the nodes of `store`.
pub struct Trie<'a, S> {
    pub(crate) store: &'a S,
    pub(crate) root: Node<'a>,
}

impl<S> fmt::Debug for Trie<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trie")
            .field("root", &self.root)
            .finish_non_exhaustive()
    }
}

impl<'a, S: NodeStore> Trie<'a, S> {
    /// The trie with this root. Nothing is read yet.
    pub fn new(store: &'a S, root: B256) -> Self {
        let root = if root == EMPTY_ROOT_HASH {
            Node::Empty
        } else {
            Node::Hash(Box::new(root))
        };
        Self { store, root }
    }

    /// The value of `key`.
    ///
    /// # Errors
    /// A node on the path is missing or malformed.
    pub fn get(&self, key: &B256) -> Result<Option<&[u8]>, TrieError> {
        let mut node = &self.root;
        let mut depth = 0;
        loop {
            match node {
                Node::Empty => return Ok(None),
                Node::Leaf(leaf) => {
                    let same = diverge(&leaf.0.key, key, depth, KEY_NIBBLES) == KEY_NIBBLES;
                    return Ok(same.then_some(&leaf.1[..]));
                }
                Node::Extension(extension) => {
                    let (path, child) = &**extension;
                    if diverge(&path.key, key, depth, path.end()) < path.end() {
                        return Ok(None);
                    }
                    depth = path.end();
                    node = child;
                }
                Node::Branch(children) => {
                    node = &children[nibble(key, depth)];
                    depth += 1;
                }
                Node::Stored(_) | Node::Hash(_) => return self.get_stored(node, key, depth),
            }
        }
    }

    fn get_stored(
        &self,
        node: &Node<'a>,
        key: &B256,
        mut depth: usize,
    ) -> Result<Option<&'a [u8]>, TrieError> {
        let Some(mut rlp) = fetch(self.store, node)? else {
            return Ok(None);
        };
        loop {
            let child = match Encoded::new(rlp, depth)? {
                Encoded::Leaf(path, value) => return Ok(path.matches(key, depth).then_some(value)),
                Encoded::Extension(path, child) => {
                    if !path.matches(key, depth) {
                        return Ok(None);
                    }
                    depth += path.length;
                    child
                }
                Encoded::Branch(items) => {
                    let child = branch_child(items, nibble(key, depth))?;
                    depth += 1;
                    child
                }
            };
            match fetch(self.store, &Node::Stored(child))? {
                Some(next) => rlp = next,
                None => return Ok(None),
            }
        }
    }

    /// Sets the value of `key`, which must not be empty.
    ///
    /// # Errors
    /// A node on the path is missing or malformed. The trie is then unusable.
    pub fn insert(&mut self, key: &B256, value: Vec<u8>) -> Result<(), TrieError> {
        debug_assert!(!value.is_empty(), "an empty value means that there is none");
        self.root.insert(self.store, key, 0, value)
    }

    /// Removes `key`, if it is there.
    ///
    /// # Errors
    /// A node on the path, or the sibling that takes its place, is missing or malformed. The trie is then unusable.
    pub fn delete(&mut self, key: &B256) -> Result<(), TrieError> {
        self.root.delete(self.store, key, 0).map(drop)
    }

    /// Removes every key. Nothing is read.
    pub fn clear(&mut self) {
        self.root = Node::Empty;
    }

    /// The root hash. Every built node that has a hash goes through `built`, children first.
    pub fn root(&self, mut built: impl FnMut(B256, &[u8])) -> B256 {
        match &self.root {
            Node::Empty => EMPTY_ROOT_HASH,
            Node::Hash(hash) => **hash,
            node => {
                let mut out = Vec::with_capacity(1024);
                let start = node.encode(&mut out, &mut built);
                let hash = keccak256(&out[start..]);
                built(hash, &out[start..]);
                hash
            }
        }
    }
}

/// The RLP of a node that is still in the store; `None` for no node.
fn fetch<'a, S: NodeStore>(store: &'a S, node: &Node<'a>) -> Result<Option<&'a [u8]>, TrieError> {
    let hash = match node {
        Node::Hash(hash) => **hash,
        Node::Stored(raw) => match Child::new(raw)? {
            Child::Empty => return Ok(None),
            Child::Inline(rlp) => return Ok(Some(rlp)),
            Child::Hash(hash) => B256::from(*hash),
        },
        _ => return Ok(None),
    };
    store.node(&hash).map(Some).ok_or(TrieError::Missing(hash))
}

impl<'a> Node<'a> {
    /// Builds the node if it is still in the store.
    fn build<S: NodeStore>(&mut self, store: &'a S, depth: usize) -> Result<(), TrieError> {
        if !matches!(self, Self::Stored(_) | Self::Hash(_)) {
            return Ok(());
        }
        *self = match fetch(store, self)? {
            None => Self::Empty,
            Some(rlp) => match Encoded::new(rlp, depth)? {
                Encoded::Leaf(path, value) => {
                    Self::Leaf(Box::new((path.at(depth), value.to_vec())))
                }
                Encoded::Extension(path, child) => {
                    Self::Extension(Box::new((path.at(depth), Self::Stored(child))))
                }
                Encoded::Branch(items) => {
                    let children = branch_children(items)?;
                    Self::Branch(Box::new(children.map(|raw| match raw {
                        [0x80] => Self::Empty,
                        _ => Self::Stored(raw),
                    })))
                }
            },
        };
        Ok(())
    }

    fn leaf(key: &B256, start: usize, value: Vec<u8>) -> Self {
        Self::Leaf(Box::new((Path::of(key, start, KEY_NIBBLES), value)))
    }

    /// `child` below the stretch of `key` from `start` to `end`, which may be empty.
    fn extended(key: &[u8; 32], start: usize, end: usize, child: Self) -> Self {
        if start == end {
            child
        } else {
            Self::Extension(Box::new((Path::of(key, start, end), child)))
        }
    }

    /// A branch at `at` with two children: what is left of `old`'s path after it, and the new leaf.
    fn fork(start: usize, at: usize, old: ([u8; 32], Self), key: &B256, value: Vec<u8>) -> Self {
        let mut children = [const { Self::Empty }; 16];
        children[nibble(&old.0, at)] = old.1;
        children[nibble(key, at)] = Self::leaf(key, at + 1, value);
        Self::extended(key, start, at, Self::Branch(Box::new(children)))
    }

    fn insert<S: NodeStore>(
        &mut self,
        store: &'a S,
        key: &B256,
        depth: usize,
        value: Vec<u8>,
    ) -> Result<(), TrieError> {
        self.build(store, depth)?;
        match self {
            Self::Leaf(leaf) => {
                let (path, old) = &mut **leaf;
                let at = diverge(&path.key, key, depth, KEY_NIBBLES);
                if at == KEY_NIBBLES {
                    *old = value;
                    return Ok(());
                }
                path.skip_to(at + 1);
                let whole = path.key;
                *self = Self::fork(depth, at, (whole, core::mem::take(self)), key, value);
            }
            Self::Extension(extension) => {
                let (path, child) = &mut **extension;
                let at = diverge(&path.key, key, depth, path.end());
                if at == path.end() {
                    return child.insert(store, key, at, value);
                }
                let (whole, end) = (path.key, path.end());
                let rest = Self::extended(&whole, at + 1, end, core::mem::take(child));
                *self = Self::fork(depth, at, (whole, rest), key, value);
            }
            Self::Branch(children) => {
                return children[nibble(key, depth)].insert(store, key, depth + 1, value);
            }
            _ => *self = Self::leaf(key, depth, value),
        }
        Ok(())
    }

    /// Whether the key was there.
    fn delete<S: NodeStore>(
        &mut self,
        store: &'a S,
        key: &B256,
        depth: usize,
    ) -> Result<bool, TrieError> {
        self.build(store, depth)?;
        match self {
            Self::Leaf(leaf) => {
                let found = diverge(&leaf.0.key, key, depth, KEY_NIBBLES) == KEY_NIBBLES;
                if found {
                    *self = Self::Empty;
                }
                Ok(found)
            }
            Self::Extension(extension) => {
                let (path, child) = &mut **extension;
                if diverge(&path.key, key, depth, path.end()) < path.end()
                    || !child.delete(store, key, path.end())?
                {
                    return Ok(false);
                }
                let (path, child) = (*path, core::mem::take(child));
                *self = match child {
                    Self::Leaf(mut leaf) => {
                        leaf.0.join(&path);
                        Self::Leaf(leaf)
                    }
                    Self::Extension(mut below) => {
                        below.0.join(&path);
                        Self::Extension(below)
                    }
                    child => Self::Extension(Box::new((path, child))),
                };
                Ok(true)
            }
            Self::Branch(children) => {
                let child = &mut children[nibble(key, depth)];
                if !child.delete(store, key, depth + 1)? {
                    return Ok(false);
                }
                if matches!(child, Self::Empty) {
                    self.collapse(store, key, depth)?;
                }
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    /// Replaces a branch that has one child left. What takes its place depends on the child's kind, so the child
    /// is part of the witness.
    fn collapse<S: NodeStore>(
        &mut self,
        store: &'a S,
        key: &B256,
        depth: usize,
    ) -> Result<(), TrieError> {
        let Self::Branch(children) = self else {
            return Ok(());
        };
        let mut left = (0..16).filter(|&i| !matches!(children[i], Self::Empty));
        let (Some(index), None) = (left.next(), left.next()) else {
            return Ok(());
        };
        let mut child = core::mem::take(&mut children[index]);
        child.build(store, depth + 1)?;
        *self = match child {
            Self::Leaf(mut leaf) => {
                leaf.0.prepend(index);
                Self::Leaf(leaf)
            }
            Self::Extension(mut below) => {
                below.0.prepend(index);
                Self::Extension(below)
            }
            child => {
                let mut path = Path::of(key, depth + 1, depth + 1);
                path.prepend(index);
                Self::Extension(Box::new((path, child)))
            }
        };
        Ok(())
    }
}
