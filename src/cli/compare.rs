//! `reprice compare`.

use clap::ValueEnum;

use super::{
    exit::{Exit, Failure, Outcome},
    line::Line,
    measure,
    output::Terminal,
    progress::Bar,
    provers::{self, Machine},
    schedules::{self, Constants},
};
use crate::{
    bench,
    gas::Gas,
    lang::Plan,
    report::{
        comparison::{self, Compared, ComparedThroughput, Comparison},
        json,
        judged::Judged,
        table::Layout,
    },
};

const AFTER_HELP: &str = "\
Examples:
  reprice compare osaka proposal.gas
  reprice compare schedules/zk-proving.gas proposal.gas --all
  reprice compare osaka schedules/compute-k.gas --set k=5 --format json

The first schedule is what the others are compared with.

Exit status: 0 compared, 2 a schedule cannot be read or has errors.";

/// Show schedules side by side: prices, and throughput where it has been measured
#[derive(clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Args {
    /// Schedules, two or more: paths, or built-in names
    #[arg(required = true, num_args = 2.., value_name = "SCHEDULE")]
    schedules: Vec<String>,
    #[command(flatten)]
    constants: Constants,
    /// Gas of the full blocks whose throughput is shown, instead of the targets'
    #[arg(long, value_name = "GAS", value_parser = measure::gas)]
    limit: Option<Gas>,
    #[command(flatten)]
    machine: Machine,
    /// Show prices that are the same, too
    #[arg(long)]
    all: bool,
    /// The form of the result
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

/// The form of a result.
#[derive(Clone, Copy, ValueEnum)]
pub enum Format {
    /// For people
    Table,
    /// For programs: one versioned document
    Json,
}

pub fn run(args: &Args, terminal: &Terminal) -> Outcome {
    let options = args.constants.options();
    let plans: Vec<Plan> = args
        .schedules
        .iter()
        .map(|name| schedules::plan(name, &options, terminal))
        .collect::<Result<_, Failure>>()?;
    let prices: Vec<_> = plans.iter().map(|plan| &plan.schedule).collect();
    let comparison = Comparison {
        schedules: args
            .schedules
            .iter()
            .zip(&plans)
            .map(|(file, plan)| Compared {
                file: file.clone(),
                name: plan.name.clone(),
            })
            .collect(),
        rows: comparison::rows(&prices).map_err(|error| Failure::start(error.to_string()))?,
        throughput: throughput(args, &plans, terminal)?,
    };
    let text = match args.format {
        Format::Table => comparison::table(
            &comparison,
            Layout {
                all: args.all,
                width: terminal.width,
            },
        ),
        Format::Json => json::document("comparison", &comparison)
            .map_err(|error| Failure::outside(error.to_string()))?,
    };
    terminal.result(&text)?;
    Ok(Exit::Yes)
}

/// What has been measured of each scenario's full block, side by side. Nothing is run for it.
fn throughput(
    args: &Args,
    plans: &[Plan],
    terminal: &Terminal,
) -> Result<Vec<ComparedThroughput>, Failure> {
    let config = args.machine.config()?;
    let store = args.machine.store(&config);
    let bar = Bar::new(terminal);
    let target = plans.iter().flat_map(|plan| &plan.targets).next();
    let limit = args
        .limit
        .or(target.map(|target| target.gas))
        .unwrap_or(measure::DEFAULT_LIMIT);
    let provers = [provers::embedded(&config)?];
    let scenarios: Vec<_> = bench::scenarios().iter().collect();
    let line = Line {
        provers: &provers,
        store: &store,
        scenarios,
        bar: &bar,
    };
    let mut rows = Vec::new();
    for configured in line.provers {
        let kept = |plan: &Plan| line.kept(&plan.schedule, &plan.root, configured, limit);
        let by_schedule: Vec<Vec<Option<Judged>>> = plans.iter().map(kept).collect();
        for (at, scenario) in line.scenarios.iter().enumerate() {
            let rate =
                |all: &Vec<Option<Judged>>| all[at].as_ref().map(|one| one.full_block_rate(limit));
            let throughput: Vec<Option<f64>> = by_schedule.iter().map(rate).collect();
            if throughput.iter().any(Option::is_some) {
                let prover = configured.prover.name().into();
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
