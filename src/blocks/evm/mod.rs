//! The engine as the tool uses it: a schedule compiled to a tariff, usage counted, whole states and blocks to build.
//!
//! [`compile`] splits a schedule's prices into what revm's tables hold and what the engine charges beside them.
//! [`CountingEvmFactory`] makes EVMs that record a usage vector, whose dot product with the prices is revm's gas used to the
//! last unit. What the guest program runs as well is the engine's, and handed on here.

mod block_builder;
mod canonical_input;
mod compile;
mod opcodes;
mod precompile_formulas;
mod priced;
mod recorder;
mod revm_slots;
mod revm_tables;
mod timed_execution;
mod usage;
mod world;

pub use block_builder::{BlockAttributes, Built, build_block, recovered};
pub use canonical_input::{CanonicalBlock, canonical_input};
pub use compile::compile;
pub use opcodes::{opcodes, operation, precompile};
pub use priced::TariffError;
pub use recorder::Recorder;
pub use reprice_engine::{
    Activation, BlockError, BlockEvmFactory, ChainRules, Executed, Formula, GuestInput, Inspected,
    Ledger, Limits, ModexpRules, Payload, Plain, Pricing, Reason, StateDb, Statement, Store,
    Tariff, TariffContext, TariffEvmFactory, TransactionPrices, TransactionUnits, Units, Verdict,
    Witness, WitnessStore, answer, blob_params, bytecode, canonical, decode_block, execute_block,
    execute_body, execute_stateless, opcodes::variables, run_frames, trie, validate,
    validate_block, validate_bytes,
};
pub use revm_tables::{Beyond, RevmTables};
pub use timed_execution::execute_witnessed;
pub use usage::{CountingEvmFactory, CountingLedger, Tally, Used, rest};
pub use world::{GenesisAccount, World, system_contracts};

#[cfg(test)]
mod block_tests;
#[cfg(test)]
mod tests;
