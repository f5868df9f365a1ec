//! What each part of an operation costs, where its own blocks tell.
//!
//! The smallest total change says little about how a price is shared between its parts: a base of 15,000 that carries every measured
//! block is as small a change as a price per round that would go on to carry larger ones. So once the prices are found, the parts of
//! one operation move to where its blocks fit best, as near as every block allows, with all other prices where they are.

use std::collections::BTreeMap;

use super::{
    problem::Problem,
    relax::{Demand, NOISE, Relaxed, relax},
    variables::ZERO_SCALE,
};
use crate::fit::{Seen, real, relative};

/// Blocks in which two parts stand in proportions that differ by less than this tell only their sum.
const TOLD_APART: f64 = 1.5;

/// The same answer with the parts of each operation where its blocks put them.
pub(super) fn settle(problem: &Problem, demands: &[Demand], mut relaxed: Relaxed) -> Relaxed {
    let mut settled = vec![false; problem.movers.len()];
    let mut apart = problem.clone();
    for (mover, change) in apart.movers.iter_mut().zip(&relaxed.change) {
        (mover.low, mover.high, mover.center) = (*change, *change, *change);
    }
    for (operation, parts) in operations(problem) {
        if parts.iter().all(|m| relaxed.change[*m].abs() <= NOISE) {
            continue;
        }
        let Some(costs) = costs(problem, demands, &relaxed.change, (operation, &parts)) else {
            relaxed.only_sums.push(operation.to_owned());
            continue;
        };
        for (&m, cost) in parts.iter().zip(costs) {
            let (of, mover) = (&problem.movers[m], &mut apart.movers[m]);
            let start = real(problem.params[of.members[0]].start.ticks());
            (mover.low, mover.high) = (of.low, of.high);
            mover.center = ((cost - start) / of.scale).clamp(of.low, of.high);
            // What counts is the distance as a part of the cost; where that is next to nothing, in steps of a price of 0.
            mover.weight = of.scale / cost.max(real(ZERO_SCALE)).max(start);
            settled[m] = true;
        }
    }
    if !settled.contains(&true) {
        return relaxed;
    }
    // The answer that is known meets every demand, so there is one; where the program is too stiff to find it, that stands.
    let Ok(Some(found)) = relax(&apart, demands) else {
        return relaxed;
    };
    Relaxed {
        change: found.change,
        settled,
        ..relaxed
    }
}

/// The operations of which several parts may move, each by itself, with their movers.
fn operations(problem: &Problem) -> BTreeMap<&str, Vec<usize>> {
    let mut all: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (m, mover) in problem.movers.iter().enumerate() {
        let [only] = mover.members.as_slice() else {
            continue;
        };
        let param = &problem.params[*only];
        if param.start.ticks_per_unit() == 1 && mover.low < mover.high {
            let parts = all.entry(&param.param.operation).or_default();
            parts.push(m);
        }
    }
    all.retain(|_, parts| parts.len() > 1);
    all
}

/// What each of the parts costs by the operation's own blocks, in gas; nothing where these do not tell the parts apart.
fn costs(
    problem: &Problem,
    demands: &[Demand],
    change: &[f64],
    (operation, parts): (&str, &[usize]),
) -> Option<Vec<f64>> {
    let price = |i: usize| {
        let param = &problem.params[i];
        real(param.start.ticks()) + change[param.mover] * problem.unit(param)
    };
    let mut columns = vec![Vec::new(); parts.len()];
    let mut needs = Vec::new();
    for demand in demands {
        let own = |row: &super::Row| row.id.operation == operation;
        if !problem.rows.get(demand.index).is_some_and(own) {
            continue;
        }
        let constraint = &problem.constraints[demand.index];
        let mut units = vec![0.0; parts.len()];
        let mut need = -constraint.constant;
        for &(i, gas) in &constraint.terms {
            match parts.iter().position(|m| *m == problem.params[i].mover) {
                Some(at) => units[at] = gas,
                None => need -= gas * price(i),
            }
        }
        // A block that its other operations pay for tells nothing.
        if need > 0.0 && units.iter().any(|units| *units > 0.0) {
            needs.push(Seen::Value(need));
            for (column, units) in columns.iter_mut().zip(units) {
                column.push(units);
            }
        }
    }
    let pairs = columns
        .iter()
        .enumerate()
        .flat_map(|(at, one)| columns[..at].iter().map(move |other| (one, other)));
    for (one, other) in pairs {
        if !told_apart(one, other) {
            return None;
        }
    }
    relative(&columns, &needs)
}

/// Whether the proportion of the two varies.
fn told_apart(one: &[f64], other: &[f64]) -> bool {
    let proportions = one.iter().zip(other).map(|(a, b)| a / (a + b));
    let (mut least, mut most) = (f64::INFINITY, 0.0_f64);
    for proportion in proportions {
        least = least.min(proportion);
        most = most.max(proportion);
    }
    // In proportions of a to b: 1 to 1 in all blocks is one half everywhere.
    let odds = |part: f64| part / (1.0 - part);
    most > least && (odds(least) <= 0.0 || odds(most) / odds(least) >= TOLD_APART)
}
