//! What is wrong with a line that is no statement.

use pest::{
    Parser as _,
    error::{Error, ErrorVariant, InputLocation},
};

use crate::diag::{Diagnostic, FileId, Fix};

use super::{
    grammar::{Grammar, Rule, keyword},
    suggest,
};

/// Findings of one file after which the rest is not worth reading.
const MAX_FINDINGS: usize = 50;

/// The words a statement starts with, and how it is written.
const STATEMENTS: &[(&str, &str)] = &[
    (
        "schedule",
        "a file starts with `schedule \"title\" extends osaka`",
    ),
    ("let", "a constant is written `let name = number`"),
    ("group", "a group is written `group name = NAME, NAME`"),
    ("new", "a new price is written `new opcode NAME = formula`"),
    ("opcode", "a price is written `opcode NAME = formula`"),
    (
        "precompile",
        "a price is written `precompile NAME = formula`",
    ),
    ("param", "a price is written `param NAME = formula`"),
    (
        "meter",
        "a meter is written `meter zk within 100 Mgas { MULMOD = 113 * current }`",
    ),
    (
        "target",
        "a target is written `target prove 60 Mgas within 10 s on zisk`, or `at the rate of ADD` instead of a time",
    ),
    (
        "prover",
        "a prover is written `prover zisk { guest = reth }`",
    ),
    ("variant", "a variant is written `variant strong { k = 8 }`"),
    ("solve", "the solver is told `solve { vary opcode * }`"),
];

/// The words a clause of `solve` starts with, and how it is written.
const CLAUSES: &[(&str, &str)] = &[
    (
        "vary",
        "write `vary NAME, NAME` or `vary together NAME, NAME`",
    ),
    ("keep", "write `keep NAME, NAME`"),
    (
        "require",
        "write `require NAME in 1x .. 200x` or `require NAME >= NAME`",
    ),
    ("minimize", "write `minimize total change`"),
    ("round", "write `round up to 2 digits`"),
    ("include", "write `include \"PATH\"`, a folder of fixtures"),
];

/// Reads every bad line again, alone, and says what it lacks.
pub(super) fn explain_lines(
    text: &str,
    file: FileId,
    bad: &[(usize, Rule)],
    found: &mut Vec<Diagnostic>,
) {
    // A statement over several lines that breaks on a later one is one mistake.
    let mut explained = 0;
    let mut reported = 0;
    for &(start, rule) in bad {
        if start < explained {
            continue;
        }
        if reported == MAX_FINDINGS {
            found.push(
                Diagnostic::error("syntax", "too many lines that are no statements").at(
                    file,
                    &(start..start),
                    "not read from here on",
                ),
            );
            return;
        }
        reported += 1;
        let finding = match Grammar::parse(rule, &text[start..]) {
            Err(error) => {
                let at = start + offset(&error);
                explained = text[at..].find('\n').map_or(text.len(), |line| at + line);
                expected(text, file, start, &error, Some(rule))
            }
            Ok(_) => Diagnostic::error("syntax", "expected the end of the line").at(
                file,
                &(start..line_end(text, start)),
                "",
            ),
        };
        found.push(finding);
    }
}

/// The finding for formulas nested so deeply that the parser gave up.
pub(super) fn too_deep(text: &str, file: FileId, error: &Error<Rule>) -> Diagnostic {
    let at = offset(error).min(text.len());
    Diagnostic::error("too-complex", "nested too deeply").at(
        file,
        &token(text, at),
        "not read from here on",
    )
}

/// What was expected where the parser got stuck; `base` is where the text it read starts.
pub(super) fn expected(
    text: &str,
    file: FileId,
    base: usize,
    error: &Error<Rule>,
    lone: Option<Rule>,
) -> Diagnostic {
    let at = base + offset(error);
    let at = at + text[at..].len() - text[at..].trim_start_matches([' ', '\t']).len();
    let first = first_word(&text[base..]);
    if at == base && lone.is_some() {
        return no_statement(text, file, base, first, lone);
    }
    let wanted = wanted(error);
    let rest = token(text, at);
    let label = if rest.is_empty() {
        format!("expected {wanted} here")
    } else {
        format!("expected {wanted} before this")
    };
    let finding = Diagnostic::error("syntax", format!("expected {wanted}")).at(file, &rest, label);
    match STATEMENTS
        .iter()
        .chain(CLAUSES)
        .find(|(word, _)| *word == first)
    {
        Some((_, help)) if lone.is_some() => finding.help(*help),
        _ => finding,
    }
}

