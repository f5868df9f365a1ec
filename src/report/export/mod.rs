//! A schedule in the forms that client teams, specifications and proposals take: one file a form.
//!
//! Invariant: only what differs from the built-in schedule of the fork is exported (JSON has everything), each price
//! under the name it has there. What a form has no name for is said, never dropped. Names are the catalogue's; revm's tables
//! are those of the engine's own tariff.

mod changes;
mod eels;
mod eip;
mod geth;
mod json;
mod revm;
mod rust;
#[cfg(test)]
mod tests;

use std::fmt;

use crate::{
    evm::TariffError,
    gas::{FormulaError, Schedule},
    lang,
};

pub(super) use changes::changes;
pub(super) use eip::table;

/// A form of a schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `EELS_GAS_REPRICING_CONFIG` of execution-specs: JSON by fork and constant.
    Eels,
    /// revm's `GasParams`, and its table of static prices, in Rust.
    Revm,
    /// Constants in Rust, under the names of execution-specs.
    Rust,
    /// Constants and jump table of go-ethereum.
    Geth,
    /// The table of an EIP, in Markdown.
    Eip,
    /// Everything, as one versioned document.
    Json,
}

impl Form {
    /// What is wrong with what an export leaves out.
    pub const fn lacks(self) -> &'static str {
        match self {
            Self::Revm => "cannot be held by revm's tables",
            _ => "has no name in this form",
        }
    }
}

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

/// `schedule` in `form`.
///
/// # Errors
/// A formula without a value; for revm, a schedule that the engine cannot charge.
pub fn export(schedule: &Schedule, form: Form) -> Result<Exported, ExportError> {
    let stock = lang::fork_schedule(schedule.fork);
    let changes = changes(schedule, stock)?;
    let mut exported = match form {
        Form::Eels => eels::text(schedule, &changes)?,
        Form::Revm => revm::text(schedule, &changes)?,
        Form::Rust => rust::text(schedule, &changes),
        Form::Geth => geth::text(schedule, stock, &changes)?,
        Form::Eip => eip::text(&changes),
        Form::Json => return Ok(json::text(schedule)?),
    };
    let meters = schedule.meters.iter();
    exported
        .nameless
        .extend(meters.map(|meter| format!("meter {}", meter.name)));
    Ok(exported)
}
