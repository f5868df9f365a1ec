//! revm under a schedule.
//!
//! A [`Tariff`] is a schedule compiled to revm's two tables (gas parameters and static prices) plus what those cannot hold:
//! wrapped instructions, precompiles priced from their input, transaction prices. The EVM factories run it, plainly
//! ([`TariffEvmFactory`]) or recording a usage vector ([`CountingEvmFactory`]) whose dot product with the prices is revm's
//! gas used to the last unit.
//!
//! Invariant: `no_std`, because the guest program compiles it, and nothing is wrapped for a price that revm charges by
//! itself.

mod chain;
mod compile;
mod counting;
mod factory;
mod formula;
mod handler;
mod instructions;
mod intrinsic;
mod modexp;
mod opcodes;
mod precompiles;
mod sstore;
mod tally;
mod tariff;

pub use chain::{Ledger, Meter, Pricing};
pub use factory::{CountingEvmFactory, Mode, TariffContext, TariffEvm, TariffEvmFactory};
pub use formula::{Formula, Units};
pub use intrinsic::{TransactionPrices, TransactionUnits};
pub use modexp::ModexpRules;
pub use opcodes::{opcodes, operation, variables};
pub use precompiles::PricedPrecompiles;
pub use tally::{Tally, rest};
pub use tariff::{Limits, Tariff, TariffError};
