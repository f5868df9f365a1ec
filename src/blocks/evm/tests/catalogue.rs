//! Every parameter of the catalogue, changed in turn: a program that uses it costs exactly what the change predicts.

use super::{
    programs::{Effect, example, gas_of_example, parameter, precompile, precompile_example},
    usage::{linear, restated},
    world::*,
};
use crate::{
    evm::{TariffError, opcodes, operation, variables},
    gas::{Entry, Expr, Fork, GasParam, Kind, Part, Schedule, Variable},
    lang::osaka,
};
use alloy_primitives::TxKind;

/// Osaka with `more` on one price.
fn raised(param: &GasParam, more: u64) -> Schedule {
    let osaka = osaka();
    let expr = osaka.entry(&param.operation).unwrap().expr.clone();
    let more = match param.part {
        Part::Per(variable) => linear(0, &[(more, variable)]),
        Part::Whole | Part::Base => Expr::number(more),
    };
    restated(&[(&param.operation, Expr::Add(Box::new(expr), Box::new(more)))])
}

/// How much dearer `case` is under `schedule` than under Osaka.
fn change(case: &Case, schedule: &Schedule) -> i64 {
    i64::try_from(case.used(schedule) - case.used(&osaka())).unwrap()
}

#[test]
fn every_parameter_costs_what_it_says() {
    for param in osaka().params().unwrap() {
        let entry = osaka().entry(&param.operation).unwrap().clone();
        if entry.kind == Kind::Param {
            let Some((case, effect)) = parameter(&entry.name) else {
                panic!("`{param}` has no program here");
            };
            has_effect(&param, &case, &effect);
            continue;
        }
        let Some((case, executions, units)) = example(&entry) else {
            panic!("`{param}` has no program here");
        };
        let units = match param.part {
            Part::Per(variable) => count(&units, variable),
            Part::Whole | Part::Base => executions,
        };
        assert_ne!(units, 0, "the program of `{param}` does not use it");
        // Static prices above 65,535 are charged by another way; calls of precompiles are given 200,000 gas.
        let much = if entry.kind == Kind::Opcode {
            100_000
        } else {
            10_000
        };
        for more in [7, much] {
            let dearer = raised(&param, more);
            let change = change(&case.clone().gas(16_000_000), &dearer);
            assert_eq!(change, units * i64::try_from(more).unwrap(), "{param}");
        }
    }
}

fn count(units: &[(Variable, i64)], variable: Variable) -> i64 {
    units
        .iter()
        .filter(|(v, _)| *v == variable)
        .map(|(_, n)| n)
        .sum()
}

fn has_effect(param: &GasParam, case: &Case, effect: &Effect) {
    use Effect::{Blobs, Gas, Invalid, Refused, Units};
    let set = |price| restated(&[(&param.operation, Expr::number(price))]);
    match effect {
        Units(units) => assert_eq!(change(case, &raised(param, 7)), 7 * units, "{param}"),
        Gas { price, change: gas } => {
            assert_eq!(change(case, &set(*price)), *gas, "{param}");
            assert_eq!(change(case, &osaka()), 0);
        }
        Invalid { price } => {
            assert!(case.run(&set(*price)).is_err(), "{param}");
            assert!(case.run(&set(price + 1)).is_ok(), "{param}");
        }
        Blobs => {
            // One more blob or wei; of the fraction, enough to move a fee.
            let more = if param.operation == "BLOB_UPDATE_FRACTION" {
                1_000_000
            } else {
                1
            };
            let osaka = crate::evm::compile(&osaka()).unwrap().blob_params();
            let ours = crate::evm::compile(&raised(param, more))
                .unwrap()
                .blob_params();
            let fees = |p: &alloy_eips::eip7840::BlobParams| {
                let excess = p.next_block_excess_blob_gas_osaka(50_000_000, 800_000, 7);
                let dear = p.next_block_excess_blob_gas_osaka(1_000_000, 800_000, 16);
                (
                    p.max_blob_gas_per_block(),
                    p.max_blobs_per_tx,
                    p.calc_blob_fee(excess),
                    excess,
                    dear,
                )
            };
            assert_ne!(fees(&osaka), fees(&ours), "{param}");
        }
        Refused => assert!(crate::evm::compile(&raised(param, 1)).is_err(), "{param}"),
    }
}

