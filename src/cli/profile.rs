//! `reprice profile`.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use clap::ValueEnum;

use super::{
    block_size,
    destination::{Destination, Input, OutputOption},
    exit::{Exit, Failure, Outcome},
    fixtures,
    format::Format,
    output::Terminal,
    progress::Bar,
    schedules::{self, Constants},
    selection::{self, Added},
};
use crate::{
    bench::{Scenario, Size},
    eest::{self, FixtureBlock},
    gas::{Gas, Schedule},
    prove::{
        Embedded, Prover as _,
        profile::{Spent, accepted, scenario_block},
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
  reprice profile test_mulmod.json --include mod_bits_191 --folded mulmod.folded

Is a block dear for its operation, or for what is around it? The scenario's block is made as large as --gas says, and SP1's \
executor runs the guest on it one instruction at a time. What each takes is added up by EVM operation, by system call and by \
what the guest does at that time: to the cycle, for nothing is sampled. An empty block is taken apart, too: what that \
takes is fixed. What remains beside the operation is glue: other instructions, transactions, roots, and the witness of what the \
operation touches, which the guest hashes before it runs any.

A file of a fixture (a blockchain test, a stateless input, a mainnet block with a witness) is taken apart the same way, under the \
prices of its fork: its last valid block, as large as it is.

Cycles are instructions. SP1 gas is the estimate that SP1 makes of a proof's cost, which sees what a system call does.

Exit status: 0.";

/// Take a block's cost apart: by EVM operation, by system call, by what the guest does
#[derive(clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Args {
    /// The scenario whose block it is, where `*` stands for anything; or a fixture's `.json` file
    #[arg(value_name = "SCENARIO|FIXTURE")]
    block: String,
    /// Schedule of a scenario's block: a path, or a built-in name [default: osaka]
    schedule: Option<String>,
    #[command(flatten)]
    constants: Constants,
    /// Gas of a scenario's block: shares change little in larger ones; 300,000 if not said
    #[arg(long, value_name = "GAS", value_parser = block_size::gas)]
    gas: Option<Gas>,
    /// Iterations of the scenario's loop, instead of as many as --gas is enough for
    #[arg(long, value_name = "N", conflicts_with = "gas")]
    iterations: Option<u64>,
    /// The fixture in the file whose name holds this text; all of several
    #[arg(long, value_name = "TEXT")]
    include: Vec<String>,
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

/// Gas of a scenario's block where none is asked for.
const USUAL_GAS: Gas = 300_000;

/// Scenarios or fixtures that are named where several match.
const NAMED: usize = 6;

const FOLDED: OutputOption = OutputOption {
    flag: "--folded",
    extension: "folded",
};

pub fn run(args: &Args, terminal: &Terminal) -> Outcome {
    let block = Path::new(&args.block);
    if block
        .extension()
        .is_some_and(|extension| extension == "json")
    {
        of_fixture(block, args, terminal)
    } else {
        of_scenario(args, terminal)
    }
}

fn of_fixture(file: &Path, args: &Args, terminal: &Terminal) -> Outcome {
    refuse_what_makes_blocks(args)?;
    let folded = destination(args, &[Input::new(file, "the fixture")])?;
    let (name, block) = fixture_block(file, &args.include)?;
    let failed = |what: String| Failure::outside(format!("{name}: {what}"));
    let question = block.question(None).map_err(failed)?;
    let bar = Bar::new(terminal);
    bar.stage("profiling".into());
    let profile = accepted(question).map_err(|error| failed(error.to_string()))?;
    bar.clear();
    let profiled = Profiled {
        block: &name,
        schedule: None,
        prover: &prover()?,
        gas_used: block.gas_used,
        iterations: None,
        operation: None,
        profile: &profile,
        empty: None,
    };
    show(args, profiled, folded, terminal)
}

fn of_scenario(args: &Args, terminal: &Terminal) -> Outcome {
    if !args.include.is_empty() {
        return Err(
            Failure::start("`--include` chooses among the fixtures of a file").help(format!(
                "`{}` is a scenario: name it itself, or a `.json` file",
                args.block
            )),
        );
    }
    let options = args.constants.options();
    let schedule = args.schedule.as_deref().unwrap_or("osaka");
    let (plan, inputs) = schedules::plan_and_files(schedule, &options, terminal)?;
    let folded = destination(args, &inputs)?;
    let scenario = one(&args.block, &plan.schedule)?;
    let gas = Size::Gas(args.gas.unwrap_or(USUAL_GAS));
    let size = args.iterations.map_or(gas, Size::Iterations);
    let failed = |error| Failure::outside(format!("{}: {error}", scenario.id));
    let bar = Bar::new(terminal);
    bar.stage("profiling".into());
    let block = scenario_block(scenario, &plan.schedule, size).map_err(failed)?;
    bar.clear();
    let profiled = Profiled {
        block: &scenario.id,
        schedule: Some(schedule),
        prover: &prover()?,
        gas_used: block.gas_used,
        iterations: Some(block.iterations),
        operation: Some(&scenario.operation),
        profile: &block.profile,
        empty: Some(&block.empty),
    };
    show(args, profiled, folded, terminal)
}

/// What runs it, and its version.
fn prover() -> Result<String, Failure> {
    let prover = Embedded::new().map_err(|error| Failure::outside(error.to_string()))?;
    Ok(format!("{}: {}", prover.name(), prover.version()))
}

/// Prints the profile and writes its stacks.
fn show(
    args: &Args,
    profiled: Profiled<'_>,
    folded: Option<Destination>,
    terminal: &Terminal,
) -> Outcome {
    let report = ProfileReport::new(profiled);
    let table = |report: &_| profile::table(report, terminal.layout(args.all));
    terminal.result(&args.format.text("profile", &report, table)?)?;
    if let Some(folded) = folded {
        folded.write_and_say(&lines(&profiled.profile.stacks, args.by), terminal)?;
    }
    Ok(Exit::Yes)
}

/// Where stacks are written, if they are.
fn destination(args: &Args, inputs: &[Input]) -> Result<Option<Destination>, Failure> {
    let folded = args.folded.as_deref();
    folded
        .map(|path| Destination::new(FOLDED, path, inputs))
        .transpose()
}

/// A fixture's block is what it is.
fn refuse_what_makes_blocks(args: &Args) -> Result<(), Failure> {
    let given = [
        (args.schedule.is_some(), "a schedule is"),
        (args.constants.is_some(), "`--variant` and `--set` are"),
        (args.gas.is_some(), "`--gas` is"),
        (args.iterations.is_some(), "`--iterations` is"),
    ];
    let Some((_, what)) = given.iter().find(|(is, _)| *is) else {
        return Ok(());
    };
    let why = format!(
        "{what} for a scenario's block, and `{}` is a fixture",
        args.block
    );
    let failure = Failure::start(why);
    Err(failure.help("a fixture's block has its own size, and the prices of its fork"))
}

/// The only fixture of the file that is asked for, and its block.
fn fixture_block(file: &Path, include: &[String]) -> Result<(String, FixtureBlock), Failure> {
    let mut found = fixtures::named(file, include)?;
    if found.len() != 1 {
        let names = found
            .iter()
            .take(NAMED)
            .map(|fixture| fixture.name.as_str());
        let names: Vec<&str> = names.collect();
        let several = Failure::start(format!(
            "{} fixtures of `{}` are asked for, and a profile is of one",
            found.len(),
            file.display()
        ));
        let which = match found.len() {
            0 => "`--include` takes texts that names hold".into(),
            _ => format!("choose with `--include`: {}", names.join(", ")),
        };
        return Err(several.help(which));
    }
    let fixture = found.remove(0);
    let block = eest::block(&fixture)
        .map_err(|why| Failure::outside(format!("{}: {why}", fixture.name)))?;
    Ok((fixture.name, block))
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
