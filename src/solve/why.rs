//! Why a price is what it is.

use crate::{diag::Label, fit::real, gas::GasParam, prove::BlockId};

use super::{
    Prices, Row,
    problem::Problem,
    relax::{Demand, Relaxed},
};

/// The reason of a changed price.
#[derive(Clone, Debug, PartialEq)]
pub struct Why {
    /// What holds the price where it is.
    pub because: Because,
    /// How much smaller the objective (the sum of relative changes, or the largest) would be if the binding block were
    /// proven with one percent less work; 0 when a relation or bound binds.
    pub dual: f64,
    /// How much lower this price would be, all others being as they are, if the binding block were proven with one percent
    /// less work: gas per unit, or hundredths of a factor. 0 when a relation or bound binds.
    pub saved: f64,
    /// What would hold the price next, if the first block did not.
    pub runner_up: Option<RunnerUp>,
    /// The price that all blocks but the binding one ask for, those of its scenario's other gas levels among them, all other
    /// prices being as they are: gas per unit, or hundredths of a factor. `None` where no block binds.
    pub others_ask: Option<f64>,
    /// Where this price would lie, all others being as they are, for the binding block's cost at the ends of its interval: gas
    /// per unit, or hundredths of a factor. `None` where that interval is not known.
    pub interval: Option<(f64, f64)>,
    /// The largest part of any block's gas that this price makes up. Where it is small, no block is about this price: others
    /// could have risen in its place, and the program chose.
    pub own_share: f64,
}

/// The block that would hold a price next.
#[derive(Clone, Debug, PartialEq)]
pub struct RunnerUp {
    /// Which block.
    pub id: BlockId,
    /// The price it asks for, all others being as they are: gas per unit, or hundredths of a factor.
    pub asks: f64,
}

/// What holds a price where it is.
#[derive(Clone, Debug, PartialEq)]
pub enum Because {
    /// A block that just meets its target.
    Block {
        /// Its index among the problem's rows.
        row: usize,
        /// Which block.
        id: BlockId,
    },
    /// A relation to other prices.
    Relation(Label),
    /// Its own bound: the price at the start is not allowed.
    Bound,
}

/// A part of a percent: what `dual` and `saved` are per.
const PERCENT: f64 = 0.01;

/// The reason of the price of `param`, an index.
pub(super) fn why(
    problem: &Problem,
    demands: &[Demand],
    relaxed: &Relaxed,
    ticks: &[u64],
    param: usize,
) -> Why {
    let movable = &problem.params[param];
    let rises = ticks[param] > movable.start.ticks();
    // Constraints that push this price the way it went, by how hard they push.
    let pushing = demands.iter().filter_map(|demand| {
        let (_, weight) = *demand.terms.iter().find(|(m, _)| *m == movable.mover)?;
        let helps = demand.equal || (weight > 0.0) == rises;
        helps.then_some((demand, weight))
    });
    let by_dual = |(demand, weight): &(&Demand, f64)| (relaxed.duals[demand.index] * weight).abs();
    let slack = |demand: &Demand| problem.constraints[demand.index].slack(ticks);
    let pushing: Vec<_> = pushing.collect();
    let hardest = pushing
        .iter()
        .max_by(|a, b| by_dual(a).total_cmp(&by_dual(b)));
    // Without a multiplier the change came with rounding: the tightest constraint is what it serves.
    let tightest = pushing
        .iter()
        .min_by(|a, b| slack(a.0).total_cmp(&slack(b.0)));
    let own_bound = !(movable.low..=movable.high).contains(&movable.start.ticks());
    let chosen = match hardest {
        Some(hardest) if by_dual(hardest) > 1e-9 => Some(hardest),
        _ if own_bound => None,
        _ => tightest,
    };
    let own_share = own_share(problem, demands, ticks, param);
    let without_block = |because| Why {
        because,
        dual: 0.0,
        saved: 0.0,
        runner_up: None,
        others_ask: None,
        interval: None,
        own_share,
    };
    let Some(&(demand, weight)) = chosen else {
        return without_block(Because::Bound);
    };
    let Some(row) = problem.rows.get(demand.index) else {
        let label = problem.relations[demand.index - problem.rows.len()]
            .label
            .clone();
        return without_block(Because::Relation(label));
    };
    let unit = problem.unit(movable);
    Why {
        because: Because::Block {
            row: demand.index,
            id: row.id.clone(),
        },
        dual: PERCENT * relaxed.duals[demand.index].abs(),
        saved: PERCENT * unit / weight.abs(),
        interval: interval(row, real(ticks[param]), unit / weight.abs()),
        runner_up: runner_up(problem, demands, ticks, param, demand.index),
        others_ask: Some(others_ask(problem, demands, ticks, param, demand.index)),
        own_share,
    }
}

