//! What every check of a file works on: the file, what it extends, its names and what has been found.

use std::collections::BTreeMap;

use crate::diag::{Diagnostic, FileId};

use super::{
    ast::{self, Word},
    layer::Layer,
    names::Names,
};

/// What checking a file works on.
pub(super) struct Checker<'a> {
    pub file: FileId,
    pub parent: Option<&'a Layer>,
    /// The file's text.
    pub text: &'a str,
    pub names: Names,
    pub found: &'a mut Vec<Diagnostic>,
    /// Where the file is.
    pub path: &'a str,
}

impl Checker<'_> {
    /// The finding for a name that is not free.
    pub(super) fn reserved(&self, name: &Word, what: &str) -> Diagnostic {
        Diagnostic::error(
            "reserved-name",
            format!("`{}` means something already", name.text),
        )
        .at(self.file, &name.span, what)
    }

    /// Objects to the second definition of a name.
    pub(super) fn once(&mut self, seen: &mut BTreeMap<String, ast::Span>, name: &Word, what: &str) {
        match seen.get(&name.text) {
            Some(first) => {
                let finding = self.twice(name, first.clone(), what);
                self.found.push(finding);
            }
            None => {
                seen.insert(name.text.clone(), name.span.clone());
            }
        }
    }

    /// The finding for a second definition.
    pub(super) fn twice(&self, name: &Word, first: ast::Span, what: &str) -> Diagnostic {
        Diagnostic::error("defined-twice", format!("a second {what} `{}`", name.text))
            .at(self.file, &name.span, "and again here")
            .also_at(self.file, &first, "first here")
    }
}
