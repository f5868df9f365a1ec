//! `target` and `prover`: what blocks must achieve, and who is measured.

use std::collections::BTreeMap;

use crate::diag::{Diagnostic, Label};

use super::{
    Anchor, Limit, ProverSpec, Resource, Target, Verb,
    ast::{self, Word},
    checker::Checker,
    quantities::{Dimension, gas, measure, out_of_range},
    suggest::did_you_mean,
};

/// What a `prover` block can say.
const SETTINGS: [&str; 2] = ["guest", "resource"];

/// The percentile that is the median.
const MEDIAN: u8 = 50;

/// Adds this file's provers to the inherited ones; one that it restates is replaced.
pub(super) fn provers(checker: &mut Checker<'_>, tree: &ast::File, all: &mut Vec<ProverSpec>) {
    let mut seen = BTreeMap::new();
    for prover in &tree.provers {
        checker.once(&mut seen, &prover.name, "prover");
        let spec = prover_spec(checker, prover);
        match all.iter_mut().find(|p| p.name == spec.name) {
            Some(same) => *same = spec,
            None => all.push(spec),
        }
    }
}

fn prover_spec(checker: &mut Checker<'_>, prover: &ast::Prover) -> ProverSpec {
    let mut spec = ProverSpec {
        name: prover.name.text.clone(),
        guests: Vec::new(),
        resource: None,
    };
    let mut seen = BTreeMap::new();
    for (key, values) in &prover.settings {
        checker.once(&mut seen, key, "setting");
        match key.text.as_str() {
            "guest" => spec.guests = values.iter().map(|w| w.text.clone()).collect(),
            "resource" => spec.resource = resource(checker, values),
            other => {
                let message = format!("a prover has no setting `{other}`");
                checker.found.push(
                    Diagnostic::error("unknown-setting", message)
                        .at(checker.file, &key.span, "nothing reads this")
                        .note(format!("settings of a prover: {}", SETTINGS.join(", ")))
                        .fix(did_you_mean(checker.file, other, &key.span, SETTINGS)),
                );
            }
        }
    }
    spec
}

/// What a prover has to run on: one thing.
fn resource(checker: &mut Checker<'_>, values: &[Word]) -> Option<Resource> {
    if let [first, second, ..] = values {
        let finding = checker.twice(second, first.span.clone(), "resource");
        checker.found.push(finding);
    }
    let word = values.first()?;
    let known = Resource::ALL.iter().find(|r| r.name() == word.text);
    if known.is_none() {
        let names = Resource::ALL.iter().map(|r| r.name());
        checker.found.push(
            Diagnostic::error("unknown-name", format!("no prover runs on `{}`", word.text))
                .at(checker.file, &word.span, "not a resource")
                .note("resources: cpu, gpu, cluster, network")
                .fix(did_you_mean(checker.file, &word.text, &word.span, names)),
        );
    }
    known.copied()
}

/// This file's targets, else the inherited ones.
pub(super) fn targets(
    checker: &mut Checker<'_>,
    tree: &ast::File,
    provers: &mut Vec<ProverSpec>,
    inherited: Vec<Target>,
) -> Vec<Target> {
    if tree.targets.is_empty() {
        return inherited;
    }
    let declared = !provers.is_empty();
    let mut all = Vec::new();
    for target in &tree.targets {
        let gas = gas(checker, &target.gas);
        let limit = limit(checker, &target.limit);
        let verb = verb(checker, &target.verb);
        let on = on(
            checker,
            target,
            verb,
            declared.then_some(provers.as_slice()),
        );
        let at_least = quorum(checker, target, on.len());
        for name in &on {
            // Without any `prover` block the names in `on` are provers with nothing to say about them.
            if !declared && provers.iter().all(|p| p.name != *name) {
                provers.push(ProverSpec {
                    name: name.clone(),
                    guests: Vec::new(),
                    resource: None,
                });
            }
        }
        if let (Some(verb), Some(gas), Some(limit)) = (verb, gas, limit) {
            all.push(Target {
                verb,
                gas,
                limit,
                margin: 0.0,
                on,
                at_least,
                label: Label::context(checker.file, target.span.clone(), ""),
            });
        }
    }
    all
}

fn verb(checker: &mut Checker<'_>, word: &Word) -> Option<Verb> {
    let known = Verb::ALL.iter().copied().find(|v| v.name() == word.text);
    if word.text == "verify" {
        checker.found.push(
            Diagnostic::error(
                "unsupported-verb",
                "a target to `verify` cannot be held yet",
            )
            .at(
                checker.file,
                &word.span,
                "nothing times how long a proof takes to verify",
            )
            .note("proofs are verified as they come, and only proving is timed")
            .help("write `target prove ...` or `target execute ...`"),
        );
    } else if known.is_none() {
        let names = Verb::ALL.iter().map(|v| v.name());
        checker.found.push(
            Diagnostic::error(
                "unknown-name",
                format!("a block cannot be timed to `{}`", word.text),
            )
            .at(checker.file, &word.span, "not a verb of targets")
            .note("verbs: execute, prove")
            .fix(did_you_mean(checker.file, &word.text, &word.span, names)),
        );
    }
    known
}

