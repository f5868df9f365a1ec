//! The corpus as a whole: coverage, validity, exact usage, fill, determinism.

use super::{planned_block::Bench, prepared::Prepared, *};
use crate::{
    evm::{rest, validate},
    gas::{Entry, Expr, Fork, GasParam, Kind, Part, Source},
    lang::{fork_schedule, osaka},
};
use std::collections::BTreeSet;

pub(crate) const SMALL: Size = Size::Gas(2_000_000);
pub(crate) const FULL: Size = Size::Gas(60_000_000);

/// `schedule` with `name` at `price`.
pub(crate) fn priced(mut schedule: Schedule, name: &str, price: Gas) -> Schedule {
    let kind = schedule.entry(name).unwrap().kind;
    schedule.insert(Entry {
        name: name.to_owned(),
        kind,
        expr: Expr::number(price),
        reason: None,
        source: Source::default(),
    });
    schedule
}

pub(crate) fn one(id: &str) -> &'static Scenario {
    scenario(id).unwrap_or_else(|| panic!("no scenario {id}"))
}

/// Runs `check` on every scenario of Osaka in parallel and collects what it has to say.
pub(super) fn all(check: impl Fn(&Scenario) -> Result<(), String> + Sync) {
    under(&osaka(), check);
}

/// [`all`], of the schedule's fork.
pub(crate) fn under(schedule: &Schedule, check: impl Fn(&Scenario) -> Result<(), String> + Sync) {
    let wrong: Vec<String> = scenarios_of(schedule)
        .par_iter()
        .filter_map(|s| check(s).err().map(|why| format!("{}: {why}", s.id)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_operation_has_a_scenario_or_a_reason() {
    let mut schedule = Schedule::new("every fork's operations", Fork::Amsterdam);
    for fork in Fork::ALL {
        for entry in fork_schedule(*fork).entries() {
            schedule.insert(entry.clone());
        }
    }
    let measured: BTreeSet<_> = scenarios().iter().map(|s| s.operation.as_str()).collect();
    let reasons: BTreeSet<_> = unmeasured().iter().map(|u| u.operation.as_str()).collect();
    let names: BTreeSet<_> = schedule.entries().iter().map(|e| e.name.as_str()).collect();
    let covered: BTreeSet<_> = measured.union(&reasons).copied().collect();
    assert_eq!(names.difference(&covered).collect::<Vec<_>>(), [&""; 0]);
    assert_eq!(covered.difference(&names).collect::<Vec<_>>(), [&""; 0]);
    assert_eq!(
        measured.intersection(&reasons).collect::<Vec<_>>(),
        [&""; 0]
    );
    // Work is measured, not excused.
    for entry in schedule.entries() {
        let free = schedule.price(&GasParam::whole(&entry.name)) == Ok(0);
        if entry.kind != Kind::Param && !free {
            assert!(measured.contains(entry.name.as_str()), "{}", entry.name);
        }
    }
}

#[test]
fn ids_are_unique_and_lines_are_short() {
    let mut seen = BTreeSet::new();
    for s in scenarios() {
        assert!(seen.insert(&s.id), "{} occurs twice", s.id);
        assert!(
            !s.why.is_empty() && s.why.len() < 120,
            "{}: {}",
            s.id,
            s.why
        );
        assert!(!s.why.contains('{'), "{}: {}", s.id, s.why);
    }
}

/// The checked program stops where an operation fails.
#[test]
fn every_operation_succeeds() {
    let schedule = osaka();
    let tariff = Arc::new(crate::evm::compile(&schedule).unwrap());
    all(|s| {
        let bench = Bench::new(s, &schedule, Arc::clone(&tariff), true);
        let mut prepared = bench
            .and_then(Prepared::calibrated)
            .map_err(|e| e.to_string())?;
        let block = prepared.block(Size::Iterations(2));
        block.map(|_| ()).map_err(|e| e.to_string())
    });
}

#[test]
fn a_failing_operation_is_noticed() {
    let schedule = osaka();
    let tariff = Arc::new(crate::evm::compile(&schedule).unwrap());
    let built = |id: &str, from: &str, to: &str, checked| {
        let mut s = one(id).clone();
        s.body = s.body.replace(from, to);
        let bench = Bench::new(&s, &schedule, Arc::clone(&tariff), checked);
        bench.and_then(Prepared::calibrated).map(|_| ())
    };
    // A creation without the balance it gives away fails without a trace in the gas.
    let poor = ("create/empty", "CREATE(0,", "CREATE(NOT(0),");
    assert_eq!(built(poor.0, poor.1, poor.2, false), Ok(()));
    assert!(built(poor.0, poor.1, poor.2, true).is_err());
    // No signature, no answer.
    let silent = ("ecrecover/valid", "0, 128, 128, 32", "1, 128, 160, 32");
    assert_eq!(built(silent.0, silent.1, silent.2, false), Ok(()));
    assert!(built(silent.0, silent.1, silent.2, true).is_err());
    // A point that is not on its curve burns the gas of the call.
    let burnt = built("ecadd/chain", "0, 128, 0, 64", "1, 128, 0, 64", false);
    assert!(matches!(
        burnt,
        Err(BenchError::Failed { .. } | BenchError::Burnt(_))
    ));
}

/// [`Prepared::block`] itself compares usage and gas.
#[test]
fn every_scenario_has_a_block_and_uses_what_it_stresses() {
    let schedule = osaka();
    all(|s| {
        let block = build(s, &schedule, SMALL).map_err(|e| e.to_string())?;
        let name = &s.operation;
        let charged = schedule.attribute(&block.usage).unwrap();
        let rule = match name.as_str() {
            "MEMORY_QUADRATIC_DIVISOR" => rest::MEMORY,
            name => name,
        };
        // The base price of an authorization is what is left of it for an existing account.
        let name = if name == "TX_AUTH_BASE" {
            "REFUND_AUTH_EXISTING_ACCOUNT"
        } else {
            name
        };
        let stated = block.usage.counts.iter().chain(&charged);
        let of_operation = stated.filter(|(param, _)| param.operation == name);
        let units = of_operation
            .map(|(_, units)| units.unsigned_abs())
            .max()
            .unwrap_or(0);
        let gas = block
            .usage
            .rest
            .get(rule)
            .map_or(0, |gas| gas.unsigned_abs());
        if units.max(gas) < block.iterations {
            return Err(format!(
                "{units} units and {gas} gas in {} iterations",
                block.iterations
            ));
        }
        if block.fill < 0.995 && block.underfilled.is_none() {
            return Err(format!("filled {}", block.fill));
        }
        if block.gas_used > 2_000_000 {
            return Err(format!("{} gas", block.gas_used));
        }
        Ok(())
    });
}

#[test]
fn other_prices_make_other_blocks() {
    let base = osaka();
    let mut schedule = base.clone();
    for (name, price) in [
        ("MULMOD", 160),
        ("COLD_STORAGE_ACCESS", 4_200),
        ("POINT_EVALUATION", 500_000),
        ("TX_BASE", 6_000),
        ("TX_FLOOR_BASE", 6_000),
        ("TX_DATA_NONZERO_BYTE", 40),
        ("CALL_VALUE", 2_300),
        ("STORAGE_RESET", 100),
        ("MEMORY_PER_WORD", 30),
        ("REFUND_DIVISOR", 2),
        ("JUMPDEST", 70_000),
    ] {
        schedule = priced(schedule, name, price);
    }
    all(|s| match build(s, &schedule, FULL_ENOUGH) {
        // Each holds a row of instructions that are seventy thousand times as dear now.
        Err(BenchError::DoesNotFit(_) | BenchError::Failed { .. })
            if s.body.contains("JUMPDEST") =>
        {
            Ok(())
        }
        built => built.map(|_| ()).map_err(|e| e.to_string()),
    });
    let iterations = |schedule| {
        build(one("mulmod/255-bit"), schedule, FULL)
            .unwrap()
            .iterations
    };
    let (before, after) = (iterations(&base), iterations(&schedule));
    assert!(before > 8 * after, "{before} {after}");
}

/// Room for one iteration of anything.
const FULL_ENOUGH: Size = Size::Gas(3_000_000);

#[test]
fn full_blocks_are_full() {
    let schedule = osaka();
    for id in [
        "mulmod/255-bit",
        "keccak256/32-bytes",
        "sload/cold-existing",
        "storage-set/cold",
        "refund-storage-clear/cold",
        "sha256/1024-bytes",
        "tx-floor-nonzero-byte/6-kib",
    ] {
        let block = build(one(id), &schedule, FULL).unwrap();
        assert!(block.fill >= 0.995, "{id}: {}", block.fill);
        assert_eq!(block.underfilled, None, "{id}");
        assert!(block.transactions >= 4, "{id}");
    }
}

#[test]
fn an_estimate_is_the_block_without_its_hash() {
    let schedule = osaka();
    for id in [
        "div/128-bit",
        "refund-storage-clear/cold",
        "tx-auth-base/existing",
    ] {
        let mut prepared = prepare(one(id), &schedule).unwrap();
        let mut block = prepared.block(Size::Gas(40_000_000)).unwrap();
        assert!(block.block_hash.take().is_some());
        assert_eq!(prepared.estimate(Size::Gas(40_000_000)), Ok(block));
    }
}

#[test]
fn same_schedule_same_block() {
    let schedule = osaka();
    for id in [
        "call/cold-delegated",
        "log/4-topics-32-bytes",
        "tx-auth-per-empty-account/8",
    ] {
        let block = |schedule| build_with_input(one(id), schedule, SMALL).unwrap();
        let first = block(&schedule);
        assert_eq!(first, block(&schedule), "{id}");
        let other = block(&priced(osaka(), "TX_BASE", 20_999));
        assert_ne!(first.block_hash, other.block_hash, "{id}");
    }
}

#[test]
fn a_guest_finds_the_block_valid() {
    let schedule = priced(osaka(), "MULMOD", 100);
    for id in [
        "mulmod/255-bit",
        "sload/cold-existing",
        "refund-storage-clear/cold",
        "extcodecopy/cold-contracts",
        "selfdestruct/in-init-code",
        "blockhash/parent",
        "blobhash/present",
        "tx-base/transfers-to-absent",
        "tx-auth-per-empty-account/8",
    ] {
        let block = build_with_input(one(id), &schedule, Size::Iterations(3)).unwrap();
        let verdict = validate(&block.input.unwrap());
        assert!(verdict.valid, "{id}: {:?}", verdict.reason);
        assert_eq!(Some(verdict.block_hash), block.block_hash, "{id}");
    }
}

#[test]
fn an_exact_number_of_iterations() {
    let schedule = osaka();
    let mut prepared = prepare(one("keccak256/32-bytes"), &schedule).unwrap();
    for count in [1, 2, 100, 30_000] {
        let block = prepared.block(Size::Iterations(count)).unwrap();
        assert_eq!(block.iterations, count);
        let hashes = GasParam::new("KECCAK256", Part::Base);
        assert_eq!(block.usage.counts[&hashes].unsigned_abs(), 16 * count);
    }
    let mut few = prepare(one("sload/cold-existing"), &schedule).unwrap();
    assert_eq!(
        few.block(Size::Iterations(5_000)),
        Err(BenchError::NoState(5_000))
    );
}

#[test]
fn refused() {
    let schedule = osaka();
    let built = |size| build(one("ecpairing/2-pairs"), &schedule, size);
    assert!(matches!(
        built(Size::Gas(100_000)),
        Err(BenchError::DoesNotFit(_))
    ));
    let dear = priced(osaka(), "BLS_G1ADD", 17_000_000);
    let too_dear = build(one("bls-g1add/chain"), &dear, FULL);
    assert_eq!(too_dear, Err(BenchError::Failed { transaction: 0 }));
}

#[test]
fn a_block_that_the_state_is_too_small_for_says_so() {
    let schedule = priced(osaka(), "COLD_STORAGE_ACCESS", 200);
    let block = build(one("sload/cold-existing"), &schedule, FULL).unwrap();
    assert_eq!(block.iterations, 32_768 / 8);
    let why = "the state has accounts or slots for 4096 iterations only";
    assert_eq!(block.underfilled.as_deref(), Some(why));
}

struct Disk;

impl crate::lang::Files for Disk {
    fn read(&self, path: &str) -> Result<String, String> {
        std::fs::read_to_string(path).map_err(|e| e.to_string())
    }
}

#[test]
fn a_published_repricing_has_blocks_too() {
    let path = concat!(
        concat!(env!("CARGO_MANIFEST_DIR"), "/../.."),
        "/schedules/eip-7904.gas"
    );
    let loaded = crate::lang::load(path, &Disk, &crate::lang::Options::default());
    let schedule = loaded.plan.unwrap().schedule;
    let scenarios = scenarios_of(&schedule);
    let wrong: Vec<_> = scenarios
        .iter()
        .zip(estimate(&scenarios, &schedule, 60_000_000).unwrap())
        .filter_map(|(s, block)| Some((&s.id, block.err()?)))
        .collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn the_taken_address_is_where_the_factory_creates() {
    let factory = prestate::address(prestate::Place::Account(0), 0);
    let created = factory.create2_from_code(B256::ZERO, []);
    let constant = &scenario::constants()["created_by_factory"];
    assert_eq!(created.as_slice(), &constant[..], "{created}");
}

/// A deep state holds what its block touches; a path is as long in a small block as in a large one.
#[test]
fn deep_paths_are_as_deep_in_every_block() {
    let schedule = osaka();
    let nodes_each = |id: &str, iterations: u64| {
        let block = build_with_input(one(id), &schedule, Size::Iterations(iterations)).unwrap();
        let input = block.input.unwrap();
        assert!(validate(&input).valid);
        let nodes = input.witness.state.len();
        nodes / usize::try_from(iterations).unwrap()
    };
    // Eight reads an iteration, each with a path of its own below the branches near the root.
    let (few, many) = (
        nodes_each("sload/cold-depth-10", 8),
        nodes_each("sload/cold-depth-10", 64),
    );
    assert!(
        (56..=70).contains(&many) && (64..=90).contains(&few),
        "{few} {many}"
    );
    let shallow = nodes_each("sload/cold-depth-8", 64);
    assert_eq!(many - shallow, 16);
}
