//! What is to be solved: which prices may move, how far, and what every block demands of them.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    diag::Label,
    gas::{CostFormula, FormulaError, GasParam, MAX_PRICE, Schedule},
    lang::{Compare, Objective, Plan, Relation, Rounding, SolveSpec, Target},
};

use super::{
    Price, Prices, Row, SolveError, apply,
    follow::{self, Follow},
    price::float,
};

/// A change of price from 0 is counted in steps of this much gas: what a warm access costs, below which no
/// call of anything goes.
pub const ZERO_SCALE: u64 = 100;

/// A price that no bound limits rises at most this many times: beyond, a block does not consist of what it is to be
/// priced by, and whoever means it can write a bound.
pub const FURTHEST_RISE: u64 = 10_000;

/// A plan's wishes and the measured rows, ready to solve.
#[derive(Clone, Debug)]
pub struct Problem {
    /// The prices before: those of the plan's own file.
    pub start: Schedule,
    /// What blocks must achieve.
    pub targets: Vec<Target>,
    /// The blocks.
    pub rows: Vec<Row>,
    /// What is made small.
    pub minimize: Objective,
    /// How prices become round.
    pub round: Rounding,
    /// Relations between prices.
    pub relations: Vec<Relation>,
    pub(super) params: Vec<Movable>,
    pub(super) movers: Vec<Mover>,
    /// Rows first, in order, then relations.
    pub(super) constraints: Vec<Constraint>,
    /// Prices that stay although what they refer to may move.
    pub(super) pinned: Prices,
}

/// A parameter that may move.
#[derive(Clone, Debug)]
pub(super) struct Movable {
    pub param: GasParam,
    pub start: Price,
    /// Bounds, in ticks.
    pub low: u64,
    pub high: u64,
    /// The clause that `high` comes from; `None`: [`FURTHEST_RISE`].
    pub limit: Option<Label>,
    /// Its index in the movers.
    pub mover: usize,
}

/// Parameters that move by one factor; mostly one.
#[derive(Clone, Debug)]
pub(super) struct Mover {
    /// Indices of its parameters; the leader, whose price is the largest, first.
    pub members: Vec<usize>,
    /// The leader's ticks that count as a change of 1.
    pub scale: f64,
    /// Bounds of the relative change.
    pub low: f64,
    pub high: f64,
    /// What a change of 1 counts.
    pub weight: f64,
}

/// `terms . ticks + constant >= 0`, or `== 0`.
#[derive(Clone, Debug)]
pub(super) struct Constraint {
    /// By index of the parameter; gas per tick.
    pub terms: Vec<(usize, f64)>,
    pub constant: f64,
    pub equal: bool,
    /// The size of its numbers, gas: what a shortfall is relative to.
    pub size: f64,
}

impl Constraint {
    /// Gas more than what is demanded.
    pub fn value(&self, ticks: &[u64]) -> f64 {
        let sum: f64 = self.terms.iter().map(|(i, a)| a * float(ticks[*i])).sum();
        sum + self.constant
    }

    /// Below 0 by how much it is violated, relative to its size.
    pub fn slack(&self, ticks: &[u64]) -> f64 {
        let slack = self.value(ticks) / self.size;
        if self.equal { -slack.abs() } else { slack }
    }
}

/// Builds the problem.
///
/// Prices start from the plan's own schedule, which for a file that states no prices is what it extends. A varied
/// price does not fall below its start unless a bound says that it may, and rises at most [`FURTHEST_RISE`] times unless
/// a bound says otherwise.
/// Members of `together` whose price is 0 stay at 0. Bounds of prices that do not vary are not looked at.
///
/// # Errors
/// A formula without a value, a row that is not a number, a wish this solver cannot fulfil.
pub fn problem(plan: &Plan, rows: Vec<Row>) -> Result<Problem, SolveError> {
    let spec = plan.solve.clone().unwrap_or_else(nothing_varies);
    if let Some(row) = rows.iter().find(|row| !sound(row, plan.targets.len())) {
        return Err(SolveError::BadRow {
            scenario: row.scenario.clone(),
            prover: row.prover.clone(),
        });
    }
    let start = plan.schedule.clone();
    let kept: BTreeSet<&GasParam> = spec.keep.iter().flat_map(|s| &s.params).collect();
    let (params, movers) = movables(&start, &spec, &kept)?;
    let mut pinned = Prices::new();
    for param in kept {
        if let Price::Gas(gas) = start_price(&start, param)? {
            pinned.insert(param.clone(), Price::Gas(gas));
        }
    }
    let follow = follow::slopes(&start, &params, &pinned)?;
    let mut problem = Problem {
        start,
        targets: plan.targets.clone(),
        rows,
        minimize: spec.minimize,
        round: spec.round,
        relations: spec.relations,
        params,
        movers,
        constraints: Vec::new(),
        pinned,
    };
    problem.constraints = problem.demands(&follow)?;
    Ok(problem)
}

