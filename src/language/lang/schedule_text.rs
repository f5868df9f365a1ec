//! A schedule as a file: just what differs from the one it extends.

use std::collections::{BTreeMap, BTreeSet};

use crate::gas::{CostFormula, Entry, Expr, GasParam, Meter, Part, Rate, Ratio, Schedule, grouped};

/// The text of a schedule that extends `parent` (a built-in's name, or a path in quotes) whose prices are `baseline`.
/// Reading it back gives the same formulas as `schedule`. `reasons`, by operation or by parameter, become the
/// comment above a price.
pub fn write(
    schedule: &Schedule,
    parent: &str,
    baseline: &Schedule,
    title: &str,
    reasons: &BTreeMap<String, String>,
) -> String {
    let title: String = title
        .chars()
        .filter(|c| !matches!(c, '"' | '\n' | '\r'))
        .collect();
    let mut text = format!("schedule \"{title}\" extends {parent}\n");
    let restated = restated(schedule, baseline);
    for entry in schedule
        .entries()
        .iter()
        .filter(|e| restated.contains(e.name.as_str()))
    {
        let lines = match baseline.entry(&entry.name) {
            Some(_) => changed(schedule, baseline, entry),
            None => vec![(GasParam::whole(entry.name.as_str()), entry.expr.to_string())],
        };
        let new = if baseline.entry(&entry.name).is_some() {
            ""
        } else {
            "new "
        };
        text.push('\n');
        for (param, value) in lines {
            let reason = reasons
                .get(&param.to_string())
                .or_else(|| reasons.get(&entry.name));
            let old = baseline.entry(&entry.name).and_then(|e| e.reason.as_ref());
            let reason = reason.or(entry.reason.as_ref().filter(|own| old != Some(*own)));
            for line in reason.iter().flat_map(|r| r.lines()) {
                text.push_str(format!("# {line}").trim_end());
                text.push('\n');
            }
            let statement = format!("{new}{} {param} = {value}\n", entry.kind.keyword());
            text.push_str(&statement);
        }
    }
    let inherited = |meter: &&Meter| !baseline.meters.contains(meter);
    for meter in schedule.meters.iter().filter(inherited) {
        push_meter(&mut text, meter);
    }
    text
}

fn push_meter(text: &mut String, meter: &Meter) {
    let limit = grouped(i128::from(meter.limit));
    let head = format!("\nmeter {} within {limit} gas {{\n", meter.name);
    text.push_str(&head);
    let mut above = None;
    for entry in &meter.entries {
        // What one statement counts has one reason.
        let reason = entry.reason.as_ref().filter(|own| above != Some(*own));
        for line in reason.iter().flat_map(|r| r.lines()) {
            text.push_str(format!("  # {line}").trim_end());
            text.push('\n');
        }
        above = entry.reason.as_ref();
        let line = format!("  {} = {}\n", entry.param, entry.expr);
        text.push_str(&line);
    }
    text.push_str("}\n");
}

/// The operations to restate. What follows a restated price does so by itself, unless its own formula has changed.
fn restated<'a>(schedule: &'a Schedule, baseline: &Schedule) -> BTreeSet<&'a str> {
    let mut restated: BTreeSet<&str> = BTreeSet::new();
    let mut child = baseline.clone();
    for entry in schedule.entries() {
        let same = baseline.entry(&entry.name).is_some_and(|old| {
            old.expr == entry.expr || schedule.formula(&entry.name) == baseline.formula(&entry.name)
        });
        if !same {
            restated.insert(&entry.name);
            child.insert(entry.clone());
        }
    }
    // Restating one price can move another that was not to move: then that one is restated too.
    loop {
        let differs = |e: &&Entry| {
            !restated.contains(e.name.as_str())
                && child.formula(&e.name) != schedule.formula(&e.name)
        };
        let more: Vec<&Entry> = schedule.entries().iter().filter(differs).collect();
        if more.is_empty() {
            return restated;
        }
        for entry in more {
            restated.insert(&entry.name);
            child.insert(entry.clone());
        }
    }
}

