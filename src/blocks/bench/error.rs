//! What can be wrong with a scenario, or with its block under a schedule.

use core::fmt;

use crate::{
    evm::{BlockError, TariffError},
    gas::{FormulaError, Gas, GasParam},
};

/// A mistake in a scenario's code or bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotationError {
    /// No word begins with this.
    Character(char),
    /// A number that is none, or hex with half a byte.
    Number(String),
    /// No opcode is called that.
    Mnemonic(String),
    /// No constant and no account is called that.
    Name(String),
    /// An operation with more arguments than it takes.
    Arguments(String),
    /// A word where another is expected.
    Unexpected(String),
    /// The text ends in the middle.
    Unclosed,
    /// A number that does not fit its push.
    TooWide,
    /// More bytes or repetitions than there can be.
    TooLong,
}

impl fmt::Display for NotationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Character(c) => write!(f, "`{c}` begins no word"),
            Self::Number(text) => write!(f, "`{text}` is no number"),
            Self::Mnemonic(name) => write!(f, "no opcode is called `{name}`"),
            Self::Name(name) => write!(f, "nothing is called `${name}`"),
            Self::Arguments(name) => write!(f, "`{name}` takes fewer arguments"),
            Self::Unexpected(what) => write!(f, "unexpected {what}"),
            Self::Unclosed => f.write_str("the text ends too early"),
            Self::TooWide => f.write_str("a number is wider than its push"),
            Self::TooLong => f.write_str("too many bytes or repetitions"),
        }
    }
}

impl core::error::Error for NotationError {}

/// A mistake in the files of scenarios.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScenarioError {
    /// A file is not of the shape that is read.
    Shape {
        /// Its name.
        file: String,
        /// What is wrong, with the place.
        message: String,
    },
    /// An entry with no operation, or with both `operation` and `operations`.
    Operation(String),
    /// A mistake in the notation of the scenario or constant `id`.
    Notation {
        /// Whose.
        id: String,
        /// The mistake.
        error: NotationError,
    },
}

impl fmt::Display for ScenarioError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shape { file, message } => write!(f, "{file}: {message}"),
            Self::Operation(id) => {
                write!(f, "{id}: either `operation` or `operations` is wanted")
            }
            Self::Notation { id, error } => write!(f, "{id}: {error}"),
        }
    }
}

impl core::error::Error for ScenarioError {}

/// Why a scenario has no block under a schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BenchError {
    /// The schedule cannot be charged.
    Tariff(TariffError),
    /// A price has no value.
    Formula(FormulaError),
    /// The scenario cannot be written down.
    Notation(NotationError),
    /// Paths are deeper than the accounts make them: no list of accounts has this state root.
    NoAccounts,
    /// A transaction cannot be signed.
    Signing,
    /// The block is not valid.
    Block(BlockError),
    /// A transaction failed.
    Failed {
        /// Its position.
        transaction: usize,
    },
    /// Calls failed and burnt this much gas.
    Burnt(i64),
    /// What was counted does not explain the gas used.
    Miscounted {
        /// Gas of the usage.
        counted: i128,
        /// Gas used.
        used: Gas,
    },
    /// One iteration counts more on a meter than a block may.
    OverMeter {
        /// The meter.
        meter: String,
        /// What one iteration counts, the transaction around it included.
        counted: Gas,
    },
    /// Gas does not grow evenly with the iterations.
    NotAffine {
        /// What smaller blocks promised.
        predicted: Gas,
        /// Gas used.
        used: Gas,
    },
    /// The block has no canonical form for guests.
    Canonical(String),
    /// What runs depends on prices: it is not the same under the fork's own.
    PriceDependent {
        /// What differs.
        param: GasParam,
        /// Units under the schedule.
        candidate: i64,
        /// Units under the fork's own prices.
        stock: i64,
    },
    /// What is used does not grow evenly with the first iterations.
    Uneven,
    /// Not one iteration fits; it takes this much gas.
    DoesNotFit(Gas),
    /// There are no accounts or slots for this many iterations.
    NoState(u64),
}

impl fmt::Display for BenchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tariff(error) => error.fmt(f),
            Self::Formula(error) => error.fmt(f),
            Self::Notation(error) => error.fmt(f),
            Self::NoAccounts => f.write_str(
                "its state is deeper than its accounts make it, so they cannot be listed: its block is for stateless guests",
            ),
            Self::Signing => f.write_str("a transaction cannot be signed"),
            Self::Block(error) => write!(f, "the block is refused: {error}"),
            Self::Failed { transaction } => write!(f, "transaction {transaction} fails"),
            Self::Burnt(gas) => write!(f, "calls fail and burn {gas} gas"),
            Self::Miscounted { counted, used } => {
                write!(f, "the usage explains {counted} gas of {used}")
            }
            Self::NotAffine { predicted, used } => {
                let grown = "gas does not grow evenly with the iterations";
                write!(f, "{grown}: {used} where {predicted} was expected")
            }
            Self::Canonical(what) => f.write_str(what),
            Self::PriceDependent {
                param,
                candidate,
                stock,
            } => write!(
                f,
                "what runs depends on prices: `{param}` {candidate} times under the schedule, {stock} times under the \
                 fork's own"
            ),
            Self::Uneven => f.write_str("the first iterations do not use the same"),
            Self::DoesNotFit(gas) => {
                write!(
                    f,
                    "one iteration takes {gas} gas, more than a transaction or the block has"
                )
            }
            Self::OverMeter { meter, counted } => write!(
                f,
                "one iteration counts {counted} on the meter `{meter}`, more than a block may"
            ),
            Self::NoState(count) => write!(f, "there is no state for {count} iterations"),
        }
    }
}

impl core::error::Error for BenchError {}

impl From<NotationError> for BenchError {
    fn from(error: NotationError) -> Self {
        Self::Notation(error)
    }
}

impl From<FormulaError> for BenchError {
    fn from(error: FormulaError) -> Self {
        Self::Formula(error)
    }
}

impl From<TariffError> for BenchError {
    fn from(error: TariffError) -> Self {
        Self::Tariff(error)
    }
}

impl From<BlockError> for BenchError {
    fn from(error: BlockError) -> Self {
        Self::Block(error)
    }
}
