//! The EVM under a schedule: block execution, state, stateless validation.

mod block;
mod header;
mod input;
mod reason;
mod rules;
mod state;
mod stateless;
pub mod trie;
mod witness;
mod world;

pub use block::{BlockAttributes, BlockEvmFactory, Built, Executed, build_block, execute_block};
pub use input::{GuestInput, GuestInputRef, validate, validate_bytes, validate_ref};
pub use reason::{BlockError, Reason};
pub use rules::{Activation, ChainRules, blob_params};
pub use state::{StateDb, StateError, Store};
pub use stateless::{Verdict, execute_stateless, validate_block};
pub use witness::{Recorder, Witness, WitnessRef, WitnessStore};
pub use world::{GenesisAccount, World, system_contracts};

#[cfg(test)]
mod tests;
