//! Repricings that are live already, and those of other meters, against what they are from.

use std::collections::BTreeMap;

use super::{price, read};
use crate::{
    gas::{CostFormula, Fork, GasParam, Kind, Part, Schedule, Usage},
    lang::{Options, fork_schedule, osaka},
};

/// EIP-7623: what it says a token costs, and what follows for bytes; Osaka has kept all of it.
#[test]
fn calldata_of_eip_7623() {
    let plan = read("eips/eip-7623.gas", &Options::default());
    for (name, gas) in [
        ("TX_DATA_TOKEN_STANDARD", 4),
        ("TX_DATA_TOKEN_FLOOR", 10),
        ("TX_DATA_ZERO_BYTE", 4),
        ("TX_DATA_NONZERO_BYTE", 16),
        ("TX_FLOOR_BASE", 21_000),
        ("TX_FLOOR_ZERO_BYTE", 10),
        ("TX_FLOOR_NONZERO_BYTE", 40),
    ] {
        assert_eq!(price(&plan, name), gas, "{name}");
    }
    let set = vec![("per_token".to_owned(), "0".to_owned())];
    let without = read(
        "eips/eip-7623.gas",
        &Options {
            set,
            ..Options::default()
        },
    );
    assert_eq!(price(&without, "TX_FLOOR_NONZERO_BYTE"), 0);
}

/// EIP-7883's table of gas by test vector: bytes of base and modulus, iterations by EIP-2565's count, then Prague's gas
/// and its own.
#[test]
fn vectors_of_eip_7883() {
    let plan = read("eips/eip-7883.gas", &Options::default());
    let prague = fork_schedule(Fork::Prague);
    let number = |schedule: &Schedule, name: &str| {
        schedule
            .price(&name.parse().expect("a name"))
            .expect("it has one")
    };
    let gas = |schedule: &Schedule, bytes: u64, iterations: u64| {
        let words = bytes.div_ceil(8);
        let complexity = words * words * number(schedule, "MODEXP_COMPLEXITY_PER_WORD");
        let formula = schedule.formula("MODEXP").expect("it has one");
        formula.cost(|v| {
            if v.name() == "complexity" {
                complexity
            } else {
                iterations
            }
        })
    };
    for (vector, bytes, iterations, before, after) in [
        ("nagydani-1-square", 64, 1, 200, 500),
        ("nagydani-1-qube", 64, 1, 200, 500),
        ("nagydani-1-pow0x10001", 64, 16, 341, 2_048),
        ("nagydani-2-square", 128, 1, 200, 512),
        ("nagydani-2-pow0x10001", 128, 16, 1_365, 8_192),
        ("nagydani-3-square", 256, 1, 341, 2_048),
        ("nagydani-3-pow0x10001", 256, 16, 5_461, 32_768),
        ("nagydani-4-square", 512, 1, 1_365, 8_192),
        ("nagydani-4-pow0x10001", 512, 16, 21_845, 131_072),
        ("nagydani-5-square", 1_024, 1, 5_461, 32_768),
        ("nagydani-5-pow0x10001", 1_024, 16, 87_381, 524_288),
    ] {
        assert_eq!(
            gas(prague, bytes, iterations),
            Some(before),
            "{vector}, before"
        );
        assert_eq!(
            gas(&plan.schedule, bytes, iterations),
            Some(after),
            "{vector}"
        );
    }
    let osaka = osaka();
    for entry in osaka
        .entries()
        .iter()
        .filter(|e| e.name.starts_with("MODEXP_"))
    {
        if entry.name != "MODEXP_MAX_BYTES" {
            let param = &entry.name;
            assert_eq!(
                number(&plan.schedule, param),
                number(&osaka, param),
                "{param}"
            );
        }
    }
}

/// EIP-8037's bytes of state and what they cost at Glamsterdam's price of a byte.
#[test]
fn state_bytes_of_eip_8037() {
    let plan = read("eips/eip-8037.gas", &Options::default());
    for (name, gas) in [
        ("COST_PER_STATE_BYTE", 1_530),
        ("STATE_STORAGE_SET", 97_920),
        ("STATE_NEW_ACCOUNT", 183_600),
        ("STATE_CREATE", 183_600),
        ("STATE_AUTH", 35_190),
        ("STATE_CODE_PER_BYTE", 1_530),
        ("CODE_DEPOSIT_PER_BYTE", 0),
        ("CODE_DEPOSIT_PER_WORD", 6),
    ] {
        assert_eq!(price(&plan, name), gas, "{name}");
    }
    let set = vec![("cost_per_state_byte".to_owned(), "1174".to_owned())];
    let cheaper = read(
        "eips/eip-8037.gas",
        &Options {
            set,
            ..Options::default()
        },
    );
    assert_eq!(price(&cheaper, "STATE_STORAGE_SET"), 64 * 1_174);
}

