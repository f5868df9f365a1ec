//! Solve, regenerate, measure again, until every block holds.
//!
//! Prices change how often a scenario's loop fits into a block, so a block under the new prices is another block. Its row joins those
//! already seen, each with its own usage and cost, and the next prices must satisfy them all.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use crate::{
    gas::{FormulaError, Schedule},
    lang::{Plan, Target},
    prove::{BlockId, MeasuredBlock},
};

use super::{
    Answer, Infeasible, Prices, Problem, Proposal, Row, SolveError, problem, solve,
    subsets::{cases, zkvm_of},
    touched::Touched,
};

/// Where blocks come from: regenerates every block under a schedule and measures it.
pub trait Measure {
    /// Why a measurement failed as a whole.
    type Error;

    /// One row per scenario, prover and target. A block that could not be measured has none, and then misses its target.
    ///
    /// # Errors
    /// Whatever stops the measuring.
    fn rows(&mut self, schedule: &Schedule) -> Result<Vec<MeasuredBlock>, Self::Error>;
}

/// When to stop.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LoopOptions {
    /// Proposals measured at most.
    pub rounds: usize,
    /// How far below its needed rate a measured block may be, relative: what remains when a loop count is whole.
    pub tolerance: f64,
    /// Whether blocks are judged, too, that miss at the start and do not answer to prices that vary.
    pub strict: bool,
}

impl Default for LoopOptions {
    fn default() -> Self {
        Self {
            rounds: 8,
            tolerance: 1e-3,
            strict: false,
        }
    }
}

/// What a block that missed is asked for beyond its target when prices are solved for again. Refilled at new prices it is
/// never quite the block that was measured: without a margin the loop creeps up to the target in ever smaller steps.
const MARGIN: f64 = 5e-3;

/// One proposal that was measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Round {
    /// Its prices.
    pub prices: Prices,
    /// The blocks that missed their target under them.
    pub missed: Vec<Missed>,
}

/// A block that misses its target as measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Missed {
    /// Which block.
    pub id: BlockId,
    /// Which target.
    pub target: usize,
    /// How many times too slow it is; `None` when it was measured at the start and not under these prices.
    pub ratio: Option<f64>,
}

/// Whether the target is met.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// Every block that counts meets it, as measured under the proposed prices.
    Met,
    /// No prices do.
    Infeasible(Infeasible),
    /// The proposal repeats one that missed: what is measured does not follow from prices and usage.
    Cycles(Vec<Missed>),
    /// Blocks still missed after the last round.
    RoundsSpent(Vec<Missed>),
}

/// Everything that happened.
#[derive(Clone, Debug)]
pub struct Report {
    /// The proposals measured. None when the target was met at the start.
    pub rounds: Vec<Round>,
    /// The blocks under the starting schedule that are judged.
    pub before: Vec<MeasuredBlock>,
    /// Those that are not: they miss at the start, and are neither about an operation whose price varies or was changed nor get most
    /// of their gas from one.
    pub untouched: Vec<MeasuredBlock>,
    /// The blocks under the proposed schedule, measured; empty when there is none.
    pub after: Vec<MeasuredBlock>,
    /// The last problem solved, with every row seen.
    pub problem: Problem,
    /// The last proposal measured; `None` when infeasible.
    pub proposal: Option<Proposal>,
    /// The starting schedule under the proposal.
    pub schedule: Schedule,
    /// The answer.
    pub verdict: Verdict,
}

/// Why there is no report.
#[derive(Debug)]
pub enum LoopError<E> {
    /// Measuring failed.
    Measure(E),
    /// Solving failed.
    Solve(SolveError),
}

impl<E: fmt::Display> fmt::Display for LoopError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Measure(error) => error.fmt(f),
            Self::Solve(error) => error.fmt(f),
        }
    }
}

impl<E: fmt::Debug + fmt::Display> std::error::Error for LoopError<E> {}

