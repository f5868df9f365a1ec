//! Findings for programs: one versioned document.

use std::ops::Range;

use serde::Serialize;

use super::found::{Found, word};
use crate::{diag::FileId, report::json};

#[derive(Serialize)]
struct Document<'a> {
    diagnostics: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Entry<'a> {
    code: &'a str,
    severity: &'static str,
    message: &'a str,
    labels: Vec<LabelEntry<'a>>,
    notes: &'a [String],
    helps: &'a [String],
    fix: Option<FixEntry<'a>>,
}

#[derive(Serialize)]
struct LabelEntry<'a> {
    #[serde(flatten)]
    place: Stretch<'a>,
    text: &'a str,
    primary: bool,
}

#[derive(Serialize)]
struct FixEntry<'a> {
    message: &'a str,
    #[serde(flatten)]
    place: Stretch<'a>,
    replacement: &'a str,
    sure: bool,
}

#[derive(Serialize)]
struct Stretch<'a> {
    file: &'a str,
    start: Point,
    end: Point,
}

/// Bytes from 0, lines and columns (in characters) from 1.
#[derive(Serialize)]
struct Point {
    offset: usize,
    line: usize,
    column: usize,
}

/// All findings under `"kind": "diagnostics"`.
pub(super) fn document(all: &[Found<'_>]) -> String {
    let document = Document {
        diagnostics: all.iter().map(entry).collect(),
    };
    // Strings and numbers under fixed keys always have a JSON form.
    json::document("diagnostics", &document).unwrap_or_default()
}

fn entry<'a>(found: &Found<'a>) -> Entry<'a> {
    let diagnostic = found.diagnostic;
    let labels = diagnostic.labels.iter().filter_map(|label| {
        Some(LabelEntry {
            place: stretch(found, label.file, &label.span)?,
            text: &label.text,
            primary: label.primary,
        })
    });
    Entry {
        code: diagnostic.code,
        severity: word(diagnostic.severity),
        message: &diagnostic.message,
        labels: labels.collect(),
        notes: &diagnostic.notes,
        helps: &diagnostic.helps,
        fix: diagnostic.fix.as_ref().and_then(|fix| {
            Some(FixEntry {
                message: &fix.message,
                place: stretch(found, fix.file, &fix.span)?,
                replacement: &fix.replacement,
                sure: fix.sure,
            })
        }),
    }
}

fn stretch<'a>(found: &Found<'a>, file: FileId, span: &Range<usize>) -> Option<Stretch<'a>> {
    let place = found.place(file, span)?;
    let point = |offset, (line, column)| Point {
        offset,
        line,
        column,
    };
    Some(Stretch {
        file: place.path,
        start: point(span.start, place.start),
        end: point(span.end, place.end),
    })
}
