//! A whole chain state in memory: what blocks are built on.

use std::{collections::BTreeMap, sync::Arc};

use alloy_consensus::Header;
use alloy_eips::{eip2935, eip4788, eip7002, eip7251, eip8282};
use alloy_primitives::{Address, B256, Bytes, Keccak256, U256, keccak256, map::B256Map};
use alloy_trie::TrieAccount;
use revm::state::Bytecode;

use super::{
    Executed, StateDb, Store, bytecode,
    trie::{EMPTY_ROOT_HASH, Entry, NodeStore, Trie},
};
use crate::gas::Fork;

/// Headers by number, with their hash.
type Headers = BTreeMap<u64, (B256, Bytes)>;

/// An account before the first block.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GenesisAccount {
    /// Transactions sent, or 1 for a contract (EIP-161).
    pub nonce: u64,
    /// In wei.
    pub balance: U256,
    /// The contract's code.
    pub code: Bytes,
    /// The contract's storage. Zero values count as absent.
    pub storage: Vec<(U256, U256)>,
    /// Branches that the path of a slot leads through, at least; 0 for as many as the slots make. With it, only the
    /// slots of [`Self::storage`] can be proven, absent ones too.
    pub storage_depth: usize,
}

/// All trie nodes, codes and headers of a chain. Clones share what they do not change.
#[derive(Clone, Debug, Default)]
pub struct World {
    nodes: Arc<B256Map<Bytes>>,
    /// Ready to run: making them so is a good part of what loading a code costs.
    codes: Arc<B256Map<Bytecode>>,
    headers: Headers,
}

/// The contracts that blocks of `fork` call by themselves (EIP-2935, EIP-4788, EIP-7002, EIP-7251, EIP-8282), at their
/// mainnet addresses.
pub fn system_contracts(fork: Fork) -> Vec<(Address, GenesisAccount)> {
    let mut contracts = vec![
        (
            eip2935::HISTORY_STORAGE_ADDRESS,
            &eip2935::HISTORY_STORAGE_CODE,
        ),
        (eip4788::BEACON_ROOTS_ADDRESS, &eip4788::BEACON_ROOTS_CODE),
        (
            eip7002::WITHDRAWAL_REQUEST_PREDEPLOY_ADDRESS,
            &eip7002::WITHDRAWAL_REQUEST_PREDEPLOY_CODE,
        ),
        (
            eip7251::CONSOLIDATION_REQUEST_PREDEPLOY_ADDRESS,
            &eip7251::CONSOLIDATION_REQUEST_PREDEPLOY_CODE,
        ),
    ];
    if fork >= Fork::Amsterdam {
        contracts.extend([
            (
                eip8282::BUILDER_DEPOSIT_CONTRACT_ADDRESS,
                &eip8282::BUILDER_DEPOSIT_CONTRACT_CODE,
            ),
            (
                eip8282::BUILDER_EXIT_CONTRACT_ADDRESS,
                &eip8282::BUILDER_EXIT_CONTRACT_CODE,
            ),
        ]);
    }
    let account = |(address, code): (Address, &Bytes)| {
        let account = GenesisAccount {
            nonce: 1,
            code: code.clone(),
            ..GenesisAccount::default()
        };
        (address, account)
    };
    contracts.into_iter().map(account).collect()
}

/// Hashes codes of which many begin alike: what the last one began with is not hashed again.
#[derive(Default)]
struct CodeHasher {
    start: Bytes,
    hashed: Keccak256,
}

impl CodeHasher {
    /// Bytes at the end of a code that may differ from the last one's.
    const END: usize = 64;

    fn hash(&mut self, code: &Bytes) -> B256 {
        let (start, end) = code.split_at(code.len().saturating_sub(Self::END));
        if start != &self.start[..] {
            self.hashed = Keccak256::new();
            self.hashed.update(start);
            self.start = code.slice(..start.len());
        }
        let mut hashed = self.hashed.clone();
        hashed.update(end);
        hashed.finalize()
    }
}

struct Nothing;

impl NodeStore for Nothing {
    fn node(&self, _: &B256) -> Option<&[u8]> {
        None
    }
}

