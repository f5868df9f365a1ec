//! Solving.

use std::collections::BTreeMap;

use crate::{fit::real, gas::GasParam, lang::Objective};

use super::{
    Infeasible, Prices, SolveError, Why,
    fewest::fewest,
    infeasible,
    parts::settle,
    problem::Problem,
    relax::{Demand, Relaxed, demands, relax},
    round::round,
    subsets::{Case, cases},
    variables::ZERO_SCALE,
    why::why,
};

/// What came out.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// Prices that meet every target.
    Proposal(Proposal),
    /// There are none.
    Infeasible(Infeasible),
}

/// Whole prices with which every row that counts and every relation holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposal {
    /// Every price that may move, changed or not.
    pub prices: Prices,
    /// The reason of each changed price.
    pub why: BTreeMap<GasParam, Why>,
    /// The sum of relative changes: 1.5 is one price at 2.5 times its start, or three at 1.5 times. From 0, in
    /// steps of [`ZERO_SCALE`].
    pub total_change: f64,
    /// The largest relative change.
    pub largest_change: f64,
    /// The objective before prices were made whole: without groups, a lower bound of what any whole prices reach.
    pub relaxed: f64,
    /// Operations of several parts whose blocks all have these in about the same proportion: another size may not hold.
    pub only_sums: Vec<String>,
    /// By target, the provers that hold it: all that are asked for, or the cheapest `k of n`.
    pub provers: Vec<Vec<String>>,
}

impl Proposal {
    /// The parameters whose price changes.
    pub fn changed(&self) -> impl Iterator<Item = &GasParam> {
        self.why.keys()
    }
}

/// The smallest change of prices that meets every target, or why there is none.
///
/// Real prices first, by an interior-point method; then whole ones, rounded and repaired. For `k of n` provers every set is
/// tried and the cheapest wins, the first among equals.
///
/// # Errors
/// A target without measurements, too many sets of provers, a program the method gives up on.
pub fn solve(problem: &Problem) -> Result<Answer, SolveError> {
    if let Some(none) = infeasible::contradiction(problem) {
        return Ok(Answer::Infeasible(none));
    }
    let cases = match cases(problem)? {
        Ok(cases) => cases,
        Err(none) => return Ok(Answer::Infeasible(none)),
    };
    let mut best: Option<(Case, Vec<Demand>, Relaxed)> = None;
    let mut closest: Option<(f64, Infeasible)> = None;
    for case in cases {
        let demands = demands(problem, &case.rows);
        match attempt(problem, &demands)? {
            Ok(relaxed) => {
                let cheaper = |(_, _, best): &(_, _, Relaxed)| {
                    relaxed.objective < best.objective * (1.0 - 1e-9)
                };
                if best.as_ref().is_none_or(cheaper) {
                    best = Some((case, demands, relaxed));
                }
            }
            Err(none) => {
                let missing = shortfall(&none);
                if closest.as_ref().is_none_or(|(least, _)| missing < *least) {
                    closest = Some((missing, none));
                }
            }
        }
    }
    if let Some((case, demands, relaxed)) = best {
        let kept = problem.keeping(&relaxed.kept);
        let problem = if relaxed.kept.is_empty() {
            problem
        } else {
            &kept
        };
        let relaxed = if problem.minimize == Objective::TotalChange {
            settle(problem, &demands, relaxed)
        } else {
            relaxed
        };
        return Ok(match round(problem, &demands, &relaxed) {
            Ok(ticks) => Answer::Proposal(propose(problem, case, &demands, &relaxed, &ticks)),
            Err(index) => Answer::Infeasible(not_whole(problem, index)),
        });
    }
    closest.map_or_else(
        || Err(SolveError::Numerical("no set of provers".into())),
        |(_, none)| Ok(Answer::Infeasible(none)),
    )
}

/// One set of provers: real prices, or why there are none.
fn attempt(
    problem: &Problem,
    demands: &[Demand],
) -> Result<Result<Relaxed, Infeasible>, SolveError> {
    let blocked = infeasible::blocked(problem, demands);
    let mut gave_up = SolveError::Numerical("feasible and infeasible at once".into());
    if blocked.is_empty() {
        let found = if problem.minimize == Objective::NumberOfChanges {
            fewest(problem, demands)
        } else {
            relax(problem, demands)
        };
        match found {
            Ok(Some(relaxed)) => return Ok(Ok(relaxed)),
            Ok(None) => {}
            Err(error) => gave_up = error,
        }
    }
    infeasible::explain(problem, demands, blocked)?.map_or(Err(gave_up), |none| Ok(Err(none)))
}

/// How far an infeasible set of provers is from its worst target, as a part of it.
fn shortfall(none: &Infeasible) -> f64 {
    match none {
        Infeasible::Blocks { blocks, .. } => blocks
            .iter()
            .map(|b| 1.0 - b.reached_rate / b.needed_rate)
            .fold(0.0, f64::max),
        _ => f64::INFINITY,
    }
}

fn not_whole(problem: &Problem, index: usize) -> Infeasible {
    let row = problem.rows.get(index);
    let relation = index.checked_sub(problem.rows.len());
    Infeasible::WholePrices {
        block: row.map(|row| row.id.clone()),
        relation: relation.map(|i| problem.relations[i].label.clone()),
    }
}

fn propose(
    problem: &Problem,
    case: Case,
    demands: &[Demand],
    relaxed: &Relaxed,
    ticks: &[u64],
) -> Proposal {
    let (mut total_change, mut largest_change) = (0.0, 0.0_f64);
    let mut reasons = BTreeMap::new();
    for (i, param) in problem.params.iter().enumerate() {
        let start = param.start.ticks();
        if ticks[i] != start {
            let unit = if start == 0 { ZERO_SCALE } else { start };
            let change = real(ticks[i].abs_diff(start)) / real(unit);
            total_change += change;
            largest_change = largest_change.max(change);
            reasons.insert(
                param.param.clone(),
                why(problem, demands, relaxed, ticks, i),
            );
        }
    }
    Proposal {
        prices: problem.prices(ticks),
        why: reasons,
        total_change,
        largest_change,
        relaxed: relaxed.objective,
        only_sums: relaxed.only_sums.clone(),
        provers: case.provers,
    }
}