/// Proposes prices for `plan` and measures them, until every block meets its target or it is clear that none can.
///
/// # Errors
/// A measurement or the solver failed. That no prices help is a verdict, not an error.
pub fn closed_loop<M: Measure>(
    plan: &Plan,
    measure: &mut M,
    options: LoopOptions,
) -> Result<Report, LoopError<M::Error>> {
    let solving = LoopError::Solve;
    let before = measure.rows(&plan.schedule).map_err(LoopError::Measure)?;
    let mut rows = Vec::new();
    extend(&mut rows, plan, &before, &plan.schedule, &Prices::new()).map_err(solving)?;
    let mut first = problem(plan, rows.clone()).map_err(solving)?;
    let (before, untouched) = if options.strict {
        (before, Vec::new())
    } else {
        judged(plan, &first, before, options.tolerance).map_err(|e| LoopError::Solve(e.into()))?
    };
    let outside: BTreeSet<(BlockId, usize)> = untouched
        .iter()
        .map(|block| (block.id.clone(), block.target))
        .collect();
    if !outside.is_empty() {
        rows.retain(|row| !outside.contains(&(row.id.clone(), row.target)));
        first = problem(plan, rows.clone()).map_err(solving)?;
    }
    let mut report = Report {
        rounds: Vec::new(),
        after: Vec::new(),
        proposal: None,
        schedule: plan.schedule.clone(),
        verdict: Verdict::Met,
        problem: first,
        before,
        untouched,
    };
    // Also refuses to call met what was never measured.
    if let Err(none) = cases(&report.problem).map_err(solving)? {
        report.verdict = Verdict::Infeasible(none);
        return Ok(report);
    }
    let missed = missed(
        &plan.targets,
        &report.before,
        &report.before,
        options.tolerance,
    );
    if missed.is_empty() && report.problem.allows_start() {
        report.proposal = Some(unchanged(plan, &report, options.tolerance));
        report.after.clone_from(&report.before);
        return Ok(report);
    }
    loop {
        let proposal = match solve(&report.problem).map_err(solving)? {
            Answer::Proposal(proposal) => proposal,
            Answer::Infeasible(none) => {
                report.verdict = Verdict::Infeasible(none);
                report.proposal = None;
                report.after = Vec::new();
                report.schedule.clone_from(&plan.schedule);
                return Ok(report);
            }
        };
        let prices = proposal.prices.clone();
        if let Some(round) = report.rounds.iter().find(|r| r.prices == prices) {
            report.verdict = Verdict::Cycles(round.missed.clone());
            return Ok(report);
        }
        let schedule = report.problem.schedule(&prices);
        let schedule = schedule.map_err(|e| LoopError::Solve(e.into()))?;
        let mut after = measure.rows(&schedule).map_err(LoopError::Measure)?;
        after.retain(|block| !outside.contains(&(block.id.clone(), block.target)));
        let missed = self::missed(&plan.targets, &report.before, &after, options.tolerance);
        let known = rows.len();
        extend(&mut rows, plan, &after, &schedule, &prices).map_err(solving)?;
        for row in &mut rows[known..] {
            let same = |m: &Missed| m.id == row.id;
            if missed.iter().any(same) {
                row.needed_rate *= 1.0 + MARGIN;
            }
        }
        report.after = after;
        report.schedule = schedule;
        report.proposal = Some(proposal);
        report.rounds.push(Round {
            prices,
            missed: missed.clone(),
        });
        if missed.is_empty() {
            return Ok(report);
        }
        if report.rounds.len() >= options.rounds {
            report.verdict = Verdict::RoundsSpent(missed);
            return Ok(report);
        }
        report.problem = problem(plan, rows.clone()).map_err(solving)?;
    }
}

