//! zkVMs: what runs a block's guest input and says what proving it costs.
//!
//! Invariant: a crash, a limit or a refused block is a result ([`Failure`]), stored and reported like any other.

pub mod calibration;
pub mod campaign;
pub mod docker;
mod embedded;
pub mod ere;
mod estimate;
mod measurement;
mod output;
pub mod recorded;
mod relevant;
pub mod remote;
pub mod search;
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

    /// How many blocks it takes at once; `None`: as many as this machine has cores.
    fn slots(&self) -> Option<usize> {
        None
    }

    /// Whether [`Self::execute`] also proves, and its time is measured instead of modelled from cycles.
    fn proves(&self) -> bool {
        false
    }
}

/// A completed execution.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Execution {
    /// Instructions executed by the zkVM; 0 where it does not tell.
    pub total_num_cycles: u64,
    /// SP1's own cost estimate, where asked for.
    pub prover_gas: Option<u64>,
    /// Wall clock of the proof, milliseconds, where one was made.
    pub proving_time_ms: Option<f64>,
    /// Bytes of the proof.
    pub proof_size: Option<u64>,
    /// The most memory that the prover used, bytes, where its container tells.
    pub peak_memory_bytes: Option<u64>,
    /// What the guest committed to.
    pub public_values: Vec<u8>,
}

/// What happened instead of an accepted block.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
    /// It took longer than a block may.
    Timeout {
        /// Seconds allowed.
        limit_s: f64,
    },
    /// What is between this program and the prover failed, again after every retry. Says nothing of the block, and is
    /// never kept.
    Transport {
        /// What happened.
        reason: String,
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
            Self::Timeout { limit_s } => write!(f, "not done within {limit_s} s"),
            Self::Transport { reason } => write!(f, "the prover cannot be reached: {reason}"),
            Self::InvalidBlock { reason } => write!(f, "block refused: {reason}"),
            Self::OutputMismatch => f.write_str("the guest answered about another block"),
            Self::NoBlock { reason } => write!(f, "no block under these prices: {reason}"),
        }
    }
}
