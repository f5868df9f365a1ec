//! Every row of a catalogue of gas parameters against the built-in schedules, and every price of theirs against the catalogue.

use std::path::Path;

use super::rows::{
    AMSTERDAM, NO_PRICES, OURS,
    Place::{self, Cost, Not, Price, Prices},
    ROWS,
};

use crate::{
    gas::{Fork, GasParam, Part, Schedule},
    lang::fork_schedule,
};

/// The parameter of an instruction's row: `op.MULMOD`, `op.PUSH7`, `op.LOG2.base`.
fn instruction(schedule: &Schedule, name: &str) -> Option<GasParam> {
    let opcode = name.strip_prefix("op.")?;
    let opcode = opcode.strip_suffix(".base").unwrap_or(opcode);
    let numbered = |family: &&str| {
        opcode
            .strip_prefix(*family)
            .is_some_and(|n| n != "0" && n.parse::<u8>().is_ok())
    };
    let family = ["PUSH", "DUP", "SWAP"].into_iter().find(numbered);
    let log = opcode.starts_with("LOG").then_some("LOG");
    let operation = family.or(log).unwrap_or(opcode);
    let own = schedule.params_of(operation).ok()?;
    let variables = schedule.entry(operation)?.expr.variables();
    let part = if variables.is_empty() {
        Part::Whole
    } else {
        Part::Base
    };
    let param = GasParam::new(operation, part);
    // An operation that is all other prices has a base of nothing.
    (own.contains(&param) || schedule.price(&param) == Ok(0)).then_some(param)
}

/// Where a row's numbers are under `fork`.
fn place(fork: Fork, name: &str) -> Option<Place> {
    let own = AMSTERDAM.iter().filter(|_| fork == Fork::Amsterdam);
    let mut rows = own.chain(ROWS);
    let found = rows.find(|(row, _)| *row == name).map(|(_, place)| *place);
    let group = || NO_PRICES.iter().find(|(group, _)| name.starts_with(group));
    found.or_else(|| group().map(|(_, why)| Not(why)))
}

/// The numbers of a row; none where it says that the fork has nothing of the kind.
fn numbers(value: &str) -> Vec<u64> {
    let value = value.split(" ->").next().unwrap_or(value);
    if !value.starts_with(|c: char| c.is_ascii_digit() || c == '+') || value.contains("implicit") {
        return Vec::new();
    }
    // `36M at activation`.
    let value = value.replace("M ", "000000 ").replace("M;", "000000;");
    let digits = value.split(|c: char| !c.is_ascii_digit());
    digits.filter_map(|number| number.parse().ok()).collect()
}

/// What is wrong with a row; and the parameters it is about.
fn check(schedule: &Schedule, name: &str, value: &str) -> Result<Vec<GasParam>, String> {
    let numbers = numbers(value);
    let param = |text: &str| text.parse::<GasParam>().expect("a parameter's name");
    let params = match place(schedule.fork, name) {
        Some(Not(why)) => {
            eprintln!("{name} is no price: {why}");
            return Ok(Vec::new());
        }
        Some(Cost(operation)) => {
            let formula = schedule.formula(operation).map_err(|e| e.to_string())?;
            let cost = formula.cost(|v| if v.unit() == "per mille" { 1_000 } else { 1 });
            if cost != numbers.first().copied() {
                return Err(format!("{name}: {cost:?} here, {value} there"));
            }
            return Ok(vec![GasParam::whole(operation)]);
        }
        Some(Price(text)) => vec![Some(param(text))],
        Some(Prices(all)) => all
            .iter()
            .map(|text| (!text.is_empty()).then(|| param(text)))
            .collect(),
        None => vec![instruction(schedule, name)],
    };
    if numbers.is_empty() {
        let there = params.iter().flatten();
        let there: Vec<_> = there
            .filter(|p| schedule.entry(&p.operation).is_some())
            .collect();
        let implied = value.contains("implicit");
        return if there.is_empty() || implied {
            Ok(Vec::new())
        } else {
            Err(format!("{name}: {there:?} here, {value} there"))
        };
    }
    for (param, number) in params.iter().zip(&numbers) {
        let Some(param) = param else {
            if params.len() == 1 {
                return Err(format!("{name}: not priced, {value} there"));
            }
            continue;
        };
        // What costs nothing need not be there.
        if *number == 0 && schedule.entry(&param.operation).is_none() {
            continue;
        }
        let price = schedule.price(param).map_err(|e| format!("{name}: {e}"))?;
        if price != *number {
            return Err(format!("{name}: {price} here, {value} there"));
        }
    }
    Ok(params.into_iter().flatten().collect())
}

#[test]
fn every_row_is_covered_and_every_price_has_a_row() {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
        .join("../shared/data/gas_parameters.csv");
    let Ok(text) = std::fs::read_to_string(path) else {
        eprintln!("skipped: the catalogue of gas parameters is not beside this checkout");
        return;
    };
    let mut wrong = Vec::new();
    let mut seen = Vec::new();
    for (column, fork) in (3..).zip(Fork::ALL) {
        let schedule = fork_schedule(*fork);
        let mut covered = Vec::new();
        for line in text.lines().skip(1) {
            let columns = split(line);
            let (name, value) = (&columns[0], &columns[column]);
            seen.push(name.clone());
            match check(schedule, name, value) {
                Ok(params) => covered.extend(params),
                Err(error) => wrong.push(format!("{}: {error}", fork.name())),
            }
        }
        for param in schedule.params().expect("it has prices") {
            let text = param.to_string();
            if !covered.contains(&param) && !OURS.iter().any(|(own, _)| *own == text) {
                wrong.push(format!("{}: no row is about {param}", fork.name()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(seen.len(), 284 * 3, "rows of the catalogue");
    let rows = ROWS.iter().chain(AMSTERDAM).map(|(row, _)| *row);
    let unused: Vec<&str> = rows.filter(|row| !seen.iter().any(|s| s == row)).collect();
    assert!(unused.is_empty(), "the catalogue does not have {unused:?}");
}

/// A line's columns; quotes protect commas.
fn split(line: &str) -> Vec<String> {
    let mut columns = vec![String::new()];
    let mut quoted = false;
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => columns.push(String::new()),
            other => columns.last_mut().expect("never empty").push(other),
        }
    }
    columns
}
