//! Prices that are defined by other prices.
//!
//! `REFUND_STORAGE_RESTORE_SET = STORAGE_SET - WARM_ACCESS` is nobody's to vary when only `STORAGE_SET` is, and yet it moves.

use std::collections::{BTreeMap, BTreeSet};

use crate::fit::real;
use crate::gas::{Expr, FormulaError, GasParam, Schedule};

use super::{Price, Prices, apply, variables::Movable};

/// For a price that does not vary itself: by how much it grows per tick of each that does, by index.
pub(super) type Follow = BTreeMap<GasParam, Vec<(usize, f64)>>;

/// How far a price is moved to see what follows it: far enough for roundings within a formula not to matter, or less
/// where something that subtracts it would fall below zero.
const PROBES: [u64; 3] = [1_000_000, 100, 1];

/// The slopes of everything that follows a movable price and is neither movable nor pinned.
pub(super) fn slopes(
    start: &Schedule,
    params: &[Movable],
    pinned: &Prices,
) -> Result<Follow, FormulaError> {
    let users = users(start);
    let mut held = pinned.clone();
    held.extend(params.iter().map(|p| (p.param.clone(), p.start)));
    let mut follow = Follow::new();
    for (i, movable) in params.iter().enumerate() {
        let Price::Gas(gas) = movable.start else {
            // A scaled formula is not linear, and nothing can refer to one.
            continue;
        };
        let mut affected = Vec::new();
        for operation in reach(&users, &movable.param.operation) {
            let own = start.params_of(operation)?;
            affected.extend(own.into_iter().filter(|p| !held.contains_key(p)));
        }
        if affected.is_empty() {
            continue;
        }
        for probe in PROBES {
            let mut moved = held.clone();
            moved.insert(movable.param.clone(), Price::Gas(gas + probe));
            let moved = match apply(start, &moved) {
                // What subtracts this price has no value so far away.
                Err(FormulaError::Negative(_)) => continue,
                moved => moved?,
            };
            affected.retain(|param| {
                let (Ok(before), Ok(after)) = (start.price(param), moved.price(param)) else {
                    return true;
                };
                let slope = (real(after) - real(before)) / real(probe);
                if slope != 0.0 {
                    follow.entry(param.clone()).or_default().push((i, slope));
                }
                false
            });
        }
    }
    Ok(follow)
}

/// By operation, the operations whose formulas mention it.
fn users(schedule: &Schedule) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut users: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for entry in schedule.entries() {
        let mut open = vec![&entry.expr];
        while let Some(expr) = open.pop() {
            if let Expr::Param(param) = expr {
                users
                    .entry(&param.operation)
                    .or_default()
                    .insert(&entry.name);
            }
            open.extend(expr.children());
        }
    }
    users
}

/// Everything that mentions `operation`, directly or not; `operation` first.
fn reach<'a>(
    users: &BTreeMap<&'a str, BTreeSet<&'a str>>,
    operation: &'a str,
) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut open = vec![operation];
    while let Some(name) = open.pop() {
        if reached.insert(name) {
            open.extend(users.get(name).into_iter().flatten());
        }
    }
    reached
}
