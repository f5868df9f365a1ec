//! Why there are no prices.

use super::*;
use crate::{
    prove::ProverId,
    solve::{Cause, RelaxedLimit},
};

#[test]
fn a_bound_in_the_way_is_named_with_what_it_would_have_to_be() {
    let rows = vec![
        row(
            "mulmod",
            "MULMOD",
            &[("MULMOD", 1_000.0), ("POP", 2_000.0)],
            3_300_000.0,
        ),
        row("mul", "MUL", &[("MUL", 1_000.0)], 6_000.0),
    ];
    let mut spec = vary(&["MULMOD", "MUL"]);
    spec.bounds.push(bound("MULMOD", Some(8.0), Some(1_600.0)));
    let Infeasible::Blocks { blocks, relaxation } =
        none(&plan(small(), spec.clone()), rows.clone())
    else {
        panic!("no blocks named");
    };
    // 3,300,000 - 4000 over 1000 units: 3296 gas, 412 times 8. Reached: 1,600,000 + 4000 of 3,300,000.
    assert_eq!(blocks.len(), 1);
    assert_eq!(
        blocks[0].cause,
        Cause::Bound {
            param: param("MULMOD"),
            start: gas(8),
            needs: gas(3_296),
            allows: gas(1_600),
            limit: Some(Label::default())
        }
    );
    assert_eq!(
        blocks[0].to_string(),
        "`mulmod` on `sp1` reaches 0.486 of 1.000 Mgas/s: `MULMOD` needs 412.0x, its bound allows 200.0x"
    );
    // 10 Mgas within 10 s: what is left of the rate is 1604 / 3300.
    let left = 1_604.0 / 3_300.0;
    let RelaxedLimit::Within {
        gas,
        within_s,
        fixed_s,
    } = &relaxation[0].limit
    else {
        panic!("{relaxation:?}");
    };
    assert!(gas.abs_diff(4_860_606) <= 1);
    assert!((within_s - 10.0 / left).abs() < 1e-5);
    assert_eq!(*fixed_s, None);
    // What is said to be enough is.
    spec.bounds[0].high = Some(3_296.0);
    let mut plan = plan(small(), spec);
    proposal(&problem(&plan, rows.clone()).unwrap());
    plan.solve.as_mut().unwrap().bounds[0].high = Some(1_600.0);
    let slower = rows.into_iter().map(|r| Row {
        needed_rate: r.needed_rate * left * (1.0 - 1e-9),
        ..r
    });
    proposal(&problem(&plan, slower.collect()).unwrap());
}

#[test]
fn a_block_of_kept_prices_cannot_be_helped() {
    let rows = vec![row(
        "pop",
        "POP",
        &[("POP", 3_000.0), ("ADD", 1_000.0)],
        10_000.0,
    )];
    let mut spec = vary(&["POP", "MULMOD"]);
    spec.keep.push(selection(&["POP"], false));
    let Infeasible::Blocks { blocks, .. } = none(&plan(small(), spec), rows) else {
        panic!("no blocks named");
    };
    assert_eq!(
        blocks[0].cause.to_string(),
        "its prices are kept: `POP` (67 %), `ADD` (33 %)"
    );
    assert!((blocks[0].reached_rate - 9e5).abs() < 1.0);
}

#[test]
fn fixed_cost_alone() {
    let slow = Row {
        needed_rate: f64::INFINITY,
        fixed_s: 45.0,
        ..row("mul", "MUL", &[("MUL", 1.0)], 1.0)
    };
    let found = none(&plan(small(), vary(&["MUL"])), vec![slow.clone()]);
    assert_eq!(
        found,
        Infeasible::FixedCost {
            target: 0,
            prover: ProverId::of("sp1"),
            fixed_s: 45.0,
            within_s: 10.0
        }
    );
    // One of two provers is enough: the other one decides.
    let other = Row {
        id: id("mul", "MUL", "zisk"),
        ..row("mul", "MUL", &[("MUL", 1_000.0)], 6_000.0)
    };
    let mut plan = plan(small(), vary(&["MUL"]));
    plan.targets = vec![target(&["sp1", "zisk"], Some(1))];
    let found = proposal(&problem(&plan, vec![slow, other]).unwrap());
    assert_eq!(found.prices[&param("MUL")], gas(6));
}

