//! `reprice fit`.

use std::path::PathBuf;

use clap::ValueEnum;

use super::{
    exit::{Exit, Outcome},
    format::Format,
    output::Terminal,
    recorded::{self, RunsArgs},
};
use crate::{
    recorded::{
        ProvingTarget,
        fits::{FitQuestion, fits},
    },
    report::fits::{self as text, FitParts},
};

const AFTER_HELP: &str = "\
Examples:
  reprice fit --runs results/
  reprice fit --runs results/ --counts trace_data.csv --part joint
  reprice fit --bench-csv gas_bench_data.csv --part regressions --target 12Mgas/1s --fixed 0

Three ways from times to costs. `lines`: per scenario and prover a robust line over its gas levels (Theil-Sen), stalls \
named and dropped, crashes kept as lower bounds. `regressions`: per operation, prover and test the least squares that \
published repricings rest on, with non-negative coefficients; where they mislead is said below. `joint`: all blocks of a \
prover at once, by what each of them used, which needs opcode counts (the records' own, or --counts); parameters that the \
blocks do not tell apart are merged, and only their sum is claimed. Intervals are valid at 0.

Exit status: 0 fitted, 2 the runs cannot be read.";

/// Fit costs to recorded runs, and say what the data does not tell
#[derive(clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Args {
    #[command(flatten)]
    runs: RunsArgs,
    /// Table of opcode counts: `test_title`, `test_opcode`, `opcount` and a column per opcode; or a folder of fixtures, which are executed
    #[arg(long, value_name = "FILE")]
    counts: Option<PathBuf>,
    /// Gas of a full block and its time limit: what turns seconds into prices
    #[arg(long, value_name = "GAS/TIME", default_value = "60Mgas/8s", value_parser = recorded::target)]
    target: ProvingTarget,
    /// Seconds of an empty block, instead of those estimated per prover
    #[arg(long, value_name = "SECONDS", value_parser = recorded::seconds)]
    fixed: Option<f64>,
    /// Only this part; may be given several times
    #[arg(long, value_enum)]
    part: Vec<Part>,
    /// Show every row, and every block that crashed
    #[arg(long)]
    all: bool,
    /// The form of the result
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// A line per scenario and prover
    Lines,
    /// A regression per operation, prover and test
    Regressions,
    /// Everything of a prover at once
    Joint,
}

pub fn run(args: &Args, terminal: &Terminal) -> Outcome {
    let dataset = args.runs.dataset(args.counts.as_ref(), terminal)?;
    let question = FitQuestion {
        runs: &args.runs.name(),
        target: args.target,
        fixed_s: args.fixed,
    };
    let answer = fits(&dataset, &question);
    let has = |part| args.part.is_empty() || args.part.contains(&part);
    let parts = FitParts {
        lines: has(Part::Lines),
        regressions: has(Part::Regressions),
        joint: has(Part::Joint),
    };
    let table = |answer: &_| text::table(answer, parts, terminal.layout(args.all));
    terminal.result(&args.format.text("fit", &answer, table)?)?;
    Ok(Exit::Yes)
}
