//! Findings with their source text, for a terminal or a log.

use annotate_snippets::{
    AnnotationKind, Group, Level, Patch, Renderer, Snippet, renderer::DecorStyle,
};

use crate::{
    diag::{Diagnostic, FileId, Label, Severity, Sources},
    printable::printable,
};

/// One finding: what, where, why, and what to do about it; without a line feed at the end.
pub(super) fn full(diagnostic: &Diagnostic, sources: &Sources, colour: bool) -> String {
    let renderer = if colour {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let renderer = renderer.decor_style(DecorStyle::Ascii);
    let title = level(diagnostic.severity)
        .primary_title(printable(&diagnostic.message))
        .id(diagnostic.code);
    let mut group = Group::with_title(title);
    for file in files(diagnostic) {
        let Some(source) = sources.get(file) else {
            continue;
        };
        let labels = diagnostic.labels.iter().filter(|label| label.file == file);
        group = group.element(
            Snippet::source(source.text.as_str())
                .path(printable(&source.path))
                .annotations(labels.map(|label| {
                    let kind = if label.primary {
                        AnnotationKind::Primary
                    } else {
                        AnnotationKind::Context
                    };
                    kind.span(label.span.clone()).label(printable(&label.text))
                })),
        );
    }
    for note in &diagnostic.notes {
        group = group.element(Level::NOTE.message(printable(note)));
    }
    for help in &diagnostic.helps {
        group = group.element(Level::HELP.message(printable(help)));
    }
    let mut report = vec![group];
    if let Some(fix) = &diagnostic.fix
        && let Some(source) = sources.get(fix.file)
    {
        let patch = Patch::new(fix.span.clone(), fix.replacement.as_str());
        let snippet = Snippet::source(source.text.as_str())
            .path(printable(&source.path))
            .patch(patch);
        report.push(
            Level::HELP
                .secondary_title(printable(&fix.message))
                .element(snippet),
        );
    }
    renderer.render(&report)
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
