//! The texts of the schedules that every copy of the tool knows by name, and findings about other names.

use crate::diag::{Diagnostic, FileId};

use super::{ast, suggest::did_you_mean};

/// Names and texts, oldest fork first.
const BUILT_IN: &[(&str, &str)] = &[
    ("prague", include_str!("../../../schedules/prague.gas")),
    ("osaka", include_str!("../../../schedules/osaka.gas")),
    (
        "amsterdam",
        include_str!("../../../schedules/amsterdam.gas"),
    ),
];

/// The text of a built-in schedule.
pub fn builtin(name: &str) -> Option<&'static str> {
    let (_, text) = BUILT_IN.iter().find(|(known, _)| *known == name)?;
    Some(text)
}

/// The names of the built-in schedules, oldest fork first.
pub fn builtins() -> impl Iterator<Item = &'static str> {
    BUILT_IN.iter().map(|(name, _)| *name)
}

/// The finding for a name that is no fork's.
pub(super) fn unknown_fork(name: &str, id: FileId, span: ast::Span) -> Diagnostic {
    let message = format!("there is no schedule of the fork `{name}`");
    Diagnostic::error("unknown-schedule", message)
        .at(id, &span, "not built in")
        .note(built_in_names())
        .fix(did_you_mean(id, name, &span, builtins()))
}

/// What could be written, for a note.
pub(super) fn built_in_names() -> String {
    format!("built in: {}", builtins().collect::<Vec<_>>().join(", "))
}
