//! Why no prices meet the target, and what would have to give.

use std::fmt;

use crate::{
    diag::Label,
    fit::real,
    gas::GasParam,
    lang::Limit,
    prove::{BlockId, ProverId},
};

use super::{
    Price, Row, SolveError,
    problem::Problem,
    relax::{Demand, Layout, optimum},
    variables::whole,
};

/// Shortfalls below this are the solver's own inaccuracy.
const NOISE: f64 = 1e-7;

/// A smaller part of a block's gas than this is not what the block is about.
pub const TRACE: f64 = 0.01;

/// No prices meet the target. An answer, not an error.
#[derive(Clone, Debug, PartialEq)]
pub enum Infeasible {
    /// An empty block already takes as long as a full one may.
    FixedCost {
        /// Which target.
        target: usize,
        /// Whose fixed cost.
        prover: ProverId,
        /// Seconds an empty block takes.
        fixed_s: f64,
        /// Seconds allowed.
        within_s: f64,
    },
    /// Blocks that no allowed prices make expensive enough, furthest from the target first.
    Blocks {
        /// The blocks.
        blocks: Vec<Blocked>,
        /// What would have to give for all blocks together, one of these.
        relaxation: Vec<Relaxation>,
    },
    /// Bounds, groups and relations contradict each other, whatever the blocks cost.
    Requirements {
        /// Parameters whose bounds leave no price.
        params: Vec<GasParam>,
        /// Relations that cannot hold together.
        relations: Vec<Label>,
    },
    /// Prices exist, but none that are whole numbers.
    WholePrices {
        /// The block, or `None` when it is a relation.
        block: Option<BlockId>,
        /// The relation.
        relation: Option<Label>,
    },
}

/// A block that misses its target under all allowed prices.
#[derive(Clone, Debug, PartialEq)]
pub struct Blocked {
    /// Which block.
    pub id: BlockId,
    /// Which target.
    pub target: usize,
    /// Gas per second its work must be worth.
    pub needed_rate: f64,
    /// Gas per second it is worth at most.
    pub reached_rate: f64,
    /// What stands in the way.
    pub cause: Cause,
}

/// What stands in the way of a block.
#[derive(Clone, Debug, PartialEq)]
pub enum Cause {
    /// None of its prices may rise, but for some that make up less than [`TRACE`] of its gas. The parameters with their share of its gas, largest first.
    Kept(Vec<(GasParam, f64)>),
    /// A bound.
    Bound {
        /// The bounded parameter.
        param: GasParam,
        /// Its price at the start.
        start: Price,
        /// The price that would do, all others being as high as they may.
        needs: Price,
        /// The highest allowed.
        allows: Price,
        /// The clause that says so; `None`: no bound, [`FURTHEST_RISE`](super::FURTHEST_RISE).
        limit: Option<Label>,
    },
    /// It could be met alone, but not together with these relations and the other blocks named.
    Together(Vec<Label>),
}

/// Changes of a target's terms that would each be enough, prices and bounds being as they are.
#[derive(Clone, Debug, PartialEq)]
pub struct Relaxation {
    /// Which target.
    pub target: usize,
    /// What would do of how fast a full block has to be.
    pub limit: RelaxedLimit,
    /// The margin that would do; `None` when none is asked for, or even none at all would not.
    pub margin: Option<f64>,
}

/// Changes of how fast a full block has to be that would each be enough.
#[derive(Clone, Debug, PartialEq)]
pub enum RelaxedLimit {
    /// Of a time.
    Within {
        /// The block gas limit that would do.
        gas: u64,
        /// The time limit that would do, seconds; infinite when some block can be worth nothing.
        within_s: f64,
        /// The fixed cost that would do for the prover furthest from it, seconds; `None` when even none at all would not.
        fixed_s: Option<f64>,
    },
    /// Of an anchor.
    Anchor {
        /// How many times its rate would do.
        times: f64,
    },
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kept(params) => {
                let names: Vec<String> = params
                    .iter()
                    .take(3)
                    .map(|(p, share)| format!("`{p}` ({:.0} %)", 100.0 * share))
                    .collect();
                let more = if params.len() > 3 { " and others" } else { "" };
                write!(f, "its prices are kept: {}{more}", names.join(", "))
            }
            Self::Bound {
                param,
                start,
                needs,
                allows,
                ..
            } => match (needs.multiple_of(*start), allows.multiple_of(*start)) {
                (Some(n), Some(a)) => {
                    write!(f, "`{param}` needs {n:.1}x, its bound allows {a:.1}x")
                }
                _ => write!(f, "`{param}` needs {needs} gas, its bound allows {allows}"),
            },
            Self::Together(_) => {
                f.write_str("not together with the relations and the other blocks")
            }
        }
    }
}

