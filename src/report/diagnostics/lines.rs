//! Findings in plain lines.

use std::fmt::Write as _;

use super::found::{Found, word};
use crate::printable::printable;

/// `file:line:column: error[code]: message: label`.
pub(super) fn short(found: &Found<'_>) -> String {
    let label = found.diagnostic.place();
    let text = label.map_or("", |label| label.text.as_str());
    let colon = if text.is_empty() { "" } else { ": " };
    printable(&format!("{}{colon}{text}", head(found))).into_owned()
}

/// The short line, and below it every other place, fact and way out.
pub(super) fn plain(found: &Found<'_>) -> String {
    let mut out = short(found);
    let primary = found.diagnostic.place();
    let others = found
        .diagnostic
        .labels
        .iter()
        .filter(|l| Some(*l) != primary);
    // Writing into a string cannot fail.
    for label in others {
        if let Some(place) = found.place(label.file, &label.span) {
            let (line, column) = place.start;
            let see = format!("{}:{line}:{column}: {}", place.path, label.text);
            let _ = write!(out, "\n  see: {}", printable(&see));
        }
    }
    for note in &found.diagnostic.notes {
        let _ = write!(out, "\n  note: {}", printable(note));
    }
    for help in &found.diagnostic.helps {
        let _ = write!(out, "\n  help: {}", printable(help));
    }
    if let Some(fix) = &found.diagnostic.fix {
        let _ = write!(out, "\n  fix: {}", printable(&fix.message));
    }
    out
}

fn head(found: &Found<'_>) -> String {
    let diagnostic = found.diagnostic;
    let place = diagnostic
        .place()
        .and_then(|label| found.place(label.file, &label.span));
    let at = place.map_or_else(String::new, |place| {
        format!("{}:{}:{}: ", place.path, place.start.0, place.start.1)
    });
    let severity = word(diagnostic.severity);
    format!(
        "{at}{severity}[{}]: {}",
        diagnostic.code, diagnostic.message
    )
}