#[test]
fn blocks_that_fail_only_together_name_the_relation() {
    // MUL must be at least 20, MULMOD at most 12, and MULMOD >= MUL.
    let rows = vec![
        row("mul", "MUL", &[("MUL", 1_000.0)], 20_000.0),
        row("add", "ADD", &[("ADD", 1_000.0)], 3_000.0),
    ];
    let mut spec = vary(&["MUL", "MULMOD"]);
    spec.bounds.push(bound("MULMOD", None, Some(12.0)));
    spec.relations.push(relation(
        &[("MULMOD", 1.0), ("MUL", -1.0)],
        0.0,
        Compare::Ge,
    ));
    let Infeasible::Blocks { blocks, .. } = none(&plan(small(), spec), rows) else {
        panic!("no blocks named");
    };
    assert_eq!(blocks.len(), 1);
    assert_eq!(blocks[0].id.scenario, "mul");
    assert_eq!(blocks[0].cause, Cause::Together(vec![labelled("MULMOD")]));
    assert!((blocks[0].reached_rate - 6e5).abs() < 10.0);
}

#[test]
fn requirements_that_contradict_each_other() {
    let rows = || vec![row("mul", "MUL", &[("MUL", 1_000.0)], 2_000.0)];
    let mut spec = vary(&["MUL", "MULMOD", "POP"]);
    spec.relations = vec![
        relation(&[("POP", 1.0)], -1.0, Compare::Ge),
        relation(&[("MUL", 1.0), ("MULMOD", -1.0)], -1.0, Compare::Ge),
        relation(&[("MULMOD", 1.0), ("MUL", -1.0)], -1.0, Compare::Ge),
    ];
    let found = none(&plan(small(), spec.clone()), rows());
    assert_eq!(
        found,
        Infeasible::Requirements {
            params: vec![],
            relations: vec![labelled("MUL"), labelled("MULMOD")]
        }
    );
    spec.relations.clear();
    spec.bounds = vec![bound("MUL", Some(9.0), None), bound("MUL", None, Some(7.0))];
    let found = none(&plan(small(), spec), rows());
    assert_eq!(
        found,
        Infeasible::Requirements {
            params: vec![param("MUL")],
            relations: vec![]
        }
    );
}

#[test]
fn real_prices_without_whole_ones() {
    // 2 MUL == 2 POP + 1 has real solutions and no whole one.
    let mut spec = vary(&["MUL", "POP"]);
    spec.relations = vec![relation(&[("MUL", 2.0), ("POP", -2.0)], -1.0, Compare::Eq)];
    let found = none(
        &plan(small(), spec),
        vec![row("mul", "MUL", &[("MUL", 1_000.0)], 7_000.0)],
    );
    assert_eq!(
        found,
        Infeasible::WholePrices {
            block: None,
            relation: Some(labelled("MUL"))
        }
    );
}

#[test]
fn a_trace_of_a_varied_price_does_not_help_a_block_of_kept_ones() {
    // One MULMOD in a block of POPs: it would have to cost a million times as much.
    let rows = vec![row(
        "pop",
        "POP",
        &[("POP", 4_000_000.0), ("MULMOD", 1.0)],
        16_000_000.0,
    )];
    let Infeasible::Blocks { blocks, .. } = none(&plan(small(), vary(&["MULMOD"])), rows) else {
        panic!("no blocks named");
    };
    assert!(matches!(&blocks[0].cause, Cause::Kept(shares) if shares[0].0 == param("POP")));
}