/// A plan without `solve` is a price list: it can be judged, not changed.
fn nothing_varies() -> SolveSpec {
    SolveSpec {
        vary: Vec::new(),
        keep: Vec::new(),
        bounds: Vec::new(),
        relations: Vec::new(),
        minimize: Objective::default(),
        round: Rounding::default(),
    }
}

fn sound(row: &Row, targets: usize) -> bool {
    row.target < targets
        && row.cost_s.is_finite()
        && row.cost_s >= 0.0
        && row.needed_rate > 0.0
        && row.rest.is_finite()
        && row.units.values().all(|u| u.is_finite())
}

impl Problem {
    /// The prices that may move, as they are at the start.
    pub fn start_prices(&self) -> Prices {
        self.prices(&self.start_ticks())
    }

    /// The starting schedule under `prices`, kept prices held.
    ///
    /// # Errors
    /// A formula without a value.
    pub fn schedule(&self, prices: &Prices) -> Result<Schedule, FormulaError> {
        let mut all = self.pinned.clone();
        all.extend(prices.iter().map(|(param, price)| (param.clone(), *price)));
        apply(&self.start, &all)
    }

    /// The same problem with some movers kept where they are.
    pub(super) fn keeping(&self, kept: &[bool]) -> Self {
        let mut problem = self.clone();
        let movers = problem.movers.iter_mut().zip(kept);
        for (mover, _) in movers.filter(|(_, kept)| **kept) {
            (mover.low, mover.high) = (0.0, 0.0);
            for &i in &mover.members {
                let param = &mut problem.params[i];
                (param.low, param.high) = (param.start.ticks(), param.start.ticks());
            }
        }
        problem
    }

    pub(super) fn start_ticks(&self) -> Vec<u64> {
        self.params.iter().map(|p| p.start.ticks()).collect()
    }

    /// Ticks by index; a parameter that `prices` does not name stays at its start.
    pub(super) fn ticks(&self, prices: &Prices) -> Vec<u64> {
        let of = |p: &Movable| prices.get(&p.param).unwrap_or(&p.start).ticks();
        self.params.iter().map(of).collect()
    }

    pub(super) fn prices(&self, ticks: &[u64]) -> Prices {
        let priced = self.params.iter().zip(ticks);
        priced
            .map(|(p, ticks)| (p.param.clone(), p.start.with_ticks(*ticks)))
            .collect()
    }

    /// The constraint of each row and relation.
    fn demands(&self, follow: &Follow) -> Result<Vec<Constraint>, SolveError> {
        let index: BTreeMap<&GasParam, usize> = self
            .params
            .iter()
            .enumerate()
            .map(|(i, p)| (&p.param, i))
            .collect();
        let mut all = Vec::new();
        for row in &self.rows {
            let units = row.units.iter().map(|(p, u)| (p, *u));
            let (terms, gas) = self.expand(units, &index, follow)?;
            let need = row.need();
            all.push(Constraint {
                terms,
                constant: gas + row.rest - need,
                equal: false,
                size: if need.is_finite() { need.max(1.0) } else { 1.0 },
            });
        }
        for relation in &self.relations {
            let sign = if relation.compare == Compare::Le {
                -1.0
            } else {
                1.0
            };
            let units = relation.terms.iter().map(|(p, u)| (p, sign * u));
            let (terms, gas) = self.expand(units, &index, follow)?;
            let constant = gas + sign * relation.constant;
            let size = terms
                .iter()
                .map(|(i, a)| (a * float(self.params[*i].start.ticks())).abs())
                .fold(constant.abs().max(1.0), f64::max);
            all.push(Constraint {
                terms,
                constant,
                equal: relation.compare == Compare::Eq,
                size,
            });
        }
        Ok(all)
    }

    /// A sum over parameters as a sum over those that may move, with the others' prices and what they follow put in.
    fn expand<'a>(
        &self,
        units: impl Iterator<Item = (&'a GasParam, f64)>,
        index: &BTreeMap<&GasParam, usize>,
        follow: &Follow,
    ) -> Result<(Vec<(usize, f64)>, f64), SolveError> {
        let mut terms: BTreeMap<usize, f64> = BTreeMap::new();
        let mut constant = 0.0;
        for (param, units) in units {
            if let Some(&i) = index.get(param) {
                *terms.entry(i).or_default() +=
                    units / float(self.params[i].start.ticks_per_unit());
                continue;
            }
            constant += units * float(self.start.price(param)?);
            for (i, slope) in follow.get(param).into_iter().flatten() {
                *terms.entry(*i).or_default() += units * slope;
                constant -= units * slope * float(self.params[*i].start.ticks());
            }
        }
        Ok((
            terms.into_iter().filter(|(_, a)| *a != 0.0).collect(),
            constant,
        ))
    }
}

