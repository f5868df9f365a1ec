//! Every price of every fork, changed in turn and exported to every form: what differs is there, or it is said to be missing.

use rayon::prelude::*;
use revm::{
    context::TxEnv,
    context_interface::{
        cfg::{GasId, GasParams, gas_params::Eip2780TxInfo},
        transaction::Transaction as _,
    },
    interpreter::instructions::gas_table_spec,
    primitives::{Address, B256, TxKind, U256},
};
use serde_json::Value as Json;

use super::{
    changed_to,
    reader::{Client, spec},
};
use crate::{
    evm::{Tariff, TariffError, TransactionUnits, compile, operation},
    gas::{
        CostFormula, Entry, Expr, Fork, FormulaError, Gas, GasParam, Schedule,
        catalogue::{self, Role},
        grouped,
    },
    lang::fork_schedule,
    report::export::{
        ExportError, Exported, Form,
        changes::{changes, implied},
        export,
    },
};

/// A fork's schedule with one price changed.
struct Case {
    schedule: Schedule,
    param: GasParam,
}

impl Case {
    fn what(&self) -> String {
        let entry = self.schedule.entry(&self.param.operation).unwrap();
        format!(
            "{} of {} = {}",
            self.param,
            self.schedule.fork.name(),
            entry.expr
        )
    }

    fn exported(&self, form: Form) -> Exported {
        let exported = export(&self.schedule, form);
        exported.unwrap_or_else(|error| panic!("{}: {error}", self.what()))
    }
}

/// Every price of `fork` raised a little, raised beyond what revm's static prices hold, and lowered.
fn cases(fork: Fork) -> Vec<Case> {
    let stock = fork_schedule(fork);
    let mut all = Vec::new();
    for param in stock.params().unwrap() {
        if let CostFormula::Other(expr) = stock.formula(&param.operation).unwrap() {
            let entry = stock.entry(&param.operation).unwrap();
            let twice = Expr::Mul(Expr::number(2).into(), expr.into());
            for expr in [twice, Expr::number(70_001)] {
                let mut schedule = stock.clone();
                schedule.insert(Entry {
                    expr,
                    ..entry.clone()
                });
                let param = param.clone();
                all.push(Case { schedule, param });
            }
            continue;
        }
        let price = stock.price(&param).unwrap();
        for new in [price + 1, price + 70_001, price.saturating_sub(1)] {
            let mut schedule = stock.clone();
            schedule.set(&param, new).unwrap();
            // Differences of prices can become negative, which no schedule may be.
            if new != price && schedule.params().is_ok() {
                let param = param.clone();
                all.push(Case { schedule, param });
            }
        }
    }
    all
}

fn every(check: impl Fn(&Case) + Sync) {
    for fork in Fork::ALL {
        let all = cases(*fork);
        assert!(all.len() > 300);
        all.par_iter().for_each(&check);
    }
}

/// Transactions that between them are charged every price before they run.
fn transactions() -> Vec<TxEnv> {
    let caller = Address::repeat_byte(1);
    let call = TxEnv {
        caller,
        kind: TxKind::Call(Address::repeat_byte(2)),
        ..TxEnv::default()
    };
    let item = |slots: u8| revm::context::transaction::AccessListItem {
        address: Address::repeat_byte(slots),
        storage_keys: (0..slots).map(B256::with_last_byte).collect(),
    };
    let with = |data: &[u8], change: &dyn Fn(&mut TxEnv)| {
        let mut tx = call.clone();
        tx.data = data.to_vec().into();
        change(&mut tx);
        tx
    };
    vec![
        call.clone(),
        with(&[0; 100], &|_| ()),
        with(&[7; 100], &|_| ()),
        with(&[0, 1, 0, 2, 3], &|tx| tx.value = U256::from(5)),
        with(&[], &|tx| tx.kind = TxKind::Call(caller)),
        with(&[0, 9, 0, 0], &|tx| tx.kind = TxKind::Create),
        with(&[1; 70], &|tx| {
            tx.tx_type = 1;
            tx.access_list = vec![item(0), item(3)].into();
        }),
    ]
}

