//! `solve`: what the solver may move and must respect, as this file and those it extends ask for.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    diag::{Diagnostic, Label},
    gas::{Gas, Part, Schedule},
};

use super::{
    Objective, Rounding, Step, Target,
    ast::{self, Clause, ClauseKind, Pick, Quantity, Word},
    checker::Checker,
    layer::{Choice, Requests, params},
    names::Chosen,
    paths::beside,
    price_settings::Priced,
    quantities::{Dimension, measure},
    requirements::{Requirements, no_own_price},
    suggest::did_you_mean,
};

/// Clauses in one `solve`.
const MAX_CLAUSES: usize = 1_000;

/// Prices that are warned about one by one.
const MAX_NOT_KEPT: usize = 5;

/// The inherited requests with this file's added; `None` when no file has a `solve`.
pub(super) fn requests(
    checker: &mut Checker<'_>,
    tree: &ast::File,
    schedule: &Schedule,
    priced: &Priced<'_>,
    targets: &[Target],
) -> Option<Requests> {
    let inherited = checker.parent.and_then(|p| p.requests.clone());
    let mut all = inherited.clone();
    if let Some(solve) = &tree.solve {
        if targets.is_empty() && tree.targets.is_empty() {
            checker.found.push(
                Diagnostic::error(
                    "missing-target",
                    "nothing says what these prices must achieve",
                )
                .at(
                    checker.file,
                    &(solve.span.start..solve.span.start + 5),
                    "solved for what?",
                )
                .help("add a target, such as `target prove 60 Mgas within 10 s on sp1`"),
            );
        }
        let requests = all.get_or_insert_default();
        let mut once = BTreeMap::new();
        for clause in solve.clauses.iter().take(MAX_CLAUSES) {
            read(checker, clause, schedule, requests, &mut once);
        }
        if let Some(clause) = solve.clauses.get(MAX_CLAUSES) {
            checker.found.push(
                Diagnostic::error("too-complex", "this file asks too much of the solver").at(
                    checker.file,
                    &clause.span,
                    "more than 1000 clauses",
                ),
            );
        }
    }
    if let (Some(inherited), Some(all)) = (&inherited, &all) {
        not_kept(checker, inherited, all, priced);
    }
    all
}

fn read(
    checker: &mut Checker<'_>,
    clause: &Clause,
    schedule: &Schedule,
    requests: &mut Requests,
    once: &mut BTreeMap<String, ast::Span>,
) {
    let label = Label::context(checker.file, clause.span.clone(), "");
    match &clause.kind {
        ClauseKind::Vary { together, picks } => {
            let chosen = choose(checker, picks, schedule);
            requests.vary.push(Choice {
                chosen,
                together: *together,
                label,
            });
        }
        ClauseKind::Keep { picks } => {
            let chosen = choose(checker, picks, schedule);
            requests.keep.push(Choice {
                chosen,
                together: false,
                label,
            });
        }
        ClauseKind::Bounds { picks, low, high } => {
            let chosen = choose(checker, picks, schedule);
            let bounds = Requirements::new(checker, schedule).bounds(&chosen, low, high, &label);
            requests.bounds.extend(bounds);
        }
        ClauseKind::Relation {
            left,
            compare,
            right,
        } => {
            let relation =
                Requirements::new(checker, schedule).relation(left, *compare, right, &label);
            requests.relations.extend(relation);
        }
        ClauseKind::Minimize { words } => {
            only(checker, once, clause, "minimize");
            requests.minimize = objective(checker, words).or(requests.minimize);
        }
        ClauseKind::Round { how, to } => {
            only(checker, once, clause, "round");
            requests.round = rounding(checker, how, to.as_ref()).or(requests.round);
        }
        ClauseKind::Include { path } => {
            if path.text.is_empty() {
                checker
                    .found
                    .push(Diagnostic::error("syntax", "expected a path").at(
                        checker.file,
                        &path.span,
                        "this names nothing",
                    ));
                return;
            }
            let path = beside(checker.path, &path.text);
            if !requests.include.contains(&path) {
                requests.include.push(path);
            }
        }
    }
}

fn only(
    checker: &mut Checker<'_>,
    once: &mut BTreeMap<String, ast::Span>,
    clause: &Clause,
    what: &str,
) {
    let word = Word {
        text: what.to_owned(),
        span: clause.span.start..clause.span.start + what.len(),
    };
    checker.once(once, &word, "clause");
}

/// What a clause selects. Every name in it must have a price of its own.
fn choose(checker: &mut Checker<'_>, picks: &[Pick], schedule: &Schedule) -> Vec<Chosen> {
    let findings = checker.found.len();
    let mut chosen = checker.names.choose(picks, None, checker.found);
    let mut seen = BTreeSet::new();
    chosen.retain(|c| seen.insert((c.operation.clone(), c.part)));
    for one in chosen.iter().filter(|c| c.named) {
        if params(schedule, one).is_empty()
            && let Some(finding) = no_own_price(checker, schedule, one)
        {
            checker.found.push(finding);
        }
    }
    let nothing = chosen.iter().all(|c| params(schedule, c).is_empty());
    if let (true, Some(first)) = (nothing && checker.found.len() == findings, picks.first()) {
        let end = picks.last().map_or(first.span.end, |p| p.span.end);
        checker.found.push(
            Diagnostic::error("empty-selection", "nothing here has a price of its own").at(
                checker.file,
                &(first.span.start..end),
                "this selects nothing",
            ),
        );
    }
    chosen
}

