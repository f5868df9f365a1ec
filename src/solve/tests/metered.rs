//! Blocks that a meter ends before their gas does.

use std::convert::Infallible;

use super::*;
use crate::{
    gas::{Expr, Meter, Metered, Ratio, Source, Usage},
    prove::MeasuredBlock,
    solve::{LoopOptions, Measure, Verdict, closed_loop},
};

/// Seconds of one MULMOD.
const SECONDS: f64 = 1e-4;

/// Blocks of MULMOD and a POP each, as many as fit into 10 Mgas and on every meter.
struct Machine;

impl Measure for Machine {
    type Error = Infallible;

    fn rows(&mut self, schedule: &Schedule) -> Result<Vec<MeasuredBlock>, Infallible> {
        let usage = |loops: u64| {
            let mut usage = Usage::default();
            for name in ["MULMOD", "POP"] {
                usage.add(param(name), i64::try_from(loops).unwrap());
            }
            usage
        };
        let gas = |loops| u64::try_from(schedule.gas(&usage(loops)).unwrap()).unwrap();
        let on_meters = schedule.meters.iter().map(|meter| {
            let each = meter.count(schedule, &usage(1)).unwrap();
            meter.limit / u64::try_from(each).unwrap()
        });
        let loops = on_meters.chain([10_000_000 / gas(1)]).min().unwrap();
        Ok(vec![MeasuredBlock {
            id: id("mulmod", "MULMOD", "sp1"),
            gas_used: gas(loops),
            meter: schedule.fullest_meter(&usage(loops)).unwrap(),
            usage: usage(loops),
            cost_s: SECONDS * f64::from(u32::try_from(loops).unwrap()),
            fixed_s: 2.0,
            ..MeasuredBlock::default()
        }])
    }
}

fn number(value: u64) -> Expr {
    Expr::Number(Ratio::from(value))
}

/// What is proposed for MULMOD, whose price is 8, with a meter on which it counts `expr`; `None` without a meter.
fn proposed(expr: Option<Expr>) -> (u64, usize) {
    let mut schedule = small();
    schedule.meters.extend(expr.map(|expr| Meter {
        name: "zk".into(),
        limit: 10_000_000,
        entries: vec![Metered {
            param: param("MULMOD"),
            expr,
            reason: None,
        }],
        source: Source::default(),
    }));
    let plan = plan(schedule, vary(&["MULMOD"]));
    let report = closed_loop(&plan, &mut Machine, LoopOptions::default()).unwrap();
    assert_eq!(report.verdict, Verdict::Met);
    let worst = report.after[0].effective_ratio(&plan.targets[0]);
    assert!(worst <= 1.001, "{worst}");
    let price = report.schedule.price(&param("MULMOD")).unwrap();
    (price, report.rounds.len())
}

/// 8 s are left for the work: 80,000 of them, whatever ends the block.
#[test]
fn a_block_asks_for_what_its_first_limit_leaves() {
    // By gas, 125 each, of which POP costs 2.
    assert_eq!(proposed(None).0, 123);
    // Ten times the price on the meter: 12.5 are enough.
    let ten_times = Expr::Mul(Box::new(number(10)), Box::new(crate::gas::meter::current()));
    assert_eq!(proposed(Some(ten_times)), (13, 1));
    // What the meter counts whatever the price leaves 125,000: only gas is left to help.
    assert_eq!(proposed(Some(number(80))).0, 123);
    // It leaves 50,000: nothing has to change.
    assert_eq!(proposed(Some(number(200))), (8, 0));
}

#[test]
fn a_full_block_is_as_full_as_its_fullest_limit() {
    let mut schedule = small();
    let row = |schedule: &Schedule| Machine.rows(schedule).unwrap().remove(0);
    let target = target(&["sp1"], None);
    let plain = row(&schedule);
    assert!((plain.full_share(target.gas) - 1.0).abs() < 1e-12);
    schedule.meters.push(Meter {
        name: "zk".into(),
        limit: 1_000_000,
        entries: vec![Metered {
            param: param("MULMOD"),
            expr: number(10),
            reason: None,
        }],
        source: Source::default(),
    });
    let ended = row(&schedule);
    assert_eq!(ended.ended(target.gas).unwrap().meter, "zk");
    // 100,000 of a million.
    assert!((ended.full_share(target.gas) - 0.1).abs() < 1e-12);
    let ratios = (
        plain.effective_ratio(&target),
        ended.effective_ratio(&target),
    );
    assert!((ratios.0 / ratios.1 - 10.0).abs() < 1e-9, "{ratios:?}");
}
