//! `reprice sweep`.

use std::{fs, path::PathBuf};

use super::{
    compare::Format,
    exit::{Exit, Failure, Outcome},
    judge::BlockArgs,
    methods::amount,
    output::Terminal,
    propose,
    recorded::{self, Sureness, Where},
    schedules::{self, Constants},
};
use crate::{
    lang::Plan,
    recorded::{
        Basis,
        blocks::{Blocks, Choice, Repriced},
    },
    report::{
        infeasible, json,
        proposal::Verdict,
        sweep::{self, Sensitivity, Sweep, SweepPoint},
        table::Layout,
    },
    solve::{self, Because, LoopOptions, Prices},
};

const AFTER_HELP: &str = "\
Examples:
  reprice sweep schedules/zk-recorded.gas --runs results/ --counts trace_data.csv --target 20..120Mgas
  reprice sweep schedules/zk-recorded.gas --runs results/ --counts trace_data.csv --within 6..12s --plot prices.svg

Prices are solved for at every value, from recorded runs: no prover is asked. For the value in the middle it says which \
prover holds each price, and what one percent of that prover's speed is worth in gas.

Exit status: 0 prices hold the target at every value, 1 at some there are none, 2 the schedule or the runs cannot be read.";

/// Show how prices follow the target: a bigger block, less time, fewer provers
#[derive(clap::Args)]
#[command(after_help = AFTER_HELP)]
#[command(group = clap::ArgGroup::new("axis").required(true).args(["target", "within", "at_least"]))]
pub struct Args {
    /// Schedule with a target: a path
    schedule: String,
    #[command(flatten)]
    place: Where,
    #[command(flatten)]
    constants: Constants,
    #[command(flatten)]
    blocks: BlockArgs,
    #[command(flatten)]
    sureness: Sureness,
    /// Gas of a full block, in millions, from and to
    #[arg(long, value_name = "LOW..HIGHMgas", value_parser = range)]
    target: Option<(f64, f64)>,
    /// Time limit, from and to
    #[arg(long, value_name = "LOW..HIGHs", value_parser = range)]
    within: Option<(f64, f64)>,
    /// Provers that have to hold it, from and to
    #[arg(long, value_name = "LOW..HIGH", value_parser = range)]
    at_least: Option<(f64, f64)>,
    /// How many values
    #[arg(long, default_value_t = 6, value_parser = clap::value_parser!(u16).range(2..=100))]
    steps: u16,
    /// Write a plot of the prices: an SVG image
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,
    /// The form of the result
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

/// `20..120Mgas`, `4..12s`.
fn range(text: &str) -> Result<(f64, f64), String> {
    let wrong = || "expected two amounts, such as 20..120Mgas".to_owned();
    let plain = text.trim_end_matches(|c: char| c.is_alphabetic() || c == ' ');
    let (low, high) = plain.split_once("..").ok_or_else(wrong)?;
    match (low.trim().parse(), high.trim().parse()) {
        (Ok(low), Ok(high)) if 0.0 < low && low <= high && f64::is_finite(high) => Ok((low, high)),
        _ => Err(wrong()),
    }
}

/// What is varied.
#[derive(Clone, Copy)]
enum Axis {
    Gas,
    Within,
    AtLeast,
}

pub fn run(args: &Args, terminal: &Terminal) -> Outcome {
    let plan = schedules::plan(&args.schedule, &args.constants.options(), terminal)?;
    if plan.targets.is_empty() {
        return Err(Failure::start(format!(
            "`{}` states no target to vary",
            args.schedule
        )));
    }
    recorded::only_proofs(&plan)?;
    let (axis, name, (low, high)) = match (args.target, args.within, args.at_least) {
        (Some(range), ..) => (Axis::Gas, "Mgas of a full block", range),
        (_, Some(range), _) => (Axis::Within, "seconds within which it is proven", range),
        (.., Some(range)) => (Axis::AtLeast, "provers that have to hold it", range),
        _ => return Err(Failure::start("nothing is varied").help("give `--target 20..120Mgas`")),
    };
    let steps = f64::from(args.steps);
    let values = (0..args.steps).map(|i| low + (high - low) * f64::from(i) / (steps - 1.0));
    let mut values: Vec<f64> = values.collect();
    if matches!(axis, Axis::AtLeast) {
        for value in &mut values {
            *value = value.round();
        }
        values.dedup();
    }
    let sweep = measure(args, &plan, axis, name, &values, terminal)?;
    if let Some(path) = &args.plot {
        fs::write(path, sweep::svg(&sweep)).map_err(|error| {
            Failure::outside(format!("cannot write `{}`: {error}", path.display()))
        })?;
        terminal.say(&format!("wrote {}\n", path.display()));
    }
    let layout = Layout {
        all: true,
        width: terminal.width,
    };
    let text = match args.format {
        Format::Table => sweep::table(&sweep, layout),
        Format::Json => {
            json::document("sweep", &sweep).map_err(|error| Failure::outside(error.to_string()))?
        }
    };
    terminal.result(&text)?;
    Ok(Exit::from_answer(
        sweep.points.iter().all(|p| p.prices.is_some()),
    ))
}

fn measure(
    args: &Args,
    plan: &Plan,
    axis: Axis,
    name: &str,
    values: &[f64],
    terminal: &Terminal,
) -> Result<Sweep, Failure> {
    let recorded = args.place.read(terminal)?;
    let panel = recorded::panel(&recorded)?;
    let counts = recorded::counts(args.blocks.counts.as_ref())?;
    let fork = recorded::fork()?;
    let mut answers = Vec::new();
    for value in values {
        let plan = varied(plan, axis, *value);
        let choice = Choice {
            levels: args.blocks.levels,
            fixed_s: args.blocks.fixed,
            basis: Basis::Upper(args.sureness.confidence, plan.targets[0].gas),
        };
        let all = Blocks::of(&recorded, &panel, &counts, &fork, &choice, true);
        let blocks = all.of_plan(&plan);
        if blocks.all.is_empty() {
            return Err(super::judge::nothing(&blocks));
        }
        let mut repriced = Repriced {
            blocks: &blocks,
            targets: &plan.targets,
            history: Vec::new(),
        };
        let found = solve::closed_loop(&plan, &mut repriced, LoopOptions::default());
        answers.push(found.map_err(propose::unsolved)?);
    }
    Ok(assembled(args, plan, name, values, &answers))
}

/// The plan with every target's gas, time or number of provers set.
fn varied(plan: &Plan, axis: Axis, value: f64) -> Plan {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "amounts above 0 that a user wrote"
    )]
    let whole = |value: f64| value.round() as u64;
    let mut plan = plan.clone();
    for target in &mut plan.targets {
        match axis {
            Axis::Gas => target.gas = whole(value * 1e6),
            Axis::Within => target.within_s = value,
            Axis::AtLeast => target.at_least = usize::try_from(whole(value)).ok(),
        }
    }
    plan
}

