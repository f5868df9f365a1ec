//! The state as revm reads it, and the root after a block.

use alloc::vec::Vec;
use alloy_primitives::{
    Address, B256, Bytes, KECCAK256_EMPTY, U256, keccak256,
    map::{AddressMap, HashMap},
};
use alloy_rlp::Decodable;
use alloy_trie::TrieAccount;
use core::fmt;
use revm::{
    Database,
    context::DBErrorMarker,
    database::{BundleAccount, BundleState},
    state::{AccountInfo, Bytecode},
};

use super::{
    frames,
    trie::{EMPTY_ROOT_HASH, NodeStore, Trie, TrieError},
};

/// Where everything a block reads comes from.
pub trait Store: NodeStore {
    /// The code with this hash.
    fn code(&self, hash: &B256) -> Option<Bytecode>;

    /// The hash of the ancestor with this block number.
    fn block_hash(&self, number: u64) -> Option<B256>;
}

/// A code as revm runs it. A genesis may hold codes that no transaction could deploy; they run as what their bytes say.
pub fn bytecode(code: Bytes) -> Bytecode {
    Bytecode::new_raw_checked(code.clone()).unwrap_or_else(|_| Bytecode::new_legacy(code))
}

/// Why a block's state cannot be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StateError {
    /// The trie lacks a node, or has a broken one.
    Trie(TrieError),
    /// A value in the trie is no account and no storage value.
    Value,
    /// The code with this hash is missing.
    MissingCode(B256),
    /// The header of the ancestor with this number is missing.
    MissingHeader(u64),
}

impl fmt::Display for StateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Trie(error) => error.fmt(f),
            Self::Value => f.write_str("a value in the trie is malformed"),
            Self::MissingCode(hash) => write!(f, "the code {hash} is missing"),
            Self::MissingHeader(number) => write!(f, "the header of block {number} is missing"),
        }
    }
}

impl core::error::Error for StateError {}
impl DBErrorMarker for StateError {}

impl From<TrieError> for StateError {
    fn from(error: TrieError) -> Self {
        Self::Trie(error)
    }
}

/// An account that the block touched.
struct Touched<'a, S> {
    /// The hash of its address.
    key: B256,
    /// As the parent state has it.
    account: Option<TrieAccount>,
    storage: Trie<'a, S>,
    /// Hashes of the slots read, so that writing them need not hash again.
    slots: HashMap<U256, B256>,
}

/// The state after a parent block, over a [`Store`].
pub struct StateDb<'a, S> {
    store: &'a S,
    accounts: Trie<'a, S>,
    touched: AddressMap<Touched<'a, S>>,
    failure: Option<StateError>,
}

impl<S> fmt::Debug for StateDb<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StateDb")
            .field("accounts", &self.accounts)
            .finish_non_exhaustive()
    }
}

/// The account trie's value for an account.
fn decode_account(value: &[u8]) -> Result<TrieAccount, StateError> {
    let mut rest = value;
    match TrieAccount::decode(&mut rest) {
        Ok(account) if rest.is_empty() => Ok(account),
        _ => Err(StateError::Value),
    }
}

impl<'a, S: Store> StateDb<'a, S> {
    /// The state with this root. Nothing is read yet.
    pub fn new(store: &'a S, root: B256) -> Self {
        Self {
            store,
            accounts: Trie::new(store, root),
            touched: AddressMap::default(),
            failure: None,
        }
    }

    /// The first error that any read ended in. revm and the block executor pass some of them on as text only.
    pub const fn failure(&self) -> Option<StateError> {
        self.failure
    }

