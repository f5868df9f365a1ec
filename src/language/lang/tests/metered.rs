//! `meter`: what it means, what is wrong with one, and that it survives everything done with a schedule.

use std::collections::BTreeMap;

use super::{Memory, findings, plan};
use crate::{
    gas::{GasParam, Schedule, Usage},
    lang::{Loaded, Options, format, load, write},
};

const PARENT: &str = "schedule \"Parent\" extends osaka

let k = 3
group modular = DIV, MOD

# Ends a block beside its gas.
meter zk within 100 Mgas {
  # Long division.
  modular             = k * current
  opcode MULMOD       = 113 * current + 7
  KECCAK256           = current + 2 * words
  CALL.per_cold       = 2 * current
  precompile MODEXP   = 154 * current
  SHA256              = current + 2 * words
  MEMORY_PER_WORD     = current
  MEMORY_QUADRATIC_DIVISOR = 2 * current
}
";

fn child(text: &str) -> Loaded {
    let files = [("parent.gas", PARENT), ("child.gas", text)];
    let files = files.map(|(name, text)| (name.to_owned(), text.to_owned()));
    load("child.gas", &Memory(files.into()), &Options::default())
}

/// The findings of a meter with this in it.
fn found(entries: &str) -> Vec<String> {
    let text = format!("schedule \"t\" extends osaka\nmeter m within 9 Mgas {{\n{entries}\n}}\n");
    let files = Memory(BTreeMap::from([("t.gas".to_owned(), text)]));
    findings(&load("t.gas", &files, &Options::default()))
}

fn usage(all: &[(&str, i64)]) -> Usage {
    let mut usage = Usage::default();
    for (name, units) in all {
        let param: GasParam = name.parse().expect("a parameter's name");
        usage.add(param, *units);
    }
    usage
}

fn count(schedule: &Schedule, all: &[(&str, i64)]) -> i128 {
    let [meter] = schedule.meters.as_slice() else {
        panic!("one meter: {:?}", schedule.meters);
    };
    meter.count(schedule, &usage(all)).expect("it is linear")
}

#[test]
fn it_counts_what_it_lists() {
    let schedule = plan(child("schedule \"c\" extends \"parent.gas\"\n")).schedule;
    for (used, counted) in [
        (&[("DIV", 10)][..], 3 * 50),
        (&[("SDIV", 10)], 0),
        (&[("MULMOD", 10)], 113 * 80 + 70),
        (
            &[("KECCAK256.base", 2), ("KECCAK256.per_word", 5)],
            60 + 30 + 10,
        ),
        (
            &[
                ("CALL.base", 4),
                ("CALL.per_cold", 3),
                ("CALL.per_value", 1),
            ],
            2 * 3 * 2_600,
        ),
        // Gas along its curve, not executions.
        (&[("MODEXP", 1_000)], 154_000),
        (&[("TX_BASE", 3), ("ADD", 5)], 0),
    ] {
        assert_eq!(count(&schedule, used), counted, "{used:?}");
    }
    // Twice the divisor is half the gas.
    let mut memory = usage(&[("MEMORY_PER_WORD", 5)]);
    memory.add_rest("MEMORY_QUADRATIC_DIVISOR", 100);
    memory.add_rest("burnt", 1_000_000);
    let counted = schedule.meters[0].count(&schedule, &memory);
    assert_eq!(counted, Ok(15 + 50));
}

#[test]
fn current_is_the_schedules_own_price_whatever_that_becomes() {
    let text = "schedule \"c\" extends \"parent.gas\"\nopcode MULMOD, DIV = 100\n";
    let mut schedule = plan(child(text)).schedule;
    assert_eq!(count(&schedule, &[("MULMOD", 1), ("DIV", 1)]), 11_307 + 300);
    let mulmod = GasParam::whole("MULMOD");
    schedule.set(&mulmod, 1).expect("it exists");
    assert_eq!(count(&schedule, &[("MULMOD", 1)]), 113 + 7);
}

#[test]
fn a_child_restates_a_meter_as_a_whole() {
    let text = "schedule \"c\" extends \"parent.gas\"
meter zk within 5 Mgas { DIV = 2 }
meter other within 1 kgas { ADD = current }
";
    let schedule = plan(child(text)).schedule;
    let shown: Vec<_> = schedule
        .meters
        .iter()
        .map(|m| (m.name.as_str(), m.limit, m.entries.len()))
        .collect();
    assert_eq!(shown, [("zk", 5_000_000, 1), ("other", 1_000, 1)]);
}

#[test]
fn an_inherited_meter_is_held_against_new_prices() {
    let text = "schedule \"c\" extends \"parent.gas\"\nprecompile SHA256 = max(60, 12 * words)\n";
    let found = findings(&child(text));
    let message = "not-counted `SHA256`: `SHA256` is not charged by units that could be counted";
    assert_eq!(found, [message]);
}

