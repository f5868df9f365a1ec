//! A schedule written out reads back the same.

use proptest::prelude::*;

use super::{Memory, findings};
use crate::{
    gas::{Expr, GasParam, Kind, Schedule},
    lang::{Options, load, osaka, write},
};
use std::collections::BTreeMap;

/// Writes `schedule` as a child of osaka, reads it, and compares every formula. Answers the text.
fn round_trip(schedule: &Schedule, reasons: &BTreeMap<String, String>) -> String {
    let text = write(schedule, "osaka", &osaka(), "Written", reasons);
    let files = Memory(BTreeMap::from([("written.gas".to_owned(), text.clone())]));
    let loaded = load("written.gas", &files, &Options::default());
    let found = findings(&loaded);
    let read = loaded
        .plan
        .unwrap_or_else(|| panic!("{text}\n{found:#?}"))
        .schedule;
    for entry in schedule.entries() {
        assert_eq!(
            schedule.formula(&entry.name),
            read.formula(&entry.name),
            "{} in\n{text}",
            entry.name
        );
    }
    assert_eq!(schedule.entries().len(), read.entries().len());
    text
}

#[test]
fn just_what_differs() {
    let mut schedule = osaka();
    let set = |schedule: &mut Schedule, name: &str, gas| {
        schedule
            .set(&name.parse().expect("a name"), gas)
            .expect("it exists");
    };
    set(&mut schedule, "MULMOD", 120);
    set(&mut schedule, "KECCAK256.per_word", 9);
    set(&mut schedule, "SHA256.base", 61);
    set(&mut schedule, "SHA256.per_word", 13);
    set(&mut schedule, "EXP.per_byte", 12_500);
    set(&mut schedule, "COLD_STORAGE_ACCESS", 2_500);
    set(&mut schedule, "CREATE2.base", 40_000);
    schedule.scale("MODEXP", 137).expect("it exists");
    let reasons = BTreeMap::from([
        (
            "MULMOD".to_owned(),
            "The slowest block.\nOn sp1.".to_owned(),
        ),
        ("SHA256.per_word".to_owned(), "Many words.".to_owned()),
    ]);
    let text = round_trip(&schedule, &reasons);
    assert_eq!(
        text,
        "schedule \"Written\" extends osaka

param COLD_STORAGE_ACCESS = 2_500

# The slowest block.
# On sp1.
opcode MULMOD = 120

opcode EXP = 10 + 12_500 * bytes

opcode KECCAK256.per_word = 9

opcode CREATE2 = 40_000 + CODE_INIT_PER_WORD * words + KECCAK256.per_word * words

precompile SHA256 = 61 + 13 * words

precompile MODEXP = ceil(137 * current / 100)
"
    );
}

#[test]
fn nothing_differs() {
    let text = round_trip(&osaka(), &BTreeMap::new());
    assert_eq!(text, "schedule \"Written\" extends osaka\n");
}

#[test]
fn what_stays_while_its_tier_moves_is_restated() {
    let mut schedule = osaka();
    schedule.set(&GasParam::whole("ADD"), 3).expect("it exists");
    schedule
        .set(&GasParam::whole("VERY_LOW"), 4)
        .expect("it exists");
    let text = round_trip(&schedule, &BTreeMap::new());
    assert!(
        text.contains("param VERY_LOW = 4") && text.contains("opcode ADD = 3"),
        "{text}"
    );
    assert!(
        !text.contains("SUB"),
        "what follows is not restated: {text}"
    );
}

#[test]
fn new_prices_are_written_as_new() {
    let mut schedule = osaka();
    let mut entry = schedule.entry("SHA256").expect("it exists").clone();
    entry.name = "POSEIDON2".to_owned();
    entry.kind = Kind::Precompile;
    entry.expr = Expr::sum([
        Expr::number(60_000),
        Expr::Param(GasParam::whole("COPY_PER_WORD")).per(crate::gas::Variable::Words),
    ]);
    schedule.insert(entry);
    let text = round_trip(&schedule, &BTreeMap::new());
    assert!(
        text.contains("new precompile POSEIDON2 = 60_000 + COPY_PER_WORD * words"),
        "{text}"
    );
}

/// Some of osaka's prices changed.
fn changed(changes: &[(usize, u64)]) -> Schedule {
    let mut schedule = osaka();
    for (which, gas) in changes {
        let params = schedule.params().expect("osaka has prices");
        let param = &params[which % params.len()];
        let factor = schedule
            .formula(&param.operation)
            .expect("it has a formula");
        if matches!(factor, crate::gas::CostFormula::Other(_)) {
            schedule
                .scale(&param.operation, 1 + gas % 20_000)
                .expect("it exists");
        } else if !divides(&param.operation) || *gas > 0 {
            let before = schedule.clone();
            schedule.set(param, *gas).expect("it exists");
            // Differences of prices can become negative, which no schedule may be.
            if schedule.params().is_err() {
                schedule = before;
            }
        }
    }
    schedule
}

fn divides(name: &str) -> bool {
    name.ends_with("_DIVISOR")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_prices_read_back(changes in prop::collection::vec((any::<usize>(), 0_u64..1 << 30), 0..40)) {
        round_trip(&changed(&changes), &BTreeMap::new());
    }
}
