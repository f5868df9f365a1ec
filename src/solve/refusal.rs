//! Why there is no answer at all.

use std::fmt;

use crate::{gas::FormulaError, prove::BlockId};

/// More candidates than this in one `k of n` are refused: every set is solved.
pub const MAX_PROVERS: usize = 8;

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq)]
pub enum SolveError {
    /// A formula of the schedule has no value.
    Formula(FormulaError),
    /// A `k of n` with too many sets to try.
    TooManyProvers {
        /// How many there are.
        sets: usize,
    },
    /// A target counts a prover that has no rows.
    NoMeasurement {
        /// Which target.
        target: usize,
        /// The prover.
        prover: String,
    },
    /// A row whose figures are not numbers, or whose target does not exist.
    BadRow(BlockId),
    /// The program was neither solved nor shown to have no solution.
    Numerical(String),
}

impl fmt::Display for SolveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Formula(error) => error.fmt(f),
            Self::TooManyProvers { sets } => write!(
                f,
                "`k of n` leaves {sets} sets of provers to try: name at most {MAX_PROVERS}"
            ),
            Self::NoMeasurement { prover, .. } => {
                write!(f, "the target counts `{prover}`, which has no measurement")
            }
            Self::BadRow(block) => write!(f, "the measurement of {block} is not a number"),
            Self::Numerical(status) => write!(f, "the solver gave up: {status}"),
        }
    }
}

impl std::error::Error for SolveError {}

impl From<FormulaError> for SolveError {
    fn from(error: FormulaError) -> Self {
        Self::Formula(error)
    }
}
