//! How a witness is recorded.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeSet,
};

use alloy_primitives::{B256, Bytes};
use revm::state::Bytecode;

use super::{Store, Witness, trie::NodeStore, world::World};

/// A full store that remembers what it was asked for.
#[derive(Debug)]
pub struct Recorder<'a> {
    world: &'a World,
    nodes: RefCell<BTreeSet<B256>>,
    codes: RefCell<BTreeSet<B256>>,
    /// The lowest block number asked for.
    oldest: Cell<u64>,
}

impl<'a> Recorder<'a> {
    /// Records what is read from `world`.
    pub const fn new(world: &'a World) -> Self {
        Self {
            world,
            nodes: RefCell::new(BTreeSet::new()),
            codes: RefCell::new(BTreeSet::new()),
            oldest: Cell::new(u64::MAX),
        }
    }

    /// What was read, for the child of block `parent`. In order of hashes, so that it depends on nothing but the block.
    pub fn witness(&self, parent: u64) -> Witness {
        let headers = self.world.headers();
        Witness {
            state: taken(&self.nodes, |hash| self.world.node_bytes(hash)),
            codes: taken(&self.codes, |hash| self.world.code_bytes(hash)),
            headers: headers
                .range(self.oldest.get().min(parent)..=parent)
                .map(|(_, (_, rlp))| rlp.clone())
                .collect(),
        }
    }
}

fn taken(hashes: &RefCell<BTreeSet<B256>>, bytes: impl Fn(&B256) -> Option<Bytes>) -> Vec<Bytes> {
    hashes.borrow().iter().filter_map(bytes).collect()
}

impl NodeStore for Recorder<'_> {
    fn node(&self, hash: &B256) -> Option<&[u8]> {
        self.nodes.borrow_mut().insert(*hash);
        self.world.node(hash)
    }
}

impl Store for Recorder<'_> {
    fn code(&self, hash: &B256) -> Option<Bytecode> {
        self.codes.borrow_mut().insert(*hash);
        self.world.code(hash)
    }

    fn block_hash(&self, number: u64) -> Option<B256> {
        self.oldest.set(self.oldest.get().min(number));
        self.world.block_hash(number)
    }
}