fn objective(checker: &mut Checker<'_>, words: &[Word]) -> Option<Objective> {
    let text: Vec<&str> = words.iter().map(|w| w.text.as_str()).collect();
    let text = text.join(" ");
    let known = Objective::ALL.iter().copied().find(|o| o.words() == text);
    if known.is_none() {
        let start = words.first().map_or(0, |w| w.span.start);
        let span = start..words.last().map_or(start, |w| w.span.end);
        let names = Objective::ALL.iter().map(|o| o.words());
        checker.found.push(
            Diagnostic::error("unknown-name", format!("`{text}` is nothing to minimize"))
                .at(checker.file, &span, "not an objective")
                .note("objectives: total change, largest change, number of changes")
                .fix(did_you_mean(checker.file, &text, &span, names)),
        );
    }
    known
}

/// As many as the largest price has.
const MOST_DIGITS: u32 = 13;

fn rounding(checker: &mut Checker<'_>, how: &Word, to: Option<&Quantity>) -> Option<Rounding> {
    let up = match how.text.as_str() {
        "up" => true,
        "nearest" => false,
        other => {
            checker.found.push(
                Diagnostic::error("unknown-name", format!("prices are not rounded `{other}`"))
                    .at(checker.file, &how.span, "not a way to round")
                    .note("ways to round: up, nearest; down could miss the target")
                    .fix(did_you_mean(
                        checker.file,
                        other,
                        &how.span,
                        ["up", "nearest"],
                    )),
            );
            return None;
        }
    };
    let Some(quantity) = to else {
        return Some(Rounding {
            up,
            to: Step::WHOLE,
        });
    };
    let is_digits = |unit: &Word| unit.text == "digits";
    let digits = quantity.unit.as_ref().is_some_and(is_digits);
    let value = match &quantity.unit {
        Some(_) if digits => measure(checker, quantity, Dimension::Digits, None)?,
        Some(_) => measure(checker, quantity, Dimension::Gas, None)?,
        None => super::expressions::decimal(&quantity.number.text)?,
    };
    let whole = value
        .is_integer()
        .then(|| Gas::try_from(value.numerator()).ok())
        .flatten();
    let to = if digits {
        let digits = whole.and_then(|digits| u32::try_from(digits).ok());
        let digits = digits.filter(|digits| (1..=MOST_DIGITS).contains(digits));
        digits.map(Step::Digits)
    } else {
        let gas = whole.filter(|gas| (1..=crate::gas::MAX_PRICE).contains(gas));
        gas.map(Step::Gas)
    };
    if to.is_none() {
        let expected = if digits {
            format!("expected 1 to {MOST_DIGITS} digits")
        } else {
            "expected a whole amount of gas above 0".to_owned()
        };
        checker
            .found
            .push(Diagnostic::error("out-of-range", expected).at(checker.file, &quantity.span, ""));
    }
    Some(Rounding { up, to: to? })
}

/// Warns about prices set here that an inherited `vary` lets the solver move: each, or all in one when a whole
/// proposal was written out.
fn not_kept(checker: &mut Checker<'_>, inherited: &Requests, all: &Requests, priced: &Priced<'_>) {
    let meets = |chosen: &Chosen, name: &str, part: Option<Part>| {
        chosen.operation == name && (chosen.part.is_none() || part.is_none() || chosen.part == part)
    };
    let mut moved = Vec::new();
    for (name, settings) in priced {
        for setting in settings.iter().filter(|s| !s.new) {
            let mut kept = all.keep.iter().flat_map(|k| &k.chosen);
            let varied = inherited.vary.iter().find_map(|vary| {
                let chosen = &vary.chosen;
                let chosen = chosen.iter().find(|c| meets(c, name, setting.part))?;
                Some(Label::context(
                    vary.label.file,
                    chosen.span.clone(),
                    "varied by the schedule this one extends",
                ))
            });
            if let Some(varied) = varied
                && !kept.any(|c| meets(c, name, setting.part))
            {
                moved.push((name, setting.pick.clone(), varied));
            }
        }
    }
    moved.sort_by_key(|(_, pick, _)| pick.start);
    let count = moved.len();
    let shown = if count > MAX_NOT_KEPT { 1 } else { count };
    for (name, pick, varied) in moved.into_iter().take(shown) {
        let (what, keep) = if shown < count {
            (format!("{count} prices set here"), "*".to_owned())
        } else {
            (format!("the price of {name} set here"), name.clone())
        };
        checker.found.push(
            Diagnostic::warning("price-not-kept", format!("the solver may move {what}"))
                .at(checker.file, &pick, "priced here by hand")
                .label(varied)
                .help(format!(
                    "to pin what is set here, add `solve {{ keep {keep} }}`"
                )),
        );
    }
}
