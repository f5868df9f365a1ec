//! `reprice sweep`.

use std::path::PathBuf;

use super::{
    destination::{Destination, OutputOption},
    exit::{Exit, Failure, Outcome},
    format::Format,
    margin::MarginArgs,
    output::Terminal,
    recorded::{self, BlockArgs, ConfidenceArgs, RunsArgs},
    schedules::{self, Constants},
};
use crate::{
    lang::{Plan, Target},
    recorded::sweep::{SweepAxis, SweepQuestion, sweep},
    report::{proposal::Verdict, sweep as text, verdict},
    solve::Infeasible,
};

const AFTER_HELP: &str = "\
Examples:
  reprice sweep schedules/zk-recorded.gas --runs results/ --counts trace_data.csv --target 20..120Mgas
  reprice sweep schedules/zk-recorded.gas --runs results/ --counts trace_data.csv --within 6..12s --plot prices.svg
  reprice sweep relative.gas --runs results/ --counts trace_data.csv --rate 0.5..2x

Prices are solved for at every value, from recorded runs: no prover is asked. For the value in the middle it says which \
prover holds each price, and what one percent of that prover's speed is worth in gas.

Exit status: 0 prices hold the target at every value, 1 at some there are none, 2 the schedule or the runs cannot be read.";

/// Show how prices follow the target: a bigger block, less time, fewer provers
#[derive(clap::Args)]
#[command(after_help = AFTER_HELP)]
#[command(group = clap::ArgGroup::new("axis").required(true).args(["target", "within", "rate", "at_least"]))]
pub struct Args {
    /// Schedule with a target: a path
    schedule: String,
    #[command(flatten)]
    runs: RunsArgs,
    #[command(flatten)]
    constants: Constants,
    #[command(flatten)]
    blocks: BlockArgs,
    #[command(flatten)]
    confidence: ConfidenceArgs,
    #[command(flatten)]
    margin: MarginArgs,
    /// Gas of a full block, in millions, from and to
    #[arg(long, value_name = "LOW..HIGHMgas", value_parser = range)]
    target: Option<(f64, f64)>,
    /// Time limit, from and to
    #[arg(long, value_name = "LOW..HIGHs", value_parser = range)]
    within: Option<(f64, f64)>,
    /// Times the rate of the target's anchor, from and to
    #[arg(long, value_name = "LOW..HIGHx", value_parser = range)]
    rate: Option<(f64, f64)>,
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

const PLOT: OutputOption = OutputOption {
    flag: "--plot",
    extension: "svg",
};

pub fn run(args: &Args, terminal: &Terminal) -> Outcome {
    let options = args.constants.options();
    let (mut plan, mut inputs) = schedules::plan_and_files(&args.schedule, &options, terminal)?;
    inputs.extend(args.runs.inputs(args.blocks.counts.as_deref()));
    let plot = args.plot.as_deref();
    let plot = plot.map(|path| Destination::new(PLOT, path, &inputs));
    let plot = plot.transpose()?;
    if plan.targets.is_empty() {
        return Err(Failure::start(format!(
            "`{}` states no target to vary",
            args.schedule
        )));
    }
    recorded::only_proofs(&plan)?;
    let (axis, range) = match (args.target, args.within, args.rate, args.at_least) {
        (Some(range), ..) => (SweepAxis::Gas, range),
        (_, Some(range), ..) => (SweepAxis::Within, range),
        (.., Some(range), _) => (SweepAxis::Times, range),
        (.., Some(range)) => (SweepAxis::AtLeast, range),
        _ => return Err(Failure::start("nothing is varied").help("give `--target 20..120Mgas`")),
    };
    can_vary(axis, &plan)?;
    args.margin.apply(&mut plan.targets);
    let dataset = args.runs.dataset(args.blocks.counts.as_ref(), terminal)?;
    let question = SweepQuestion {
        plan: &plan,
        file: &args.schedule,
        runs: &args.runs.name(),
        axis,
        values: &axis.values(range, args.steps),
        selection: args.blocks.measured(),
        confidence: args.confidence.confidence,
        reason: &reason,
    };
    let answer = sweep(&dataset, &question)?;
    let written = match &plot {
        Some(plot) => plot.write_and_say(&text::svg(&answer), terminal),
        None => Ok(()),
    };
    let table = |answer: &_| text::table(answer, terminal.layout(true));
    terminal.result(&args.format.text("sweep", &answer, table)?)?;
    written?;
    Ok(Exit::from_answer(
        answer.points.iter().all(|p| p.prices.is_some()),
    ))
}

/// Whether what is varied has a part in the plan's targets.
///
/// # Errors
/// It has none.
fn can_vary(axis: SweepAxis, plan: &Plan) -> Result<(), Failure> {
    let anchored = |target: &&Target| target.anchor().is_some();
    match axis {
        SweepAxis::Gas | SweepAxis::Within => {
            plan.targets.iter().find(anchored).map_or(Ok(()), |target| {
                let of = target.anchor().map_or("", |anchor| &anchor.words);
                let failure =
                    format!("a target at the rate of {of} follows neither gas nor seconds");
                Err(Failure::start(failure).help("vary how many times that rate: `--rate 0.5..2x`"))
            })
        }
        SweepAxis::Times if !plan.targets.iter().any(|target| anchored(&target)) => {
            let failure = Failure::start("no target is relative to the rate of an operation");
            Err(failure.help("vary its gas or its time: `--target 20..120Mgas`, `--within 6..12s`"))
        }
        SweepAxis::Times | SweepAxis::AtLeast => Ok(()),
    }
}

/// Why there are no prices, in a line.
fn reason(none: &Infeasible, plan: &Plan) -> Option<String> {
    match verdict::verdict(none, plan) {
        Verdict::Infeasible { reason, .. } => reason.lines().next().map(str::to_owned),
        _ => None,
    }
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
