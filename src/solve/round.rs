//! From real prices to whole ones.
//!
//! Prices are rounded up, as a block's gas mostly grows with them; what rounding broke is repaired by further steps, and then each
//! price is brought back towards its start as far as every demand allows.

use crate::{fit::real, lang::Step};

use super::{
    problem::Problem,
    relax::{Demand, NOISE, Relaxed},
    variables::{Movable, whole},
};

/// Relative shortfall that counts as none: what summing a block's gas in floating point loses.
const EXACT: f64 = 1e-11;

/// Repairs tried before the steps are taken to be too coarse.
const REPAIRS: usize = 2_000;

/// Whole prices by parameter, in ticks, with which every demand holds; the index of a constraint that
/// whole prices miss otherwise.
pub(super) fn round(
    problem: &Problem,
    demands: &[Demand],
    relaxed: &Relaxed,
) -> Result<Vec<u64>, usize> {
    let mut rounding = Rounding::new(problem, demands, problem.round.to);
    match rounding.run(relaxed) {
        Ok(ticks) => Ok(ticks),
        // No multiples fit between the bounds and relations: a price that is not round beats none.
        Err(_) if rounding.step != Step::WHOLE => {
            rounding.step = Step::WHOLE;
            rounding.run(relaxed)
        }
        Err(index) => Err(index),
    }
}

struct Rounding<'a> {
    problem: &'a Problem,
    /// Indices of the constraints that count.
    active: Vec<usize>,
    /// By mover: those it occurs in, as positions in `active`.
    touched: Vec<Vec<usize>>,
    step: Step,
    /// By mover: its leader's ticks.
    leaders: Vec<u64>,
    /// By mover: the leader's ticks that it goes back towards.
    goals: Vec<u64>,
    ticks: Vec<u64>,
}

impl<'a> Rounding<'a> {
    fn new(problem: &'a Problem, demands: &[Demand], step: Step) -> Self {
        let mut touched = vec![Vec::new(); problem.movers.len()];
        for (at, demand) in demands.iter().enumerate() {
            for (m, _) in &demand.terms {
                touched[*m].push(at);
            }
        }
        Self {
            problem,
            active: demands.iter().map(|d| d.index).collect(),
            touched,
            step,
            leaders: Vec::new(),
            goals: Vec::new(),
            ticks: problem.start_ticks(),
        }
    }

    fn run(&mut self, relaxed: &Relaxed) -> Result<Vec<u64>, usize> {
        self.leaders = vec![0; relaxed.change.len()];
        self.goals.clear();
        for (m, change) in relaxed.change.iter().enumerate() {
            let start = real(self.leader(m).start.ticks());
            let wanted = start + change * self.problem.movers[m].scale;
            let ticks = if change.abs() <= NOISE {
                self.leader(m).start.ticks()
            } else if self.problem.round.up {
                self.above(m, wanted - NOISE * wanted.abs().max(1.0))
            } else {
                let (low, high) = (self.below(m, wanted), self.above(m, wanted));
                if real(high) - wanted <= wanted - real(low) {
                    high
                } else {
                    low
                }
            };
            self.set(m, ticks);
            let settled = relaxed.settled.get(m).copied().unwrap_or(false);
            let start = self.leader(m).start.ticks();
            self.goals.push(if settled { ticks } else { start });
        }
        self.repair()?;
        self.return_to_goals();
        Ok(self.ticks.clone())
    }

