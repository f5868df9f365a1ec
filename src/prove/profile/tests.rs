//! The parts against the whole, and against what is known of blocks otherwise.

use std::{collections::BTreeMap, fs, sync::Arc};

use alloy_primitives::hex;
use rayon::prelude::*;

use super::{Place, Spent, phases, profiled::profile, replay, spent::GAS_SHARES};
use crate::{
    bench::{Prepared, Size, scenario},
    evm,
    gas::{Part, Usage, Variable},
    lang::osaka,
    prove::{Embedded, Prover as _},
};

fn input(id: &str, iterations: u64) -> (Vec<u8>, Usage) {
    let tariff = Arc::new(evm::compile(&osaka()).unwrap());
    let schedule = osaka();
    let mut prepared = Prepared::new(scenario(id).unwrap(), &schedule, tariff).unwrap();
    let block = prepared
        .block_with_input(Size::Iterations(iterations))
        .unwrap();
    (block.input.unwrap().encode(), block.usage)
}

fn sum<'a>(of: impl IntoIterator<Item = &'a Spent>) -> Spent {
    of.into_iter().fold(Spent::default(), |sum, one| sum + *one)
}

/// Cycles to the last one, SP1's gas to its last unit.
#[test]
fn the_parts_are_the_whole() {
    for (id, iterations) in [
        ("mulmod/255-bit", 3),
        ("ecrecover/valid", 2),
        ("create/init-49152-bytes", 1),
    ] {
        let (input, _) = input(id, iterations);
        let prover = Embedded::new().unwrap();
        let run = prover.execute(&input).unwrap();
        let profile = profile(&input).unwrap();
        let total = profile.spent(|_, _| true);
        assert_eq!(total.cycles, run.costs.total_num_cycles, "{id}");
        // The executor divides twice.
        let gas = total.gas_shares / 10 * 10 / GAS_SHARES;
        assert_eq!(Some(gas), run.costs.prover_gas, "{id}");
        assert_eq!(profile.public_values, run.public_values);
        assert_eq!(sum(profile.stacks.values()), total);
        let operations = sum(profile.operations.iter().map(|one| &one.spent));
        let around = profile.spent(|_, place| !matches!(place, Place::Operation(_)));
        assert_eq!(operations + around, total);
    }
}

/// Every return led to where a call came from, and the stack at the end is the one at the start.
#[test]
fn no_call_is_lost() {
    for id in ["call/warm-contract", "ecadd/chain"] {
        let (input, _) = input(id, 2);
        let run = replay::replay(Embedded::new().unwrap().program(), &input).unwrap();
        assert_eq!(run.calls.lost, 0, "{id}");
        assert!(run.calls.depth() < 8, "{id}: {}", run.calls.depth());
    }
}

/// Executions by operation, as a schedule's usage has them: units of what is charged once; where nothing is, accesses.
fn executions(usage: &Usage) -> BTreeMap<String, i64> {
    let mut once = BTreeMap::new();
    let mut accesses = BTreeMap::new();
    for (param, units) in &usage.counts {
        let kind = match param.part {
            Part::Whole | Part::Base => &mut once,
            Part::Per(Variable::Cold | Variable::Warm) => &mut accesses,
            Part::Per(_) => continue,
        };
        *kind.entry(param.operation.clone()).or_default() += units;
    }
    accesses.extend(once);
    accesses
}

/// What ran more often than in an empty block is what the schedule is charged for.
#[test]
fn operations_run_as_often_as_they_are_charged() {
    let cases = [
        ("mulmod/255-bit", 3),
        ("keccak256/32-bytes", 3),
        ("sload/cold-depth-8", 2),
        ("call/cold-contracts", 2),
        ("ecadd/chain", 2),
        ("sha256/64-bytes", 2),
        ("push/32", 2),
        ("log/4-topics-32-bytes", 2),
    ];
    let priced = |name: &str| {
        evm::opcodes(name).next().is_some()
            || phases::PRECOMPILES.iter().any(|(_, one)| *one == name)
    };
    cases.into_par_iter().for_each(|(id, iterations)| {
        let (empty, _) = input(id, 0);
        let (input, usage) = input(id, iterations);
        let (empty, profile) = (profile(&empty).unwrap(), profile(&input).unwrap());
        let charged = executions(&usage);
        for one in profile.operations.iter().filter(|one| one.name != "STOP") {
            let before = empty.operation(&one.name).map_or(0, |one| one.count);
            let more = i64::try_from(one.count - before).unwrap();
            let expected = charged.get(&one.name).copied().unwrap_or(0);
            assert_eq!(more, expected, "{id}: {}", one.name);
        }
        for name in charged.keys().filter(|name| priced(name)) {
            assert!(profile.operation(name).is_some(), "{id}: {name}");
        }
    });
}

/// A fixture says how often each opcode runs in its block, system calls included, and the guest reads its canonical input.
#[test]
fn opcodes_run_as_often_as_a_fixture_says() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/eest/guest.json");
    let file: serde_json::Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let mut blocks = 0;
    for fixture in file.as_object().unwrap().values() {
        let counts = &fixture["_info"]["metadata"]["opcode_count_per_block"];
        let all = fixture["blocks"].as_array().unwrap().iter();
        for (block, counts) in all.zip(counts.as_array().unwrap()) {
            let input = hex::decode(block["statelessInputBytes"].as_str().unwrap()).unwrap();
            let profile = profile(&input).unwrap();
            let output = block["statelessOutputBytes"].as_str().unwrap();
            assert_eq!(hex::encode_prefixed(&profile.public_values), output);
            let mut expected = BTreeMap::new();
            for (name, count) in counts.as_object().unwrap() {
                // Families have one name here.
                let digits = |c: char| c.is_ascii_digit();
                let family = name.trim_end_matches(digits);
                let name = match family {
                    "PUSH" if name != "PUSH0" => family,
                    "DUP" | "SWAP" | "LOG" => family,
                    _ => name,
                };
                *expected.entry(name.to_owned()).or_insert(0) += count.as_u64().unwrap();
            }
            for one in profile.operations.iter().filter(|one| one.name != "STOP") {
                assert_eq!(expected.remove(&one.name), Some(one.count), "{}", one.name);
            }
            expected.remove("STOP");
            assert!(expected.is_empty(), "{expected:?}");
            blocks += 1;
        }
    }
    assert!(blocks > 0);
}
