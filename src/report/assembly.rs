//! From the solver's answer and the blocks measured on both sides of it to the rows of a report.

use std::collections::BTreeMap;

use super::judged::{Judged, meter_lines, target_line};
use super::proposal::{
    Amount, MixLine, Next, PriceRow, ProposalReport, ProverLine, Throughput, Unmeasured, Verdict,
    Why,
};
use crate::{
    gas::{CostFormula, FormulaError, GasParam, Part, Schedule},
    lang::Plan,
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
    pub before: &'a [Judged],
    /// Blocks under the prices after.
    pub after: &'a [Judged],
    /// Why an operation has no scenario.
    pub no_scenario: &'a dyn Fn(&str) -> Option<String>,
    /// The sum of relative changes.
    pub total_change: f64,
    /// What the mix that changes were weighed by takes.
    pub mix: Option<MixLine>,
    /// How often blocks were regenerated and measured.
    pub rounds: usize,
    /// Where recorded blocks are from.
    pub recorded: Option<String>,
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
        let current = amount(facts.start, &param)?;
        match worst(&facts, &shares, &param) {
            Some(worst) => rows.push(PriceRow {
                param: param.to_string(),
                unit: unit(&param).into(),
                current,
                proposed: proposed(&facts, &param)?,
                worst,
                why: facts.why.get(&param).map(|reason| {
                    let factor = matches!(current, Amount::Factor(_));
                    why(reason, facts.plan, if factor { 100.0 } else { 1.0 })
                }),
            }),
            None => unmeasured.push(Unmeasured {
                param: param.to_string(),
                current,
                reason: (facts.no_scenario)(&param.operation)
                    .unwrap_or_else(|| "no scenario spends most of its gas on it".into()),
            }),
        }
    }
    let mut after: Vec<&Judged> = facts.after.iter().collect();
    let ratio = |one: &Judged| one.ratio(&facts.plan.targets[one.row.target]);
    after.sort_by(|a, b| {
        let slower = ratio(b).total_cmp(&ratio(a));
        slower.then_with(|| (&a.row.scenario, &a.row.prover).cmp(&(&b.row.scenario, &b.row.prover)))
    });
    let line = |one: &&Judged| {
        let target = &facts.plan.targets[one.row.target];
        one.line(Some(target), target.gas)
    };
    let blocks: Vec<_> = after.iter().map(line).collect();
    Ok(ProposalReport {
        schedule: facts.plan.name.clone(),
        file: facts.file.into(),
        baseline: facts.plan.baseline.name.clone(),
        targets: facts.plan.targets.iter().map(target_line).collect(),
        meters: meter_lines(facts.proposed, &blocks),
        blocks,
        provers: facts.provers,
        rows,
        unmeasured,
        total_change: facts.total_change,
        mix: facts.mix,
        rounds: facts.rounds,
        recorded: facts.recorded,
        verdict: facts.verdict,
    })
}

/// By block, the share of its gas that each parameter accounts for.
fn shares(
    schedule: &Schedule,
    blocks: &[Judged],
) -> Result<Vec<BTreeMap<GasParam, f64>>, FormulaError> {
    let share = |block: &Judged| {
        let mut shares = BTreeMap::new();
        for (param, units) in schedule.attribute(&block.row.usage)? {
            #[expect(
                clippy::cast_precision_loss,
                reason = "a share is read to a few digits"
            )]
            let gas = units as f64 * schedule.price(&param)? as f64;
            #[expect(
                clippy::cast_precision_loss,
                reason = "a share is read to a few digits"
            )]
            shares.insert(param, gas / block.row.gas.max(1) as f64);
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
    let target = |one: &Judged| &facts.plan.targets[one.row.target];
    let own = |(block, shares): &(&Judged, &BTreeMap<GasParam, f64>)| {
        shares
            .get(param)
            .is_some_and(|share| block.row.operation == param.operation || *share >= OWN_SHARE)
    };
    let (before, _) = facts
        .before
        .iter()
        .zip(shares)
        .filter(own)
        .max_by(|(a, _), (b, _)| {
            let slower = a.ratio(target(a)).total_cmp(&b.ratio(target(b)));
            // The first among equals.
            slower.then_with(|| b.row.scenario.cmp(&a.row.scenario))
        })?;
    let same = |one: &&Judged| {
        one.row.scenario == before.row.scenario
            && one.row.prover == before.row.prover
            && one.row.target == before.row.target
    };
    let after = facts.after.iter().find(same).unwrap_or(before);
    let limit = target(before).gas;
    Some(Throughput {
        scenario: before.row.scenario.clone(),
        prover: before.row.prover.clone(),
        before: before.full_block_rate(limit),
        after: after.full_block_rate(limit),
        measured: after.measured,
    })
}

fn amount(schedule: &Schedule, param: &GasParam) -> Result<Amount, FormulaError> {
    Ok(match schedule.formula(&param.operation)? {
        CostFormula::Other(_) => Amount::Factor(1.0),
        CostFormula::Linear { .. } => Amount::Gas(schedule.price(param)?),
    })
}

fn proposed(facts: &Facts, param: &GasParam) -> Result<Amount, FormulaError> {
    #[expect(clippy::cast_precision_loss, reason = "hundredths of a factor")]
    match facts.prices.get(param) {
        Some(Price::Factor(hundredths)) => Ok(Amount::Factor(*hundredths as f64 / 100.0)),
        // Read off the schedule, so that prices that follow others show as what they become.
        _ => amount(facts.proposed, param),
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
        Because::Block {
            scenario, prover, ..
        } => (scenario.clone(), prover.clone()),
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
            scenario: next.scenario.clone(),
            prover: next.prover.clone(),
            asks: next.asks / unit,
        }),
        own_share: reason.own_share,
    }
}