/// What a transaction is charged before it runs, and its floor, as revm calculates them.
fn before_execution(params: &GasParams, fork: Fork, tx: &TxEnv) -> (Gas, Gas) {
    let info = Eip2780TxInfo {
        value: tx.value,
        is_self_transfer: tx.kind == TxKind::Call(tx.caller),
    };
    let gas = params.initial_tx_gas_for_tx(tx, (fork >= Fork::Amsterdam).then_some(info));
    // Authorizations are a product of their own.
    let authorizations = 3 * params.get(GasId::tx_eip7702_regular_gas());
    (gas.initial_regular_gas() + authorizations, gas.floor_gas())
}

/// What an export for revm holds is what the engine's tariff has, and all else is named.
#[test]
fn revm_is_given_what_the_engine_charges() {
    every(|case| {
        let tariff = match compile(&case.schedule) {
            Ok(tariff) => tariff,
            Err(error) => {
                let refused = export(&case.schedule, Form::Revm);
                assert_eq!(refused, Err(ExportError::Tariff(error.clone())));
                let meant = matches!(
                    error,
                    TariffError::Fixed(..)
                        | TariffError::Above(..)
                        | TariffError::BlobTargetAboveMax
                        | TariffError::ZeroDivisor(..)
                        | TariffError::Formula(_, FormulaError::DivisionByZero)
                );
                assert!(meant, "{}: {error}", case.what());
                return;
            }
        };
        let exported = case.exported(Form::Revm);
        compare(&case.schedule, &tariff, &exported);
        let fork = case.schedule.fork;
        if tariff == Tariff::stock(fork) {
            // Nothing is charged otherwise: others go by their own prices, or it is a rule of blocks.
            let role = catalogue::price_of(&case.param).unwrap().role;
            match role {
                Role::Block => assert_eq!(exported.nameless, [case.param.to_string()]),
                _ => assert_eq!(role, Role::Reference, "{}", case.what()),
            }
        } else {
            let stock = export(fork_schedule(fork), Form::Revm).unwrap().text;
            let named = |text: &str| text.replace(&case.schedule.name, "");
            assert_ne!(named(&exported.text), named(&stock), "{}", case.what());
        }
    });
}

/// The issue of an export that was empty, and one that lacked opcodes.
#[test]
fn several_prices_at_once_are_what_the_engine_charges() {
    for (fork, statements) in [
        (Fork::Osaka, "param WARM_ACCESS = 240"),
        (
            Fork::Osaka,
            "opcode {
                MCOPY        = 4 + 5 * words
                EXTCODECOPY  = COLD_ACCOUNT_ACCESS * cold + WARM_ACCESS * warm + 7 * words
                SLOAD        = 2_500 * cold + WARM_ACCESS * warm
                SELFDESTRUCT = 5_000 + COLD_ACCOUNT_ACCESS * cold + 31_000 * created
            }",
        ),
        (
            Fork::Osaka,
            "opcode CREATE2 = 40_000 + CODE_INIT_PER_WORD * words + KECCAK256.per_word * words",
        ),
        (
            Fork::Amsterdam,
            "param {
                COLD_STORAGE_ACCESS = 2_500
                COLD_ACCOUNT_ACCESS = 3_300
                ACCOUNT_WRITE       = 8_000
                COST_PER_STATE_BYTE = 1_000
            }
            opcode KECCAK256 = 30 + 9 * words",
        ),
    ] {
        let schedule = changed_to(fork, statements);
        let tariff = compile(&schedule).unwrap();
        assert_ne!(tariff, Tariff::stock(fork));
        compare(&schedule, &tariff, &export(&schedule, Form::Revm).unwrap());
    }
}

