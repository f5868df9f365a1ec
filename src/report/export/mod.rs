//! A schedule in the forms that client teams, specifications and proposals take: one file a form.
//!
//! Invariant: only what differs from the built-in schedule of the fork is exported (JSON has everything), each price
//! under the name it has there. What a form has no name for is said, never dropped. Names are the catalogue's; revm's tables
//! are those of the engine's own tariff.

mod changes;
mod eels;
mod eip;
mod exported;
mod geth;
mod json;
mod revm_tables;
mod rust;
#[cfg(test)]
mod tests;

use crate::{gas::Schedule, lang};

pub(super) use changes::changes;
pub(super) use eip::table;
pub use exported::{ExportError, Exported};

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

/// `schedule` in `form`.
///
/// # Errors
/// A formula without a value; for revm, a schedule that the engine cannot charge.
pub fn export(schedule: &Schedule, form: Form) -> Result<Exported, ExportError> {
    let stock = lang::fork_schedule(schedule.fork);
    let changes = changes(schedule, stock)?;
    let mut exported = match form {
        Form::Eels => eels::text(schedule, &changes)?,
        Form::Revm => revm_tables::text(schedule, &changes)?,
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
