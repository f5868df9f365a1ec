//! Other people's blocks: fixtures of execution-spec-tests, JSON stateless inputs, mainnet blocks with a witness.
//!
//! [`read`] takes a file's text, [`check`] executes what it holds under the prices of its fork and compares,
//! [`regenerate`] executes it under others.

mod block_usage;
mod check;
mod checked;
mod devnet;
mod exception;
mod exported;
mod exported_earlier;
#[cfg(test)]
mod exported_tests;
mod fixture;
mod fixture_block;
mod fixture_json;
mod foreign_file;
mod guest_bytes;
mod network;
mod opcode_counter;
mod regenerate;
mod replay;
mod stateless_json;
mod stock;
#[cfg(test)]
mod stock_tests;
#[cfg(test)]
mod tests;
mod witnessed_block;

pub use block_usage::usage;
pub use check::check;
pub use checked::{Checked, Mismatch, Options};
pub use exported::{Export, Label, stateless, write};
pub use fixture::{Fixture, ReadError, read};
pub use fixture_block::{FixtureBlock, GuestQuestion, block, block_under};
pub use fixture_json::OpcodeCounts;
pub use foreign_file::foreign_bytes;
pub use regenerate::{Work, regenerate, work};
pub use stock::{StockEvm, StockEvmFactory};
