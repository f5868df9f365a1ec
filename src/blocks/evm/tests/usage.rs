//! Usage times prices is gas used, to the unit.

use super::{
    stock::{programs, random},
    world::*,
};
use crate::{
    evm::{CountingEvmFactory, Tariff, rest},
    gas::{Entry, Expr, Fork, Schedule, Usage, Variable},
    lang::osaka,
};
use alloy_evm::{Evm, EvmFactory};
use alloy_primitives::Bytes;
use revm::{context::TxEnv, inspector::NoOpInspector};
use std::sync::Arc;

/// Osaka with other formulas.
pub(super) fn restated(changes: &[(&str, Expr)]) -> Schedule {
    let mut schedule = osaka();
    for (name, expr) in changes {
        let entry = schedule.entry(name).expect("an operation of Osaka").clone();
        schedule.insert(Entry {
            expr: expr.clone(),
            ..entry
        });
    }
    schedule
}

/// `base + sum(price * variable)`.
pub(super) fn linear(base: u64, per: &[(u64, Variable)]) -> Expr {
    per.iter()
        .fold(Expr::number(base), |sum, (price, variable)| {
            let term = Expr::Mul(
                Box::new(Expr::number(*price)),
                Box::new(Expr::Variable(*variable)),
            );
            Expr::Add(Box::new(sum), Box::new(term))
        })
}

/// Schedules that need every kind of wrapper.
fn schedules() -> Vec<Schedule> {
    use Variable::*;
    let scaled = |name: &str| {
        let osaka = osaka();
        let expr = match name {
            // Refers to a part that KECCAK256 will not have.
            "CREATE2" => linear(32_000, &[(8, Words)]),
            _ => osaka
                .entry(name)
                .expect("an operation of Osaka")
                .expr
                .clone(),
        };
        let product = Expr::Mul(Box::new(Expr::number(137)), Box::new(expr));
        let percent = Expr::Div(Box::new(product), Box::new(Expr::number(100)));
        Expr::Ceil(Box::new(percent))
    };
    let dear = linear(70_000, &[]);
    let fraction: Vec<(&str, Expr)> = [
        "EXP",
        "KECCAK256",
        "CALL",
        "STATICCALL",
        "CREATE2",
        "SSTORE",
        "SLOAD",
        "LOG",
        "MODEXP",
        "BLS_G1MSM",
        "SHA256",
        "SELFDESTRUCT",
        "EXTCODECOPY",
    ]
    .map(|name| (name, Expr::Max(vec![scaled(name), Expr::number(1)])))
    .to_vec();
    vec![
        osaka(),
        restated(&[
            ("ADD", dear.clone()),
            ("MSTORE", dear.clone()),
            ("JUMPDEST", linear(65_536, &[])),
            ("RETURN", dear),
        ]),
        restated(&fraction),
        restated(&[
            ("BALANCE", linear(5, &[(100, Cold), (700, Warm)])),
            (
                "CALL",
                linear(11, &[(400, Cold), (90, Warm), (1_000, Value), (3, Created)]),
            ),
            ("DELEGATECALL", linear(1, &[(5_000, Cold)])),
            ("SLOAD", linear(0, &[(50, Cold), (60, Warm)])),
            (
                "SSTORE",
                linear(9, &[(3, Cold), (500, Warm), (400, Set), (300, Reset)]),
            ),
            ("SSTORE_SENTRY", linear(10, &[])),
            ("CALL_STIPEND", linear(3_000, &[])),
            (
                "SELFDESTRUCT",
                linear(1, &[(7, Cold), (8, Warm), (9, Created)]),
            ),
            ("CREATE", linear(10, &[(9, Words)])),
            ("CREATE2", linear(40_000, &[(1, Words)])),
            ("CODECOPY", linear(1, &[(1, Words)])),
            ("KECCAK256", linear(1, &[(60, Words)])),
            ("STOP", linear(5, &[])),
            ("REFUND_SELFDESTRUCT", linear(24_000, &[])),
            ("REFUND_DIVISOR", linear(2, &[])),
            ("MEMORY_QUADRATIC_DIVISOR", linear(3, &[])),
            ("TX_ACCESS_LIST_BYTE", linear(16, &[])),
            ("TX_VALUE", linear(77, &[])),
            ("TX_RECIPIENT", linear(55, &[])),
        ]),
    ]
}

#[test]
fn usage_times_prices_is_gas_used() {
    for schedule in schedules() {
        for case in programs().into_iter().chain((0..700).map(random)) {
            // What the schedule makes too dear to be valid is no transaction.
            if let Err(error) = case.run(&schedule) {
                assert!(error.contains("gas"), "{error}");
            }
        }
    }
}

