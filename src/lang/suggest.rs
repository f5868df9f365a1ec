//! "Did you mean".

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
