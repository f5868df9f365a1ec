//! What an export says and what it cannot.

use std::fmt;

use crate::{evm::TariffError, gas::FormulaError};

/// An export, and what could not be said in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    /// The text.
    pub text: String,
    /// What differs and has no name in this form, such as `MEMORY_QUADRATIC_DIVISOR`; for revm, what its tables cannot hold.
    pub nameless: Vec<String>,
}

/// Why a schedule cannot be exported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExportError {
    /// A formula has no value, which loading a schedule excludes.
    Formula(FormulaError),
    /// revm's tables are those of the engine, and the engine cannot charge the schedule.
    Tariff(TariffError),
}

impl fmt::Display for ExportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Formula(error) => error.fmt(f),
            Self::Tariff(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ExportError {}

impl From<FormulaError> for ExportError {
    fn from(error: FormulaError) -> Self {
        Self::Formula(error)
    }
}

impl From<TariffError> for ExportError {
    fn from(error: TariffError) -> Self {
        Self::Tariff(error)
    }
}