#[test]
fn units_do_not_depend_on_prices() {
    let dearer = restated(&[("MULMOD", linear(999, &[])), ("BALANCE", linear(700, &[]))]);
    let case = Case::new("1 2 3 MULMOD @rich BALANCE @rich BALANCE");
    let (_, stock) = case.run(&osaka()).unwrap();
    let (_, usage) = case.run(&dearer).unwrap();
    assert_eq!(stock, usage);
    let count = |name: &str| usage.counts[&name.parse().unwrap()];
    assert_eq!(count("MULMOD"), 1);
    assert_eq!(count("BALANCE.base"), 2);
    assert_eq!(
        (count("BALANCE.per_cold"), count("BALANCE.per_warm")),
        (1, 1)
    );
    assert_eq!(count("PUSH"), 5);
}

#[test]
fn a_halt_burns_what_was_left() {
    let (result, usage) = Case::new("1 2 ADD INVALID")
        .gas(50_000)
        .run(&osaka())
        .unwrap();
    assert_eq!(result.tx_gas_used(), 50_000);
    assert_eq!(usage.rest[rest::BURNT], 50_000 - 21_000 - 9);
}

/// A transaction that pays the floor of its calldata is units of the floor's prices and nothing else (EIP-7623); what ran
/// is recorded apart.
#[test]
fn the_floor_is_units_of_its_prices() {
    let case = Case::new("1 2 ADD").data(&[0, 0, 1]);
    let (result, usage) = case.run(&osaka()).unwrap();
    assert_eq!(result.tx_gas_used(), 21_000 + 2 * 10 + 40);
    let mut floor = Usage::default();
    for (name, units) in [
        ("TX_FLOOR_BASE", 1),
        ("TX_FLOOR_ZERO_BYTE", 2),
        ("TX_FLOOR_NONZERO_BYTE", 1),
        ("TX_RECIPIENT", 1),
    ] {
        floor.add(name.parse().unwrap(), units);
    }
    assert_eq!(usage, floor);
    let (_, used) = case.counted(Tariff::stock(Fork::Osaka)).unwrap();
    assert_eq!(used.floor, floor);
    let unfloored = osaka().gas(&used.unfloored).unwrap();
    assert_eq!(unfloored, 21_000 + 2 * 4 + 16 + 3 * 3);
    assert_eq!(used.work.counts[&"ADD".parse().unwrap()], 1);
}

/// The block's own calls are no transaction's gas.
#[test]
fn system_calls_are_not_recorded() {
    let factory = CountingEvmFactory::new(Arc::new(Tariff::stock(Fork::Osaka)));
    let case = Case::new("1 SLOAD 5 9 SSTORE 0 1 SSTORE 100 0 KECCAK256");
    let mut evm = factory.create_evm(case.db(), Case::env());
    evm.transact_raw(case.tx.clone()).unwrap();
    let recorded = evm.ledger().used();
    let call = evm.transact_system_call(SENDER, TARGET, Bytes::new());
    assert!(call.unwrap().result.tx_gas_used() > 20_000);
    assert_eq!(evm.ledger().used(), recorded);
}

/// Several transactions of one EVM add up, and an invalid one leaves no trace.
#[test]
fn usage_accumulates_over_transactions() {
    let factory = CountingEvmFactory::new(Arc::new(Tariff::stock(Fork::Osaka)));
    let case = Case::new("1 SLOAD 5 9 SSTORE 0 1 SSTORE @rich BALANCE");
    let mut evm = factory.create_evm(case.db(), Case::env());
    let mut sum = 0;
    for nonce in 0..3 {
        let tx = TxEnv {
            nonce,
            ..case.tx.clone()
        };
        sum += evm.transact_commit(tx).unwrap().tx_gas_used();
        let (future, poor) = (
            TxEnv {
                nonce: 9,
                ..case.tx.clone()
            },
            TxEnv {
                nonce: nonce + 1,
                gas_limit: 20_999,
                ..case.tx.clone()
            },
        );
        assert!(evm.transact_raw(future).is_err() && evm.transact_raw(poor).is_err());
    }
    assert_eq!(
        osaka().gas(&evm.ledger().used().execution).unwrap(),
        i128::from(sum)
    );
}

/// What an inspector watches is not recorded, and says so.
#[test]
fn inspected_gas_is_unexplained() {
    let factory = CountingEvmFactory::new(Arc::new(Tariff::stock(Fork::Osaka)));
    let case = Case::new("1 SLOAD 5 9 SSTORE");
    let mut evm = factory.create_evm_with_inspector(case.db(), Case::env(), NoOpInspector);
    let used = evm
        .transact_raw(case.tx.clone())
        .unwrap()
        .result
        .tx_gas_used();
    let usage = evm.ledger().used().execution;
    assert!(usage.counts.is_empty());
    assert_eq!(usage.rest[rest::UNEXPLAINED], i64::try_from(used).unwrap());
}