/// Taiko's table of multipliers on raw gas, and the constants beside it.
#[test]
fn zk_gas_of_taiko() {
    let path = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
        .join("../shared/data/taiko_zkgas_multipliers.csv");
    let Ok(text) = std::fs::read_to_string(path) else {
        eprintln!("skipped: Taiko's multipliers are not beside this checkout");
        return;
    };
    let schedule = read("eips/taiko-zk-gas.gas", &Options::default()).schedule;
    let osaka = osaka();
    let mut families: BTreeMap<&str, u64> = BTreeMap::new();
    let mut constants = BTreeMap::new();
    let mut seen = 0;
    for line in text.lines().skip(1) {
        let columns: Vec<&str> = line.split(',').collect();
        let [kind, address, name, multiplier, ..] = columns.as_slice() else {
            panic!("too few columns: {line}");
        };
        let number = multiplier.parse::<u64>();
        let name = match *kind {
            "precompile" => {
                let at = u64::from_str_radix(address.trim_start_matches("0x"), 16);
                let at = at.expect("an address");
                let all = osaka
                    .entries()
                    .iter()
                    .filter(|e| e.kind == Kind::Precompile);
                let place = usize::try_from(at.min(18) - 1).expect("small");
                all.map(|e| e.name.as_str())
                    .nth(place)
                    .expect("a precompile")
            }
            "opcode" => *name,
            _ => {
                constants.insert(*name, number.unwrap_or_default());
                continue;
            }
        };
        let multiplier = number.expect("a number");
        let digits = name.trim_end_matches(|c: char| c.is_ascii_digit());
        if ["PUSH", "DUP", "SWAP", "LOG"].contains(&digits) && name != "PUSH0" {
            let most = families.entry(digits).or_default();
            *most = multiplier.max(*most);
            continue;
        }
        if name == "INVALID"
            || name.contains("CALL")
                && !name.contains("DATA")
                && name != "CALLER"
                && name != "CALLVALUE"
            || name.starts_with("CREATE")
        {
            continue;
        }
        seen += 1;
        times(&schedule, name, multiplier);
    }
    for (family, multiplier) in families {
        times(&schedule, family, multiplier);
    }
    assert!(seen > 80, "{seen}");
    for (name, spawn, multiplier) in [
        ("CALL", "SPAWN_CALL", 20),
        ("CALLCODE", "SPAWN_CALLCODE", 20),
        ("DELEGATECALL", "SPAWN_DELEGATECALL", 17),
        ("STATICCALL", "SPAWN_STATICCALL", 23),
        ("CREATE", "SPAWN_CREATE", 1),
        ("CREATE2", "SPAWN_CREATE2", 1),
    ] {
        let used = used(&schedule, name, 1);
        let whole = i128::from(constants[spawn] * multiplier);
        assert_eq!(zk(&schedule, &used), whole, "{name}");
    }
    assert_eq!(schedule.meters[0].limit, constants["BLOCK_ZK_GAS_LIMIT"]);
    let transaction = used(&schedule, "TX_BASE", 1);
    let intrinsic = i128::from(constants["TX_INTRINSIC_ZK_GAS"]);
    assert_eq!(zk(&schedule, &transaction), intrinsic);
    // Prices are Osaka's, and so is the limit of gas.
    for entry in osaka.entries() {
        let formula = |schedule: &Schedule| schedule.formula(&entry.name);
        assert_eq!(formula(&schedule), formula(&osaka), "{}", entry.name);
    }
    let mut memory = used(&schedule, "MEMORY_PER_WORD", 100);
    memory.add_rest("MEMORY_QUADRATIC_DIVISOR", 19);
    assert_eq!(zk(&schedule, &memory), 29 * (300 + 19));
}

/// What the one meter counts.
fn zk(schedule: &Schedule, usage: &Usage) -> i128 {
    let [meter] = schedule.meters.as_slice() else {
        panic!("one meter");
    };
    meter.count(schedule, usage).expect("it is linear")
}

/// So many executions of an operation, and some of everything else that it is charged for.
fn used(schedule: &Schedule, name: &str, executions: i64) -> Usage {
    let mut usage = Usage::default();
    let formula = schedule.formula(name).expect("it has one");
    let variables = match formula {
        CostFormula::Linear { per, .. } => per.into_iter().map(|(variable, _)| variable).collect(),
        CostFormula::Other(_) => Vec::new(),
    };
    let part = if variables.is_empty() {
        Part::Whole
    } else {
        Part::Base
    };
    usage.add(GasParam::new(name, part), executions);
    for variable in variables {
        let units = GasParam::new(name, Part::Per(variable));
        usage.counts.insert(units, 7);
    }
    usage
}

/// Whether `name` counts so many times its gas.
fn times(schedule: &Schedule, name: &str, multiplier: u64) {
    for executions in [1, 1_000] {
        let used = used(schedule, name, executions);
        let gas = schedule.gas(&used).expect("it has a price");
        let counted = zk(schedule, &used);
        assert_eq!(counted, i128::from(multiplier) * gas, "{name}");
    }
}
