//! The closed loop over a fake machine.

use std::convert::Infallible;

use super::*;
use crate::{
    gas::Usage,
    prove::MeasuredBlock,
    solve::{LoopOptions, Measure, Verdict, closed_loop},
};

/// Blocks of one operation after a transaction overhead: as many iterations as fit into 10 Mgas.
struct Machine {
    /// Operation, part charged, seconds per iteration, and how the cost bends as blocks get smaller.
    scenarios: Vec<(&'static str, &'static str, f64, f64)>,
    fixed_s: f64,
    calls: usize,
}

impl Measure for Machine {
    type Error = Infallible;

    fn rows(&mut self, schedule: &Schedule) -> Result<Vec<MeasuredBlock>, Infallible> {
        self.calls += 1;
        let block = |&(operation, charged, seconds, overhead_s): &(&str, &str, f64, f64)| {
            let cost = schedule.formula(operation).unwrap().cost(|_| 10).unwrap();
            let loops = (10_000_000 - 21_000) / (cost + 2);
            let mut usage = Usage::default();
            let charged = param(charged);
            let per_loop = match (operation, charged.part) {
                ("MODEXP", _) => cost,
                (_, crate::gas::Part::Per(_)) => 10,
                _ => 1,
            };
            usage.add(charged, i64::try_from(loops * per_loop).unwrap());
            if operation == "KECCAK256" {
                usage.add(param("KECCAK256.base"), i64::try_from(loops).unwrap());
            }
            usage.add(param("POP"), i64::try_from(loops).unwrap());
            usage.add_rest("transaction", 21_000);
            MeasuredBlock {
                id: id(&operation.to_lowercase(), operation, "sp1"),
                gas_used: 21_000 + loops * (cost + 2),
                usage,
                cost_s: overhead_s + seconds * f64::from(u32::try_from(loops).unwrap()),
                fixed_s: self.fixed_s,
                ..MeasuredBlock::default()
            }
        };
        Ok(self.scenarios.iter().map(block).collect())
    }
}

fn machine(scale: f64) -> Machine {
    Machine {
        scenarios: vec![
            ("ADD", "ADD", 1e-6 * scale, 0.1),
            ("MULMOD", "MULMOD", 90e-6 * scale, 0.3),
            ("KECCAK256", "KECCAK256.per_word", 700e-6 * scale, 0.2),
            ("MODEXP", "MODEXP", 1_700e-6 * scale, 0.2),
        ],
        fixed_s: 2.0,
        calls: 0,
    }
}

fn everything() -> SolveSpec {
    let mut spec = vary(&[
        "ADD",
        "MULMOD",
        "KECCAK256.base",
        "KECCAK256.per_word",
        "MODEXP",
    ]);
    spec.keep.push(selection(&["POP"], false));
    spec
}

#[test]
fn converges_on_measured_blocks() {
    let plan = plan(small(), everything());
    let mut machine = machine(1.0);
    let report = closed_loop(&plan, &mut machine, LoopOptions::default()).unwrap();
    assert_eq!(report.verdict, Verdict::Met);
    assert_eq!(machine.calls, 1 + report.rounds.len());
    assert!(
        (2..=4).contains(&report.rounds.len()),
        "{} rounds",
        report.rounds.len()
    );
    let target = &plan.targets[0];
    let worst = |rows: &[MeasuredBlock]| {
        rows.iter()
            .map(|r| r.effective_ratio(target))
            .fold(0.0, f64::max)
    };
    assert!(worst(&report.before) > 5.0 && worst(&report.after) <= 1.001);
    // The overhead weighs more in small blocks, so the first proposal missed, and what follows is not overdone.
    assert!(!report.rounds[0].missed.is_empty());
    let found = report.proposal.unwrap();
    for row in report.after.iter().filter(|r| r.id.operation != "ADD") {
        assert!(
            row.effective_ratio(target) > 0.9,
            "{} overshoots",
            row.id.scenario
        );
    }
    assert!(matches!(found.prices[&param("MODEXP")], Price::Factor(h) if h > 200));
    // The schedule measured last is the one proposed.
    assert_eq!(
        report.schedule,
        report.problem.schedule(&found.prices).unwrap()
    );
    assert_eq!(machine.rows(&report.schedule).unwrap(), report.after);
    assert_eq!(report.schedule.price(&param("ADD")).unwrap(), 3);
}

#[test]
fn a_target_already_met_changes_nothing_and_measures_once() {
    let mut machine = machine(0.001);
    let plan = plan(small(), everything());
    let report = closed_loop(&plan, &mut machine, LoopOptions::default()).unwrap();
    assert_eq!((report.verdict, machine.calls), (Verdict::Met, 1));
    assert_eq!(report.schedule, small());
    assert_eq!(report.after, report.before);
    let proposal = report.proposal.unwrap();
    assert!(proposal.why.is_empty() && proposal.total_change.abs() < 1e-12);
    assert_eq!(proposal.provers, [["sp1"]]);
}

#[test]
fn proposing_a_proposal_changes_nothing() {
    let mut machine = machine(1.0);
    let first = closed_loop(
        &plan(small(), everything()),
        &mut machine,
        LoopOptions::default(),
    )
    .unwrap();
    let mut again = plan(first.schedule.clone(), everything());
    again.baseline = small();
    let second = closed_loop(&again, &mut machine, LoopOptions::default()).unwrap();
    assert_eq!(second.verdict, Verdict::Met);
    assert_eq!(second.schedule, first.schedule);
    assert!(second.rounds.is_empty());
}

