//! `reprice compare`.

use std::fmt::Write as _;

use clap::ValueEnum;

use super::{
    block_size,
    exit::{Exit, Failure, Outcome},
    format::document,
    machine::{self, Machine},
    output::Terminal,
    progress::Bar,
    schedules::{self, Constants},
    selection::{Added, Selection},
    weights,
};
use crate::{
    bench::{self, Scenario},
    gas::{Gas, GasParam},
    lang::Plan,
    prove::{MeasuredBlock, Measuring, Progress as _, ProverId},
    report::{
        compared_prices::{self, ComparedRow},
        comparison::{self, Compared, ComparedThroughput, Comparison},
        full_blocks::{ComparedBlock, FullBlock},
        meter_counts,
        number::three_digits,
        table::meter_text,
        weighted,
    },
};

const AFTER_HELP: &str = "\
Examples:
  reprice compare osaka proposal.gas
  reprice compare schedules/zk-proving.gas proposal.gas --all
  reprice compare osaka schedules/compute-k.gas --set k=5 --format json

  reprice compare osaka proposal.gas --format markdown   a table for an EIP
  reprice compare osaka proposal.gas --max-increase 2x   exit status 1 if a price more than doubles
  reprice compare prague osaka amsterdam --blocks        what fits into a block of each, scenario by scenario

The first schedule is what the others are compared with. Prices that are the same in all are left out.

Exit status: 0 compared (with --max-increase: no price is above it), 1 a price is above it, 2 a schedule cannot be read or has errors.";

/// Show schedules side by side: prices, and throughput where it has been measured
#[derive(clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Args {
    /// Schedules, two or more: paths, or built-in names
    #[arg(required = true, num_args = 2.., value_name = "SCHEDULE")]
    schedules: Vec<String>,
    #[command(flatten)]
    constants: Constants,
    /// Gas of the full blocks that are shown, instead of the targets' (or, with --blocks, each schedule's own limit)
    #[arg(long, value_name = "GAS", value_parser = block_size::gas)]
    limit: Option<Gas>,
    #[command(flatten)]
    machine: Machine,
    /// Also show every scenario's full block: the iterations that fit, the gas they use, how full the block is
    #[arg(long)]
    blocks: bool,
    #[command(flatten)]
    selection: Selection,
    /// Show prices and blocks that are the same, too
    #[arg(long)]
    all: bool,
    /// Take prices that are this close to the first schedule's for the same, such as 5%
    #[arg(long, value_name = "SHARE", value_parser = share, default_value = "0%", hide_default_value = true)]
    tolerance: f64,
    /// Answer no when a price is more than this many times the first schedule's, such as 2x
    #[arg(long, value_name = "FACTOR", value_parser = factor)]
    max_increase: Option<f64>,
    /// Also sum up what a mix of operations costs: a CSV file with a name and a count a line, such as `ADD,1200`
    #[arg(long, value_name = "FILE")]
    weights: Option<String>,
    /// The form of the result
    #[arg(long, value_enum, default_value_t = CompareFormat::Table)]
    format: CompareFormat,
}

/// The form of a comparison.
#[derive(Clone, Copy, ValueEnum)]
enum CompareFormat {
    /// For people
    Table,
    /// The table of an EIP
    Markdown,
    /// For programs: one versioned document
    Json,
}

pub fn run(args: &Args, terminal: &Terminal) -> Outcome {
    let plans = schedules::plans(&args.schedules, &args.constants.options(), terminal)?;
    let prices: Vec<_> = plans.iter().map(|plan| &plan.schedule).collect();
    let rows = compared_prices::rows(&prices).map_err(|error| Failure::start(error.to_string()))?;
    let added = args.selection.read()?;
    let comparison = Comparison {
        schedules: args
            .schedules
            .iter()
            .zip(&plans)
            .map(|(file, plan)| Compared {
                file: file.clone(),
                name: plan.name.clone(),
                meters: plan.schedule.meters.iter().map(meter_text).collect(),
            })
            .collect(),
        weighted: match &args.weights {
            Some(path) => {
                let mix = weights::read(path, prices[0], terminal)?;
                Some(weighted::weigh(&rows, &mix))
            }
            None => None,
        },
        rows,
        counts: meter_counts::counts(&prices),
        blocks: if args.blocks {
            blocks(args, &plans, &added, terminal)?
        } else {
            Vec::new()
        },
        throughput: throughput(args, &plans, &added, terminal)?,
    };
    let text = match args.format {
        CompareFormat::Table => {
            comparison::table(&comparison, args.tolerance, terminal.layout(args.all))
        }
        CompareFormat::Markdown => comparison::markdown(&comparison, &prices, args.tolerance)
            .map_err(|error| Failure::start(error.to_string()))?,
        CompareFormat::Json => document("comparison", &comparison)?,
    };
    terminal.result(&text)?;
    let Some(limit) = args.max_increase else {
        return Ok(Exit::Yes);
    };
    let over: Vec<&ComparedRow> = comparison
        .rows
        .iter()
        .filter(|row| row.increase().is_some_and(|increase| increase > limit))
        .collect();
    terminal.say(&gate(&over, limit));
    Ok(Exit::from_answer(over.is_empty()))
}

/// The gate's answer and its reasons.
fn gate(over: &[&ComparedRow], limit: f64) -> String {
    if over.is_empty() {
        return format!(
            "yes: no price is more than {}x the first schedule's\n",
            three_digits(limit)
        );
    }
    let mut text = format!(
        "no: {} more than {}x the first schedule's\n",
        if over.len() == 1 {
            "1 price is".into()
        } else {
            format!("{} prices are", over.len())
        },
        three_digits(limit)
    );
    for row in over {
        let increase = row.increase().unwrap_or_default();
        let times = if increase.is_finite() {
            format!("{}x", three_digits(increase))
        } else {
            "from nothing, or another formula".into()
        };
        // Writing into a string cannot fail.
        let _ = writeln!(text, "  {}: {times}", row.param);
    }
    text
}

