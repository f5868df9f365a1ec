//! The EVM under a schedule: prices, block execution, state, stateless validation.
//!
//! A [`Tariff`] is a schedule compiled to revm's two tables (gas parameters and static prices) plus what those cannot hold:
//! wrapped instructions, precompiles priced from their input, transaction prices. The EVM factories run it, plainly
//! ([`TariffEvmFactory`]) or recording a usage vector ([`CountingEvmFactory`]) whose dot product with the prices is revm's
//! gas used to the last unit.
//!
//! Invariant: `no_std`, because the guest program compiles it, and nothing is wrapped for a price that revm charges by
//! itself.

mod block;
pub mod canonical;
mod chain;
mod compile;
mod counting;
mod counts;
mod factory;
mod formula;
mod handler;
mod header;
mod input;
mod instructions;
mod intrinsic;
mod modexp;
mod opcodes;
mod pages;
mod payload;
mod precompiles;
mod pricing;
mod reason;
#[cfg(feature = "tool")]
mod revm_tables;
mod slots;
mod sstore;
mod state;
mod stateless;
mod tally;
mod tariff;
pub mod trie;
mod witness;
mod world;

pub use block::{
    BlockAttributes, BlockEvmFactory, Built, Executed, build_block, execute_block, execute_body,
    recovered,
};
pub use chain::{Activation, ChainRules, blob_params};
pub use factory::{CountingEvmFactory, Mode, TariffContext, TariffEvm, TariffEvmFactory};
pub use formula::{Formula, Units};
pub use input::{GuestInput, GuestInputRef, answer, validate, validate_bytes, validate_ref};
pub use intrinsic::{TransactionPrices, TransactionUnits};
pub use modexp::ModexpRules;
pub use opcodes::{opcodes, operation, variables};
pub use payload::Payload;
pub use precompiles::PricedPrecompiles;
pub use pricing::{Ledger, Meter, Pricing};
pub use reason::{BlockError, Reason};
#[cfg(feature = "tool")]
pub use revm_tables::{Beyond, RevmTables};
pub use state::{StateDb, StateError, Store, bytecode};
pub use stateless::{Verdict, execute_stateless, validate_block};
pub use tally::{Tally, Used, rest};
pub use tariff::{Limits, Tariff, TariffError};
pub use witness::{Recorder, Witness, WitnessRef, WitnessStore};
pub use world::{GenesisAccount, World, system_contracts};

#[cfg(test)]
#[cfg(feature = "tool")]
mod block_tests;
#[cfg(test)]
#[cfg(feature = "tool")]
mod tests;
