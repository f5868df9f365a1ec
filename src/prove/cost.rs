//! What a block costs a prover, and how that is known.

use serde::{Deserialize, Serialize};

use super::{CostVector, Execution};

/// The largest relative error of a full block that is extrapolated, if each iteration adds what it adds at the check.
pub const CHECK_TOLERANCE: f64 = 0.01;

/// How a block's costs are known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// The block itself was run, or one that uses the same under the prices that the schedule starts from.
    Whole,
    /// The block itself was run for its cycles and system calls, which take a zkVM's executor little to count. The other costs are
    /// on a plane over these.
    Counted {
        /// Iterations and costs of the blocks that the plane goes through.
        points: [(u64, CostVector); 3],
        /// The iterations of a block that is no point of it.
        checked: u64,
        /// Relative error of the zkVM's own estimate there; at most [`CHECK_TOLERANCE`].
        error: f64,
    },
    /// Extrapolated along a line.
    Affine {
        /// Iterations and costs of the blocks that the lines go through, under the prices that the schedule starts
        /// from or its own.
        points: [(u64, CostVector); 2],
        /// The iterations of a block, no point of the line, that was checked.
        checked: u64,
        /// Relative error that its distance from the line comes to in the full block; at most [`CHECK_TOLERANCE`].
        error: f64,
    },
    /// The block itself was run for its cycles and system calls. The other costs grow with the cycles as between two blocks under
    /// the prices that the schedule starts from.
    Proportional {
        /// Iterations and costs of these.
        points: [(u64, CostVector); 2],
        /// Relative error of its system calls, if they grow so; at most [`CHECK_TOLERANCE`].
        error: f64,
    },
}

/// What a block costs a prover.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cost {
    /// What executing the full block costs, counted.
    #[serde(flatten)]
    pub costs: CostVector,
    /// Milliseconds that it took, where time is measured: the median of the repeats.
    pub time_ms: Option<f64>,
    /// How far the repeats lie apart, as a part of that.
    pub spread: Option<f64>,
    /// Bytes of the proof, where there is one.
    pub proof_size: Option<u64>,
    /// The most memory that the prover used, bytes, where that is known.
    pub peak_memory_bytes: Option<u64>,
    /// How they are known.
    pub basis: Basis,
}

impl Cost {
    /// Of a block that was run itself.
    pub(super) fn of(run: &Execution) -> Self {
        Self {
            costs: run.costs.clone(),
            time_ms: run.time_ms(),
            spread: run.spread(),
            proof_size: run.proof_size,
            peak_memory_bytes: run.peak_memory_bytes,
            basis: Basis::Whole,
        }
    }

    pub(super) const fn counted(costs: CostVector, basis: Basis) -> Self {
        Self {
            costs,
            time_ms: None,
            spread: None,
            proof_size: None,
            peak_memory_bytes: None,
            basis,
        }
    }
}
