//! One recorded result.

use std::{collections::BTreeMap, fmt, path::PathBuf, sync::Arc};

use super::Test;
use crate::{
    gas::Gas,
    prove::{CostVector, Source},
};

/// One recorded result.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// Where it was read from, below the folder.
    pub file: PathBuf,
    /// Which test, at which gas level.
    pub test: Test,
    /// Who ran it, on what.
    pub source: Arc<Source>,
    /// Gas the block used.
    pub gas_used: Option<Gas>,
    /// How often each opcode was executed.
    pub opcode_count: Option<BTreeMap<String, u64>>,
    /// The operation that the test stresses, where the record says so.
    pub target_opcode: Option<String>,
    /// How often that operation was executed, where the record says so.
    pub executions: Option<u64>,
    /// What its execution inside the zkVM cost, counted.
    pub costs: Option<CostVector>,
    /// Execution inside the zkVM.
    pub execution: Option<Result<Executed, Crash>>,
    /// Proving.
    pub proving: Option<Result<Proven, Crash>>,
}

impl Run {
    /// Gas of the level it belongs to: what the name says, or else what was used, to the next whole million.
    pub fn level(&self) -> Option<Gas> {
        self.test.level().or_else(|| {
            self.gas_used
                .filter(|gas| *gas > 0)?
                .checked_next_multiple_of(1_000_000)
        })
    }
}

/// A completed execution.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Executed {
    /// Instructions executed by the zkVM; some report 0.
    pub total_num_cycles: Option<u64>,
    /// Seconds.
    pub duration_s: Option<f64>,
    /// Whether the guest's output was the expected one.
    pub output_matched: Option<bool>,
}

/// A completed proof.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Proven {
    /// Seconds around the prove call.
    pub proving_s: f64,
    /// Whether the guest's output was the expected one.
    pub output_matched: Option<bool>,
}

/// What happened instead of a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crash {
    /// Its class.
    pub class: CrashClass,
    /// What the record says.
    pub reason: String,
}

/// Kinds of crashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CrashClass {
    /// It took longer than the runner waits.
    Timeout,
    /// It was killed for memory.
    OutOfMemory,
    /// The connection to the prover broke: the prover died, or was never there.
    Transport,
    /// The prover or the guest stopped by itself.
    Crash,
}

impl CrashClass {
    /// The word in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::OutOfMemory => "out of memory",
            Self::Transport => "transport",
            Self::Crash => "crash",
        }
    }
}

impl Crash {
    /// A crash by what the record says of it.
    pub fn new(reason: impl Into<String>) -> Self {
        let reason = reason.into();
        let says = |words: &[&str]| words.iter().any(|word| reason.contains(word));
        let class = if says(&["timed out", "Timeout waiting", "timeout"]) {
            CrashClass::Timeout
        } else if says(&["OOM killed", "out of memory", "Out of memory"]) {
            CrashClass::OutOfMemory
        } else if says(&["RPC to zkVM server error"]) {
            CrashClass::Transport
        } else {
            CrashClass::Crash
        };
        Self { class, reason }
    }
}

impl fmt::Display for Crash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = self.reason.lines().next().unwrap_or_default();
        write!(f, "{}: {first}", self.class.name())
    }
}
