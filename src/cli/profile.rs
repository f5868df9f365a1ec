//! `reprice profile`.

use std::{collections::BTreeMap, path::PathBuf};

use clap::ValueEnum;

use super::{
    block_size,
    destination::{Destination, OutputOption},
    exit::{Exit, Failure, Outcome},
    format::Format,
    output::Terminal,
    progress::Bar,
    schedules::{self, Constants},
    selection::{self, Added},
};
use crate::{
    bench::{Scenario, Size},
    gas::{Gas, Schedule},
    prove::{
        Embedded, Prover as _,
        profile::{Spent, scenario_block},
    },
    report::profile::{self, ProfileReport, Profiled},
};

const AFTER_HELP: &str = "\
Examples:
  reprice profile mulmod/searched
  reprice profile sload/cold-depth-8 proposal.gas --gas 1_000_000
  reprice profile keccak256/32-bytes --folded k.folded && inferno-flamegraph k.folded > k.svg
  reprice profile ecadd/chain --folded ecadd.folded --by gas
  reprice profile mixed/curves --iterations 1 --all --format json

Is a block dear for its operation, or for what is around it? The scenario's block is made as large as --gas says, and SP1's \
executor runs the guest on it one instruction at a time. What each takes is added up by EVM operation, by system call and by \
what the guest does at that time: to the cycle, for nothing is sampled. An empty block is taken apart, too: what that \
takes is fixed. What remains beside the operation is glue: other instructions, transactions, roots, and the witness of what the \
operation touches, which the guest hashes before it runs any.

Cycles are instructions. SP1 gas is the estimate that SP1 makes of a proof's cost, which sees what a system call does.

Exit status: 0.";

/// Take a block's cost apart: by EVM operation, by system call, by what the guest does
#[derive(clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Args {
    /// The scenario whose block it is; `*` stands for anything
    scenario: String,
    /// Schedule: a path, or a built-in name
    #[arg(default_value = "osaka")]
    schedule: String,
    #[command(flatten)]
    constants: Constants,
    /// Gas of the block: shares change little in larger ones
    #[arg(long, value_name = "GAS", default_value = "300_000", value_parser = block_size::gas)]
    gas: Gas,
    /// Iterations of the scenario's loop, instead of as many as --gas is enough for
    #[arg(long, value_name = "N", conflicts_with = "gas")]
    iterations: Option<u64>,
    /// Operations and system calls of less than a thousandth of the block, too
    #[arg(long)]
    all: bool,
    /// Also write every call stack with what it took itself to this file, as flame graph tools read it
    #[arg(long, value_name = "FILE")]
    folded: Option<PathBuf>,
    /// What the figures of --folded are
    #[arg(long, value_enum, default_value_t = Unit::Cycles, requires = "folded")]
    by: Unit,
    /// The form of the result
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

/// What costs are counted in.
#[derive(Clone, Copy, ValueEnum)]
enum Unit {
    /// Instructions of the zkVM
    Cycles,
    /// SP1's own gas
    Gas,
}

/// Scenarios that are named where several match.
const NAMED: usize = 6;

const FOLDED: OutputOption = OutputOption {
    flag: "--folded",
    extension: "folded",
};

pub fn run(args: &Args, terminal: &Terminal) -> Outcome {
    let options = args.constants.options();
    let (plan, inputs) = schedules::plan_and_files(&args.schedule, &options, terminal)?;
    let folded = args.folded.as_deref();
    let folded = folded.map(|path| Destination::new(FOLDED, path, &inputs));
    let folded = folded.transpose()?;
    let scenario = one(&args.scenario, &plan.schedule)?;
    let size = args
        .iterations
        .map_or(Size::Gas(args.gas), Size::Iterations);
    let failed = |error| Failure::outside(format!("{}: {error}", scenario.id));
    let prover = Embedded::new().map_err(|error| Failure::outside(error.to_string()))?;
    let prover = format!("{}: {}", prover.name(), prover.version());
    let bar = Bar::new(terminal);
    bar.stage("profiling".into());
    let block = scenario_block(scenario, &plan.schedule, size).map_err(failed)?;
    bar.clear();
    let report = ProfileReport::new(Profiled {
        block: &scenario.id,
        schedule: &args.schedule,
        prover: &prover,
        gas_used: block.gas_used,
        iterations: Some(block.iterations),
        operation: Some(&scenario.operation),
        profile: &block.profile,
        empty: Some(&block.empty),
    });
    let table = |report: &_| profile::table(report, terminal.layout(args.all));
    terminal.result(&args.format.text("profile", &report, table)?)?;
    if let Some(folded) = folded {
        folded.write_and_say(&lines(&block.profile.stacks, args.by), terminal)?;
    }
    Ok(Exit::Yes)
}

/// The only scenario that matches.
fn one(pattern: &str, schedule: &Schedule) -> Result<&'static Scenario, Failure> {
    let found = selection::matching(&[pattern.to_owned()], schedule, Added::none())?;
    if let [one] = found[..] {
        return Ok(one);
    }
    let ids = found
        .iter()
        .take(NAMED)
        .map(|scenario| scenario.id.as_str());
    let ids: Vec<&str> = ids.collect();
    let several = Failure::start(format!(
        "{} scenarios match `{pattern}`, and a profile is of one",
        found.len()
    ));
    Err(several.help(format!("name one, such as {}", ids.join(", "))))
}

/// A line for each stack: `a;b;c count`.
fn lines(stacks: &BTreeMap<String, Spent>, unit: Unit) -> String {
    let line = |(stack, spent): (&String, &Spent)| match unit {
        Unit::Cycles => format!("{stack} {}\n", spent.cycles),
        Unit::Gas => format!("{stack} {:.0}\n", spent.gas()),
    };
    stacks.iter().map(line).collect()
}