fn compare(schedule: &Schedule, tariff: &Tariff, exported: &Exported) {
    let (fork, text) = (schedule.fork, &exported.text);
    let client = Client::new(text, fork);
    let missing = |name: &str| exported.nameless.iter().any(|n| n == name);
    for name in &exported.nameless {
        assert!(client.beyond.contains_key(name), "{name} in {text}");
    }
    let own = serde_json::to_value(tariff).unwrap();
    let pairs =
        |field: &str| -> Vec<(u8, Json)> { serde_json::from_value(own[field].clone()).unwrap() };
    let mut params = GasParams::new_spec(spec(fork));
    for (id, gas) in pairs("gas_params") {
        params.override_gas([(GasId::new(id), gas.as_u64().unwrap())]);
    }
    for id in 0..=254 {
        let id = GasId::new(id);
        // Transaction prices are the tariff's own: their effect is compared below.
        let fitted = id.name().starts_with("tx_")
            && params.get(id) == GasParams::new_spec(spec(fork)).get(id);
        if !fitted {
            assert_eq!(client.params.get(id), params.get(id), "{}", id.name());
        }
    }
    let mut statics = gas_table_spec(spec(fork));
    for (opcode, gas) in pairs("statics") {
        statics[usize::from(opcode)] = u16::try_from(gas.as_u64().unwrap()).unwrap();
    }
    assert_eq!(client.statics, statics);
    for (opcode, _) in pairs("opcodes") {
        assert!(missing(operation(opcode).unwrap()), "{opcode:#x}");
    }
    let precompiles = own["precompiles"].as_array().unwrap();
    let kind = |name: &String| schedule.entry(name).unwrap().kind;
    let listed = exported
        .nameless
        .iter()
        .filter(|name| kind(name) == crate::gas::Kind::Precompile);
    assert_eq!(listed.count(), precompiles.len());
    if exported.nameless.iter().any(|name| name.starts_with("TX_")) {
        return;
    }
    for tx in transactions() {
        let units = TransactionUnits::of(&tx);
        let prices = tariff.transaction();
        let authorizations = 3 * prices.auth_per_empty_account;
        let ours = (
            prices.intrinsic(&units) + authorizations,
            prices.floor(&units),
        );
        assert_eq!(
            before_execution(&client.params, fork, &tx),
            ours,
            "{:?}\n{text}",
            tx.kind()
        );
    }
}

/// The constant has the price, or the price is missing.
#[test]
fn execution_specs_are_given_constants() {
    every(|case| {
        let exported = case.exported(Form::Eels);
        let json: Json = serde_json::from_str(&exported.text).unwrap();
        let constants = json.as_object().unwrap().values().next().unwrap();
        let fork = case.schedule.fork;
        for change in changes(&case.schedule, fork_schedule(fork)).unwrap() {
            let name = change.param.to_string();
            let constant =
                catalogue::price_of(&change.param).and_then(|row| row.eels_constant(fork));
            let held = constant.and_then(|constant| {
                let other = constant.including.map_or(0, |other| {
                    case.schedule.price(&GasParam::whole(other)).unwrap()
                });
                constants[constant.name].as_u64()?.checked_sub(other)
            });
            let said = held.is_some() && held == change.new.gas();
            let missing = exported.nameless.contains(&name);
            // What has no constant follows others in the specification's code as it does here.
            let follows = change.new.gas() == implied(&case.schedule, &change.param).unwrap();
            assert!(said != missing || follows, "{}: {name}", case.what());
        }
    });
}

#[test]
fn constants_in_rust_have_every_number() {
    every(|case| {
        let exported = case.exported(Form::Rust);
        for change in changes(&case.schedule, fork_schedule(case.schedule.fork)).unwrap() {
            let name = change.param.to_string();
            let said = change.new.gas().is_some_and(|gas| {
                let gas = grouped(i128::from(gas));
                let place = exported.text.find(&format!("/// `{name}`, ")).unwrap();
                let mut after = exported.text[place..].lines().skip(1);
                after.next().unwrap().ends_with(&format!(": u64 = {gas};"))
            });
            assert_ne!(
                said,
                exported.nameless.contains(&name),
                "{}: {name}",
                case.what()
            );
        }
    });
}

#[test]
fn proposals_have_a_row_for_every_price() {
    every(|case| {
        let exported = case.exported(Form::Eip);
        assert!(exported.nameless.is_empty());
        for change in changes(&case.schedule, fork_schedule(case.schedule.fork)).unwrap() {
            let name = change
                .spec
                .clone()
                .unwrap_or_else(|| change.param.to_string());
            let row = format!("| {name} | ");
            let row = exported
                .text
                .lines()
                .find(|line| line.starts_with(&row))
                .unwrap();
            let new = row.split(" | ").nth(2).unwrap();
            let plain = change.new.text().replace('_', "");
            let formula = format!("`{}`", change.new.text());
            assert!(new == plain || new == formula, "{}: {row}", case.what());
        }
    });
}

