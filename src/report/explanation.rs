//! What a name in a schedule is, and where its price comes from.

use super::costs;
use super::number::percent;
use super::text::{self, line};
use crate::gas::{
    CostFormula, Entry, Expr, FormulaError, GasParam, Kind, Meter, Part, Schedule, Source, grouped,
};
use crate::{
    bench::Scenario,
    lang,
    prove::{Basis, MeasuredBlock},
};

/// Columns of a list of names behind its head.
const LISTED: usize = 86;

/// A scenario that measures an operation.
#[derive(Clone, Debug)]
pub struct Measures {
    /// Scenario, such as `mulmod/255-bit`.
    pub scenario: String,
    /// What makes it expensive.
    pub why: String,
}

/// A scenario, and what its block costs as it was measured under `schedule`.
pub fn scenario(scenario: &Scenario, schedule: &Schedule, block: &MeasuredBlock) -> String {
    let mut out = format!("scenario {} of {}\n\n", scenario.id, scenario.operation);
    let mut say = |head: &str, text: &str| line(&mut out, format!("  {head:<10} {text}"));
    say("why", &scenario.why);
    say(
        "block",
        &format!(
            "{} gas under {}",
            grouped(i128::from(block.gas_used)),
            schedule.name
        ),
    );
    match (&block.cost, &block.failure) {
        (Some(cost), _) => {
            for (at, one) in costs::listed(&cost.costs, block.gas_used)
                .iter()
                .enumerate()
            {
                say(if at == 0 { "costs" } else { "" }, one);
            }
            match &cost.basis {
                Basis::Whole => say("known", "the whole block was run"),
                Basis::Affine {
                    points: [(few, _), (more, _)],
                    checked,
                    error,
                } => say(
                    "known",
                    &format!(
                        "extrapolated: lines through {few} and {more} iterations; what {checked} are off by comes to {} of the block",
                        percent(*error)
                    ),
                ),
                Basis::Counted {
                    points: [(few, _), (more, _), (most, _)],
                    checked,
                    error,
                } => say(
                    "known",
                    &format!(
                        "cycles and system calls of the whole block; the rest goes with these as in {few}, {more} and {most} iterations, which {checked} are off by {}",
                        percent(*error)
                    ),
                ),
                Basis::Proportional {
                    points: [(few, _), (more, _)],
                    error,
                } => say(
                    "known",
                    &format!(
                        "cycles and system calls of the whole block; the rest goes with the cycles as from {few} to {more} iterations under the prices before, from which the calls are off by {}",
                        percent(*error)
                    ),
                ),
            }
        }
        (None, failure) => say("costs", failure.as_deref().unwrap_or("not known")),
    }
    out
}

/// `operation` of `schedule` in words: its formula, each price of it, why, who uses it, and what measures it or why
/// nothing does (`unmeasured`).
///
/// # Errors
/// A formula without a value, which loading a schedule excludes.
pub fn operation(
    schedule: &Schedule,
    entry: &Entry,
    ancestors: &[Schedule],
    measures: &[Measures],
    unmeasured: Option<&str>,
) -> Result<String, FormulaError> {
    let mut out = format!(
        "{} {} in {}\n\n",
        entry.kind.keyword(),
        entry.name,
        schedule.name
    );
    let mut say = |head: &str, text: &str| {
        for (at, part) in text.lines().enumerate() {
            let line = format!("  {:<10} {part}", if at == 0 { head } else { "" });
            out.push_str(line.trim_end());
            out.push('\n');
        }
    };
    say("formula", &format!("{} = {}", entry.name, entry.expr));
    let formula = schedule.formula(&entry.name)?;
    if formula.to_string() != entry.expr.to_string() {
        say("in numbers", &format!("{} = {formula}", entry.name));
    }
    say("price", &prices(schedule, entry, &formula)?);
    if let Some(reason) = &entry.reason {
        say("reason", reason);
    }
    let history = history(schedule, entry, ancestors);
    match history.as_slice() {
        [only] => say("written in", &only.0),
        steps => {
            let wide = steps.iter().map(|(place, _)| place.len()).max();
            let wide = wide.unwrap_or_default();
            let lines: Vec<String> = steps
                .iter()
                .map(|(place, price)| format!("{place:wide$}  {price}"))
                .collect();
            say("written in", &lines.join("\n"));
        }
    }
    let names: Vec<String> = schedule
        .params_of(&entry.name)?
        .iter()
        .filter_map(|param| lang::spec_name(schedule, param))
        .collect();
    if !names.is_empty() {
        say("in specs", &listed(&names, LISTED));
    }
    let meters = meters(schedule, entry);
    if !meters.is_empty() {
        say("on meters", &meters.join("\n"));
    }
    let users = users(schedule, &entry.name);
    if !users.is_empty() {
        say("used by", &listed(&users, LISTED));
    }
    if measures.is_empty() {
        say(
            "scenarios",
            &format!(
                "none: {}",
                unmeasured.unwrap_or("nothing measures it by itself")
            ),
        );
    } else {
        let lines: Vec<String> = measures
            .iter()
            .map(|m| format!("{}: {}", m.scenario, m.why))
            .collect();
        say("scenarios", &lines.join("\n"));
    }
    Ok(out)
}

