//! The program over real prices: the smallest change with which every demand holds.

use crate::lang::Objective;

use crate::fit::real;

use super::{
    SolveError,
    problem::Problem,
    program::{Line, Optimum, Outcome, Program},
};

/// What an interior point leaves of a change that is none, relative.
pub(super) const NOISE: f64 = 1e-6;

/// How far from the smallest change the pull to a unique answer may lead, relative.
const PULL: f64 = 5e-7;

/// A constraint over the movers' relative changes: `terms . change >= least`, in parts of its size.
#[derive(Clone, Debug)]
pub(super) struct Demand {
    /// Its index among the problem's constraints.
    pub index: usize,
    pub terms: Vec<(usize, f64)>,
    pub least: f64,
    pub equal: bool,
}

impl Demand {
    /// The most that `terms . change` can be within the movers' bounds.
    pub fn reach(&self, problem: &Problem) -> f64 {
        self.extreme(problem, |a| a > 0.0)
    }

    /// The least that it must be.
    pub fn floor(&self, problem: &Problem) -> f64 {
        self.extreme(problem, |a| a < 0.0)
    }

    /// What `terms . change` is.
    fn reached(&self, change: &[f64]) -> f64 {
        self.terms.iter().map(|(m, a)| a * change[*m]).sum()
    }

    fn extreme(&self, problem: &Problem, takes_high: impl Fn(f64) -> bool) -> f64 {
        let of = |&(m, a): &(usize, f64)| {
            let mover = &problem.movers[m];
            a * if takes_high(a) { mover.high } else { mover.low }
        };
        self.terms.iter().map(of).sum()
    }
}

/// The demands of the chosen rows and of every relation.
pub(super) fn demands(problem: &Problem, rows: &[usize]) -> Vec<Demand> {
    let relations = problem.rows.len()..problem.constraints.len();
    let demand = |index: usize| {
        let constraint = &problem.constraints[index];
        let mut least = -constraint.constant;
        let mut by_mover: Vec<f64> = vec![0.0; problem.movers.len()];
        for &(i, a) in &constraint.terms {
            let param = &problem.params[i];
            least -= a * real(param.start.ticks());
            by_mover[param.mover] += a * problem.unit(param);
        }
        let terms = by_mover.iter().enumerate();
        Demand {
            index,
            terms: terms
                .map(|(m, a)| (m, a / constraint.size))
                .filter(|(_, a)| a.abs() > 1e-13)
                .collect(),
            least: least / constraint.size,
            equal: constraint.equal,
        }
    };
    rows.iter().copied().chain(relations).map(demand).collect()
}

/// Real prices with which every demand holds.
#[derive(Clone, Debug)]
pub(super) struct Relaxed {
    /// Relative change per mover.
    pub change: Vec<f64>,
    /// What the objective was, before the pull: the total or the largest change.
    pub objective: f64,
    /// Dual values by index of the constraint: how much the objective grows per unit of relative demand.
    pub duals: Vec<f64>,
    /// By mover, whether it is kept for the sake of fewer changes; empty where nobody counts them.
    pub kept: Vec<bool>,
    /// By mover, whether it is where its operation's blocks put it; empty where none is.
    pub settled: Vec<bool>,
    /// Operations of whose parts only the sum is known.
    pub only_sums: Vec<String>,
}

/// A program whose first columns are the movers' changes, upwards and downwards.
pub(super) struct Layout {
    pub program: Program,
    /// By mover, the change that both are counted from.
    centers: Vec<f64>,
    /// None where the mover cannot move.
    up: Vec<Option<usize>>,
    down: Vec<Option<usize>>,
}

impl Layout {
    /// The movers, their bounds, and nothing demanded yet. `cost` is of one member's relative change.
    pub fn new(problem: &Problem, cost: f64) -> Self {
        Self::within(problem, cost, &[])
    }

