//! What a name in a schedule is, and where its price comes from.

use crate::gas::{CostFormula, Entry, Expr, FormulaError, GasParam, Part, Schedule, grouped};

/// A scenario that measures an operation.
#[derive(Clone, Debug)]
pub struct Measures {
    /// Scenario, such as `mulmod/255-bit`.
    pub scenario: String,
    /// What makes it expensive.
    pub why: String,
}

/// `operation` of `schedule` in words: its formula, each price of it, why, who uses it, and what measures it.
///
/// # Errors
/// A formula without a value, which loading a schedule excludes.
pub fn operation(
    schedule: &Schedule,
    entry: &Entry,
    baseline: Option<&Schedule>,
    measures: &[Measures],
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
        say("", &format!("{} = {formula}", entry.name));
    }
    say("price", &prices(schedule, entry, &formula)?);
    if let Some(before) = baseline.and_then(|baseline| baseline.entry(&entry.name)) {
        if before.expr != entry.expr {
            say("before", &format!("{} = {}", entry.name, before.expr));
        }
    }
    if let Some(reason) = &entry.reason {
        say("reason", reason);
    }
    say("written in", &written(entry));
    let users = users(schedule, &entry.name);
    if !users.is_empty() {
        say("used by", &wrapped(&users, 100));
    }
    if measures.is_empty() {
        say("scenarios", "none measures it by itself");
    } else {
        let lines: Vec<String> = measures
            .iter()
            .map(|m| format!("{}: {}", m.scenario, m.why))
            .collect();
        say("scenarios", &lines.join("\n"));
    }
    Ok(out)
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

fn written(entry: &Entry) -> String {
    match entry.source.line {
        0 => entry.source.file.clone(),
        line => format!("{}:{line}", entry.source.file),
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

/// Names with commas, in lines of at most `width`.
fn wrapped(names: &[String], width: usize) -> String {
    let mut lines = vec![String::new()];
    for (at, name) in names.iter().enumerate() {
        let comma = if at + 1 < names.len() { "," } else { "" };
        let fits = lines
            .last()
            .is_some_and(|line| line.len() + name.len() + 2 <= width);
        match lines.last_mut() {
            Some(line) if line.is_empty() => *line = format!("{name}{comma}"),
            Some(line) if fits => line.push_str(&format!(" {name}{comma}")),
            _ => lines.push(format!("{name}{comma}")),
        }
    }
    lines.join("\n")
}