#[test]
fn impossible_targets_are_a_verdict() {
    let mut slow = machine(1.0);
    slow.fixed_s = 45.0;
    let plan = plan(small(), everything());
    let report = closed_loop(&plan, &mut slow, LoopOptions::default()).unwrap();
    assert!(matches!(
        report.verdict,
        Verdict::Infeasible(Infeasible::FixedCost { .. })
    ));
    let mut bounded = plan.clone();
    bounded
        .solve
        .as_mut()
        .unwrap()
        .bounds
        .push(bound("MULMOD", None, Some(20.0)));
    let report = closed_loop(&bounded, &mut machine(1.0), LoopOptions::default()).unwrap();
    let Verdict::Infeasible(Infeasible::Blocks { blocks, .. }) = report.verdict else {
        panic!("{:?}", report.verdict);
    };
    assert_eq!(blocks[0].id.scenario, "mulmod");
    assert!(report.proposal.is_none() && report.schedule == small());
}

/// A machine on which higher prices never help: it slows down with them.
struct Stubborn(u32);

impl Measure for Stubborn {
    type Error = Infallible;

    fn rows(&mut self, _: &Schedule) -> Result<Vec<MeasuredBlock>, Infallible> {
        self.0 += 1;
        let mut rows = machine(1.0).rows(&small())?;
        rows.retain(|r| r.id.operation == "MULMOD");
        rows[0].cost_s *= f64::from(self.0);
        Ok(rows)
    }
}

#[test]
fn rounds_end() {
    let options = LoopOptions {
        rounds: 3,
        ..LoopOptions::default()
    };
    let report = closed_loop(&plan(small(), everything()), &mut Stubborn(0), options).unwrap();
    assert!(
        matches!(&report.verdict, Verdict::RoundsSpent(missed) if missed[0].id.scenario == "mulmod")
    );
    assert_eq!(report.rounds.len(), 3);
}

/// A machine that loses a block once prices change.
struct Forgetful(bool);

impl Measure for Forgetful {
    type Error = Infallible;

    fn rows(&mut self, schedule: &Schedule) -> Result<Vec<MeasuredBlock>, Infallible> {
        let mut rows = machine(1.0).rows(schedule)?;
        if std::mem::replace(&mut self.0, true) {
            rows.retain(|r| r.id.operation != "ADD");
        }
        Ok(rows)
    }
}

/// Only MULMOD's price moves; KECCAK256 and MODEXP miss as they did.
#[test]
fn blocks_that_no_varied_price_answers_for_are_not_judged() {
    let plan = plan(small(), vary(&["MULMOD"]));
    let report = closed_loop(&plan, &mut machine(1.0), LoopOptions::default()).unwrap();
    let names = |blocks: &[MeasuredBlock]| -> Vec<String> {
        blocks.iter().map(|b| b.id.scenario.clone()).collect()
    };
    assert_eq!(report.verdict, Verdict::Met);
    assert_eq!(names(&report.untouched), ["keccak256", "modexp"]);
    // What holds as it is has to go on doing so.
    assert_eq!(names(&report.after), ["add", "mulmod"]);
    assert!(report.schedule.price(&param("MULMOD")).unwrap() > 8);

    let strict = LoopOptions {
        strict: true,
        ..LoopOptions::default()
    };
    let report = closed_loop(&plan, &mut machine(1.0), strict).unwrap();
    assert!(matches!(report.verdict, Verdict::Infeasible(_)));
    assert!(report.untouched.is_empty());
}

/// A price list is judged by every block; one that is the answer for a few prices by those that were asked then.
#[test]
fn a_proposal_is_judged_by_the_blocks_that_it_is_for() {
    let asked = plan(small(), vary(&["MULMOD"]));
    let mut list = plan(small(), vary(&[]));
    let report = closed_loop(&list, &mut machine(1.0), LoopOptions::default()).unwrap();
    assert!(matches!(report.verdict, Verdict::Infeasible(_)));
    let report = closed_loop(&asked, &mut machine(1.0), LoopOptions::default()).unwrap();
    list.schedule = report.schedule;
    let again = closed_loop(&list, &mut machine(1.0), LoopOptions::default()).unwrap();
    assert_eq!(again.verdict, Verdict::Met);
    assert_eq!(again.untouched.len(), 2);
}

/// A factor is a change of price as an amount of gas is.
#[test]
fn a_proposal_of_a_factor_is_for_its_blocks() {
    let asked = plan(small(), vary(&["MODEXP"]));
    let report = closed_loop(&asked, &mut machine(1.0), LoopOptions::default()).unwrap();
    assert_eq!(report.verdict, Verdict::Met);
    let mut list = plan(small(), vary(&[]));
    list.schedule = report.schedule;
    let again = closed_loop(&list, &mut machine(1.0), LoopOptions::default()).unwrap();
    assert_eq!(again.verdict, Verdict::Met);
    assert_eq!(again.untouched.len(), 2);
}

#[test]
fn a_block_that_is_no_longer_measured_is_not_met() {
    let options = LoopOptions {
        rounds: 3,
        ..LoopOptions::default()
    };
    let report = closed_loop(&plan(small(), everything()), &mut Forgetful(false), options).unwrap();
    let (Verdict::RoundsSpent(missed) | Verdict::Cycles(missed)) = report.verdict else {
        panic!("{:?}", report.verdict);
    };
    assert!(
        missed
            .iter()
            .any(|m| m.id.scenario == "add" && m.ratio.is_none())
    );
}