fn assembled(
    args: &Args,
    plan: &Plan,
    name: &str,
    values: &[f64],
    answers: &[solve::Report],
) -> Sweep {
    let start = answers[0].problem.start_prices();
    let changed: Vec<_> = start
        .keys()
        .filter(|param| {
            let moved = |report: &solve::Report| {
                let prices = report.proposal.as_ref().map(|p| &p.prices);
                prices.is_some_and(|prices| prices.get(param) != start.get(param))
            };
            answers.iter().any(moved)
        })
        .collect();
    let amounts = |prices: &Prices| -> Vec<f64> {
        changed
            .iter()
            .map(|param| prices.get(param).map_or(0.0, |p| amount(*p)))
            .collect()
    };
    let points = values
        .iter()
        .zip(answers)
        .map(|(value, report)| SweepPoint {
            value: *value,
            prices: report.proposal.as_ref().map(|p| amounts(&p.prices)),
            total_change: report.proposal.as_ref().map_or(0.0, |p| p.total_change),
            reason: match &report.verdict {
                solve::Verdict::Infeasible(none) => match infeasible::verdict(none, plan) {
                    Verdict::Infeasible { reason, .. } => reason.lines().next().map(str::to_owned),
                    _ => None,
                },
                _ => None,
            },
        });
    Sweep {
        schedule: plan.name.clone(),
        file: args.schedule.clone(),
        runs: args.place.name(),
        axis: name.into(),
        parameters: changed.iter().map(ToString::to_string).collect(),
        current: amounts(&start),
        points: points.collect(),
        sensitivities: sensitivities(&answers[answers.len() / 2]),
    }
}

fn sensitivities(report: &solve::Report) -> Vec<Sensitivity> {
    let Some(proposal) = &report.proposal else {
        return Vec::new();
    };
    let one = |(param, why): (&crate::gas::GasParam, &solve::Why)| {
        let Because::Block {
            scenario, prover, ..
        } = &why.because
        else {
            return None;
        };
        let price = *proposal.prices.get(param)?;
        Some(Sensitivity {
            parameter: param.to_string(),
            price: amount(price),
            prover: prover.clone(),
            scenario: scenario.clone(),
            gas_per_percent: why.saved / amount(price.with_ticks(price.ticks_per_unit())),
        })
    };
    let mut all: Vec<Sensitivity> = proposal.why.iter().filter_map(one).collect();
    all.sort_by(|a, b| (b.gas_per_percent / b.price).total_cmp(&(a.gas_per_percent / a.price)));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_two_amounts() {
        assert_eq!(range("20..120Mgas"), Ok((20.0, 120.0)));
        assert_eq!(range("4.5..12 s"), Ok((4.5, 12.0)));
        assert!(range("20").is_err() && range("5..2").is_err() && range("0..2").is_err());
    }
}
