//! "Did you mean".

use crate::diag::{FileId, Fix};

use super::ast::Span;

/// Similarity below which a suggestion would be a guess.
const LIKELY: f64 = 0.7;

/// The candidate most like `word`, if any is likely. The first wins a tie.
pub(super) fn closest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    // A word that long is no slip of the hand, and comparing it would take its time.
    if word.len() > 64 {
        return None;
    }
    let wanted = word.to_ascii_lowercase();
    let mut best: Option<(f64, &str)> = None;
    for candidate in candidates {
        let score = strsim::jaro_winkler(&wanted, &candidate.to_ascii_lowercase());
        let likely = strsim::jaro(&wanted, &candidate.to_ascii_lowercase()) > LIKELY;
        if likely && best.is_none_or(|(top, _)| score > top) {
            best = Some((score, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// The repair for a misspelt word, if a likely one exists.
pub(super) fn did_you_mean<'a>(
    file: FileId,
    word: &str,
    span: &Span,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<Fix> {
    closest(word, candidates).map(|close| Fix {
        message: format!("did you mean `{close}`?"),
        file,
        span: span.clone(),
        replacement: close.to_owned(),
        sure: close.eq_ignore_ascii_case(word),
    })
}