/// The blocks that are judged, and those that miss already and do not answer to any price that moves. All are judged where none would
/// be.
fn judged(
    plan: &Plan,
    first: &Problem,
    before: Vec<MeasuredBlock>,
    tolerance: f64,
) -> Result<(Vec<MeasuredBlock>, Vec<MeasuredBlock>), FormulaError> {
    let Some(touched) = Touched::of(plan, first)? else {
        return Ok((before, Vec::new()));
    };
    let mut judged = Vec::new();
    let mut untouched = Vec::new();
    for (block, row) in before.into_iter().zip(&first.rows) {
        let misses = block.effective_ratio(&plan.targets[block.target]) > 1.0 + tolerance;
        let list = if misses && !touched.answer_for(&block, row, plan)? {
            &mut untouched
        } else {
            &mut judged
        };
        list.push(block);
    }
    Ok(if judged.is_empty() {
        (untouched, judged)
    } else {
        (judged, untouched)
    })
}

/// Adds measurements under `schedule`, which is the start with `prices` applied.
fn extend(
    rows: &mut Vec<Row>,
    plan: &Plan,
    measured: &[MeasuredBlock],
    schedule: &Schedule,
    prices: &Prices,
) -> Result<(), SolveError> {
    for block in measured {
        let target = plan.targets.get(block.target);
        let target = target.ok_or_else(|| SolveError::BadRow(block.id.clone()))?;
        rows.push(Row::of(block, target, schedule, prices)?);
    }
    Ok(())
}

/// The blocks that miss, of the provers that count: with `k of n` none when k provers hold all of theirs.
/// `all` are the blocks that there are to be held.
fn missed(
    targets: &[Target],
    all: &[MeasuredBlock],
    rows: &[MeasuredBlock],
    tolerance: f64,
) -> Vec<Missed> {
    let mut list = Vec::new();
    for (index, target) in targets.iter().enumerate() {
        let by_prover = missed_by_prover(index, target, all, rows, tolerance);
        let holding = by_prover.values().filter(|m| m.is_empty()).count();
        if holding < target.at_least.unwrap_or(by_prover.len()) {
            list.extend(by_prover.into_values().flatten());
        }
    }
    list
}

fn missed_by_prover(
    index: usize,
    target: &Target,
    all: &[MeasuredBlock],
    rows: &[MeasuredBlock],
    tolerance: f64,
) -> BTreeMap<String, Vec<Missed>> {
    let mut by_prover: BTreeMap<String, Vec<Missed>> = BTreeMap::new();
    let counts = |row: &&MeasuredBlock| {
        let named = |name: &String| zkvm_of(name) == row.id.prover.zkvm;
        row.target == index && (target.on.is_empty() || target.on.iter().any(named))
    };
    for expected in all.iter().filter(counts) {
        let name = expected.id.prover.zkvm.clone();
        let missed = by_prover.entry(name).or_default();
        let same = |row: &&MeasuredBlock| row.target == index && row.id == expected.id;
        let ratio = rows
            .iter()
            .find(same)
            .map(|row| row.effective_ratio(target));
        if ratio.is_none_or(|ratio| ratio > 1.0 + tolerance) {
            missed.push(Missed {
                id: expected.id.clone(),
                target: index,
                ratio,
            });
        }
    }
    by_prover
}

/// The proposal to change nothing.
fn unchanged(plan: &Plan, report: &Report, tolerance: f64) -> Proposal {
    let holding = |(index, target): (usize, &Target)| {
        let rows = &report.before;
        let by_prover = missed_by_prover(index, target, rows, rows, tolerance);
        let holds = by_prover
            .into_iter()
            .filter(|(_, missed)| missed.is_empty());
        holds.map(|(name, _)| name).collect()
    };
    Proposal {
        prices: report.problem.start_prices(),
        why: BTreeMap::new(),
        total_change: 0.0,
        largest_change: 0.0,
        relaxed: 0.0,
        only_sums: Vec::new(),
        provers: plan.targets.iter().enumerate().map(holding).collect(),
    }
}

impl Problem {
    /// Whether bounds and relations allow the prices to stay as they are.
    fn allows_start(&self) -> bool {
        let ticks = self.start_ticks();
        let within = |(p, t): (&super::variables::Movable, &u64)| (p.low..=p.high).contains(t);
        let related = &self.constraints[self.rows.len()..];
        self.params.iter().zip(&ticks).all(within)
            && related.iter().all(|c| c.slack(&ticks) >= -1e-11)
    }
}
