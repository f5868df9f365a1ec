//! `reprice`: gas schedules from measurements.
//!
//! A schedule in a small language is read ([`lang`]), benchmark blocks are regenerated under its prices
//! ([`bench`](mod@bench), on [`evm`]), run on a real zkVM ([`prove`]), and the prices that hold the target are solved for
//! ([`fit`], [`solve`]), and defended against whoever looks for worse blocks ([`adversary`]). Blocks of
//! execution-spec-tests and of mainnet are read and written in [`eest`], measurements that others have published in
//! [`recorded`]. [`report`] makes text of it, [`cli`] is the command line.
//!
//! ```text
//! schedule.gas --lang--> Plan { schedule, targets, provers, solve }
//! fixtures/scenarios --bench, under a Schedule--> [Block { usage, gas, header, guest input }]
//! [Block] --prove, through store--> [Measurement] --fit--> [costs] --in seconds, for a target--> [MeasuredBlock]
//! published runs --recorded--> [Block with its cost, to be priced again]
//! Plan + costs --solve--> Proposal --bench + prove again--> verified Proposal --report--> table, json, a new .gas file
//! ```
//!
//! Five crates, each in its folder, so that an edit builds what it has to and no more:
//!
//! ```text
//! src/engine/    reprice-engine    what charges, executes and validates a block: exactly what the guest program compiles
//! src/language/  reprice-language  gas, diag, lang
//! src/blocks/    reprice-blocks    evm, bench, eest: everything that runs revm
//! src/sp1/       reprice-sp1       what an execution on SP1 costs, from its trace
//! src/           reprice           the rest
//! ```
//!
//! Rooms import from lower layers alone, and no files import each other in a circle; the tests of `layers` hold that, and say
//! which third-party crate may appear where.

pub use reprice_blocks::{bench, eest, evm};
pub use reprice_language::{diag, gas, lang};

pub mod adversary;
pub mod aside;
pub mod cli;
pub mod fit;
pub mod input_file;
#[cfg(test)]
mod layers;
pub mod locked_file;
pub mod printable;
pub mod prove;
pub mod recorded;
pub mod report;
pub mod solve;
pub mod store;
