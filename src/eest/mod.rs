//! Other people's blocks: fixtures of execution-spec-tests, JSON stateless inputs, mainnet blocks with a witness.
//!
//! [`read`] takes a file's text, [`check`] executes what it holds under the prices of its fork and compares,
//! [`regenerate`] executes it under others.

mod counted;
mod devnet;
mod earlier;
mod exception;
mod guest;
mod network;
mod read;
mod regenerate;
mod replay;
mod shape;
mod stateless;
mod stateless_json;
mod stock;
#[cfg(test)]
mod stock_tests;
#[cfg(test)]
mod tests;
mod usage;
mod write;
#[cfg(test)]
mod written_tests;

pub use read::{Fixture, ReadError, read};
pub use regenerate::{Work, regenerate, work};
pub use replay::{Checked, Mismatch, Options, check};
pub use shape::OpcodeCounts;
pub use stock::{StockEvm, StockEvmFactory};
pub use usage::usage;
pub use write::{Export, Label, stateless, write};
