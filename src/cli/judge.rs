//! `reprice judge`.

use std::path::PathBuf;

use super::{
    compare::Format,
    exit::{Exit, Failure, Outcome},
    output::Terminal,
    recorded::{self, Where},
    schedules::{self, Constants},
};
use crate::{
    diag::Label,
    gas::{Gas, Schedule},
    lang::{Plan, Target, Verb},
    recorded::{
        Basis,
        blocks::{Blocks, Choice},
        judgement::{JudgedBlock, JudgedSchedule, judge},
        ratios::Asked,
    },
    report::{
        json,
        judged::target_line,
        judgement::{self, Judgement},
        table::Layout,
    },
};

const AFTER_HELP: &str = "\
Examples:
  reprice judge proposal.gas --runs results/ --counts trace_data.csv
  reprice judge osaka published.gas ours.gas --bench-csv gas_bench_data.csv --counts trace_data.csv
  reprice judge ours.gas --runs results/ --counts trace_data.csv --levels 60..60

Any schedule against any runs: each recorded block is the same work at another price. It is below the target when its gas \
is less than what its time needs, and overshoots by as much as its gas is more. Judge on runs that the prices were not \
made from: other gas levels (--levels), other guests, other hardware. A block that crashed counts as a miss, unless its work \
would take more gas than a full block has.

Exit status: 0 no block is below under any of the schedules, 1 some are, 2 a schedule or the runs cannot be read.";

/// Judge schedules on recorded runs: blocks below the target, overshoot, distortion
#[derive(clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Args {
    /// Schedules: paths, or built-in names
    #[arg(required = true, value_name = "SCHEDULE")]
    schedules: Vec<String>,
    #[command(flatten)]
    place: Where,
    #[command(flatten)]
    constants: Constants,
    #[command(flatten)]
    blocks: BlockArgs,
    /// Gas of a full block and its time limit, instead of the first schedule's target
    #[arg(long, value_name = "GAS/TIME", value_parser = recorded::target)]
    target: Option<Asked>,
    /// Show every block below
    #[arg(long)]
    all: bool,
    /// The form of the result
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

/// Which recorded blocks count.
#[derive(clap::Args, Clone, Debug)]
pub struct BlockArgs {
    /// Table of opcode counts: `test_title`, `test_opcode`, `opcount` and a column per opcode; or a folder of fixtures, which are executed
    #[arg(long, value_name = "FILE")]
    pub counts: Option<PathBuf>,
    /// Only these gas levels, in millions
    #[arg(long, value_name = "LOW..HIGH", value_parser = levels)]
    pub levels: Option<(Gas, Gas)>,
    /// Seconds of an empty block, instead of those estimated per prover
    #[arg(long, value_name = "SECONDS", value_parser = recorded::seconds)]
    pub fixed: Option<f64>,
}

/// `5..35`, in millions of gas.
fn levels(text: &str) -> Result<(Gas, Gas), String> {
    let wrong = || "expected gas levels in millions, such as 5..35".to_owned();
    let (low, high) = text.split_once("..").ok_or_else(wrong)?;
    let level = |text: &str| {
        let mgas: Gas = text.trim().trim_end_matches('M').parse().ok()?;
        mgas.checked_mul(1_000_000)
    };
    match (level(low), level(high)) {
        (Some(low), Some(high)) if low <= high => Ok((low, high)),
        _ => Err(wrong()),
    }
}

pub fn run(args: &Args, terminal: &Terminal) -> Outcome {
    let plans = schedules::plans(&args.schedules, &args.constants.options(), terminal)?;
    let target = target(args, &plans)?;
    let recorded = args.place.read(terminal)?;
    let panel = recorded::panel(&recorded)?;
    let counts = recorded::counts(args.blocks.counts.as_ref())?;
    let fork = recorded::fork()?;
    let choice = Choice {
        levels: args.blocks.levels,
        fixed_s: args.blocks.fixed,
        basis: Basis::Measured,
    };
    let priced = plans.iter().any(|plan| differs(&plan.schedule, &fork));
    let blocks = Blocks::of(&recorded, &panel, &counts, &fork, &choice, priced);
    let mut judged = Vec::new();
    for (file, plan) in args.schedules.iter().zip(&plans) {
        let own = blocks.all.iter().filter(|block| {
            target.on.is_empty() || target.on.iter().any(|on| on == block.source.zkvm_name())
        });
        let all: Vec<JudgedBlock> = own
            .map(|block| block.judgement(&plan.schedule, &target))
            .collect::<Result<_, _>>()?;
        judged.push(judge(file, &plan.name, &all));
    }
    if judged.iter().all(|one| one.blocks == 0) {
        return Err(nothing(&blocks));
    }
    let report = Judgement {
        runs: args.place.name(),
        target: target_line(&target),
        left_out: blocks.left_out.clone(),
        schedules: judged,
    };
    let layout = Layout {
        all: args.all,
        width: terminal.width,
    };
    let text = match args.format {
        Format::Table => judgement::table(&report, layout),
        Format::Json => json::document("judgement", &report)
            .map_err(|error| Failure::outside(error.to_string()))?,
    };
    terminal.result(&text)?;
    let holds = |one: &JudgedSchedule| one.below == 0 && one.crashed == 0;
    Ok(Exit::from_answer(report.schedules.iter().all(holds)))
}

/// No block can be priced again.
pub fn nothing(blocks: &Blocks) -> Failure {
    let mut failure = Failure::start("none of the recorded blocks can be priced");
    for (why, n) in &blocks.left_out {
        failure = failure.help(format!("{n} left out: {why}"));
    }
    failure.help("`--counts` takes a table of opcode counts by test, or the tests' fixtures")
}

fn target(args: &Args, plans: &[Plan]) -> Result<Target, Failure> {
    if let Some(asked) = args.target {
        return Ok(Target {
            verb: Verb::Prove,
            gas: asked.gas,
            within_s: asked.within_s,
            on: Vec::new(),
            at_least: None,
            label: Label::default(),
        });
    }
    let mut targets = plans.iter().flat_map(|plan| &plan.targets);
    let first = targets.find(|target| target.verb == Verb::Prove);
    first.cloned().ok_or_else(|| {
        Failure::start("none of the schedules states a target to prove")
            .help("give one, such as `--target 60Mgas/8s`")
    })
}

/// Whether any price is another than the fork's.
fn differs(schedule: &Schedule, fork: &Schedule) -> bool {
    let formula = |schedule: &Schedule, name: &str| schedule.formula(name).map(|f| f.to_string());
    let entries = schedule.entries().iter();
    entries
        .map(|entry| entry.name.as_str())
        .any(|name| formula(schedule, name) != formula(fork, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_millions() {
        assert_eq!(levels("5..35"), Ok((5_000_000, 35_000_000)));
        assert_eq!(levels("60M..60M"), Ok((60_000_000, 60_000_000)));
        assert!(levels("60").is_err() && levels("7..5").is_err() && levels("a..b").is_err());
    }
}
