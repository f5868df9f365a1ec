//! Targets relative to an operation, and margins.

use super::*;
use crate::{
    prove::{MeasuredBlock, ProverId, anchor},
    solve::{Prices, RelaxedLimit},
};

fn anchored(times: f64) -> Target {
    let mut target = target(&["sp1"], None);
    target.limit = Limit::Anchor(Anchor {
        times,
        percentile: None,
        operations: vec!["ADD".into()],
        words: "ADD".into(),
        rates: BTreeMap::new(),
    });
    target
}

/// ADD at 3 gas and MULMOD at 8, whose work costs so many times as much.
fn blocks(dearer: f64, second: f64, fixed_s: f64) -> Vec<MeasuredBlock> {
    let one = |name: &str, gas: u64, cost_s: f64| {
        let mut usage = crate::gas::Usage::default();
        usage.add(param(name), 1_000_000);
        MeasuredBlock {
            id: crate::prove::BlockId {
                scenario: name.to_lowercase(),
                operation: name.into(),
                prover: ProverId::of("sp1"),
            },
            gas_used: 1_000_000 * gas,
            usage,
            cost_s: cost_s * second,
            fixed_s,
            ..MeasuredBlock::default()
        }
    };
    vec![one("ADD", 3, 1.0), one("MULMOD", 8, dearer)]
}

fn answered(target: Target, blocks: &[MeasuredBlock], spec: SolveSpec) -> Answer {
    let mut plan = plan(small(), spec);
    plan.targets = vec![target];
    anchor::fix(&mut plan.targets, blocks).unwrap();
    let row = |block: &MeasuredBlock| {
        Row::of(block, &plan.targets[0], &plan.schedule, &Prices::new()).unwrap()
    };
    let rows = blocks.iter().map(row).collect();
    solve(&problem(&plan, rows).unwrap()).unwrap()
}

fn mulmod(target: Target, blocks: &[MeasuredBlock]) -> Price {
    match answered(target, blocks, vary(&["MULMOD"])) {
        Answer::Proposal(found) => found.prices[&param("MULMOD")],
        Answer::Infeasible(none) => panic!("{none:?}"),
    }
}

#[test]
fn an_operation_costs_by_gas_what_its_anchor_does() {
    // 30 times the work of ADD is 90 gas, whatever a second and an empty block are.
    for (second, fixed_s) in [(1.0, 0.0), (1.0, 1e6), (1e-6, 3.0), (250.0, 45.0)] {
        let blocks = blocks(30.0, second, fixed_s);
        assert_eq!(mulmod(anchored(1.0), &blocks), Price::Gas(90));
    }
}

#[test]
fn a_factor_and_a_margin_tighten_the_rate() {
    let blocks = blocks(30.0, 1.0, 5.0);
    // The anchor itself misses twice its own rate, and may not move here.
    let half = |margin| {
        let mut target = anchored(0.5);
        target.margin = margin;
        mulmod(target, &blocks)
    };
    assert_eq!(half(0.0), Price::Gas(45));
    assert_eq!(half(0.2), Price::Gas(54));
}

#[test]
fn a_margin_tightens_the_time_of_the_work() {
    let mut target = target(&["sp1"], None);
    let block = &blocks(3.0, 1.0, 2.0)[1];
    let ratio = block.effective_ratio(&target);
    let margin = block.margin(&target);
    target.margin = 0.25;
    assert!((block.effective_ratio(&target) - 1.25 * ratio).abs() < 1e-12);
    assert!((block.margin(&target) - margin).abs() < 1e-12);
    // Its work could take so much longer, and just hold.
    let mut longer = block.clone();
    longer.cost_s *= 1.0 + margin;
    target.margin = 0.0;
    assert!((longer.effective_ratio(&target) - 1.0).abs() < 1e-12);
}

#[test]
fn infeasible_says_which_factor_and_which_margin_would_do() {
    let mut spec = vary(&["MULMOD"]);
    spec.bounds.push(bound("MULMOD", Some(8.0), Some(30.0)));
    let mut target = anchored(0.5);
    target.margin = 0.1;
    let Answer::Infeasible(Infeasible::Blocks { relaxation, .. }) =
        answered(target, &blocks(30.0, 1.0, 5.0), spec)
    else {
        panic!("feasible");
    };
    // 30 of the 49.5 gas that it needs.
    let RelaxedLimit::Anchor { times } = relaxation[0].limit else {
        panic!("{relaxation:?}");
    };
    assert!((times - 0.5 * 30.0 / 49.5).abs() < 1e-6, "{times}");
    assert_eq!(relaxation[0].margin, None);
}
