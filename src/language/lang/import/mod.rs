//! Price lists in other projects' formats, as schedules.
//!
//! ```text
//! text --eels_config | pitstop | gasfit--> [ListedPrice] --listed_schedule--> Schedule --lang::write--> a .gas file
//! ```
//!
//! Invariant: a name that means nothing here is an error at its place, with what was probably meant; no price is
//! dropped without a word.

mod eels_config;
mod gasfit;
mod listed_schedule;
mod operation_mix;
mod pitstop;
mod price_list;

use crate::{
    diag::{Diagnostic, Severity, Sources},
    gas::{Fork, Schedule},
};

use price_list::unreadable;

pub use operation_mix::{REST, Weights, weights};

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
        ImportFormat::Eels => eels_config::read(text, file, &mut diagnostics),
        ImportFormat::Pitstop => pitstop::read(text, file, &mut diagnostics),
        ImportFormat::Gasfit => gasfit::read(text, file, &mut diagnostics),
    };
    let fork = list.fork;
    let schedule = listed_schedule::schedule(list, file, &mut diagnostics);
    diagnostics.sort_by_key(|d| d.place().map(|label| label.span.start));
    let failed = diagnostics.iter().any(|d| d.severity == Severity::Error);
    Imported {
        schedule: (!failed).then_some(schedule),
        fork,
        diagnostics,
        sources,
    }
}
