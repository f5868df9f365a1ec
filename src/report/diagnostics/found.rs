//! A finding with the files that it points into.

use crate::diag::{Diagnostic, FileId, Severity, Sources};

/// What was found, and where to look it up.
pub(super) struct Found<'a> {
    pub diagnostic: &'a Diagnostic,
    pub sources: &'a Sources,
}

/// A stretch of a file as people count: lines and columns from 1, the end behind the last character.
pub(super) struct Location<'a> {
    pub path: &'a str,
    pub start: (usize, usize),
    pub end: (usize, usize),
}

impl<'a> Found<'a> {
    pub(super) fn place(
        &self,
        file: FileId,
        span: &std::ops::Range<usize>,
    ) -> Option<Location<'a>> {
        Some(Location {
            path: &self.sources.get(file)?.path,
            start: self.sources.position(file, span.start),
            end: self.sources.position(file, span.end),
        })
    }
}

pub(super) const fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}
