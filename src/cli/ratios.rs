//! `reprice ratios`.

use clap::ValueEnum;

use super::{
    exit::{Exit, Outcome},
    format::document,
    output::Terminal,
    recorded::{self, RunsArgs},
};
use crate::{
    recorded::{
        ProvingTarget,
        ratios::{RatioMode, RatioQuestion, ratios},
    },
    report::ratios as text,
};

const AFTER_HELP: &str = "\
Examples:
  reprice ratios --runs results/
  reprice ratios --runs results/ --target 60Mgas/12s --by scenario --all
  reprice ratios --runs results/ --mode absolute --at-least 1
  reprice ratios --bench-csv gas_bench_data.csv --format csv

A ratio is the rate that the target needs, divided by the rate that was measured: above 1 the operation is too slow for \
its price. Three modes: `absolute` takes the whole time of the largest block; `marginal` the line through a scenario's \
gas levels, so that the fixed cost of a proof does not count; `effective` takes that line, too, and asks for the rate that is \
needed in the time left once the fixed cost is paid. An operation's ratio is the worst of its scenarios.

Exit status: 0 every ratio is at most 1, 1 some are above or some blocks crashed, 2 the runs cannot be read.";

/// Show how far operations are from a target on recorded runs
#[derive(clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Args {
    #[command(flatten)]
    runs: RunsArgs,
    /// Gas of a full block and its time limit
    #[arg(long, value_name = "GAS/TIME", default_value = "60Mgas/8s", value_parser = recorded::target)]
    target: ProvingTarget,
    /// What a ratio compares
    #[arg(long, value_enum, default_value_t = ModeName::Effective)]
    mode: ModeName,
    /// Also show the ratio that so many of the provers reach
    #[arg(long, value_name = "K")]
    at_least: Option<usize>,
    /// Seconds of an empty block, instead of those estimated per prover
    #[arg(long, value_name = "SECONDS", value_parser = recorded::seconds)]
    fixed: Option<f64>,
    /// A row per operation, or per scenario
    #[arg(long, value_enum, default_value_t = By::Operation)]
    by: By,
    /// Show every row, and every block that crashed
    #[arg(long)]
    all: bool,
    /// The form of the result
    #[arg(long, value_enum, default_value_t = Form::Table)]
    format: Form,
}

#[derive(Clone, Copy, ValueEnum)]
enum ModeName {
    /// The largest block's whole time
    Absolute,
    /// The line through the gas levels
    Marginal,
    /// The same, against the time left after the fixed cost
    Effective,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum By {
    /// Its worst scenario
    Operation,
    /// Every scenario
    Scenario,
}

#[derive(Clone, Copy, ValueEnum)]
enum Form {
    /// For people
    Table,
    /// For programs: one versioned document
    Json,
    /// For spreadsheets: a line per scenario and prover
    Csv,
}

pub fn run(args: &Args, terminal: &Terminal) -> Outcome {
    let dataset = args.runs.dataset(None, terminal)?;
    let question = RatioQuestion {
        runs: &args.runs.name(),
        target: args.target,
        mode: match args.mode {
            ModeName::Absolute => RatioMode::Absolute,
            ModeName::Marginal => RatioMode::Marginal,
            ModeName::Effective => RatioMode::Effective,
        },
        at_least: args.at_least,
        fixed_s: args.fixed,
    };
    let answer = ratios(&dataset.panel, &question);
    let result = match args.format {
        Form::Table => {
            let by_scenario = args.by == By::Scenario;
            text::table(&answer, by_scenario, terminal.layout(args.all))
        }
        Form::Json => document("ratios", &answer)?,
        Form::Csv => text::csv(&answer),
    };
    terminal.result(&result)?;
    let holds = answer.provers.iter().all(|prover| prover.above == 0) && answer.crashes.is_empty();
    Ok(Exit::from_answer(holds))
}