/// The price of a parameter as it stands.
fn start_price(schedule: &Schedule, param: &GasParam) -> Result<Price, FormulaError> {
    Ok(match schedule.formula(&param.operation)? {
        CostFormula::Other(_) => Price::UNCHANGED,
        CostFormula::Linear { .. } => Price::Gas(schedule.price(param)?),
    })
}

fn movables(
    start: &Schedule,
    spec: &SolveSpec,
    kept: &BTreeSet<&GasParam>,
) -> Result<(Vec<Movable>, Vec<Mover>), SolveError> {
    let mut params: Vec<Movable> = Vec::new();
    let mut index: BTreeMap<GasParam, usize> = BTreeMap::new();
    // Equal numbers move together.
    let mut group: Vec<usize> = Vec::new();
    // Groups first: a price chosen alone and in a group moves with the group.
    for together in [true, false] {
        for selection in spec.vary.iter().filter(|s| s.together == together) {
            let mut group_of_selection: Option<usize> = None;
            for param in &selection.params {
                let price = start_price(start, param)?;
                if kept.contains(param) || (together && price.ticks() == 0) {
                    continue;
                }
                let i = *index.entry(param.clone()).or_insert_with(|| {
                    params.push(movable(spec, param, price));
                    group.push(params.len() - 1);
                    params.len() - 1
                });
                if together {
                    // Two groups that share a member are one.
                    let (from, to) = (group[i], *group_of_selection.get_or_insert(group[i]));
                    group
                        .iter_mut()
                        .filter(|g| **g == from)
                        .for_each(|g| *g = to);
                }
            }
        }
    }
    let mut movers: Vec<Mover> = Vec::new();
    let names: BTreeSet<usize> = group.iter().copied().collect();
    for name in names {
        let members: Vec<usize> = (0..params.len()).filter(|i| group[*i] == name).collect();
        for &i in &members {
            params[i].mover = movers.len();
        }
        movers.push(mover(&params, members));
    }
    Ok((params, movers))
}

fn mover(params: &[Movable], mut members: Vec<usize>) -> Mover {
    // The largest price first: its whole numbers are the finest common factors. The sort is stable.
    members.sort_by_key(|i| std::cmp::Reverse(params[*i].start.ticks()));
    let scale = match params[members[0]].start.ticks() {
        0 => float(ZERO_SCALE),
        ticks => float(ticks),
    };
    let (mut low, mut high) = (f64::NEG_INFINITY, f64::INFINITY);
    for &i in &members {
        let p = &params[i];
        let start = float(p.start.ticks());
        let unit = if p.start.ticks() == 0 { scale } else { start };
        low = low.max((float(p.low) - start) / unit);
        high = high.min((float(p.high) - start) / unit);
    }
    Mover {
        members,
        scale,
        low,
        high,
        weight: 1.0,
    }
}

/// A parameter within the highest of the lower and the lowest of the upper bounds.
fn movable(spec: &SolveSpec, param: &GasParam, start: Price) -> Movable {
    let unit = float(start.ticks_per_unit());
    let ticks = start.ticks();
    let (mut low, mut high): (Option<f64>, Option<f64>) = (None, None);
    let mut limit = None;
    for bound in spec.bounds.iter().filter(|b| b.param == *param) {
        if let Some(least) = bound.low {
            low = Some(low.map_or(least * unit, |l| l.max(least * unit)));
        }
        if let Some(most) = bound.high.map(|most| most * unit)
            && high.is_none_or(|h| most < h)
        {
            high = Some(most);
            limit = Some(bound.label.clone());
        }
    }
    let furthest = FURTHEST_RISE * if ticks == 0 { ZERO_SCALE } else { ticks };
    let high = high.unwrap_or(float(furthest)).min(float(MAX_PRICE));
    let low = low.unwrap_or(float(ticks).min(high));
    Movable {
        param: param.clone(),
        start,
        low: whole(low.ceil()),
        high: whole(high.floor()),
        limit,
        mover: 0,
    }
}

/// A price within the representable, from a number that is already whole.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to the range of prices"
)]
pub(super) fn whole(value: f64) -> u64 {
    value.clamp(0.0, float(MAX_PRICE)) as u64
}
