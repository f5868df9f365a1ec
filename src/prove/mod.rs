//! zkVMs: what runs a block's guest input and says what proving it costs. And revm on this machine, beside them.
//!
//! Invariant: a crash, a limit or a refused block is a result ([`Failure`]), stored and reported like any other.

pub mod anchor;
mod block_id;
mod block_key;
pub mod calibration;
mod campaign;
mod confirm;
mod cost;
mod cost_vector;
pub mod docker;
mod embedded;
pub mod ere;
mod estimate;
mod guest_input;
mod guest_output;
mod held_fixture;
mod line;
mod measured_block;
mod measurement;
mod measuring;
mod native;
mod one_block;
mod operand;
pub mod operand_search;
mod probe;
pub mod profile;
mod queue;
pub mod rates;
pub mod remote;
mod shipped;
mod source;
mod stop;
#[cfg(test)]
mod tests;

pub use block_id::{BlockId, ProverId};
pub use calibration::Calibration;
pub use campaign::Campaign;
pub use cost::{Basis, CHECK_TOLERANCE, Cost};
pub use cost_vector::CostVector;
pub use embedded::Embedded;
pub use guest_input::InputForm;
pub use held_fixture::{FixtureWork, HeldBlocks, HeldFixture, fixture_work};
pub use measured_block::{Measured, MeasuredBlock};
pub use measurement::Measurement;
pub use measuring::{Configured, Measuring};
pub use native::Native;
pub use one_block::{ask, empty_block, fixture_block};
pub use probe::{Pair, Probe};
pub use source::Source;
pub use stop::CampaignError;

pub(crate) use operand::{Random, change};

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{fit, printable::printable};

/// A zkVM that can run the guest. Names follow ere: `execute`, `total_num_cycles`.
pub trait Prover: Sync {
    /// The zkVM's name in schedules, such as `sp1`.
    fn name(&self) -> &str;

    /// Everything a measurement depends on besides the input: executor version and guest program hash.
    fn version(&self) -> String;

    /// How it counts what executions cost besides cycles, if it does; part of what a kept execution depends on.
    fn counting(&self) -> &'static str {
        ""
    }

    /// Runs the guest on `input` without proving, and counts all that it costs.
    ///
    /// # Errors
    /// What the zkVM or the guest did instead of accepting the block.
    fn execute(&self, input: &[u8]) -> Result<Execution, Failure>;

    /// The same where cycles suffice, which may take less time.
    ///
    /// # Errors
    /// Those of [`Self::execute`].
    fn count(&self, input: &[u8]) -> Result<Execution, Failure> {
        self.execute(input)
    }

    /// [`Self::execute`] on one of [`Self::servers`]. `say` is told what the server does instead, such as starting; nothing,
    /// when that is over.
    ///
    /// # Errors
    /// Those of [`Self::execute`].
    fn execute_on(
        &self,
        _server: usize,
        input: &[u8],
        _say: &dyn Fn(&str),
    ) -> Result<Execution, Failure> {
        self.execute(input)
    }

    /// The names of what takes one block at a time; empty where any core of this machine does.
    fn servers(&self) -> Vec<String> {
        Vec::new()
    }

    /// Whether its time is measured, instead of modelled from cycles.
    fn is_timed(&self) -> bool {
        false
    }

    /// How often each block is run; the median counts. More than once only where it [is timed](Self::is_timed).
    fn repeats(&self) -> u32 {
        1
    }

    /// What its guest reads.
    fn form(&self) -> InputForm {
        InputForm::Own
    }

    /// Who measured, as recorded runs name it.
    fn source(&self) -> Source;
}

/// Told how far a campaign is. Called from several threads.
pub trait Progress: Sync {
    /// So many blocks are about to be measured; each repeat counts.
    fn begin(&self, total: usize);
    /// One more is done.
    fn done(&self, scenario: &str);
    /// What they are run on; none where that is this machine's cores.
    fn servers(&self, _names: &[String]) {}
    /// A server begins with a block.
    fn started(&self, _server: usize, _scenario: &str) {}
    /// What a server does before it can go on with its block; nothing, when that is over.
    fn doing(&self, _server: usize, _what: &str) {}
    /// A server is through with its block, which was this part of all the work that had to be done.
    fn finished(&self, _server: usize, _failed: bool, _share: f64) {}
}

/// Tells nobody.
#[derive(Clone, Copy, Debug)]
pub struct Silent;

impl Progress for Silent {
    fn begin(&self, _: usize) {}
    fn done(&self, _: &str) {}
}

/// A completed execution.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Execution {
    /// What it costs, counted.
    #[serde(flatten)]
    pub costs: CostVector,
    /// Wall clock of every repeat, milliseconds, where time is measured: of the proof, or of the native execution.
    pub times_ms: Vec<f64>,
    /// Bytes of the proof.
    pub proof_size: Option<u64>,
    /// The most memory that the prover used, bytes, where its container tells.
    pub peak_memory_bytes: Option<u64>,
    /// What the guest committed to.
    pub public_values: Vec<u8>,
}

impl Execution {
    /// Repeats of one block as one.
    pub fn all(repeats: Vec<Self>) -> Self {
        let and = |mut all: Self, one: Self| {
            all.times_ms.extend(one.times_ms);
            all.peak_memory_bytes = all.peak_memory_bytes.max(one.peak_memory_bytes);
            all
        };
        repeats.into_iter().reduce(and).unwrap_or_default()
    }

    /// Whether it says anything of what the block costs.
    pub fn has_cost(&self) -> bool {
        let counted = self.costs.total_num_cycles > 0 || self.costs.prover_gas.is_some();
        counted || !self.times_ms.is_empty()
    }

    /// The median of the repeats, milliseconds.
    pub fn time_ms(&self) -> Option<f64> {
        (!self.times_ms.is_empty()).then(|| fit::median(&mut self.times_ms.clone()))
    }

    /// How far the repeats lie apart, as a part of their median; 0 for one.
    pub fn spread(&self) -> Option<f64> {
        let ends = |pick: fn(f64, f64) -> f64| self.times_ms.iter().copied().reduce(pick);
        Some((ends(f64::max)? - ends(f64::min)?) / self.time_ms()?)
    }
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
    /// The guest answered about another block, or about other prices.
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
            Self::Crash { reason } => write!(f, "crashed: {}", printable(reason)),
            Self::OutOfMemory => f.write_str("out of memory"),
            Self::Timeout { limit_s } => write!(f, "not done within {limit_s} s"),
            Self::Transport { reason } => {
                write!(f, "the prover cannot be reached: {}", printable(reason))
            }
            Self::InvalidBlock { reason } => write!(f, "block refused: {}", printable(reason)),
            Self::OutputMismatch => {
                f.write_str("the guest answered about another block or other prices")
            }
            Self::NoBlock { reason } => {
                write!(f, "no block under these prices: {}", printable(reason))
            }
        }
    }
}
