//! Price lists in other projects' formats, as schedules.
//!
//! ```text
//! text --eels | pitstop | gasfit--> [Cell: name, price, place] --apply--> Schedule --lang::write--> a .gas file
//! ```
//!
//! Invariant: a name that means nothing here is an error at its place, with what was probably meant; no price is
//! dropped without a word.

mod apply;
mod eels;
mod gasfit;
mod pitstop;
mod weights;

use crate::{
    diag::{Diagnostic, FileId, Severity, Sources},
    gas::{Fork, Ratio, Schedule},
};

use super::ast::Span;

pub use weights::{Weights, weights};

/// Bytes beyond which a list is refused: none is that long, and every step stays quick.
const MAX_LIST: usize = 1 << 20;

/// A format that price lists come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportFormat {
    /// execution-specs' `EELS_GAS_REPRICING_CONFIG`: JSON, `{"Osaka": {"OPCODE_DIV": 15}}`.
    Eels,
    /// pitstop's YAML, one file an EIP.
    Pitstop,
    /// evm-gasfit's `new_gas.csv`.
    Gasfit,
}

/// What became of a price list.
#[derive(Debug)]
pub struct Imported {
    /// The fork's schedule with the list's prices; `None` exactly when there is an error among the diagnostics.
    pub schedule: Option<Schedule>,
    /// The fork that the list changes: the built-in schedule to extend.
    pub fork: Fork,
    /// Everything found.
    pub diagnostics: Vec<Diagnostic>,
    /// The text that the diagnostics point into.
    pub sources: Sources,
}

/// One price of a list, before its name means anything.
struct Cell {
    /// What the list sets.
    name: Name,
    price: Ratio,
    /// Where it stands.
    span: Span,
    /// The comment to put above it.
    reason: Option<String>,
}

/// What a format calls a price.
enum Name {
    /// A constant of execution-specs.
    Constant(String),
    /// An operation, and a part of it; no part means the constant one.
    Operation(String, Option<crate::gas::Part>),
    /// A parameter, by its name here.
    Param(&'static str),
    /// The number that an operation's formula starts with.
    Multiplier(&'static str),
    /// A parameter, and another whose price the list adds to it.
    Including(&'static str, &'static str),
}

/// A list's content.
struct List {
    title: String,
    fork: Fork,
    cells: Vec<Cell>,
}

/// Reads the price list at `path`.
pub fn import(path: &str, text: &str, format: ImportFormat) -> Imported {
    let mut sources = Sources::default();
    let file = sources.add(path, text);
    let mut diagnostics = Vec::new();
    if text.len() > MAX_LIST {
        diagnostics.push(unreadable(file, 0..0, "this list is longer than 1 MiB"));
        return Imported {
            schedule: None,
            fork: Fork::Osaka,
            diagnostics,
            sources,
        };
    }
    let list = match format {
        ImportFormat::Eels => eels::read(text, file, &mut diagnostics),
        ImportFormat::Pitstop => pitstop::read(text, file, &mut diagnostics),
        ImportFormat::Gasfit => gasfit::read(text, file, &mut diagnostics),
    };
    let fork = list.fork;
    let schedule = apply::apply(list, file, &mut diagnostics);
    diagnostics.sort_by_key(|d| d.place().map(|label| label.span.start));
    let failed = diagnostics.iter().any(|d| d.severity == Severity::Error);
    Imported {
        schedule: (!failed).then_some(schedule),
        fork,
        diagnostics,
        sources,
    }
}

/// Something in the list that cannot be read.
fn unreadable(file: FileId, span: Span, message: impl Into<String>) -> Diagnostic {
    Diagnostic::error("syntax", message).label(crate::diag::Label::primary(file, span, ""))
}