    /// The same, with some movers kept where they are.
    fn within(problem: &Problem, cost: f64, kept: &[bool]) -> Self {
        let mut program = Program::default();
        let (mut centers, mut up, mut down) = (Vec::new(), Vec::new(), Vec::new());
        for (m, mover) in problem.movers.iter().enumerate() {
            let kept = kept.get(m).copied().unwrap_or(false);
            let (low, high) = if kept {
                (0.0, 0.0)
            } else {
                (mover.low, mover.high)
            };
            centers.push(mover.center);
            let (low, high) = (low - mover.center, high - mover.center);
            if low == 0.0 && high == 0.0 {
                up.push(None);
                down.push(None);
                continue;
            }
            let cost = cost * mover.weight * real(mover.members.len() as u64);
            let u = program.column(cost);
            let d = (low < 0.0).then(|| program.column(cost));
            let terms: Vec<_> = [(u, 1.0)].into_iter().chain(d.map(|d| (d, -1.0))).collect();
            if low != 0.0 {
                program.at_least(terms.clone(), low);
            }
            let terms = terms.into_iter().map(|(c, a)| (c, -a)).collect();
            program.at_least(terms, -high);
            up.push(Some(u));
            down.push(d);
        }
        Self {
            program,
            centers,
            up,
            down,
        }
    }

    /// A demand's terms by column.
    pub fn terms(&self, demand: &Demand) -> Vec<(usize, f64)> {
        let mut terms = Vec::new();
        for &(m, a) in &demand.terms {
            terms.extend(self.up[m].map(|u| (u, a)));
            terms.extend(self.down[m].map(|d| (d, -a)));
        }
        terms
    }

    /// Adds a demand and answers its line.
    pub fn demand(&mut self, demand: &Demand) -> usize {
        self.program.lines.push(Line {
            terms: self.terms(demand),
            least: demand.least - demand.reached(&self.centers),
            equal: demand.equal,
        });
        self.program.lines.len() - 1
    }

    fn change(&self, x: &[f64]) -> Vec<f64> {
        let at = |column: &Option<usize>| column.map_or(0.0, |column| x[column]);
        let pairs = self.up.iter().zip(&self.down);
        let moved = pairs.map(|(u, d)| at(u) - at(d));
        moved
            .zip(&self.centers)
            .map(|(moved, center)| center + moved)
            .collect()
    }
}

/// Up to so many demands, all go into the program at once.
const AT_ONCE: usize = 400;
/// Otherwise those of a mover that ask most of it come first ...
const FIRST: usize = 3;
/// ... and of those that the answer misses, so many of the furthest are added each time.
const ADDED: usize = 200;
/// A demand is missed by more than this, in parts of its size.
const MISSED: f64 = 1e-9;

/// The smallest change that meets `demands`; `None` when none does.
///
/// # Errors
/// The solver gave up.
pub(super) fn relax(problem: &Problem, demands: &[Demand]) -> Result<Option<Relaxed>, SolveError> {
    relax_within(problem, demands, &[])
}

/// The same, with some movers kept where they are.
///
/// Of many demands only few bind. The program starts with those that look as if, and takes in what its answer misses until it
/// misses nothing: then no demand left out would change the answer.
///
/// # Errors
/// The solver gave up.
pub(super) fn relax_within(
    problem: &Problem,
    demands: &[Demand],
    kept: &[bool],
) -> Result<Option<Relaxed>, SolveError> {
    // A row that holds wherever the prices end up demands nothing.
    let open: Vec<&Demand> = demands
        .iter()
        .filter(|d| d.equal || d.floor(problem) < d.least)
        .collect();
    if open.len() <= AT_ONCE {
        return relax_all(problem, &open, kept, true);
    }
    let mut active = first(problem, &open);
    // The pull to a unique answer waits until nothing is missed.
    let mut last = false;
    loop {
        let chosen: Vec<&Demand> = open
            .iter()
            .zip(&active)
            .filter(|(_, active)| **active)
            .map(|(demand, _)| *demand)
            .collect();
        let Some(relaxed) = relax_all(problem, &chosen, kept, last)? else {
            return Ok(None);
        };
        let mut missed: Vec<(f64, usize)> = open
            .iter()
            .enumerate()
            .filter(|(at, _)| !active[*at])
            .map(|(at, demand)| (demand.least - demand.reached(&relaxed.change), at))
            .filter(|(short, _)| *short > MISSED)
            .collect();
        if missed.is_empty() && last {
            return Ok(Some(relaxed));
        }
        last = missed.is_empty();
        missed.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        for (_, at) in missed.into_iter().take(ADDED) {
            active[at] = true;
        }
    }
}