#[test]
fn what_cannot_be_counted() {
    for (entries, codes) in [
        ("DIV = current * current", &["not-counted"][..]),
        ("DIV = max(current, 9)", &["not-counted"]),
        ("KECCAK256 = current * words", &["not-counted"]),
        ("MODEXP = 2 * current + 1", &["not-counted"]),
        ("MODEXP = complexity", &["not-counted"]),
        ("COLD_ACCOUNT_ACCESS = 1", &["not-counted"]),
        ("BLOCK_GAS_LIMIT = current", &["not-counted"]),
        ("KECCAK256 = 2 * bytes", &["unknown-variable"]),
        ("DIVV = current", &["unknown-name"]),
        ("precompile DIV = current", &["unknown-name"]),
        ("DIV.per_word = current", &["unknown-part"]),
        ("DIV = 3x", &["unit-mismatch"]),
        ("DIV = current - 6", &["negative-price"]),
        ("DIV = current / 0", &["division-by-zero"]),
        (
            "MEMORY_QUADRATIC_DIVISOR = 0 * current",
            &["division-by-zero"],
        ),
        ("DIV = KECCAK256", &["ambiguous-part"]),
        ("DIV = KECCAK256.per_point", &["unknown-part"]),
        ("DIV, MOD = 1\nMOD = 2", &["priced-twice"]),
        ("opcode * = 1\nMOD = 2", &["priced-twice"]),
        ("CALL = 1\nCALL.per_cold = 2", &["priced-twice"]),
        ("", &["empty-selection"]),
        ("DIV 4", &["syntax"]),
        // Patterns take what can be counted.
        ("* = current", &[]),
        (
            "param * = current\nopcode * = 2 * current\nprecompile * = 0 * current",
            &[],
        ),
        ("KECCAK256.base = 1\nKECCAK256.per_word = 2 * current", &[]),
        ("SLOAD = COLD_STORAGE_ACCESS * cold", &[]),
    ] {
        let found = found(entries);
        let found: Vec<_> = found.iter().filter_map(|f| f.split(' ').next()).collect();
        // A meter whose one entry is wrong is not also empty.
        assert_eq!(found, codes, "{entries}");
    }
}

#[test]
fn around_the_block() {
    let lines = |text: &str| {
        let text = format!("schedule \"t\" extends osaka\n{text}");
        let files = Memory(BTreeMap::from([("t.gas".to_owned(), text)]));
        findings(&load("t.gas", &files, &Options::default()))
    };
    let starts = |text: &str, code: &str| {
        let found = lines(text);
        assert!(
            found.len() == 1 && found[0].starts_with(code),
            "{text}: {found:?}"
        );
    };
    starts(
        "meter m within 1 Mgas { ADD = 1 }\nmeter m within 1 Mgas { ADD = 1 }\n",
        "defined-twice",
    );
    starts("meter m within 10 s { ADD = 1 }\n", "unit-mismatch");
    starts("meter m within 10 { ADD = 1 }\n", "unit-mismatch");
    starts("meter m within 0 gas { ADD = 1 }\n", "out-of-range");
    starts("meter m within 1 Mgas {\n  ADD = 1\n", "syntax");
    starts(
        "meter m within 1 Mgas {\n  ADD = 1\nlet k = 3\nopcode ADD = k\n",
        "syntax",
    );
    starts("meter m { ADD = 1 }\n", "syntax");
    starts("meter m within 1 Mgas\n", "syntax");
}

#[test]
fn formatted_once() {
    let once = format("t.gas", PARENT).expect("it has no syntax error");
    assert!(
        once.contains("\n  MULMOD")
            || once.contains("\n  opcode MULMOD            = 113 * current + 7\n"),
        "{once}"
    );
    assert_eq!(format("t.gas", &once).ok(), Some(once.clone()));
    let short = "schedule \"t\" extends osaka\n\nmeter   m within 9 Mgas{ADD=current}\n";
    let short = format("t.gas", short).expect("it has no syntax error");
    assert!(
        short.ends_with("\nmeter m within 9 Mgas { ADD = current }\n"),
        "{short}"
    );
}

#[test]
fn written_and_read_again() {
    let parent = plan(child("schedule \"c\" extends \"parent.gas\"\n"));
    let osaka = &parent.root;
    let text = write(
        &parent.schedule,
        "osaka",
        osaka,
        "Written",
        &BTreeMap::new(),
    );
    let files = Memory(BTreeMap::from([("t.gas".to_owned(), text.clone())]));
    let again = plan(load("t.gas", &files, &Options::default())).schedule;
    let (old, new) = (&parent.schedule.meters[0], &again.meters[0]);
    assert_eq!((&old.name, old.limit), (&new.name, new.limit), "{text}");
    let entries = |schedule: &Schedule| -> Vec<_> {
        let all = schedule.meters[0].entries.iter();
        all.map(|e| (e.param.clone(), e.expr.clone())).collect()
    };
    assert_eq!(entries(&parent.schedule), entries(&again), "{text}");
    assert!(
        text.contains("  # Long division.\n  DIV = 3 * current\n  MOD"),
        "{text}"
    );
    // What a proposal inherits it does not repeat.
    let mut proposed = parent.schedule.clone();
    let price = GasParam::whole("MULMOD");
    proposed.set(&price, 70).expect("it exists");
    let text = write(
        &proposed,
        "\"parent.gas\"",
        &parent.schedule,
        "Solved",
        &BTreeMap::new(),
    );
    assert!(!text.contains("meter"), "{text}");
    let solved = plan(child(&text)).schedule;
    assert_eq!(solved.meters, proposed.meters);
    assert_eq!(count(&solved, &[("MULMOD", 1)]), 113 * 70 + 7);
}
