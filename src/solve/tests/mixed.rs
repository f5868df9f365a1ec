//! Changes weighed by a mix of operations.

use super::*;
use crate::lang::Mix;

fn mixed(names: &[&str], units: &[(&str, i64)], neutral: bool) -> SolveSpec {
    SolveSpec {
        bounds: names
            .iter()
            .map(|name| bound(name, Some(1.0), Some(1_000.0)))
            .collect(),
        mix: Some(Mix {
            units: units.iter().map(|(n, u)| (param(n), *u)).collect(),
            rest: 0,
            neutral,
        }),
        ..vary(names)
    }
}

/// Either price could pay for the block: the one that everyday blocks use less does.
#[test]
fn what_is_used_least_rises() {
    let rows = || vec![row("both", "MUL", &[("MUL", 1.0), ("MULMOD", 1.0)], 26.0)];
    let raised = |units: &[(&str, i64)]| {
        let plan = plan(small(), mixed(&["MUL", "MULMOD"], units, false));
        let prices = proposal(&problem(&plan, rows()).unwrap()).prices;
        (prices[&param("MUL")], prices[&param("MULMOD")])
    };
    assert_eq!(raised(&[("MUL", 1_000), ("MULMOD", 1)]), (gas(5), gas(21)));
    assert_eq!(raised(&[("MUL", 1), ("MULMOD", 1_000)]), (gas(18), gas(8)));
}

/// What the block needs more of MULMOD, the mix gets back from MUL and ADD.
#[test]
fn neutral_takes_no_more_gas() {
    let rows = vec![row("mulmod", "MULMOD", &[("MULMOD", 1.0)], 20.0)];
    let units = [("MUL", 50), ("MULMOD", 10), ("POP", 100)];
    let spec = mixed(&["MUL", "MULMOD", "POP"], &units, true);
    let plan = plan(small(), spec.clone());
    let problem = problem(&plan, rows).unwrap();
    let found = proposal(&problem);
    assert_eq!(found.prices[&param("MULMOD")], gas(20));
    let mix = spec.mix.unwrap();
    let after = problem.schedule(&found.prices).unwrap();
    let gas_of = |schedule: &Schedule| {
        crate::solve::everyday_mix::gas(&mix, schedule, &crate::solve::Prices::new()).unwrap()
    };
    assert!(gas_of(&after) <= gas_of(&plan.schedule));
}

/// Where nothing may fall there is no neutral answer.
#[test]
fn neutral_without_a_price_that_falls_is_infeasible() {
    let rows = vec![row("mulmod", "MULMOD", &[("MULMOD", 1.0)], 20.0)];
    let mut spec = mixed(&["MULMOD"], &[("MULMOD", 10)], true);
    spec.bounds.clear();
    assert!(matches!(
        none(&plan(small(), spec), rows),
        Infeasible::Blocks { .. } | Infeasible::Requirements { .. }
    ));
}