impl fmt::Display for Blocked {
    /// One line: block, prover, how far it gets, and why no further.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} reaches {:.3} of {:.3} Mgas/s: {}",
            self.id,
            self.reached_rate / 1e6,
            self.needed_rate / 1e6,
            self.cause
        )
    }
}

/// Bounds that leave no price, before anything is solved.
pub(super) fn contradiction(problem: &Problem) -> Option<Infeasible> {
    let empty = problem.params.iter().filter(|p| {
        let mover = &problem.movers[p.mover];
        p.low > p.high || mover.low > mover.high + 1e-12
    });
    let params: Vec<GasParam> = empty.map(|p| p.param.clone()).collect();
    (!params.is_empty()).then(|| Infeasible::Requirements {
        params,
        relations: Vec::new(),
    })
}

/// The blocks that miss their target alone, with every price as high as it may be.
pub(super) fn blocked(problem: &Problem, demands: &[Demand]) -> Vec<Blocked> {
    let rows = demands.iter().filter(|d| d.index < problem.rows.len());
    let mut blocks: Vec<Blocked> = rows
        .filter(|d| d.reach(problem) < d.least - NOISE)
        .map(|d| block(problem, d, d.least - d.reach(problem), cause(problem, d)))
        .collect();
    sort(&mut blocks);
    blocks
}

/// The whole answer: `blocks` that fail alone, or those that fail together, and what would have to give.
pub(super) fn explain(
    problem: &Problem,
    demands: &[Demand],
    mut blocks: Vec<Blocked>,
) -> Result<Option<Infeasible>, SolveError> {
    let mut layout = Layout::new(problem, 0.0);
    let missing = layout.program.column(1.0);
    let mut lines = Vec::new();
    for demand in demands {
        let line = layout.demand(demand);
        if demand.index < problem.rows.len() {
            layout.program.lines[line].terms.push((missing, 1.0));
        }
        lines.push(line);
    }
    let Some(best) = optimum(layout.program.minimize())? else {
        return Ok(Some(requirements(problem, demands)?));
    };
    let missing = best.x[missing];
    if missing <= NOISE && blocks.is_empty() {
        return Ok(None);
    }
    let counts = |(d, line): (&Demand, &usize)| (best.duals[*line].abs() > 1e-6).then(|| d.clone());
    let involved: Vec<Demand> = demands.iter().zip(&lines).filter_map(counts).collect();
    if blocks.is_empty() {
        let labels = relation_labels(problem, &involved);
        blocks = involved
            .iter()
            .filter(|d| d.index < problem.rows.len())
            .map(|d| block(problem, d, missing, Cause::Together(labels.clone())))
            .collect();
        sort(&mut blocks);
    }
    Ok(Some(Infeasible::Blocks {
        relaxation: relaxations(problem, demands, missing),
        blocks,
    }))
}

fn sort(blocks: &mut [Blocked]) {
    blocks.sort_by(|a, b| {
        let reach = |x: &Blocked| x.reached_rate / x.needed_rate;
        reach(a).total_cmp(&reach(b))
    });
}

/// A row that falls short by `missing`, a part of what it needs.
fn block(problem: &Problem, demand: &Demand, missing: f64, cause: Cause) -> Blocked {
    let row = &problem.rows[demand.index];
    let size = problem.constraints[demand.index].size;
    let reached = (row.need() - missing * size).max(0.0) / row.cost_s;
    Blocked {
        id: row.id.clone(),
        target: row.target,
        needed_rate: row.needed_rate,
        reached_rate: reached,
        cause,
    }
}