/// Builds a trie whose paths lead through at least `depth` branches; returns its root and stores its nodes.
fn build(nodes: &mut B256Map<Bytes>, entries: impl Iterator<Item = Entry>, depth: usize) -> B256 {
    let trie = if depth > 0 {
        Trie::padded(&Nothing, entries.collect(), depth)
    } else {
        let mut trie = Trie::new(&Nothing, EMPTY_ROOT_HASH);
        for (key, value) in entries.filter_map(|(key, value)| Some((key, value?))) {
            trie.insert(&key, value)
                .expect("a trie built from nothing reads no node");
        }
        trie
    };
    trie.root(|hash, rlp| {
        nodes.insert(hash, Bytes::copy_from_slice(rlp));
    })
}

impl World {
    /// The state that holds these accounts, and its root.
    pub fn new(accounts: impl IntoIterator<Item = (Address, GenesisAccount)>) -> (Self, B256) {
        Self::deep(accounts, [], 0)
    }

    /// The same in a trie where the path of an account leads through at least `depth` branches. Only these accounts can
    /// be proven, and that those of `absent` do not exist.
    pub fn deep(
        accounts: impl IntoIterator<Item = (Address, GenesisAccount)>,
        absent: impl IntoIterator<Item = Address>,
        depth: usize,
    ) -> (Self, B256) {
        let (mut nodes, mut codes) = (B256Map::default(), B256Map::default());
        let mut hasher = CodeHasher::default();
        let mut encoded = Vec::new();
        for (address, account) in accounts {
            let slots = account.storage.iter().map(|(slot, value)| {
                let value = (!value.is_zero()).then(|| alloy_rlp::encode(value));
                (keccak256(B256::from(*slot)), value)
            });
            let storage_root = build(&mut nodes, slots, account.storage_depth);
            let code_hash = hasher.hash(&account.code);
            if !account.code.is_empty() {
                codes.insert(code_hash, bytecode(account.code));
            }
            let account = TrieAccount::new(account.nonce, account.balance, storage_root, code_hash);
            encoded.push((keccak256(address), Some(alloy_rlp::encode(account))));
        }
        encoded.extend(absent.into_iter().map(|address| (keccak256(address), None)));
        let root = build(&mut nodes, encoded.into_iter(), depth);
        let world = Self {
            nodes: Arc::new(nodes),
            codes: Arc::new(codes),
            headers: Headers::default(),
        };
        (world, root)
    }

    /// Adds a header, so that its children can refer to it.
    pub fn add_header(&mut self, header: &Header) {
        let rlp = Bytes::from(alloy_rlp::encode(header));
        self.headers.insert(header.number, (keccak256(&rlp), rlp));
    }

    /// Adds a block, so that others can be built on it. `nodes` are what [`StateDb::built`] gives.
    pub fn add_block(
        &mut self,
        header: &Header,
        executed: &Executed,
        nodes: impl IntoIterator<Item = (B256, Bytes)>,
    ) {
        Arc::make_mut(&mut self.nodes).extend(nodes);
        // Ready to run as they are: making each anew would hold all of them twice.
        let codes = &executed.bundle.contracts;
        if !codes.is_empty() {
            Arc::make_mut(&mut self.codes).extend(codes.iter().map(|(k, v)| (*k, v.clone())));
        }
        self.add_header(header);
    }

    /// The state with this root.
    pub fn state(&self, root: B256) -> StateDb<'_, Self> {
        StateDb::new(self, root)
    }

    pub(super) const fn headers(&self) -> &Headers {
        &self.headers
    }

    pub(super) fn node_bytes(&self, hash: &B256) -> Option<Bytes> {
        self.nodes.get(hash).cloned()
    }

    pub(super) fn code_bytes(&self, hash: &B256) -> Option<Bytes> {
        self.codes.get(hash).map(Bytecode::original_bytes)
    }
}

impl NodeStore for World {
    fn node(&self, hash: &B256) -> Option<&[u8]> {
        self.nodes.get(hash).map(|rlp| &rlp[..])
    }
}

impl Store for World {
    fn code(&self, hash: &B256) -> Option<Bytecode> {
        self.codes.get(hash).cloned()
    }

    fn block_hash(&self, number: u64) -> Option<B256> {
        self.headers.get(&number).map(|(hash, _)| *hash)
    }
}
