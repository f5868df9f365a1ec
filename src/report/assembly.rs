//! From the solver's answer and the blocks measured on both sides of it to the rows of a report.

use std::collections::{BTreeMap, BTreeSet};

use super::proposal::{
    AdversaryLine, BlockLine, Crash, FixturesLine, MixLine, Next, PriceRow, ProposalReport,
    ProverLine, Throughput, Unmeasured, Verdict, Why,
};
use super::report_lines::{block_line, margin_line, meter_lines, of_asked, target_line};
use crate::{
    fit::{real, real_signed},
    gas::{FormulaError, GasParam, Part, Schedule},
    lang::Plan,
    prove::MeasuredBlock,
    solve::{Because, Price, Prices, Why as Reason},
};

/// A scenario is one of a parameter's when it is about its operation, or spends at least this share of its gas on it.
const OWN_SHARE: f64 = 0.5;

/// Everything a report is made of.
pub struct Facts<'a> {
    /// What was asked.
    pub plan: &'a Plan,
    /// Where it was read from.
    pub file: &'a str,
    /// The provers.
    pub provers: Vec<ProverLine>,
    /// The prices before: the plan's own.
    pub start: &'a Schedule,
    /// The prices after.
    pub proposed: &'a Schedule,
    /// What the solver set.
    pub prices: &'a Prices,
    /// Why.
    pub why: &'a BTreeMap<GasParam, Reason>,
    /// Blocks under the prices before.
    pub before: &'a [MeasuredBlock],
    /// Blocks under the prices after.
    pub after: &'a [MeasuredBlock],
    /// Those under the prices before that are not judged.
    pub untouched: &'a [MeasuredBlock],
    /// Scenarios that nobody asked for.
    pub left_out: usize,
    /// Why an operation has no scenario.
    pub no_scenario: &'a dyn Fn(&str) -> Option<String>,
    /// Operations of whose parts only the sum is known.
    pub only_sums: &'a [String],
    /// The sum of relative changes.
    pub total_change: f64,
    /// What the mix that changes were weighed by takes.
    pub mix: Option<MixLine>,
    /// How often blocks were regenerated and measured.
    pub rounds: usize,
    /// Where recorded blocks are from.
    pub recorded: Option<String>,
    /// Blocks of others among them, if there are any.
    pub fixtures: Option<FixturesLine>,
    /// Who tried to break the proposal, if anyone did.
    pub adversary: Option<AdversaryLine>,
    /// The answer.
    pub verdict: Verdict,
}

/// The report.
///
/// # Errors
/// A formula without a value, which loading a schedule excludes.
pub fn report(facts: Facts) -> Result<ProposalReport, FormulaError> {
    let shares = shares(facts.start, facts.before)?;
    let mut rows = Vec::new();
    let mut unmeasured = Vec::new();
    for param in facts.start.params()? {
        let current = Price::of(facts.start, &param)?;
        match worst(&facts, &shares, &param) {
            Some(worst) => rows.push(PriceRow {
                param: param.to_string(),
                unit: unit(&param).into(),
                current,
                proposed: proposed(&facts, &param)?,
                worst,
                why: facts
                    .why
                    .get(&param)
                    .map(|reason| why(reason, facts.plan, real(current.ticks_per_unit()))),
            }),
            None => unmeasured.push(Unmeasured {
                param: param.to_string(),
                current,
                reason: (facts.no_scenario)(&param.operation)
                    .unwrap_or_else(|| "no scenario spends most of its gas on it".into()),
            }),
        }
    }
    let which = |one: &MeasuredBlock| (one.id.clone(), one.target);
    let outside: BTreeSet<_> = facts.untouched.iter().map(which).collect();
    let judged = |one: &&MeasuredBlock| !outside.contains(&which(one));
    let blocks = slowest_first(facts.after.iter().filter(judged), facts.plan);
    let untouched = slowest_first(facts.untouched.iter(), facts.plan);
    let asked = facts.plan.targets.first().map_or(0.0, |t| t.margin);
    Ok(ProposalReport {
        margin: margin_line(asked, &blocks, &facts.provers),
        schedule: facts.plan.name.clone(),
        file: facts.file.into(),
        baseline: facts.plan.baseline.name.clone(),
        targets: facts.plan.targets.iter().map(target_line).collect(),
        meters: meter_lines(facts.proposed, &blocks),
        blocks,
        untouched,
        left_out: facts.left_out,
        provers: facts.provers,
        rows,
        unmeasured,
        only_sums: facts.only_sums.to_vec(),
        total_change: facts.total_change,
        mix: facts.mix,
        rounds: facts.rounds,
        recorded: facts.recorded,
        fixtures: facts.fixtures,
        adversary: facts.adversary,
        verdict: facts.verdict,
    })
}