    fn leader(&self, m: usize) -> &'a Movable {
        &self.problem.params[self.problem.movers[m].members[0]]
    }

    /// The step of a parameter at a price: rounding is of gas, factors keep their hundredths.
    fn step_of(&self, param: &Movable, ticks: u64) -> u64 {
        if param.start.ticks_per_unit() == 1 {
            self.step.at(ticks)
        } else {
            1
        }
    }

    /// The leader's ticks within which every member is within its bounds.
    fn range(&self, m: usize) -> (u64, u64) {
        let mover = &self.problem.movers[m];
        let leader = self.leader(m);
        if mover.members.len() == 1 {
            return (leader.low, leader.high);
        }
        let start = real(leader.start.ticks());
        let low = whole((start * (1.0 + mover.low) - 1e-9 * start).ceil()).max(leader.low);
        let high = whole((start * (1.0 + mover.high) + 1e-9 * start).floor()).min(leader.high);
        (low, high.max(low))
    }

    /// The lowest price to be considered that is not below `real`: a multiple, the start, or a bound.
    fn above(&self, m: usize, real: f64) -> u64 {
        let (low, high) = self.range(m);
        let start = self.leader(m).start.ticks();
        let least = whole(real.ceil()).clamp(low, high);
        let step = self.step_of(self.leader(m), least);
        let multiple = least.next_multiple_of(step).min(high);
        if (least..=multiple).contains(&start) {
            start
        } else {
            multiple
        }
    }

    /// The highest that is not above `real`.
    fn below(&self, m: usize, real: f64) -> u64 {
        let (low, high) = self.range(m);
        let start = self.leader(m).start.ticks();
        let most = whole(real.floor()).clamp(low, high);
        let step = self.step_of(self.leader(m), most);
        let multiple = (most - most % step).max(low);
        if (multiple..=most).contains(&start) {
            start
        } else {
            multiple
        }
    }

    /// Moves a mover: every member by the leader's factor, rounded up within its bounds.
    fn set(&mut self, m: usize, ticks: u64) {
        let leader = self.leader(m).start.ticks();
        self.leaders[m] = ticks;
        for (at, &i) in self.problem.movers[m].members.iter().enumerate() {
            let param = &self.problem.params[i];
            self.ticks[i] = if ticks == leader {
                param.start.ticks()
            } else if at == 0 {
                ticks
            } else {
                let exact = u128::from(ticks) * u128::from(param.start.ticks());
                let up = u64::try_from(exact.div_ceil(u128::from(leader))).unwrap_or(u64::MAX);
                up.next_multiple_of(self.step_of(param, up))
                    .clamp(param.low, param.high)
            };
        }
    }

    fn slack(&self, at: usize) -> f64 {
        self.problem.constraints[self.active[at]].slack(&self.ticks)
    }

    fn holds(&self, m: usize) -> bool {
        self.touched[m].iter().all(|at| self.slack(*at) >= -EXACT)
    }

    /// Steps until every demand holds.
    fn repair(&mut self) -> Result<(), usize> {
        for _ in 0..REPAIRS {
            let slacks = (0..self.active.len()).map(|at| (at, self.slack(at)));
            let Some((worst, _)) = slacks
                .filter(|(_, slack)| *slack < -EXACT)
                .min_by(|a, b| a.1.total_cmp(&b.1))
            else {
                return Ok(());
            };
            let Some((m, ticks)) = self.best_step(worst) else {
                return Err(self.active[worst]);
            };
            self.set(m, ticks);
        }
        let broken = (0..self.active.len()).find(|at| self.slack(*at) < -EXACT);
        broken.map_or(Ok(()), |at| Err(self.active[at]))
    }

    /// The step that mends a broken constraint at the least change per gain; one that breaks nothing else is preferred.
    fn best_step(&mut self, broken: usize) -> Option<(usize, u64)> {
        let constraint = &self.problem.constraints[self.active[broken]];
        let mut movers: Vec<usize> = constraint
            .terms
            .iter()
            .map(|(i, _)| self.problem.params[*i].mover)
            .collect();
        movers.sort_unstable();
        movers.dedup();
        let mut best: Option<((bool, f64), (usize, u64))> = None;
        for m in movers {
            let now = self.leaders[m];
            for upwards in [true, false] {
                let Some((ticks, gain, harms)) = self.first_gain(m, broken, upwards) else {
                    continue;
                };
                let change = real(ticks.abs_diff(now)) / self.problem.movers[m].scale;
                let rank = (harms, change / gain);
                if best.as_ref().is_none_or(|(b, _)| rank < *b) {
                    best = Some((rank, (m, ticks)));
                }
            }
        }
        best.map(|(_, step)| step)
    }

    /// The smallest step of a mover in one direction that brings a broken constraint closer, what it brings, and whether it
    /// breaks others. A step of a group's leader may be too small to move the member that counts.
    fn first_gain(&mut self, m: usize, broken: usize, upwards: bool) -> Option<(u64, f64, bool)> {
        let now = self.leaders[m];
        let (before, others) = (self.slack(broken), self.broken_by(m));
        let members = self.problem.movers[m].members.len();
        let tries = if members == 1 { 1 } else { 16 };
        for doubling in 0..tries {
            let stride = real(self.step_of(self.leader(m), now) << doubling) - 0.5;
            let ticks = if upwards {
                self.above(m, real(now) + stride)
            } else {
                self.below(m, real(now) - stride)
            };
            if ticks == now {
                return None;
            }
            self.set(m, ticks);
            let gain = self.slack(broken) - before;
            let harms = self.broken_by(m) > others;
            self.set(m, now);
            if gain != 0.0 {
                return (gain > 0.0).then_some((ticks, gain, harms));
            }
        }
        None
    }

    /// How many of the constraints that a mover occurs in are broken.
    fn broken_by(&self, m: usize) -> usize {
        let broken = |at: &&usize| self.slack(**at) < -EXACT;
        self.touched[m].iter().filter(broken).count()
    }

    /// Brings each price back towards its start, or where its operation's blocks put it, as far as every demand allows, the largest
    /// relative steps first.
    fn return_to_goals(&mut self) {
        let mut order: Vec<usize> = (0..self.leaders.len()).collect();
        order.sort_by(|a, b| {
            let scale = |m: &usize| self.problem.movers[*m].scale;
            scale(a).total_cmp(&scale(b)).then(a.cmp(b))
        });
        loop {
            let mut moved = false;
            for &m in &order {
                moved |= self.lower(m);
            }
            if !moved {
                return;
            }
        }
    }

    /// One mover towards its goal: by doubling steps while that holds, then by single ones.
    fn lower(&mut self, m: usize) -> bool {
        let goal = self.goals[m];
        let first = self.leaders[m];
        let mut stride = 0;
        loop {
            let now = self.leaders[m];
            let step = self.step_of(self.leader(m), now);
            stride = stride.max(step);
            if now == goal {
                break;
            }
            let next = if now > goal {
                self.below(m, (real(now) - real(stride)).max(real(goal)))
            } else {
                self.above(m, (real(now) + real(stride)).min(real(goal)))
            };
            if next == now {
                break;
            }
            self.set(m, next);
            if self.holds(m) {
                stride = stride.saturating_mul(2);
                continue;
            }
            self.set(m, now);
            if stride == step {
                break;
            }
            stride /= 4;
        }
        self.leaders[m] != first
    }
}
