//! zkVMs: what runs a block's guest input and says what proving it costs.
//!
//! Invariant: a crash, a limit or a refused block is a result ([`Failure`]), stored and reported like any other.

pub mod calibration;
pub mod campaign;
mod embedded;
mod estimate;
mod measurement;
mod relevant;
#[cfg(test)]
mod tests;

pub use calibration::Calibration;
pub use embedded::Embedded;
pub use estimate::{Basis, CHECK_TOLERANCE, Cost};
pub use measurement::Measurement;

use std::fmt;

use serde::{Deserialize, Serialize};

/// A zkVM that can run the guest. Names follow ere: `execute`, `total_num_cycles`.
pub trait Prover: Sync {
    /// The zkVM's name in schedules, such as `sp1`.
    fn name(&self) -> &str;

    /// Everything a measurement depends on besides the input: executor version and guest program hash.
    fn version(&self) -> String;

    /// Runs the guest on `input` without proving.
    ///
    /// # Errors
    /// What the zkVM or the guest did instead of accepting the block.
    fn execute(&self, input: &[u8]) -> Result<Execution, Failure>;
}

/// A completed execution.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Execution {
    /// Instructions executed by the zkVM.
    pub total_num_cycles: u64,
    /// SP1's own cost estimate, where asked for.
    pub prover_gas: Option<u64>,
    /// What the guest committed to.
    pub public_values: Vec<u8>,
}

/// What happened instead of an accepted block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Failure {
    /// The guest stopped with an exit code other than 0, or the executor refused to go on.
    Crash {
        /// What the executor said.
        reason: String,
    },
    /// The guest ran out of the zkVM's memory.
    OutOfMemory,
    /// The block takes more cycles than the zkVM accepts.
    CycleLimit {
        /// The limit.
        limit: u64,
    },
    /// The guest answered that the block is invalid.
    InvalidBlock {
        /// Which check refused it.
        reason: String,
    },
    /// The guest answered about another block.
    OutputMismatch,
    /// The scenario has no block under these prices.
    NoBlock {
        /// Why not.
        reason: String,
    },
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Crash { reason } => write!(f, "crashed: {reason}"),
            Self::OutOfMemory => f.write_str("out of memory"),
            Self::CycleLimit { limit } => write!(f, "more than {limit} cycles"),
            Self::InvalidBlock { reason } => write!(f, "block refused: {reason}"),
            Self::OutputMismatch => f.write_str("the guest answered about another block"),
            Self::NoBlock { reason } => write!(f, "no block under these prices: {reason}"),
        }
    }
}
