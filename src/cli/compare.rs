//! `reprice compare`.

use clap::ValueEnum;

use super::{
    exit::{Exit, Failure, Outcome},
    output::Terminal,
    schedules::{self, Constants},
};
use crate::{
    lang::Plan,
    report::{
        comparison::{self, Compared, Comparison},
        json,
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
        throughput: Vec::new(),
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