fn cause(problem: &Problem, demand: &Demand) -> Cause {
    let row = &problem.rows[demand.index];
    let shortfall = demand.least - demand.reach(problem);
    let about = |p: &GasParam| p.operation == row.id.operation || p.to_string() == row.id.operation;
    // The bound that the scenario is about, or else the one whose price weighs most.
    let bounded = problem.constraints[demand.index]
        .terms
        .iter()
        .filter_map(|&(i, per_tick)| {
            let param = &problem.params[i];
            let (_, weight) = *demand.terms.iter().find(|(m, _)| *m == param.mover)?;
            let gas = per_tick * real(param.start.ticks());
            let matters = about(&param.param) || gas >= TRACE * row_gas(problem, row);
            (weight > 0.0 && matters).then_some((param, weight))
        })
        .max_by(|(a, wa), (b, wb)| about(&a.param).cmp(&about(&b.param)).then(wa.total_cmp(wb)));
    if let Some((param, weight)) = bounded {
        let mover = &problem.movers[param.mover];
        let change = mover.high + shortfall / weight;
        let start = real(param.start.ticks());
        let unit = problem.unit(param);
        let at = |change: f64| {
            param
                .start
                .with_ticks(whole((start + unit * change).ceil()))
        };
        return Cause::Bound {
            param: param.param.clone(),
            start: param.start,
            needs: at(change),
            allows: at(mover.high),
            limit: param.limit.clone(),
        };
    }
    let total = row_gas(problem, row);
    let share = |(param, units): (&GasParam, &f64)| {
        let gas = units * problem.start.price(param).map_or(0.0, real);
        (gas > 0.0).then(|| (param.clone(), gas / total))
    };
    let mut shares: Vec<(GasParam, f64)> = row.units.iter().filter_map(share).collect();
    shares.sort_by(|a, b| b.1.total_cmp(&a.1));
    Cause::Kept(shares)
}

/// A row's gas under the prices at the start.
fn row_gas(problem: &Problem, row: &Row) -> f64 {
    let gas =
        |(param, units): (&GasParam, &f64)| units * problem.start.price(param).map_or(0.0, real);
    row.rest + row.units.iter().map(gas).sum::<f64>()
}

fn relation_labels(problem: &Problem, involved: &[Demand]) -> Vec<Label> {
    let relation = |d: &Demand| {
        let index = d.index.checked_sub(problem.rows.len())?;
        Some(problem.relations[index].label.clone())
    };
    involved.iter().filter_map(relation).collect()
}

/// Which relations contradict each other: the least violation of all, and the relations it rests on.
fn requirements(problem: &Problem, demands: &[Demand]) -> Result<Infeasible, SolveError> {
    let mut layout = Layout::new(problem, 0.0);
    let mut lines = Vec::new();
    for demand in demands.iter().filter(|d| d.index >= problem.rows.len()) {
        let line = layout.demand(demand);
        let over = layout.program.column(1.0);
        layout.program.lines[line].terms.push((over, 1.0));
        if demand.equal {
            let under = layout.program.column(1.0);
            layout.program.lines[line].terms.push((under, -1.0));
        }
        lines.push((line, demand.clone()));
    }
    let Some(best) = optimum(layout.program.minimize())? else {
        return Err(SolveError::Numerical("bounds contradict each other".into()));
    };
    let rests = lines
        .into_iter()
        .filter(|(line, _)| best.duals[*line].abs() > 1e-6);
    let involved: Vec<Demand> = rests.map(|(_, demand)| demand).collect();
    Ok(Infeasible::Requirements {
        params: Vec::new(),
        relations: relation_labels(problem, &involved),
    })
}

/// What each target's terms would have to become when all of its rates are to fall by the part `missing`.
fn relaxations(problem: &Problem, demands: &[Demand], missing: f64) -> Vec<Relaxation> {
    let left = (1.0 - missing).max(0.0);
    let mut all = Vec::new();
    for (index, target) in problem.targets.iter().enumerate() {
        let fixed = demands.iter().filter_map(|d| {
            let row = problem.rows.get(d.index)?;
            (row.target == index).then_some(row.fixed_s)
        });
        let (mut least, mut most) = (f64::INFINITY, f64::NEG_INFINITY);
        for f in fixed {
            least = least.min(f);
            most = most.max(f);
        }
        if most < least {
            continue;
        }
        let limit = match &target.limit {
            Limit::Within(seconds) => {
                // R = L / (T - f) must fall to R * left.
                let within = |f: f64| f + (seconds - f) / left;
                let fixed_s = seconds - (seconds - most) / left;
                RelaxedLimit::Within {
                    gas: whole((real(target.gas) * left).floor()),
                    within_s: within(least).max(within(most)),
                    fixed_s: (fixed_s >= 0.0).then_some(fixed_s),
                }
            }
            Limit::Anchor(anchor) => RelaxedLimit::Anchor {
                times: anchor.times * left,
            },
        };
        let margin = (1.0 + target.margin) * left - 1.0;
        all.push(Relaxation {
            target: index,
            limit,
            margin: (target.margin > 0.0 && margin >= 0.0).then_some(margin),
        });
    }
    all
}
