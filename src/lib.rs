//! `reprice`: gas schedules from measurements.
//!
//! A schedule in a small language is read ([`lang`]), benchmark blocks are regenerated under its prices
//! ([`bench`](mod@bench), on [`evm`]), run on a real zkVM ([`prove`]), and the prices that hold the target are solved for
//! ([`fit`], [`solve`]). Blocks of execution-spec-tests and of mainnet are read and written in [`eest`], measurements that
//! others have published in [`recorded`].
//!
//! ```text
//! schedule.gas --lang--> Plan { schedule, targets, provers, solve }
//! fixtures/scenarios --bench, under a Schedule--> [Block { usage, gas, header, guest input }]
//! [Block] --prove, through store--> [Measurement] --fit--> [costs] --in seconds, for a target--> [MeasuredBlock]
//! published runs --recorded--> [Block with its cost, to be priced again]
//! Plan + costs --solve--> Proposal --bench + prove again--> verified Proposal --report--> table, json, a new .gas file
//! ```
pub mod bench;
pub mod cli;
pub mod diag;
pub mod eest;
pub mod evm;
pub mod fit;
pub mod gas;
pub mod lang;
#[cfg(test)]
mod layers;
pub mod prove;
pub mod recorded;
pub mod report;
pub mod solve;
pub mod store;