/// The interval of a price of so many `ticks` that a `row` binds, where the whole of the row's cost is worth `whole` of them.
fn interval(row: &Row, ticks: f64, whole: f64) -> Option<(f64, f64)> {
    let (low, high) = row.cost_interval?;
    let at = |cost_s: f64| (ticks + (cost_s / row.cost_s - 1.0) * whole).max(0.0);
    // A cost that is not the middle of its interval may lie beyond an end.
    (row.cost_s > 0.0).then(|| (at(low.min(row.cost_s)), at(high.max(row.cost_s))))
}

/// A price's own gas in a row, and the row's gas beyond its need.
fn part(problem: &Problem, demand: &Demand, ticks: &[u64], param: usize) -> Option<(f64, f64)> {
    let constraint = &problem.constraints[demand.index];
    let (_, per_tick) = *constraint.terms.iter().find(|(i, _)| *i == param)?;
    (per_tick > 0.0 && demand.index < problem.rows.len())
        .then(|| (per_tick, constraint.value(ticks)))
}

fn own_share(problem: &Problem, demands: &[Demand], ticks: &[u64], param: usize) -> f64 {
    let share = |demand: &Demand| {
        let (per_tick, surplus) = part(problem, demand, ticks, param)?;
        let gas = surplus + problem.rows[demand.index].need();
        Some(per_tick * real(ticks[param]) / gas)
    };
    demands.iter().filter_map(share).fold(0.0, f64::max)
}

/// The price that a row asks for, all others being as they are.
fn asks(problem: &Problem, demand: &Demand, ticks: &[u64], param: usize) -> Option<f64> {
    let (per_tick, surplus) = part(problem, demand, ticks, param)?;
    Some(real(ticks[param]) - surplus / per_tick)
}

/// What all rows but the `first` ask for.
fn others_ask(
    problem: &Problem,
    demands: &[Demand],
    ticks: &[u64],
    param: usize,
    first: usize,
) -> f64 {
    let others = demands.iter().filter(|demand| demand.index != first);
    let asked = others.filter_map(|demand| asks(problem, demand, ticks, param));
    asked.fold(0.0, f64::max)
}

/// The block of another scenario that asks most of a price.
fn runner_up(
    problem: &Problem,
    demands: &[Demand],
    ticks: &[u64],
    param: usize,
    first: usize,
) -> Option<RunnerUp> {
    // A scenario's other gas levels are the same block to whoever asks.
    let scenario = |row: usize| {
        problem.rows[row]
            .id
            .scenario
            .split('@')
            .next()
            .unwrap_or_default()
    };
    let others = demands
        .iter()
        .filter(|demand| demand.index < problem.rows.len())
        .filter(|demand| scenario(demand.index) != scenario(first));
    let asks = |demand: &Demand| Some((demand.index, asks(problem, demand, ticks, param)?));
    let most = others.filter_map(asks);
    let (row, asks) = most.max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)))?;
    let row = &problem.rows[row];
    Some(RunnerUp {
        id: row.id.clone(),
        asks: asks.max(0.0),
    })
}

impl Problem {
    /// How many times too little a row's block is worth under `prices`, as predicted from its usage: above 1 it misses.
    pub fn ratio(&self, row: usize, prices: &Prices) -> f64 {
        let need = self.rows[row].need();
        need / (self.constraints[row].value(&self.ticks(prices)) + need)
    }

    /// The row furthest from, or closest to missing, its target among those that are about `param`; `None` when no scenario is.
    pub fn worst_row(&self, param: &GasParam, prices: &Prices) -> Option<usize> {
        let name = param.to_string();
        let about = |row: &Row| row.id.operation == param.operation || row.id.operation == name;
        let used = |row: &Row| row.units.get(param).is_some_and(|units| *units > 0.0);
        let rows = self.rows.iter().enumerate();
        rows.filter(|(_, row)| about(row) && used(row))
            .map(|(i, _)| (i, self.ratio(i, prices)))
            .max_by(|a, b| a.1.total_cmp(&b.1))
            .map(|(i, _)| i)
    }
}
