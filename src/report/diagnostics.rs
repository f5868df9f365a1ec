//! Diagnostics with their source text, for a terminal or a log.

use std::fmt::Write as _;

use annotate_snippets::{
    AnnotationKind, Group, Level, Patch, Renderer, Snippet, renderer::DecorStyle,
};

use crate::diag::{Diagnostic, FileId, Label, Severity, Sources};

/// The face of a diagnostic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Face {
    /// With source lines, notes and fixes; coloured or not.
    Full {
        /// Escape sequences for colour.
        colour: bool,
    },
    /// One line each: `file:line:column: error[code]: message: label`.
    Short,
}

/// All of `diagnostics`, in the order given, with an empty line between full ones and a line feed at the end.
pub fn render(diagnostics: &[Diagnostic], sources: &Sources, face: Face) -> String {
    let mut out = String::new();
    for diagnostic in diagnostics {
        match face {
            Face::Full { colour } => {
                if !out.is_empty() {
                    out.push('\n');
                }
                out.push_str(&full(diagnostic, sources, colour));
            }
            Face::Short => out.push_str(&short(diagnostic, sources)),
        }
        out.push('\n');
    }
    out
}

fn full(diagnostic: &Diagnostic, sources: &Sources, colour: bool) -> String {
    let renderer = if colour {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let renderer = renderer.decor_style(DecorStyle::Ascii);
    let title = level(diagnostic.severity)
        .primary_title(diagnostic.message.as_str())
        .id(diagnostic.code);
    let mut group = Group::with_title(title);
    for file in files(diagnostic) {
        let Some(source) = sources.get(file) else {
            continue;
        };
        let labels = diagnostic.labels.iter().filter(|label| label.file == file);
        group = group.element(
            Snippet::source(source.text.as_str())
                .path(source.path.as_str())
                .annotations(labels.map(|label| {
                    let kind = if label.primary {
                        AnnotationKind::Primary
                    } else {
                        AnnotationKind::Context
                    };
                    kind.span(label.span.clone()).label(label.text.as_str())
                })),
        );
    }
    for note in &diagnostic.notes {
        group = group.element(Level::NOTE.message(note.as_str()));
    }
    for help in &diagnostic.helps {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    let mut report = vec![group];
    if let Some(fix) = &diagnostic.fix
        && let Some(source) = sources.get(fix.file)
    {
        let patch = Patch::new(fix.span.clone(), fix.replacement.as_str());
        let snippet = Snippet::source(source.text.as_str())
            .path(source.path.as_str())
            .patch(patch);
        report.push(
            Level::HELP
                .secondary_title(fix.message.as_str())
                .element(snippet),
        );
    }
    renderer.render(&report)
}

fn short(diagnostic: &Diagnostic, sources: &Sources) -> String {
    let mut out = String::new();
    let place = diagnostic.place();
    if let Some((label, source)) = place.and_then(|label| Some((label, sources.get(label.file)?))) {
        let (line, column) = sources.position(label.file, label.span.start);
        // Writing into a string cannot fail.
        let _ = write!(out, "{}:{line}:{column}: ", source.path);
    }
    let _ = write!(
        out,
        "{}[{}]: {}",
        word(diagnostic.severity),
        diagnostic.code,
        diagnostic.message
    );
    if let Some(label) = place.filter(|label| !label.text.is_empty()) {
        let _ = write!(out, ": {}", label.text);
    }
    out
}

/// The files a diagnostic points into: the primary label's first, then in order of mention.
fn files(diagnostic: &Diagnostic) -> Vec<FileId> {
    let (primary, context): (Vec<&Label>, Vec<&Label>) =
        diagnostic.labels.iter().partition(|label| label.primary);
    let mut files = Vec::new();
    for label in primary.into_iter().chain(context) {
        if !files.contains(&label.file) {
            files.push(label.file);
        }
    }
    files
}

const fn level(severity: Severity) -> Level<'static> {
    match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    }
}

const fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}