/// A share such as `5%` or `0.05`.
fn share(text: &str) -> Result<f64, String> {
    let (number, scale) = text
        .strip_suffix('%')
        .map_or((text, 1.0), |number| (number, 100.0));
    match number.trim().parse::<f64>() {
        Ok(share) if share.is_finite() && share >= 0.0 => Ok(share / scale),
        _ => Err("expected a share, such as 5%".into()),
    }
}

/// A factor such as `2x` or `1.5`.
fn factor(text: &str) -> Result<f64, String> {
    match text.strip_suffix('x').unwrap_or(text).trim().parse::<f64>() {
        Ok(factor) if factor.is_finite() && factor > 0.0 => Ok(factor),
        _ => Err("expected a factor, such as 2x".into()),
    }
}

/// The gas of full blocks: as asked for, or the targets'.
fn limit(args: &Args, plans: &[Plan]) -> Gas {
    let target = plans.iter().flat_map(|plan| &plan.targets).next();
    args.limit
        .or(target.map(|target| target.gas))
        .unwrap_or(block_size::DEFAULT_LIMIT)
}

/// The gas of a schedule's full block: as asked for, its target's, or its own limit.
fn block_limit(args: &Args, plan: &Plan) -> Result<Gas, Failure> {
    let target = plan.targets.first().map(|target| target.gas);
    if let Some(limit) = args.limit.or(target) {
        return Ok(limit);
    }
    let limit = plan.schedule.price(&GasParam::whole("BLOCK_GAS_LIMIT"));
    limit.map_err(|error| Failure::start(error.to_string()))
}

/// The scenarios chosen, each once, in the order of the first schedule that has it.
fn chosen<'a>(args: &Args, plans: &[Plan], added: &'a Added) -> Result<Vec<&'a Scenario>, Failure> {
    let mut all: Vec<&Scenario> = Vec::new();
    let mut refused = None;
    for plan in plans {
        match args.selection.scenarios(&plan.schedule, added) {
            Ok(more) => {
                let new = more
                    .into_iter()
                    .filter(|s| !all.iter().any(|k| k.id == s.id));
                let new: Vec<_> = new.collect();
                all.extend(new);
            }
            Err(failure) => refused = Some(failure),
        }
    }
    match refused {
        Some(failure) if all.is_empty() => Err(failure),
        _ => Ok(all),
    }
}

/// Each scenario's full block under each schedule, found from small blocks.
fn blocks(
    args: &Args,
    plans: &[Plan],
    added: &Added,
    terminal: &Terminal,
) -> Result<Vec<ComparedBlock>, Failure> {
    let scenarios = chosen(args, plans, added)?;
    let bar = Bar::new(terminal);
    bar.stage("making blocks".into());
    bar.begin(plans.len());
    let mut rows: Vec<ComparedBlock> = scenarios
        .iter()
        .map(|scenario| ComparedBlock {
            scenario: scenario.id.clone(),
            blocks: Vec::new(),
        })
        .collect();
    for plan in plans {
        let charged = |error| Failure::start(format!("`{}` cannot be charged: {error}", plan.name));
        let limit = block_limit(args, plan)?;
        let made = bench::estimate(&scenarios, &plan.schedule, limit).map_err(charged)?;
        for ((row, scenario), made) in rows.iter_mut().zip(&scenarios).zip(made) {
            let priced = plan.schedule.entry(&scenario.operation).is_some();
            let made = made.ok().filter(|_| priced);
            row.blocks.push(made.map(|block| FullBlock {
                iterations: block.iterations,
                gas_used: block.gas_used,
                fill: block.fill,
                meter: block.ended_by().map(str::to_owned),
            }));
        }
        bar.done(&plan.name);
    }
    bar.clear();
    Ok(rows)
}

/// What has been measured of each scenario's full block, side by side. Nothing is run for it.
fn throughput(
    args: &Args,
    plans: &[Plan],
    added: &Added,
    terminal: &Terminal,
) -> Result<Vec<ComparedThroughput>, Failure> {
    let config = args.machine.config()?;
    let store = args.machine.store(&config);
    let bar = Bar::new(terminal);
    let limit = limit(args, plans);
    let provers = [machine::embedded(&config)?];
    let scenarios = chosen(args, plans, added)?;
    let measuring = Measuring {
        provers: &provers,
        store: &store,
        scenarios,
        progress: &bar,
    };
    let mut rows = Vec::new();
    for configured in measuring.provers {
        let kept = |plan: &Plan| measuring.kept(&plan.schedule, &plan.root, configured, limit);
        let by_schedule: Vec<Vec<Option<MeasuredBlock>>> = plans.iter().map(kept).collect();
        for (at, scenario) in measuring.scenarios.iter().enumerate() {
            let rate = |all: &Vec<Option<MeasuredBlock>>| {
                all[at].as_ref().map(|one| one.full_block_rate(limit))
            };
            let throughput: Vec<Option<f64>> = by_schedule.iter().map(rate).collect();
            if throughput.iter().any(Option::is_some) {
                let prover = ProverId::of(configured.prover.name());
                rows.push(ComparedThroughput {
                    scenario: scenario.id.clone(),
                    prover,
                    throughput,
                });
            }
        }
    }
    Ok(rows)
}