/// Prices that Osaka takes from another parameter, restated for one opcode alone: the others keep theirs.
#[test]
fn every_opcode_has_prices_of_its_own() {
    let osaka = osaka();
    let opcodes_of = osaka.entries().iter().filter(|e| e.kind == Kind::Opcode);
    let others: Vec<(&str, Case, u64)> = opcodes_of
        .filter_map(|entry| {
            let (case, ..) = example(entry)?;
            let stock = case.stock(Fork::Osaka).unwrap().result.tx_gas_used();
            Some((&*entry.name, case, stock))
        })
        .collect();
    for entry in osaka.entries() {
        let Some((case, executions, units)) = example(entry) else {
            continue;
        };
        let case = case.gas(16_000_000);
        let measured = opcodes(&entry.name).next().map_or(&[][..], variables);
        let mut parts = vec![(Part::Base, executions)];
        parts.extend(measured.iter().map(|v| (Part::Per(*v), count(&units, *v))));
        for (part, units) in parts {
            let dearer = raised(&GasParam::new(entry.name.as_str(), part), 1_003);
            assert_eq!(
                change(&case, &dearer),
                1_003 * units,
                "{} {part:?}",
                entry.name
            );
            let tariff = crate::evm::compile(&dearer).unwrap();
            for (other, case, stock) in &others {
                if shares(&entry.name, other) && !executes(case, &entry.name) {
                    let used = case.plain(tariff.clone()).unwrap().result.tx_gas_used();
                    assert_eq!(used, *stock, "{} {part:?} {other}", entry.name);
                }
            }
        }
    }
}

/// Whether an instruction of `operation` is in the code that transactions call.
fn executes(case: &Case, name: &str) -> bool {
    case.code.iter().any(|byte| operation(*byte) == Some(name))
}

/// Whether two opcodes could share a price in revm, and do not in Osaka.
fn shares(one: &str, other: &str) -> bool {
    let measured = |name: &str| opcodes(name).next().map_or(&[][..], variables);
    measured(one).iter().any(|v| measured(other).contains(v))
        && !(one == "KECCAK256" && other == "CREATE2")
}

/// A formula that is not linear is one price: its factor.
#[test]
fn factors_scale_what_they_multiply() {
    for name in ["MODEXP", "BLS_G1MSM", "BLS_G2MSM"] {
        let (case, _) = precompile_example(name).unwrap();
        let expr = osaka().entry(name).unwrap().expr.clone();
        let scaled = Expr::Mul(Box::new(Expr::number(3)), Box::new(expr));
        assert_eq!(
            change(&case, &restated(&[(name, scaled)])),
            2 * gas_of_example(name),
            "{name}"
        );
    }
}

#[test]
fn what_cannot_be_charged_is_refused() {
    let error = |changes: &[(&str, Expr)]| crate::evm::compile(&restated(changes)).unwrap_err();
    let text = |changes: &[(&str, Expr)]| error(changes).to_string();
    let zero = || Expr::number(0);
    assert_eq!(
        error(&[("REFUND_DIVISOR", zero())]),
        TariffError::ZeroDivisor("REFUND_DIVISOR".into())
    );
    assert_eq!(
        error(&[("CALL_GAS_DIVISOR", zero())]),
        TariffError::ZeroDivisor("CALL_GAS_DIVISOR".into())
    );
    assert_eq!(
        text(&[("MODEXP_DIVISOR", zero())]),
        "`MODEXP`: division by zero"
    );
    assert_eq!(
        error(&[("BLOB_MAX", Expr::number(5))]),
        TariffError::BlobTargetAboveMax
    );
    assert_eq!(
        text(&[("ADD", linear(3, &[(1, Variable::Words)]))]),
        "`ADD` cannot depend on `words`: it is not measured there"
    );
    assert_eq!(
        text(&[("TX_BASE", linear(3, &[(1, Variable::Words)]))]),
        "`TX_BASE`: `TX_BASE` is a formula, not a number"
    );
    let mut more = osaka();
    more.insert(Entry {
        name: "SURCHARGE".into(),
        ..osaka().entry("BASE").unwrap().clone()
    });
    assert_eq!(
        crate::evm::compile(&more),
        Err(TariffError::Unknown("SURCHARGE".into()))
    );
    let lacking = Schedule::new("nothing", Fork::Osaka);
    assert_eq!(
        crate::evm::compile(&lacking),
        Err(TariffError::Missing("STOP".into()))
    );
}

/// Running off the end of the code is no execution of STOP.
#[test]
fn only_a_stop_in_the_code_is_charged() {
    let dear = restated(&[("STOP", Expr::number(50))]);
    assert_eq!(change(&Case::new("1 STOP"), &dear), 50);
    assert_eq!(change(&Case::new("1"), &dear), 0);
}

/// A MODEXP above Osaka's limit runs where a schedule allows it.
#[test]
fn a_raised_modexp_limit_is_honoured() {
    let mut input = vec![0; 96];
    input[30] = 4;
    input[31] = 1;
    input[63] = 1;
    input[94] = 4;
    input.resize(96 + 0x401 + 1 + 0x400, 3);
    let case = precompile(5, &input);
    let allowed = restated(&[("MODEXP_MAX_BYTES", Expr::number(2_048))]);
    // 129 words of 8 bytes, one iteration.
    assert_eq!(change(&case, &allowed), 2 * 129 * 129 - 200_000);
}

#[test]
fn a_transaction_to_oneself_has_no_recipient() {
    let mut case = Case::new("");
    case.tx.kind = TxKind::Call(SENDER);
    assert_eq!(
        change(&case, &restated(&[("TX_RECIPIENT", Expr::number(9))])),
        0
    );
}
