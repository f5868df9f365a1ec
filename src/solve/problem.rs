//! What is to be solved: which prices may move, how far, and what every block demands of them.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    fit::{real, real_signed},
    gas::{FormulaError, GasParam, Schedule},
    lang::{Compare, Mix, Objective, Plan, Relation, Rounding, SolveSpec, Target},
};

use super::{
    Price, Prices, Row, SolveError, apply,
    dependents::{self, Follow},
    everyday_mix,
    variables::{Movable, Mover, movables},
};

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
        let sum: f64 = self.terms.iter().map(|(i, a)| a * real(ticks[*i])).sum();
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
/// price does not fall below its start unless a bound says that it may, and rises at most [`FURTHEST_RISE`](super::FURTHEST_RISE) times unless
/// a bound says otherwise.
/// Members of `together` whose price is 0 stay at 0. Bounds of prices that do not vary are not looked at.
///
/// # Errors
/// A formula without a value, a row that is not a number, a wish this solver cannot fulfil.
pub fn problem(plan: &Plan, rows: Vec<Row>) -> Result<Problem, SolveError> {
    let spec = plan.solve.clone().unwrap_or_else(nothing_varies);
    if let Some(row) = rows.iter().find(|row| !sound(row, plan.targets.len())) {
        return Err(SolveError::BadRow(row.id.clone()));
    }
    let start = plan.schedule.clone();
    let kept: BTreeSet<&GasParam> = spec.keep.iter().flat_map(|s| &s.params).collect();
    let (params, movers) = movables(&start, &spec, &kept)?;
    let mut pinned = Prices::new();
    for param in kept {
        if let Price::Gas(gas) = Price::of(&start, param)? {
            pinned.insert(param.clone(), Price::Gas(gas));
        }
    }
    let follow = dependents::slopes(&start, &params, &pinned)?;
    let mut relations = spec.relations;
    if let Some(mix) = spec.mix.as_ref().filter(|mix| mix.neutral) {
        relations.push(everyday_mix::neutral(mix, &start)?);
    }
    let mut problem = Problem {
        start,
        targets: plan.targets.clone(),
        rows,
        minimize: spec.minimize,
        round: spec.round,
        relations,
        params,
        movers,
        constraints: Vec::new(),
        pinned,
    };
    if let Some(mix) = &spec.mix {
        problem.weigh(mix, &follow)?;
    }
    problem.constraints = problem.demands(&follow)?;
    Ok(problem)
}

/// A plan without `solve` is a price list: it can be judged, not changed.
fn nothing_varies() -> SolveSpec {
    SolveSpec {
        include: Vec::new(),
        vary: Vec::new(),
        keep: Vec::new(),
        bounds: Vec::new(),
        relations: Vec::new(),
        minimize: Objective::default(),
        round: Rounding::default(),
        mix: None,
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

    /// The ticks by which a change of 1 moves a parameter: its own start; where that is 0, its mover's scale.
    pub(super) fn unit(&self, param: &Movable) -> f64 {
        match param.start.ticks() {
            0 => self.movers[param.mover].scale,
            start => real(start),
        }
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

    /// Counts a change by what it makes of the gas of a mix.
    fn weigh(&mut self, mix: &Mix, follow: &Follow) -> Result<(), SolveError> {
        let index = self.index();
        let units = mix.units.iter();
        let units = units.map(|(param, units)| (param, real_signed(*units)));
        let (terms, constant) = self.expand(units, &index, follow)?;
        let start = self.start_ticks();
        let of = |(i, gas): &(usize, f64)| gas * real(start[*i]);
        let all = real_signed(mix.rest) + constant + terms.iter().map(of).sum::<f64>();
        let mut shares = vec![0.0; self.movers.len()];
        for term in &terms {
            shares[self.params[term.0].mover] += of(term) / all.max(1.0);
        }
        for (mover, share) in self.movers.iter_mut().zip(shares) {
            let members = real(mover.members.len() as u64);
            // A refund that grows changes the mix as much as a price that does.
            mover.weight = share.abs().max(everyday_mix::UNUSED) / members;
        }
        Ok(())
    }

    fn index(&self) -> BTreeMap<&GasParam, usize> {
        let params = self.params.iter().enumerate();
        params.map(|(i, p)| (&p.param, i)).collect()
    }

    /// The constraint of each row and relation.
    fn demands(&self, follow: &Follow) -> Result<Vec<Constraint>, SolveError> {
        let index = self.index();
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
                .map(|(i, a)| (a * real(self.params[*i].start.ticks())).abs())
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
                *terms.entry(i).or_default() += units / real(self.params[i].start.ticks_per_unit());
                continue;
            }
            constant += units * real(self.start.price(param)?);
            for (i, slope) in follow.get(param).into_iter().flatten() {
                *terms.entry(*i).or_default() += units * slope;
                constant -= units * slope * real(self.params[*i].start.ticks());
            }
        }
        Ok((
            terms.into_iter().filter(|(_, a)| *a != 0.0).collect(),
            constant,
        ))
    }
}