/// A line that starts like no statement at all.
fn no_statement(
    text: &str,
    file: FileId,
    base: usize,
    first: &str,
    lone: Option<Rule>,
) -> Diagnostic {
    let span = base..base + first.len().max(token(text, base).len());
    let (what, words): (_, &[(&str, &str)]) = match lone {
        Some(Rule::lone) => ("a statement", STATEMENTS),
        Some(Rule::lone_clause) => (
            "`vary`, `keep`, `require`, `minimize`, `round` or `include`",
            CLAUSES,
        ),
        Some(Rule::lone_entry) => ("a price, such as `MULMOD = 11`", &[]),
        _ => ("a setting, such as `k = 8`", &[]),
    };
    let finding = Diagnostic::error("syntax", format!("expected {what}"));
    if text[span.clone()].starts_with('}') {
        return finding.at(file, &span, "this closes nothing");
    }
    let close = suggest::closest(first, words.iter().map(|(word, _)| *word));
    let is_price =
        lone == Some(Rule::lone) && Grammar::parse(Rule::lone_entry, &text[base..]).is_ok();
    let finding = finding.at(file, &span, "no statement starts like this");
    let fix = |message: &str, replacement: String, sure| {
        Some(Fix {
            message: message.to_owned(),
            file,
            span: span.clone(),
            replacement,
            sure,
        })
    };
    // `letk` lacks a blank, `lett` has a letter too many.
    let joined = words
        .iter()
        .find_map(|(word, _)| Some((*word, first.strip_prefix(word)?)))
        .filter(|(word, rest)| !rest.is_empty() && *rest != "s" && !word.ends_with(rest));
    if let Some((word, rest)) = joined {
        let apart = format!("{word} {rest}");
        let line = format!("{apart}{}", &text[span.end..line_end(text, base)]);
        let sure = lone.is_some_and(|rule| Grammar::parse(rule, &line).is_ok());
        return finding.fix(fix("a blank is missing", apart, sure));
    }
    match close {
        Some(word) => {
            let sure = word.eq_ignore_ascii_case(first);
            finding.fix(fix(
                &format!("did you mean `{word}`?"),
                word.to_owned(),
                sure,
            ))
        }
        None if is_price => {
            finding.help("a price starts with its kind: `opcode`, `precompile` or `param`")
        }
        None => finding,
    }
}

/// What pest would have accepted, in words.
fn wanted(error: &Error<Rule>) -> String {
    let ErrorVariant::ParsingError { positives, .. } = &error.variant else {
        return "something else".to_owned();
    };
    // What may always go on is not what is missing, unless nothing else is.
    let optional =
        |r: &Rule| matches!(describe(*r), Some("`,`" | "`(`" | "a unit" | "an operator"));
    let mut words: Vec<&str> = Vec::new();
    for rule in positives
        .iter()
        .filter(|r| !optional(r))
        .chain(positives.iter().filter(|r| optional(r)))
    {
        if let Some(word) = describe(*rule)
            && !words.contains(&word)
            && (words.is_empty() || !optional(rule))
        {
            words.push(word);
        }
    }
    // A formula may start with a name or a number: say the one thing.
    if words.contains(&"a formula") {
        words.retain(|w| !matches!(*w, "a number" | "a name"));
    }
    match words.as_slice() {
        [] => "something else".to_owned(),
        [one] => (*one).to_owned(),
        [most @ .., last] => format!("{} or {last}", most.join(", ")),
    }
}

/// A rule as the user knows it; `None` for what is never worth naming.
fn describe(rule: Rule) -> Option<&'static str> {
    Some(match rule {
        Rule::assign => "`=`",
        Rule::comma => "`,`",
        Rule::open => "`{`",
        Rule::close => "`}`",
        Rule::right => "`)`",
        Rule::range => "`..`",
        Rule::compare => "a comparison",
        Rule::add | Rule::sub | Rule::mul | Rule::div | Rule::pow => "an operator",
        Rule::string | Rule::inner => "a text in quotes",
        Rule::quantity | Rule::number | Rule::count | Rule::quorum => "a number",
        Rule::unit => "a unit",
        Rule::name
        | Rule::objective
        | Rule::label
        | Rule::labels
        | Rule::pattern
        | Rule::pick
        | Rule::selection => "a name",
        Rule::left => "`(`",
        Rule::expr | Rule::reference | Rule::call | Rule::neg => "a formula",
        Rule::kind => "`opcode`, `precompile` or `param`",
        Rule::EOI => "the end of the line",
        other => return keyword(other),
    })
}

const fn offset(error: &Error<Rule>) -> usize {
    match error.location {
        InputLocation::Pos(at) | InputLocation::Span((at, _)) => at,
    }
}

fn first_word(text: &str) -> &str {
    let end = text
        .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .unwrap_or(text.len());
    &text[..end]
}

/// The word, or the one character, at `at`; empty at the end of a line.
fn token(text: &str, at: usize) -> std::ops::Range<usize> {
    let rest = &text[at..];
    let word = first_word(rest).len();
    let length = match rest.chars().next() {
        _ if word > 0 => word,
        None | Some('\n' | '\r' | '#') => 0,
        Some(other) => other.len_utf8(),
    };
    at..at + length
}

fn line_end(text: &str, at: usize) -> usize {
    text[at..].find('\n').map_or(text.len(), |line| at + line)
}
