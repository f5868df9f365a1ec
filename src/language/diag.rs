//! One thing wrong with what the user wrote, as plain data. `report` gives it a face.
//!
//! Invariant: every code has a paragraph in [`crate::lang::explain`] and a file in `fixtures/errors`.

use std::ops::Range;

/// Which file of a [`Sources`].
pub type FileId = usize;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The schedule can be used; it may not mean what was intended.
    Warning,
    /// There is no schedule.
    Error,
}

/// A finding, with every place that explains it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// A stable name in kebab case, such as `unknown-name`.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// One line: lower case, no full stop, the user's words in backticks.
    pub message: String,
    /// Places, the primary one first. Empty only when nothing in a file is to blame.
    pub labels: Vec<Label>,
    /// Facts that help to understand it.
    pub notes: Vec<String>,
    /// What can be done.
    pub helps: Vec<String>,
    /// A replacement that probably repairs it.
    pub fix: Option<Fix>,
}

/// A place in a file, and what is to be said about it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Label {
    /// The file.
    pub file: FileId,
    /// Byte offsets into its text, on character boundaries.
    pub span: Range<usize>,
    /// What is there; may be empty.
    pub text: String,
    /// Whether this is the place to blame.
    pub primary: bool,
}

/// A textual repair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// Such as ``did you mean `MULMOD`?``
    pub message: String,
    /// The file to change.
    pub file: FileId,
    /// The bytes to replace.
    pub span: Range<usize>,
    /// What to put there.
    pub replacement: String,
    /// Whether it is certain to be what was meant, so that it may be applied unseen: another spelling of the same
    /// thing, never a guess between things.
    pub sure: bool,
}

/// A file as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// Its path as the user would write it, or `<osaka>` for a built-in.
    pub path: String,
    /// Its text.
    pub text: String,
    /// Where its lines start.
    lines: Vec<usize>,
}

/// Every file that diagnostics may point into.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sources {
    files: Vec<SourceFile>,
}

impl Label {
    /// The place to blame.
    pub fn primary(file: FileId, span: Range<usize>, text: impl Into<String>) -> Self {
        Self {
            file,
            span,
            text: text.into(),
            primary: true,
        }
    }

    /// A place that explains.
    pub fn context(file: FileId, span: Range<usize>, text: impl Into<String>) -> Self {
        Self {
            primary: false,
            ..Self::primary(file, span, text)
        }
    }
}

impl Diagnostic {
    /// An error without places yet.
    pub fn error(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            message: message.into(),
            labels: Vec::new(),
            notes: Vec::new(),
            helps: Vec::new(),
            fix: None,
        }
    }

    /// A warning without places yet.
    pub fn warning(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(code, message)
        }
    }

    /// Adds a place.
    #[must_use]
    pub fn label(mut self, label: Label) -> Self {
        self.labels.push(label);
        self
    }

    /// Adds the place to blame.
    #[must_use]
    pub fn at(self, file: FileId, span: &Range<usize>, text: impl Into<String>) -> Self {
        self.label(Label::primary(file, span.clone(), text))
    }

    /// Adds a place that explains.
    #[must_use]
    pub fn also_at(self, file: FileId, span: &Range<usize>, text: impl Into<String>) -> Self {
        self.label(Label::context(file, span.clone(), text))
    }

    /// Adds a fact.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Adds advice.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.helps.push(help.into());
        self
    }

    /// Sets the repair, if there is one.
    #[must_use]
    pub fn fix(mut self, fix: Option<Fix>) -> Self {
        self.fix = fix;
        self
    }

    /// Where it is: the first primary label, else the first.
    pub fn place(&self) -> Option<&Label> {
        self.labels
            .iter()
            .find(|l| l.primary)
            .or_else(|| self.labels.first())
    }
}

impl Fix {
    /// `text` with the `fixes` in it, and how many were applied: of those that overlap, the first.
    pub fn apply<'a>(text: &str, fixes: impl IntoIterator<Item = &'a Self>) -> (String, usize) {
        let mut fixes: Vec<&Self> = fixes.into_iter().collect();
        fixes.sort_by_key(|fix| (fix.span.start, fix.span.end));
        let (mut out, mut read, mut applied) = (String::new(), 0, 0);
        for fix in fixes {
            let Some(between) = text.get(read..fix.span.start) else {
                continue;
            };
            out.push_str(between);
            out.push_str(&fix.replacement);
            read = fix.span.end;
            applied += 1;
        }
        out.push_str(text.get(read..).unwrap_or_default());
        (out, applied)
    }
}

impl Sources {
    /// Adds a file and answers its id.
    pub fn add(&mut self, path: impl Into<String>, text: impl Into<String>) -> FileId {
        let text = text.into();
        let breaks = text.match_indices('\n').map(|(at, _)| at + 1);
        self.files.push(SourceFile {
            path: path.into(),
            lines: std::iter::once(0).chain(breaks).collect(),
            text,
        });
        self.files.len() - 1
    }

    /// The file with this id, if there is one.
    pub fn get(&self, id: FileId) -> Option<&SourceFile> {
        self.files.get(id)
    }

    /// Every file, in the order of their ids.
    pub fn files(&self) -> &[SourceFile] {
        &self.files
    }

    /// 1-based line and column (in characters) of a byte offset.
    pub fn position(&self, id: FileId, offset: usize) -> (usize, usize) {
        let Some(file) = self.get(id) else {
            return (1, 1);
        };
        let line = file.lines.partition_point(|start| *start <= offset);
        let start = line.checked_sub(1).map_or(0, |at| file.lines[at]);
        let before = file.text.get(start..offset).unwrap_or(&file.text[start..]);
        (line, before.chars().count() + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fixes_that_overlap_are_applied_once() {
        let fix = |span: Range<usize>, replacement: &str| Fix {
            message: String::new(),
            file: 0,
            span,
            replacement: replacement.to_owned(),
            sure: true,
        };
        let fixes = [fix(4..7, "C"), fix(0..1, "A"), fix(5..6, "x")];
        assert_eq!(Fix::apply("a b ccc d", &fixes), ("A b C d".to_owned(), 2));
        assert_eq!(Fix::apply("a", &[]), ("a".to_owned(), 0));
    }
}