fn limit(checker: &mut Checker<'_>, limit: &ast::Limit) -> Option<Limit> {
    match limit {
        ast::Limit::Within(word, time) => seconds(checker, word, time).map(Limit::Within),
        ast::Limit::Anchor(written) => anchor(checker, written).map(Limit::Anchor),
    }
}

/// The operations whose rate is the measure, and how many times it.
fn anchor(checker: &mut Checker<'_>, written: &ast::Anchor) -> Option<Anchor> {
    let times = written.times.as_ref();
    let times = times.map_or(Some(1.0), |times| factor(checker, times));
    let percentile = match &written.statistic {
        None => Some(None),
        Some(ast::Statistic::Median) => Some(Some(MEDIAN)),
        Some(ast::Statistic::Percentile(word)) => share(checker, word).map(Some),
    };
    let known = checker.found.len();
    let chosen = checker.names.choose(&written.picks, None, checker.found);
    for finding in &mut checker.found[known..] {
        finding.code = match finding.code {
            "unknown-name" => "anchor-unknown",
            "empty-selection" => "anchor-empty",
            other => other,
        };
    }
    let mut operations: Vec<String> = Vec::new();
    for one in chosen {
        if one.part.is_some() {
            checker.found.push(
                Diagnostic::error("anchor-part", "a part of a price has no rate")
                    .at(checker.file, &one.span, "its blocks do the whole operation")
                    .help(format!(
                        "name the operation: at the rate of {}",
                        one.operation
                    )),
            );
        } else if !operations.contains(&one.operation) {
            operations.push(one.operation);
        }
    }
    let words = checker.text.get(written.span.clone()).unwrap_or_default();
    let words: Vec<&str> = words.split_whitespace().collect();
    let sound = checker.found.len() == known && !operations.is_empty();
    let (times, percentile) = (times?, percentile?);
    sound.then(|| Anchor {
        times,
        percentile,
        operations,
        words: words.join(" "),
        rates: BTreeMap::new(),
    })
}

/// The `2x` of an anchor.
fn factor(checker: &mut Checker<'_>, times: &ast::Quantity) -> Option<f64> {
    let value = measure(checker, times, Dimension::Multiple, None)?.to_f64();
    // Beyond, no two operations are apart.
    if (1e-6..=1e6).contains(&value) {
        return Some(value);
    }
    let expected = "a factor from 0.000001x to 1000000x";
    checker
        .found
        .push(out_of_range(checker, &times.span, expected));
    None
}

/// The 75 of `percentile 75`.
fn share(checker: &mut Checker<'_>, word: &Word) -> Option<u8> {
    let share = word
        .text
        .parse()
        .ok()
        .filter(|share| (1..=100).contains(share));
    if share.is_none() {
        let expected = "a percentile from 1 to 100";
        checker
            .found
            .push(out_of_range(checker, &word.span, expected));
    }
    share
}

fn seconds(checker: &mut Checker<'_>, within: &ast::Span, time: &ast::Quantity) -> Option<f64> {
    let value = measure(checker, time, Dimension::Time, Some(within))?;
    let seconds = value.to_f64() / 1_000.0;
    // A year is far beyond any proof, and keeps every later figure finite.
    if seconds > 0.0 && seconds < 31_536_000.0 {
        return Some(seconds);
    }
    checker.found.push(out_of_range(
        checker,
        &time.span,
        "a time above 0 and up to a year",
    ));
    None
}

/// Who must make the target.
fn on(
    checker: &mut Checker<'_>,
    target: &ast::Target,
    verb: Option<Verb>,
    declared: Option<&[ProverSpec]>,
) -> Vec<String> {
    let mut on: Vec<String> = Vec::new();
    for word in &target.on {
        if let Some(declared) = declared
            && declared.iter().all(|p| p.name != word.text)
        {
            let names = declared.iter().map(|p| p.name.as_str());
            checker.found.push(
                Diagnostic::error(
                    "unknown-prover",
                    format!("no prover is called `{}`", word.text),
                )
                .at(checker.file, &word.span, "no `prover` block of this name")
                .fix(did_you_mean(checker.file, &word.text, &word.span, names)),
            );
        } else if !on.contains(&word.text) {
            on.push(word.text.clone());
        }
    }
    if target.on.is_empty() && verb == Some(Verb::Prove) {
        match declared {
            Some(all) => on.extend(all.iter().map(|p| p.name.clone())),
            None => checker.found.push(
                Diagnostic::error(
                    "missing-prover",
                    "this target does not say who must make it",
                )
                .at(checker.file, &target.span, "by which prover?")
                .help("name one: on sp1"),
            ),
        }
    }
    on
}

/// The k of `on k of a, b, c`.
fn quorum(checker: &mut Checker<'_>, target: &ast::Target, provers: usize) -> Option<usize> {
    let word = target.quorum.as_ref()?;
    let count = word.text.parse::<usize>().unwrap_or(usize::MAX);
    // Provers with a finding of their own are not counted against it.
    if count == 0 || count > provers.max(target.on.len()) {
        checker.found.push(
            Diagnostic::error(
                "out-of-range",
                format!("{} of {provers} is never true", word.text),
            )
            .at(checker.file, &word.span, format!("expected 1 to {provers}")),
        );
        return None;
    }
    Some(count)
}
