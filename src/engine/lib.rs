//! Ethereum blocks under any gas schedule: what executes, charges and validates them. Exactly what a guest program compiles,
//! so `no_std`; how a schedule becomes a [`Tariff`], and how usage is counted, is the tool's.
//!
//! A [`Tariff`] has revm's two tables (gas parameters and static prices) plus what those cannot hold: wrapped instructions,
//! precompiles priced from their input, transaction prices. [`PricedEvmFactory`] makes EVMs that charge it. What they carry
//! beside the state is a [`Ledger`]: the prices alone ([`Pricing`]), or the tool's, which is told of everything that is
//! charged.
//!
//! Reading order: `expr`, `formula`, `tariff`, `pricing`, `instructions`, `factory`; `trie`, `state`, `witness`; `block`,
//! `stateless`, `input`, `statement`, `canonical`.
//!
//! Invariant: nothing is wrapped for a price that revm charges by itself.
#![no_std]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod block;
pub mod canonical;
mod chain;
mod deposits;
mod expr;
mod factory;
mod formula;
mod frames;
mod handler;
pub mod header;
mod input;
mod instructions;
mod intrinsic;
mod measured;
mod modexp;
pub mod opcodes;
pub mod pages;
mod parameter;
mod payload;
pub mod precompiles;
mod priced_precompiles;
mod pricing;
mod ratio;
mod reason;
mod sstore;
mod state;
mod stateless;
mod statement;
mod tariff;
pub mod trie;
mod variable;
mod witness;

pub use block::{
    BlockEvmFactory, Executed, Senders, execute, execute_block, execute_body, transaction_error,
};
pub use chain::{Activation, ChainRules, blob_params};
pub use expr::{Expr, FormulaError, grouped};
pub use factory::{
    Course, Inner, Outcome, PricedEvm, PricedEvmFactory, TariffContext, TariffEvmFactory,
};
pub use formula::{Formula, Units};
pub use frames::{FrameSteps, Inspected, Occupied, Plain, occupy, run_frames, vacate};
pub use handler::TariffHandler;
pub use input::{GuestInput, answer, validate, validate_bytes};
pub use intrinsic::{TransactionPrices, TransactionUnits};
pub use measured::Measured;
pub use modexp::ModexpRules;
pub use parameter::{Fork, GasParam, Part};
pub use payload::Payload;
pub use priced_precompiles::PricedPrecompiles;
pub use pricing::{Ledger, Pricing};
pub use ratio::Ratio;
pub use reason::{BlockError, Reason};
pub use state::{StateDb, StateError, Store, bytecode};
pub use stateless::{Verdict, decode_block, execute_stateless, validate_block};
pub use statement::Statement;
pub use tariff::{BlobRules, Limits, OpcodePrice, Tariff};
pub use variable::Variable;
pub use witness::{Witness, WitnessRef, WitnessStore};

/// An amount of gas.
pub type Gas = u64;

/// Prices above this are refused: sums of them could overflow revm's unchecked gas arithmetic.
pub const MAX_PRICE: Gas = 1 << 40;
