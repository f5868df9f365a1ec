//! The catalogue of prices against the built-in schedules, which define them.

use std::collections::BTreeSet;

use crate::{
    gas::{
        CostFormula, Fork, GasParam, Kind,
        catalogue::{self, Geth, Price, Role},
    },
    lang::fork_schedule,
};

#[test]
fn every_price_has_one_row_and_every_row_is_a_price() {
    for fork in Fork::ALL {
        let schedule = fork_schedule(*fork);
        let params = schedule.params().expect("it has prices");
        for param in &params {
            let name = param.to_string();
            let rows = catalogue::prices().filter(|row| row.name == name);
            let rows: Vec<_> = rows.collect();
            let [row] = rows.as_slice() else {
                panic!("{name} has {} rows", rows.len());
            };
            let entry = schedule.entry(&param.operation).expect("it is there");
            assert_eq!(row.kind, entry.kind, "{name}");
            assert_eq!(
                row.role == Role::Operation,
                row.kind != Kind::Param,
                "{name}"
            );
            assert_eq!(catalogue::price_of(param), Some(*row));
            assert!(row.since.is_some_and(|since| since <= *fork), "{name}");
        }
        for row in catalogue::prices() {
            let param: GasParam = row.name.parse().expect("a parameter's name");
            let there = row.since.is_some_and(|since| since <= *fork);
            assert_eq!(params.contains(&param), there, "{} in {fork:?}", row.name);
        }
    }
}

#[test]
fn what_a_row_refers_to_exists() {
    let known = |fork: Fork, name: &str| fork_schedule(fork).price(&GasParam::whole(name)).is_ok();
    for fork in Fork::ALL {
        let mut constants = BTreeSet::new();
        for row in catalogue::prices().filter(|row| row.since.is_some_and(|since| since <= *fork)) {
            if let Some(constant) = row.eels_constant(*fork) {
                assert!(
                    constants.insert(constant.name),
                    "{} is two prices'",
                    constant.name
                );
                assert!(
                    constant.including.is_none_or(|other| known(*fork, other)),
                    "{}",
                    row.name
                );
            }
            match row.geth_place(*fork) {
                Some(Geth::Constant(constant)) => {
                    assert!(
                        constants.insert(constant.name),
                        "{} is two prices'",
                        constant.name
                    );
                    assert!(
                        constant.including.is_none_or(|other| known(*fork, other)),
                        "{}",
                        row.name
                    );
                }
                Some(Geth::Calculated(_, prices) | Geth::Sum(prices)) => {
                    for name in prices.split(' ').filter(|word| *word != "-") {
                        assert!(known(*fork, name), "{name}");
                    }
                }
                Some(Geth::Follows) => {
                    let entry = fork_schedule(*fork)
                        .entry(row.operation())
                        .expect("it is there");
                    let expr = entry.expr.to_string();
                    assert!(
                        expr.contains(char::is_alphabetic),
                        "{} follows nothing",
                        row.name
                    );
                }
                Some(Geth::Each(_) | Geth::JumpTable(_)) | None => {}
            }
        }
    }
    let mut keys = BTreeSet::new();
    for key in catalogue::prices().filter_map(Price::pitstop_key) {
        assert!(keys.insert(key), "{key:?} is two prices'");
    }
}

/// A constant of execution-specs for a curve is the number that its formula starts with.
#[test]
fn curves_have_a_constant_only_with_a_multiplier() {
    for fork in Fork::ALL {
        let schedule = fork_schedule(*fork);
        for row in catalogue::prices() {
            let formula = schedule.formula(row.operation());
            if matches!(formula, Ok(CostFormula::Other(_))) && row.eels_constant(*fork).is_some() {
                assert!(crate::lang::multiplier(schedule, row.operation()).is_some());
            }
        }
    }
}

#[test]
fn other_names_lead_here() {
    for (other, name) in [
        ("SHA3", "KECCAK256"),
        ("BLS12_MAP_FP2_TO_G2", "BLS_G2MAP"),
        ("MULMOD", "MULMOD"),
        ("", ""),
    ] {
        assert_eq!(catalogue::alias(other), name);
    }
    assert_eq!(catalogue::family("PUSH32"), Some(("PUSH", 1, 32)));
    assert_eq!(catalogue::family("LOG0"), Some(("LOG", 0, 4)));
    for none in ["PUSH0", "PUSH33", "PUSH01", "LOG5", "PUSH", "DUPN", "LOG"] {
        assert_eq!(catalogue::family(none), None, "{none}");
    }
    assert_eq!(
        catalogue::renamed("EXPONENTIATION"),
        Some("OPCODE_EXP_BASE")
    );
    assert_eq!(
        catalogue::renamed("STORAGE_UPDATE"),
        Some("COLD_STORAGE_WRITE")
    );
    assert_eq!(catalogue::renamed(""), None);
}
