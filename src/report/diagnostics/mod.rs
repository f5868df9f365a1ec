//! One diagnostic, many faces: for a terminal, a log, a program, a code review.

mod found;
mod full;
mod github;
mod json;
mod lines;
mod sarif;

use crate::diag::{Diagnostic, Sources};
use found::Found;

/// The face of diagnostics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Face {
    /// With source lines, notes and fixes; coloured or not.
    Full {
        /// Escape sequences for colour.
        colour: bool,
    },
    /// One line each: `file:line:column: error[code]: message: label`.
    Short,
    /// Everything that the full face says, in lines without any drawing: for logs and screen readers.
    Plain,
    /// One versioned document.
    Json,
    /// Annotations of a GitHub workflow, one line each.
    Github,
    /// One SARIF 2.1.0 document, as code-scanning services read it.
    Sarif,
}

/// What was found in one file and those it extends.
pub type Batch<'a> = (&'a [Diagnostic], &'a Sources);

/// All of `diagnostics`, in the order given. A list has a line feed at its end, an empty one is no text; a document is
/// one even when it is empty.
pub fn render(diagnostics: &[Diagnostic], sources: &Sources, face: Face) -> String {
    render_all(&[(diagnostics, sources)], face)
}

/// The findings of several files, one after the other.
pub fn render_all(batches: &[Batch<'_>], face: Face) -> String {
    let all: Vec<Found<'_>> = batches
        .iter()
        .flat_map(|(diagnostics, sources)| {
            diagnostics.iter().map(|diagnostic| Found {
                diagnostic,
                sources,
            })
        })
        .collect();
    let lines = |line: &dyn Fn(&Found<'_>) -> String| {
        all.iter()
            .map(|found| line(found) + "\n")
            .collect::<String>()
    };
    let blocks = |block: &dyn Fn(&Found<'_>) -> String| {
        let blocks: Vec<String> = all.iter().map(|found| block(found) + "\n").collect();
        blocks.join("\n")
    };
    match face {
        Face::Full { colour } => {
            blocks(&|found| full::full(found.diagnostic, found.sources, colour))
        }
        Face::Plain => blocks(&lines::plain),
        Face::Short => lines(&lines::short),
        Face::Github => lines(&github::annotation),
        Face::Json => json::document(&all),
        Face::Sarif => sarif::document(&all),
    }
}