    fn touch(&mut self, address: Address) -> Result<&mut Touched<'a, S>, StateError> {
        use alloy_primitives::map::Entry;
        match self.touched.entry(address) {
            Entry::Occupied(entry) => Ok(entry.into_mut()),
            Entry::Vacant(entry) => {
                let key = keccak256(address);
                let account = self.accounts.get(&key)?.map(decode_account).transpose()?;
                let root = account.map_or(EMPTY_ROOT_HASH, |account| account.storage_root);
                Ok(entry.insert(Touched {
                    key,
                    account,
                    storage: Trie::new(self.store, root),
                    slots: HashMap::default(),
                }))
            }
        }
    }

    fn read<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, StateError>,
    ) -> Result<T, StateError> {
        let outcome = read(self);
        if let Err(error) = &outcome {
            self.failure.get_or_insert(*error);
        }
        outcome
    }

    /// Applies what a block changed, and returns the root of the state after it.
    ///
    /// Removals come last in every trie: a branch that a later insertion keeps alive must not collapse, because
    /// collapsing reads a node that nothing else needs.
    ///
    /// # Errors
    /// A node on a changed path is missing or malformed. The state is then unusable.
    pub fn update(&mut self, bundle: &BundleState) -> Result<B256, StateError> {
        let mut removed = Vec::new();
        for (address, change) in &bundle.state {
            let touched = self.touch(*address)?;
            // EIP-161: what is empty does not exist.
            let Some(info) = change.info.as_ref().filter(|info| !info.is_empty()) else {
                if touched.account.is_some() {
                    removed.push(touched.key);
                }
                continue;
            };
            let storage_root = touched.update_storage(change)?;
            let account = TrieAccount::new(info.nonce, info.balance, storage_root, info.code_hash);
            if touched.account != Some(account) {
                let key = touched.key;
                self.accounts.insert(&key, alloy_rlp::encode(account))?;
            }
        }
        for key in removed {
            self.accounts.delete(&key)?;
        }
        Ok(self.accounts.root(|_, _| ()))
    }

    /// The nodes that [`Self::update`] built, with their hashes: what a store lacks to serve the state after the
    /// block.
    pub fn built(&self) -> Vec<(B256, Bytes)> {
        let mut nodes = Vec::new();
        let mut add = |hash, rlp: &[u8]| nodes.push((hash, Bytes::copy_from_slice(rlp)));
        for touched in self.touched.values() {
            touched.storage.root(&mut add);
        }
        self.accounts.root(add);
        nodes
    }
}

impl<S: Store> Touched<'_, S> {
    /// Applies the changed slots, and returns the storage root.
    fn update_storage(&mut self, change: &BundleAccount) -> Result<B256, StateError> {
        let wiped = change.was_destroyed();
        if wiped {
            self.storage.clear();
        }
        let mut removed = Vec::new();
        let mut changed = wiped;
        for (slot, value) in &change.storage {
            if !wiped && !value.is_changed() {
                continue;
            }
            let key = match self.slots.get(slot) {
                Some(key) => *key,
                None => keccak256(B256::from(*slot)),
            };
            changed = true;
            if value.present_value.is_zero() {
                removed.push(key);
            } else {
                self.storage
                    .insert(&key, alloy_rlp::encode(value.present_value))?;
            }
        }
        for key in removed {
            self.storage.delete(&key)?;
        }
        Ok(if changed {
            self.storage.root(|_, _| ())
        } else {
            self.account
                .map_or(EMPTY_ROOT_HASH, |account| account.storage_root)
        })
    }
}

impl<S: Store> Database for StateDb<'_, S> {
    type Error = StateError;

    fn basic(&mut self, address: Address) -> Result<Option<AccountInfo>, StateError> {
        self.read(|state| {
            let account = state.touch(address)?.account;
            Ok(account.map(|account| AccountInfo {
                balance: account.balance,
                nonce: account.nonce,
                code_hash: account.code_hash,
                code: None,
                account_id: frames::mark(&account),
            }))
        })
    }

    fn code_by_hash(&mut self, hash: B256) -> Result<Bytecode, StateError> {
        if hash == KECCAK256_EMPTY {
            return Ok(Bytecode::default());
        }
        self.read(|state| {
            let code = state.store.code(&hash);
            code.ok_or(StateError::MissingCode(hash))
        })
    }

    fn storage(&mut self, address: Address, slot: U256) -> Result<U256, StateError> {
        self.read(|state| {
            let touched = state.touch(address)?;
            let key = keccak256(B256::from(slot));
            touched.slots.insert(slot, key);
            let Some(mut value) = touched.storage.get(&key)? else {
                return Ok(U256::ZERO);
            };
            match U256::decode(&mut value) {
                Ok(number) if value.is_empty() => Ok(number),
                _ => Err(StateError::Value),
            }
        })
    }

    fn block_hash(&mut self, number: u64) -> Result<B256, StateError> {
        self.read(|state| {
            state
                .store
                .block_hash(number)
                .ok_or(StateError::MissingHeader(number))
        })
    }
}