#[test]
fn the_document_has_every_price() {
    every(|case| {
        let exported = case.exported(Form::Json);
        let json: Json = serde_json::from_str(&exported.text).unwrap();
        let operations = json["operations"].as_array().unwrap();
        for change in changes(&case.schedule, fork_schedule(case.schedule.fork)).unwrap() {
            let operation = operations
                .iter()
                .find(|o| o["name"] == change.param.operation.as_str());
            let operation = operation.unwrap();
            let prices = operation["prices"].as_array().unwrap();
            let price = prices
                .iter()
                .find(|p| p["param"] == change.param.to_string());
            let formula = change.new.text();
            let said = match change.new.gas() {
                Some(gas) => price.is_some_and(|price| price["gas"] == gas),
                None => operation["formula"] == formula.as_str(),
            };
            assert!(said, "{}", case.what());
        }
    });
}

/// A constant's value in go-ethereum: the exported one, or its own.
fn constant(text: &str, name: &str, own: u64) -> u64 {
    let line = text.lines().find_map(|line| line.trim().strip_prefix(name));
    let value = line.and_then(|line| line.strip_prefix(" uint64 = "));
    value.map_or(own, |value| {
        let digits = value.split(' ').next().unwrap().replace('_', "");
        digits.parse().unwrap()
    })
}

/// What go-ethereum charges with the exported constants, where one of them is in more than one price.
fn shared(text: &str) -> Vec<(&'static str, Option<u64>)> {
    let of = |name, own| constant(text, name, own);
    let reset = of("SstoreResetGasEIP2200", 5_000).checked_sub(of("ColdSloadCostEIP2929", 2_100));
    let warm = of("WarmStorageReadCostEIP2929", 100);
    let listed = of("TxAccessListStorageKeyGas", 1_900);
    let calculated = reset.map(|reset| reset + listed);
    let cleared = of("SstoreClearsScheduleRefundEIP3529", u64::MAX);
    let account = of("CallNewAccountGas", 25_000);
    let code = of("MaxCodeSize", 24_576);
    vec![
        ("STORAGE_RESET", reset),
        (
            "REFUND_STORAGE_RESTORE_RESET",
            reset.and_then(|reset| reset.checked_sub(warm)),
        ),
        (
            "REFUND_STORAGE_RESTORE_SET",
            of("SstoreSetGasEIP2200", 20_000).checked_sub(warm),
        ),
        (
            "REFUND_STORAGE_CLEAR",
            if cleared == u64::MAX {
                calculated
            } else {
                Some(cleared)
            },
        ),
        (
            "TX_CREATE",
            of("TxGasContractCreation", 53_000).checked_sub(of("TxGas", 21_000)),
        ),
        ("TX_FLOOR_BASE", Some(of("TxGas", 21_000))),
        ("TX_FLOOR_ZERO_BYTE", Some(of("TxCostFloorPerToken", 10))),
        (
            "TX_FLOOR_NONZERO_BYTE",
            Some(4 * of("TxCostFloorPerToken", 10)),
        ),
        ("TX_CODE_INIT_PER_WORD", Some(of("InitCodeWordGas", 2))),
        ("TX_AUTH_PER_EMPTY_ACCOUNT", Some(account)),
        (
            "REFUND_AUTH_EXISTING_ACCOUNT",
            account.checked_sub(of("TxAuthTupleGas", 12_500)),
        ),
        ("CALL.per_created", Some(account)),
        (
            "SELFDESTRUCT.per_created",
            Some(of("CreateBySelfdestructGas", 25_000)),
        ),
        ("MAX_INIT_CODE_SIZE", Some(of("MaxInitCodeSize", 2 * code))),
        ("SLOAD.per_cold", Some(of("ColdSloadCostEIP2929", 2_100))),
        ("SLOAD.per_warm", Some(warm)),
        ("BALANCE.per_warm", Some(warm)),
        ("MCOPY.per_word", Some(of("CopyGas", 3))),
        ("EXTCODECOPY.per_word", Some(of("CopyGas", 3))),
        ("CODE_INIT_PER_WORD", Some(of("InitCodeWordGas", 2))),
    ]
}

/// What a part of an operation comes to, whoever's price it is.
fn charged(schedule: &Schedule, name: &str) -> u64 {
    let param: GasParam = name.parse().unwrap();
    let units = match param.part {
        crate::gas::Part::Per(variable) => {
            let cost = |n: u64| {
                let formula = schedule.formula(&param.operation).unwrap();
                formula.cost(|v| if v == variable { n } else { 0 }).unwrap()
            };
            return cost(1) - cost(0);
        }
        _ => schedule.price(&param),
    };
    units.unwrap()
}

