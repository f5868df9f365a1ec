//! Blocks that a meter ends.

use super::{
    tests::{FULL, one},
    *,
};
use crate::{
    gas::{Expr, Fork, GasParam, Meter, MeterFill, Metered, Ratio, Source},
    lang::{fork_schedule, osaka},
};

const LIMIT: Gas = 10_000_000;

/// `schedule` with a meter on which operations count so many times their price.
fn metered(mut schedule: Schedule, limit: Gas, all: &[(&str, u64)]) -> Schedule {
    let entry = |(name, times): &(&str, u64)| Metered {
        param: GasParam::whole(*name),
        expr: Expr::Mul(
            Box::new(Expr::Number(Ratio::from(*times))),
            Box::new(crate::gas::meter::current()),
        ),
        reason: None,
    };
    let name = format!("m{}", schedule.meters.len());
    schedule.meters.push(Meter {
        name,
        limit,
        entries: all.iter().map(entry).collect(),
        source: Source::default(),
    });
    schedule
}

/// What the meters of `schedule` count of the transactions that this block is made of.
fn counted(schedule: &Schedule, id: &str, iterations: u64) -> i128 {
    let block = build(one(id), schedule, Size::Iterations(iterations)).unwrap();
    let meter = &schedule.meters[0];
    let counted = meter.count(schedule, &block.usage).unwrap();
    let fill = crate::gas::metering::fill(counted, meter.limit);
    assert_eq!(
        block.meter,
        Some(MeterFill {
            meter: "m0".into(),
            fill
        }),
        "{id}"
    );
    counted
}

#[test]
fn the_largest_count_that_fits_the_meter() {
    // One transaction each, so that the next count is the next block.
    let limit = 3_000_000;
    let schedule = metered(
        osaka(),
        limit,
        &[("MULMOD", 113), ("PUSH", 29), ("TX_BASE", 10)],
    );
    for id in ["mulmod/255-bit", "push/32"] {
        let block = build(one(id), &schedule, Size::Gas(LIMIT)).unwrap();
        assert_eq!(
            (block.ended_by(), block.transactions),
            (Some("m0"), 1),
            "{id}"
        );
        let why = "the meter `m0` ends the block first";
        assert_eq!(block.underfilled.as_deref(), Some(why), "{id}");
        assert!(
            counted(&schedule, id, block.iterations) <= limit.into(),
            "{id}"
        );
        assert!(
            counted(&schedule, id, block.iterations + 1) > limit.into(),
            "{id}"
        );
    }
}

#[test]
fn the_first_of_several_limits_ends_the_block() {
    let schedule = metered(osaka(), 50_000_000, &[("MULMOD", 100)]);
    let schedule = metered(schedule, 50_000_000, &[("MULMOD", 200), ("SLOAD", 1)]);
    let ended = |id: &str| {
        let block = build(one(id), &schedule, Size::Gas(LIMIT)).unwrap();
        (block.ended_by().map(str::to_owned), block.fill > 0.99)
    };
    assert_eq!(ended("mulmod/255-bit"), (Some("m1".to_owned()), false));
    assert_eq!(ended("sload/cold-existing"), (None, true));
    assert_eq!(ended("add/chain"), (None, true));
}

/// What a block of gas alone is made of does not depend on meters that are never full, nor does its hash.
#[test]
fn a_meter_that_is_never_full_changes_nothing() {
    for id in [
        "mulmod/255-bit",
        "storage-set/cold",
        "tx-base/transfers-to-absent",
    ] {
        let plain = build(one(id), &osaka(), Size::Gas(LIMIT)).unwrap();
        let roomy = metered(
            osaka(),
            1 << 40,
            &[("MULMOD", 1), ("TX_BASE", 1), ("SSTORE", 1)],
        );
        let mut block = build(one(id), &roomy, Size::Gas(LIMIT)).unwrap();
        assert!(block.meter.take().is_some() && plain.meter.is_none());
        assert_eq!(block, plain, "{id}");
    }
}

