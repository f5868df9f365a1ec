//! A schedule's text in its one shape.
//!
//! ```text
//! text --parse--> tokens and what stands between them --rows--> lines of cells --layout--> text
//! ```
//!
//! Invariants: what has a syntax error is left alone; tokens and comments stay, in their order, and only blanks
//! and line feeds between them change, so the text means what it meant; formatting twice is formatting once.

mod layout;
mod rows;
mod tokens;

use pest::Parser as _;

use crate::diag::{Diagnostic, Sources};

use super::{
    grammar::{Grammar, Rule},
    parser,
};

/// Why a text cannot be formatted.
#[derive(Debug)]
pub struct Unreadable {
    /// The syntax errors.
    pub diagnostics: Vec<Diagnostic>,
    /// The text that they point into.
    pub sources: Sources,
}

/// The text of the file at `path`, formatted.
///
/// # Errors
/// Lines that are no statements: they have no shape to be given.
pub fn format(path: &str, text: &str) -> Result<String, Box<Unreadable>> {
    let mut sources = Sources::default();
    let file = sources.add(path, text);
    let mut diagnostics = Vec::new();
    parser::parse(text, file, &mut diagnostics);
    if diagnostics.is_empty()
        && let Ok(pairs) = Grammar::parse(Rule::file, text)
    {
        return Ok(layout::text(&rows::lines(text, pairs)));
    }
    Err(Box::new(Unreadable {
        diagnostics,
        sources,
    }))
}