/// Relations, and the demands that each mover would have to change most for if it were alone.
fn first(problem: &Problem, open: &[&Demand]) -> Vec<bool> {
    let mut active: Vec<bool> = open
        .iter()
        .map(|demand| demand.index >= problem.rows.len())
        .collect();
    let mut by_mover: Vec<Vec<(f64, usize)>> = vec![Vec::new(); problem.movers.len()];
    for (at, demand) in open.iter().enumerate() {
        // Who gives most to a demand will mostly have to meet it.
        let most = demand.terms.iter().max_by(|a, b| a.1.total_cmp(&b.1));
        if let Some((m, weight)) = most.filter(|(_, weight)| *weight > 0.0) {
            by_mover[*m].push((demand.least / weight, at));
        }
    }
    for mut asked in by_mover {
        asked.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        for (_, at) in asked.into_iter().take(FIRST) {
            active[at] = true;
        }
    }
    active
}

/// All of `open` at once; `unique`: pulled to one of the answers that are equally good.
fn relax_all(
    problem: &Problem,
    open: &[&Demand],
    kept: &[bool],
    unique: bool,
) -> Result<Option<Relaxed>, SolveError> {
    let mut layout = Layout::within(problem, 1.0, kept);
    let lines: Vec<usize> = open.iter().map(|d| layout.demand(d)).collect();
    let mut objective = None;
    let mut evened_out = None;
    if problem.minimize == Objective::LargestChange {
        let total = layout.program.linear.clone();
        layout.program.linear.iter_mut().for_each(|c| *c = 0.0);
        let largest = layout.program.column(1.0);
        for (u, d) in layout.up.clone().into_iter().zip(layout.down.clone()) {
            let mut terms = vec![(largest, 1.0)];
            terms.extend(u.map(|u| (u, -1.0)));
            terms.extend(d.map(|d| (d, -1.0)));
            layout.program.at_least(terms, 0.0);
        }
        let Some(best) = optimum(layout.program.minimize())? else {
            return Ok(None);
        };
        // Among all answers with this largest change, the one with the smallest total.
        objective = Some(best.value);
        evened_out = Some(best.clone());
        layout.program.linear = total;
        layout.program.linear.push(0.0);
        let room = best.value * (1.0 + 1e-7) + 1e-9;
        layout.program.at_least(vec![(largest, -1.0)], -room);
    }
    // The second of two programs has an answer: that of the first.
    let best = match (optimum(layout.program.minimize()), &evened_out) {
        (Ok(Some(best)), _) => best,
        (_, Some(first)) => first.clone(),
        (Ok(None), None) => return Ok(None),
        (Err(error), None) => return Err(error),
    };
    let pulled = if unique {
        pull(&mut layout, &best)
    } else {
        best.clone()
    };
    let mut duals = vec![0.0; problem.constraints.len()];
    let of_lines = &evened_out.as_ref().unwrap_or(&pulled).duals;
    for (demand, line) in open.iter().zip(lines) {
        duals[demand.index] = of_lines[line];
    }
    Ok(Some(Relaxed {
        change: layout.change(&pulled.x),
        objective: objective.unwrap_or(best.value),
        duals,
        kept: Vec::new(),
        settled: Vec::new(),
        only_sums: Vec::new(),
    }))
}

/// Among equally small changes, the most even one: a quadratic term so small that it cannot buy a larger total.
fn pull(layout: &mut Layout, best: &Optimum) -> Optimum {
    let squares: f64 = best.x.iter().map(|x| x * x).sum();
    if squares < 1e-12 || best.value <= 0.0 {
        return best.clone();
    }
    // At the pulled answer the total exceeds the best by at most `weight / 2 * squares`.
    let weight = 2.0 * PULL * best.value / squares;
    layout
        .program
        .quadratic
        .iter_mut()
        .for_each(|q| *q = weight);
    match layout.program.minimize() {
        Outcome::Optimum(pulled) if pulled.value <= best.value * (1.0 + 2.0 * PULL) => pulled,
        _ => best.clone(),
    }
}

pub(super) fn optimum(outcome: Outcome) -> Result<Option<Optimum>, SolveError> {
    match outcome {
        Outcome::Optimum(optimum) => Ok(Some(optimum)),
        Outcome::Infeasible => Ok(None),
        Outcome::Failed(status) => Err(SolveError::Numerical(status)),
    }
}