/// The statements that make an operation's formula what it is, as parameter and formula.
fn changed(schedule: &Schedule, baseline: &Schedule, entry: &Entry) -> Vec<(GasParam, String)> {
    let whole = |value: String| vec![(GasParam::whole(entry.name.as_str()), value)];
    let (Ok(new), Ok(old)) = (schedule.formula(&entry.name), baseline.formula(&entry.name)) else {
        return whole(entry.expr.to_string());
    };
    match (&new, &old) {
        (
            CostFormula::Linear { base, per },
            CostFormula::Linear {
                base: old_base,
                per: old_per,
            },
        ) => {
            // Restating a part of a formula that refers to others would leave the rest following them.
            let follows = per
                .iter()
                .chain(old_per)
                .any(|(_, rate)| rate.from.is_some());
            let plain = |e: &Entry| !mentions_others(&e.expr);
            let safe = !follows && plain(entry) && baseline.entry(&entry.name).is_some_and(plain);
            let parts = if safe {
                differing((*base, per), (*old_base, old_per))
            } else {
                None
            };
            match parts {
                Some(parts) if !parts.is_empty() && parts.len() <= per.len() => parts
                    .into_iter()
                    .map(|(part, price)| {
                        let param = GasParam::new(entry.name.as_str(), part);
                        (param, grouped(i128::from(price)))
                    })
                    .collect(),
                _ => whole(full(&new)),
            }
        }
        (CostFormula::Other(expr), CostFormula::Other(old)) => match factor(expr, old) {
            Some(hundredths) => whole(format!("ceil({} * current / 100)", grouped(hundredths))),
            None => whole(entry.expr.to_string()),
        },
        (CostFormula::Linear { .. }, _) => whole(full(&new)),
        _ => whole(entry.expr.to_string()),
    }
}

/// The whole formula. Its constant is written even when it is 0 where that keeps it a price of its own.
fn full(formula: &CostFormula) -> String {
    match formula {
        CostFormula::Linear { base: 0, per } if per.iter().any(|(_, r)| r.from.is_none()) => {
            format!("0 + {formula}")
        }
        _ => formula.to_string(),
    }
}

/// The parts whose prices differ, when both formulas have the same ones.
fn differing(
    (base, per): (u64, &[(crate::gas::Variable, Rate)]),
    (old_base, old_per): (u64, &[(crate::gas::Variable, Rate)]),
) -> Option<Vec<(Part, u64)>> {
    let variables =
        |per: &[(crate::gas::Variable, Rate)]| -> Vec<_> { per.iter().map(|(v, _)| *v).collect() };
    let mut seen = BTreeSet::new();
    if per.is_empty()
        || variables(per) != variables(old_per)
        || !variables(per).iter().all(|v| seen.insert(*v))
    {
        return None;
    }
    let mut parts = Vec::new();
    if base != old_base {
        parts.push((Part::Base, base));
    }
    for ((variable, rate), (_, old)) in per.iter().zip(old_per) {
        if rate.price != old.price {
            parts.push((Part::Per(*variable), rate.price));
        }
    }
    Some(parts)
}

fn mentions_others(expr: &Expr) -> bool {
    matches!(expr, Expr::Param(_)) || expr.children().into_iter().any(mentions_others)
}

/// The n of `ceil(n * old / 100)`.
fn factor(expr: &Expr, old: &Expr) -> Option<i128> {
    let Expr::Ceil(quotient) = expr else {
        return None;
    };
    let Expr::Div(product, hundred) = &**quotient else {
        return None;
    };
    let Expr::Mul(n, inner) = &**product else {
        return None;
    };
    match (&**n, &**hundred) {
        (Expr::Number(n), Expr::Number(hundred))
            if n.is_integer() && *hundred == Ratio::integer(100) && **inner == *old =>
        {
            Some(n.numerator())
        }
        _ => None,
    }
}
