//! The form of a result.

use clap::ValueEnum;
use serde::Serialize;

use super::exit::Failure;
use crate::report::json;

/// The form of a result that has these two.
#[derive(Clone, Copy, ValueEnum)]
pub enum Format {
    /// For people
    Table,
    /// For programs: one versioned document
    Json,
}

impl Format {
    /// The result, a document of `kind` or what `table` makes of it.
    ///
    /// # Errors
    /// It has no JSON form.
    pub fn text<T: Serialize>(
        self,
        kind: &'static str,
        result: &T,
        table: impl FnOnce(&T) -> String,
    ) -> Result<String, Failure> {
        match self {
            Self::Table => Ok(table(result)),
            Self::Json => document(kind, result),
        }
    }
}

/// A result as a JSON document of `kind`.
///
/// # Errors
/// It has no JSON form.
pub fn document<T: Serialize>(kind: &'static str, result: &T) -> Result<String, Failure> {
    json::document(kind, result).map_err(|error| Failure::outside(error.to_string()))
}