/// `meter` of `schedule` in words: its limit, where it was written, and what it counts.
pub fn meter(schedule: &Schedule, meter: &Meter) -> String {
    let mut out = format!("meter {} in {}\n\n", meter.name, schedule.name);
    let limit = grouped(i128::from(meter.limit));
    text::line(&mut out, format!("  {:<10} {limit}", "limit"));
    let place = written(&meter.source);
    text::line(&mut out, format!("  {:<10} {place}", "written in"));
    let mut head = "counts";
    for entry in &meter.entries {
        let reason = entry.reason.as_ref();
        let reason = reason.map_or_else(String::new, |reason| format!("  # {reason}"));
        let counted = format!("{} = {}", entry.param, entry.expr);
        text::line(&mut out, format!("  {head:<10} {counted}{reason}"));
        head = "";
    }
    out
}

/// What it counts on each meter.
fn meters(schedule: &Schedule, entry: &Entry) -> Vec<String> {
    let mut all = Vec::new();
    for meter in &schedule.meters {
        let own = meter.entries.iter();
        for one in own.filter(|one| one.param.operation == entry.name) {
            all.push(format!("{}: {} = {}", meter.name, one.param, one.expr));
        }
    }
    all
}

fn prices(
    schedule: &Schedule,
    entry: &Entry,
    formula: &CostFormula,
) -> Result<String, FormulaError> {
    let CostFormula::Linear { per, .. } = formula else {
        return Ok(format!(
            "{}: not linear, so its one part is a factor, 1x",
            entry.name
        ));
    };
    let mut lines = Vec::new();
    for param in schedule.params_of(&entry.name)? {
        let gas = grouped(i128::from(schedule.price(&param)?));
        lines.push(match param.part {
            Part::Per(variable) => format!("{param}: {gas} gas per {}", variable.unit()),
            Part::Whole | Part::Base => format!("{param}: {gas} gas"),
        });
    }
    for (variable, rate) in per {
        if let Some(owner) = &rate.from {
            let gas = grouped(i128::from(rate.price));
            lines.push(format!(
                "{gas} gas per {}, which {owner} sets",
                variable.unit()
            ));
        }
    }
    Ok(lines.join("\n"))
}

/// Where the price was written, file by file along `extends`, and what it was there. What a file only passes on is not
/// its own.
fn history(schedule: &Schedule, entry: &Entry, ancestors: &[Schedule]) -> Vec<(String, String)> {
    let mut steps: Vec<(String, String)> = Vec::new();
    let before = ancestors
        .iter()
        .filter_map(|one| Some((one, one.entry(&entry.name)?)));
    for (schedule, entry) in before.chain(std::iter::once((schedule, entry))) {
        let formula = schedule.formula(&entry.name);
        let written_as = entry.expr.to_string();
        let value = formula
            .map(|formula| formula.to_string())
            .ok()
            .filter(|value| *value != written_as)
            .map_or_else(String::new, |value| format!(", which is {value}"));
        let step = (
            written(&entry.source),
            format!("{} = {written_as}{value}", entry.name),
        );
        if steps.last() != Some(&step) {
            steps.push(step);
        }
    }
    steps
}

fn written(source: &Source) -> String {
    match source.line {
        0 => source.file.clone(),
        line => format!("{}:{line}", source.file),
    }
}

/// The operations whose formula refers to `name`.
fn users(schedule: &Schedule, name: &str) -> Vec<String> {
    let refers = |entry: &&Entry| {
        let mut open = vec![&entry.expr];
        while let Some(expr) = open.pop() {
            if matches!(expr, Expr::Param(GasParam { operation, .. }) if operation == name) {
                return true;
            }
            open.extend(expr.children());
        }
        false
    };
    schedule
        .entries()
        .iter()
        .filter(refers)
        .map(|entry| entry.name.clone())
        .collect()
}

/// Names with commas between them.
fn listed(names: &[String], width: usize) -> String {
    let last = names.len().saturating_sub(1);
    let words: Vec<String> = names
        .iter()
        .enumerate()
        .map(|(at, name)| {
            if at == last {
                name.clone()
            } else {
                format!("{name},")
            }
        })
        .collect();
    text::wrapped(words.iter().map(String::as_str), width)
}

/// Every operation by kind.
pub fn catalogue(schedule: &Schedule, width: usize) -> String {
    let mut out = format!("{}\n", schedule.name);
    let mut group = |head: &str, names: &[String]| {
        if !names.is_empty() {
            out.push('\n');
            text::line(&mut out, head);
            for line in listed(names, width - 2).lines() {
                text::line(&mut out, format!("  {line}"));
            }
        }
    };
    for kind in [Kind::Opcode, Kind::Precompile, Kind::Param] {
        let entries = schedule.entries().iter().filter(|entry| entry.kind == kind);
        let names: Vec<String> = entries.map(|entry| entry.name.clone()).collect();
        group(kind.keyword(), &names);
    }
    let meters = schedule.meters.iter();
    let meters: Vec<String> = meters.map(|meter| meter.name.clone()).collect();
    group("meter", &meters);
    out
}