#[test]
fn one_iteration_can_be_too_much() {
    let schedule = metered(osaka(), 1_000_000, &[("MODEXP", 1_000)]);
    let id = "modexp/1024-bytes-odd";
    let error = build(one(id), &schedule, Size::Gas(LIMIT)).unwrap_err();
    assert!(
        matches!(&error, BenchError::OverMeter { meter, counted } if meter == "m0" && *counted > 1_000_000),
        "{error}"
    );
    let block = build(one(id), &schedule, Size::Iterations(1)).unwrap();
    assert!(block.meter.unwrap().fill > 1.0);
}

/// A floor is what calldata costs at least: a meter counts what ran.
#[test]
fn a_meter_counts_what_ran() {
    let id = "tx-floor-nonzero-byte/6-kib";
    let schedule = metered(osaka(), 1_000_000, &[("TX_DATA_NONZERO_BYTE", 1)]);
    let block = build(one(id), &schedule, Size::Gas(LIMIT)).unwrap();
    assert_eq!(block.ended_by(), Some("m0"));
    assert!(
        !block
            .usage
            .counts
            .contains_key(&GasParam::whole("TX_DATA_NONZERO_BYTE"))
    );
    let amsterdam = fork_schedule(Fork::Amsterdam).clone();
    let schedule = metered(amsterdam, 500_000, &[("STATE_STORAGE_SET", 1)]);
    let block = build(one("storage-set/cold"), &schedule, Size::Gas(LIMIT)).unwrap();
    assert_eq!(block.ended_by(), Some("m0"));
}

/// Whatever is charged by itself can be counted, or is a part of what calls cost.
#[test]
fn everything_that_is_charged_can_be_counted() {
    for fork in Fork::ALL {
        let schedule = fork_schedule(*fork);
        let scenarios = scenarios_of(schedule);
        for block in estimate(&scenarios, schedule, 30_000_000).unwrap() {
            let Ok(block) = block else { continue };
            for param in block.usage.counts.keys() {
                let name = param.operation.as_str();
                let kind = schedule.entry(name).map(|entry| entry.kind);
                let listed = crate::gas::catalogue::is_charge(name);
                // The floor is not what ran, and delegated recipients are cold accesses of no operation (EIP-2780).
                let aside = name.starts_with("TX_FLOOR_")
                    || ["COLD_ACCOUNT_ACCESS", "WARM_ACCESS"].contains(&name);
                assert!(
                    kind != Some(crate::gas::Kind::Param) || listed || aside,
                    "{name} in {}",
                    block.scenario
                );
            }
        }
    }
}

/// What revm charges each meter is what the meter's prices say: state gas fills a block of new slots, and execution the
/// block of old ones (EIP-8037).
#[test]
fn amsterdams_blocks_are_filled_by_the_larger_meter() {
    let schedule = fork_schedule(Fork::Amsterdam);
    for (id, price) in [
        ("state-storage-set/cold", "STATE_STORAGE_SET"),
        ("state-new-account/call", "STATE_NEW_ACCOUNT"),
        ("state-code-per-byte/1024", "STATE_CODE_PER_BYTE"),
        ("state-auth/8", "STATE_AUTH"),
        ("storage-reset/cold", "SSTORE.per_reset"),
    ] {
        let block = build(one(id), schedule, FULL).unwrap();
        let state = price.starts_with("STATE_");
        let price: GasParam = price.parse().unwrap();
        let param = if state {
            price
        } else {
            "SSTORE.per_reset".parse().unwrap()
        };
        assert!(
            block.usage.counts.contains_key(&param),
            "{id}: {:?}",
            block.usage
        );
        let others = block.usage.counts.keys();
        let other = |param: &GasParam| param.operation.starts_with("STATE_") != state;
        assert!(!others.into_iter().any(other), "{id}");
        assert!(block.fill >= 0.98, "{id}: {}", block.fill);
        let promised = schedule.gas(&block.usage).unwrap();
        assert_eq!(promised, i128::from(block.gas_used), "{id}");
    }
}
