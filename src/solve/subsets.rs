//! Which provers count: all of them, or any k of n.

use super::{Infeasible, MAX_PROVERS, SolveError, problem::Problem};
use crate::prove::ProverId;

/// More combinations over all targets than this are refused.
const MAX_SETS: usize = 1_000;

/// One choice of provers, and the rows that count under it.
#[derive(Clone, Debug)]
pub(super) struct Case {
    /// By target.
    pub provers: Vec<Vec<String>>,
    pub rows: Vec<usize>,
}

/// Every choice of provers that may satisfy the targets.
pub(super) fn cases(problem: &Problem) -> Result<Result<Vec<Case>, Infeasible>, SolveError> {
    let mut by_target: Vec<Vec<Vec<String>>> = Vec::new();
    for target in 0..problem.targets.len() {
        match sets(problem, target)? {
            Ok(sets) => by_target.push(sets),
            Err(infeasible) => return Ok(Err(infeasible)),
        }
    }
    let count = by_target.iter().map(Vec::len).product::<usize>();
    if count > MAX_SETS {
        return Err(SolveError::TooManyProvers { sets: count });
    }
    let mut choices: Vec<Vec<Vec<String>>> = vec![Vec::new()];
    for sets in by_target {
        choices = choices
            .iter()
            .flat_map(|chosen| {
                sets.iter().map(|set| {
                    let mut chosen = chosen.clone();
                    chosen.push(set.clone());
                    chosen
                })
            })
            .collect();
    }
    let case = |provers: Vec<Vec<String>>| {
        let counts = |row: &super::Row| provers[row.target].contains(&row.id.prover.zkvm);
        let rows = problem.rows.iter().enumerate();
        let rows = rows
            .filter(|(_, row)| counts(row))
            .map(|(i, _)| i)
            .collect();
        Case { provers, rows }
    };
    Ok(Ok(choices.into_iter().map(case).collect()))
}

/// The sets of provers one of which must hold the target.
fn sets(
    problem: &Problem,
    index: usize,
) -> Result<Result<Vec<Vec<String>>, Infeasible>, SolveError> {
    let target = &problem.targets[index];
    let rows = || problem.rows.iter().filter(|row| row.target == index);
    let mut named: Vec<String> = target.on.iter().map(|name| zkvm_of(name)).collect();
    if named.is_empty() {
        named = rows().map(|row| row.id.prover.zkvm.clone()).collect();
    }
    let mut candidates: Vec<String> = Vec::new();
    for name in named {
        if !candidates.contains(&name) {
            candidates.push(name);
        }
    }
    let mut hopeless = None;
    let mut able = Vec::new();
    for name in &candidates {
        let mut theirs = rows().filter(|row| row.id.prover.zkvm == *name).peekable();
        if theirs.peek().is_none() {
            return Err(SolveError::NoMeasurement {
                target: index,
                prover: name.clone(),
            });
        }
        match theirs.find(|row| row.needed_rate.is_infinite()) {
            Some(row) => hopeless = hopeless.or(Some(row)),
            None => able.push(name.clone()),
        }
    }
    let needed = target
        .at_least
        .unwrap_or(candidates.len())
        .min(candidates.len());
    if let (true, Some(row)) = (able.len() < needed, hopeless) {
        return Ok(Err(Infeasible::FixedCost {
            target: index,
            prover: row.id.prover.clone(),
            fixed_s: row.fixed_s,
            within_s: target.within_s().unwrap_or(f64::INFINITY),
        }));
    }
    if needed < able.len() && able.len() > MAX_PROVERS {
        return Err(SolveError::TooManyProvers { sets: able.len() });
    }
    Ok(Ok(choose(&able, needed)))
}

/// The zkVM that a target names, which may be with a guest.
pub(super) fn zkvm_of(name: &str) -> String {
    let Ok(ProverId { zkvm, .. }) = name.parse();
    zkvm
}

/// Every subset of `k`, in the order of `all`.
fn choose(all: &[String], k: usize) -> Vec<Vec<String>> {
    if k == 0 {
        return vec![Vec::new()];
    }
    let mut sets = Vec::new();
    for (i, first) in all.iter().enumerate() {
        for mut rest in choose(&all[i + 1..], k - 1) {
            rest.insert(0, first.clone());
            sets.push(rest);
        }
    }
    sets
}

#[cfg(test)]
mod tests {
    use super::choose;

    #[test]
    fn two_of_four_are_six_sets() {
        let all: Vec<String> = ["a", "b", "c", "d"].map(String::from).to_vec();
        let sets: Vec<String> = choose(&all, 2).iter().map(|set| set.concat()).collect();
        assert_eq!(sets, ["ab", "ac", "ad", "bc", "bd", "cd"]);
        assert_eq!(choose(&all, 4).len(), 1);
        assert_eq!(choose(&all, 5).len(), 0);
    }
}