/// Blocks as lines.
fn slowest_first<'a>(
    blocks: impl Iterator<Item = &'a MeasuredBlock>,
    plan: &Plan,
) -> Vec<BlockLine> {
    let mut blocks: Vec<&MeasuredBlock> = blocks.collect();
    let ratio = |one: &MeasuredBlock| one.effective_ratio(&plan.targets[one.target]);
    blocks.sort_by(|a, b| {
        let slower = ratio(b).total_cmp(&ratio(a));
        slower.then_with(|| a.id.cmp(&b.id))
    });
    let line = |one: &&MeasuredBlock| {
        let target = &plan.targets[one.target];
        block_line(one, Some(target), target.gas)
    };
    blocks.iter().map(line).collect()
}

/// By block, the share of its gas that each parameter accounts for.
fn shares(
    schedule: &Schedule,
    blocks: &[MeasuredBlock],
) -> Result<Vec<BTreeMap<GasParam, f64>>, FormulaError> {
    let share = |block: &MeasuredBlock| {
        let mut shares = BTreeMap::new();
        for (param, units) in schedule.attribute(&block.usage)? {
            let gas = real_signed(units) * real(schedule.price(&param)?);
            shares.insert(param, gas / real(block.gas_used.max(1)));
        }
        Ok(shares)
    };
    blocks.iter().map(share).collect()
}

/// The slowest of the parameter's own blocks before, and the same block after.
fn worst(
    facts: &Facts,
    shares: &[BTreeMap<GasParam, f64>],
    param: &GasParam,
) -> Option<Throughput> {
    let target = |one: &MeasuredBlock| &facts.plan.targets[one.target];
    let own = |(block, shares): &(&MeasuredBlock, &BTreeMap<GasParam, f64>)| {
        shares
            .get(param)
            .is_some_and(|share| block.id.operation == param.operation || *share >= OWN_SHARE)
    };
    let (before, _) = facts
        .before
        .iter()
        .zip(shares)
        .filter(own)
        .max_by(|(a, _), (b, _)| {
            let slower = a
                .effective_ratio(target(a))
                .total_cmp(&b.effective_ratio(target(b)));
            // The first among equals.
            slower.then_with(|| b.id.scenario.cmp(&a.id.scenario))
        })?;
    let same = |one: &&MeasuredBlock| one.id == before.id && one.target == before.target;
    let found = facts.after.iter().find(same);
    let after = found.unwrap_or(before);
    let limit = target(before).gas;
    let reaches = |one| of_asked(one, target(before));
    Some(Throughput {
        scenario: before.id.scenario.clone(),
        prover: before.id.prover.clone(),
        before: before.full_block_rate(limit),
        after: after.full_block_rate(limit),
        of_asked: reaches(before).zip(reaches(after)),
        crash: before.failure.as_ref().map(|_| match found {
            Some(_) => Crash::Fits,
            None => Crash::RuledOut,
        }),
        measured: after.measured,
    })
}

fn proposed(facts: &Facts, param: &GasParam) -> Result<Price, FormulaError> {
    match facts.prices.get(param) {
        Some(factor @ Price::Factor(_)) => Ok(*factor),
        // Read off the schedule, so that prices that follow others show as what they become.
        _ => Price::of(facts.proposed, param),
    }
}

const fn unit(param: &GasParam) -> &'static str {
    match param.part {
        Part::Per(variable) => variable.unit(),
        Part::Whole | Part::Base => "",
    }
}

/// `unit`: ticks of the price in one of what it is shown in.
fn why(reason: &Reason, plan: &Plan, unit: f64) -> Why {
    let (scenario, prover) = match &reason.because {
        Because::Block { id, .. } => (id.scenario.clone(), id.prover.to_string()),
        Because::Relation(label) => {
            let require = plan
                .solve
                .iter()
                .flat_map(|solve| &solve.relations)
                .any(|r| r.label == *label);
            (
                if require { "a `require`" } else { "a relation" }.into(),
                String::new(),
            )
        }
        Because::Bound => ("its bound".into(), String::new()),
    };
    Why {
        scenario,
        prover,
        dual: reason.dual,
        gas_per_percent: reason.saved / unit,
        interval: reason.interval.map(|(low, high)| (low / unit, high / unit)),
        runner_up: reason.runner_up.as_ref().map(|next| Next {
            scenario: next.id.scenario.clone(),
            prover: next.id.prover.to_string(),
            asks: next.asks / unit,
        }),
        own_share: reason.own_share,
    }
}
