//! The fewest prices that have to change.
//!
//! A price that must change whatever the others do is found by keeping it alone. Of the others, as many as possible
//! are kept: one after the other first, then, where that leaves doubt, by every choice of fewer.

use crate::fit::real;

use super::{
    SolveError,
    problem::Problem,
    relax::{Demand, NOISE, Relaxed, relax_within},
};

/// Choices tried at most beyond the first good one.
const CHOICES: usize = 2_000;

/// The answer with the fewest changes, its objective being their number; `None` when nothing meets the demands.
///
/// # Errors
/// The solver gave up.
pub(super) fn fewest(problem: &Problem, demands: &[Demand]) -> Result<Option<Relaxed>, SolveError> {
    Ok(least(problem, demands)?.map(|(mut relaxed, kept)| {
        let changed = real(changes(&kept) as u64);
        relaxed.objective = changed;
        relaxed.kept = kept;
        relaxed
    }))
}

fn least(
    problem: &Problem,
    demands: &[Demand],
) -> Result<Option<(Relaxed, Vec<bool>)>, SolveError> {
    let n = problem.movers.len();
    let Some(all) = relax_within(problem, demands, &vec![false; n])? else {
        return Ok(None);
    };
    let mut needed = vec![false; n];
    for (m, needed) in needed.iter_mut().enumerate() {
        let mut kept = vec![false; n];
        kept[m] = true;
        *needed = problem.movers[m].low > 0.0
            || problem.movers[m].high < 0.0
            || relax_within(problem, demands, &kept)?.is_none();
    }
    let certain = needed.iter().filter(|needed| **needed).count();
    let mut best = keep_one_by_one(problem, demands, &needed, &all)?;
    let open: Vec<usize> = (0..n).filter(|m| !needed[*m]).collect();
    let mut tried = 0;
    // Fewer than the best: every choice of so many of the open ones, the smallest first.
    for size in 0..open.len() {
        if certain + size >= changes(&best.1) {
            break;
        }
        let mut choice: Vec<usize> = (0..size).collect();
        loop {
            tried += 1;
            if tried > CHOICES {
                return Ok(Some(best));
            }
            let mut kept: Vec<bool> = needed.iter().map(|needed| !needed).collect();
            for at in &choice {
                kept[open[*at]] = false;
            }
            if let Some(relaxed) = relax_within(problem, demands, &kept)? {
                best = (relaxed, kept);
                return Ok(Some(best));
            }
            if !next(&mut choice, open.len()) {
                break;
            }
        }
    }
    Ok(Some(best))
}

/// How many may change.
fn changes(kept: &[bool]) -> usize {
    kept.iter().filter(|kept| !**kept).count()
}

/// Keeps what changes least first, as long as the rest can do.
fn keep_one_by_one(
    problem: &Problem,
    demands: &[Demand],
    needed: &[bool],
    all: &Relaxed,
) -> Result<(Relaxed, Vec<bool>), SolveError> {
    let mut order: Vec<usize> = (0..needed.len()).filter(|m| !needed[*m]).collect();
    order.sort_by(|a, b| all.change[*a].abs().total_cmp(&all.change[*b].abs()));
    // What does not change anyhow may be kept at once.
    let mut kept: Vec<bool> = needed
        .iter()
        .zip(&all.change)
        .map(|(needed, change)| !needed && change.abs() <= NOISE)
        .collect();
    let mut best = all.clone();
    if let Some(relaxed) = relax_within(problem, demands, &kept)? {
        best = relaxed;
    } else {
        kept.fill(false);
    }
    for m in order {
        if kept[m] {
            continue;
        }
        kept[m] = true;
        match relax_within(problem, demands, &kept)? {
            Some(relaxed) => best = relaxed,
            None => kept[m] = false,
        }
    }
    Ok((best, kept))
}

/// The next choice of as many out of `n`, in order; `false` after the last.
fn next(choice: &mut [usize], n: usize) -> bool {
    let size = choice.len();
    for at in (0..size).rev() {
        if choice[at] < n - size + at {
            choice[at] += 1;
            for later in at + 1..size {
                choice[later] = choice[later - 1] + 1;
            }
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::next;

    #[test]
    fn every_choice_comes_once() {
        let mut choice = vec![0, 1];
        let mut all = vec![choice.clone()];
        while next(&mut choice, 4) {
            all.push(choice.clone());
        }
        assert_eq!(all, [[0, 1], [0, 2], [0, 3], [1, 2], [1, 3], [2, 3]]);
        assert!(!next(&mut [], 3));
    }
}