fn go_ethereum_charges(schedule: &Schedule) {
    let exported = export(schedule, Form::Geth).unwrap();
    let missing = |name: &str| exported.nameless.iter().any(|n| n == name);
    if schedule.fork < Fork::Amsterdam {
        for (name, there) in shared(&exported.text) {
            let here = charged(schedule, name);
            assert!(
                there == Some(here) || missing(name),
                "{name} is {here} here and {there:?} there\n{}",
                exported.text
            );
        }
    }
    for change in changes(schedule, fork_schedule(schedule.fork)).unwrap() {
        let name = change.param.to_string();
        let row = catalogue::price_of(&change.param);
        let derived = shared("").iter().any(|(shared, _)| *shared == name);
        if derived || row.is_some_and(|row| row.role == Role::Name) {
            continue;
        }
        let said = change.new.gas().is_some_and(|gas| {
            let gas = grouped(i128::from(gas));
            let place = row.and_then(|row| row.geth_place(schedule.fork));
            let written = |start: String| {
                exported
                    .text
                    .lines()
                    .any(|line| line.trim().starts_with(&start))
            };
            match place {
                Some(catalogue::Geth::Constant(constant)) => {
                    written(format!("{} uint64 = {gas} ", constant.name))
                }
                Some(catalogue::Geth::Each(names)) => names
                    .split(' ')
                    .all(|name| written(format!("{name} uint64 = {gas} "))),
                Some(catalogue::Geth::JumpTable(opcode)) => {
                    let opcode = opcode.unwrap_or(&change.param.operation);
                    exported.text.contains(&format!("jt[{opcode}"))
                        && exported.text.contains(&format!("].constantGas = {gas} "))
                }
                _ => false,
            }
        });
        let follows = row.is_some_and(|row| {
            matches!(
                row.geth_place(schedule.fork),
                Some(catalogue::Geth::Follows)
            )
        });
        assert!(
            said != missing(&name) || follows,
            "{name}\n{}",
            exported.text
        );
    }
}

/// A constant or a jump table entry has the price, or go-ethereum's code comes to it, or it is missing.
#[test]
fn go_ethereum_is_given_what_it_charges() {
    every(|case| go_ethereum_charges(&case.schedule));
    for statements in [
        "param WARM_ACCESS = 240",
        "param WARM_ACCESS = 240\nopcode TLOAD = 100",
        "param COLD_STORAGE_ACCESS = 2_500\nopcode SLOAD = 2_100 * cold + WARM_ACCESS * warm",
        "param COLD_STORAGE_ACCESS = 2_600\nopcode BALANCE = COLD_STORAGE_ACCESS * cold + WARM_ACCESS * warm",
        "opcode MCOPY = VERY_LOW + 5 * words",
        "opcode EXTCODECOPY = COLD_ACCOUNT_ACCESS * cold + WARM_ACCESS * warm + 7 * words",
        "param NEW_ACCOUNT = 26_000\nopcode SELFDESTRUCT = 5_000 + COLD_ACCOUNT_ACCESS * cold + 25_000 * created",
        "opcode SELFDESTRUCT = 5_000 + 0 * cold",
        "param TX_BASE = 12_000\nparam TX_FLOOR_BASE = 21_000",
    ] {
        go_ethereum_charges(&changed_to(Fork::Osaka, statements));
    }
}

/// What no longer follows a shared price is a difference of its own, in every form.
#[test]
fn a_price_that_stays_behind_is_said() {
    let schedule = changed_to(
        Fork::Osaka,
        "param WARM_ACCESS = 240\nopcode TLOAD = 100\nopcode SLOAD = COLD_STORAGE_ACCESS * cold + 100 * warm",
    );
    let differing = changes(&schedule, fork_schedule(Fork::Osaka)).unwrap();
    for name in ["TLOAD", "SLOAD.per_warm"] {
        assert!(
            differing
                .iter()
                .any(|change| change.param.to_string() == name),
            "{name}"
        );
    }
    let eels = export(&schedule, Form::Eels).unwrap();
    assert!(eels.text.contains("\"OPCODE_TLOAD\": 100"), "{}", eels.text);
    assert!(eels.nameless.contains(&"SLOAD.per_warm".to_owned()));
    let geth = export(&schedule, Form::Geth).unwrap();
    assert!(geth.text.contains("jt[TLOAD].constantGas = 100"));
    assert!(geth.nameless.contains(&"SLOAD.per_warm".to_owned()));
}
