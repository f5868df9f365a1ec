//! `reprice measure`.

use std::path::PathBuf;

use super::{
    block_size::{DEFAULT_LIMIT, gas},
    destination::{Destination, DestinationFolder, Input, OutputOption},
    exit::{Exit, Failure, Outcome},
    fixtures::{
        self,
        measure::{Asked, FixtureArgs},
    },
    format::Format,
    machine::{self, Machine},
    margin::MarginArgs,
    output::Terminal,
    progress::Bar,
    recorded,
    schedules::{self, Constants},
    selection::Selection,
    shard::{self, Shard},
};
use crate::{
    gas::Gas,
    lang::{Plan, Target},
    prove::{MeasuredBlock, Measuring},
    report::{
        costs::{self, Counted},
        measured::{self, MeasureReport},
        report_lines::{block_line, margin_line, meter_lines, prover_line, target_line},
    },
};

const COSTS: OutputOption = OutputOption {
    flag: "--costs-to",
    extension: "csv",
};

const AFTER_HELP: &str = "\
Examples:
  reprice measure osaka --scenario 'mulmod/*'
  reprice measure proposal.gas
  reprice measure schedules/zk-proving.gas --limit 30_000_000 --format json
  reprice measure osaka --costs --costs-to costs.csv
  reprice measure osaka --to results/ && reprice ratios --runs results/
  reprice measure proposal.gas --shard 1/4
  reprice measure --fixtures blockchain_tests/ --include 10M- --to costs/

Blocks are regenerated under the schedule's prices and run on the provers its target names (sp1 where it has none), or by \
revm on this machine where its target is to `execute`. Results are kept: a second run of the same blocks takes no time.

With --shard, several machines with the same program and provers share the work, each with a part. Then copy their cache \
folders together: files never differ but where two measured the same, and either serves. The same command without --shard \
finds everything there and runs nothing.

With --fixtures blocks of others are measured under the prices of their own forks: each test's last valid block. With --to their \
results stand beside published ones, with opcode counts and usage, for `ratios`, `fit`, `calibrate`, `judge` and `propose --runs`.

Exit status: 0 every block meets the schedule's target (or it has none), 1 a block misses it, or was not accepted.";

/// Measure how fast full blocks are proven under a schedule
#[derive(clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Args {
    /// Schedule: a path, or a built-in name
    #[arg(required_unless_present = "fixtures")]
    schedule: Option<String>,
    #[command(flatten)]
    fixtures: FixtureArgs,
    #[command(flatten)]
    constants: Constants,
    #[command(flatten)]
    selection: Selection,
    /// Gas of a full block, instead of the target's; the time limit stays
    #[arg(long, value_name = "GAS", value_parser = gas)]
    limit: Option<Gas>,
    #[command(flatten)]
    margin: MarginArgs,
    /// Also write every result to this folder, in zkevm-benchmark-workload's layout
    #[arg(long, value_name = "DIR")]
    to: Option<PathBuf>,
    /// Show what each block costs the prover, counted, instead of its time
    #[arg(long)]
    costs: bool,
    /// Write these costs to this file, a column a cost
    #[arg(long, value_name = "FILE.csv")]
    costs_to: Option<PathBuf>,
    /// Only the I-th of N parts of the scenarios or fixtures, for several machines
    #[arg(long, value_name = "I/N", value_parser = shard::shard)]
    shard: Option<Shard>,
    #[command(flatten)]
    machine: Machine,
    /// The form of the result
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

pub fn run(args: &Args, terminal: &Terminal) -> Outcome {
    let to = args.to.as_deref();
    let to = to.map(|path| DestinationFolder::new("--to", path));
    let to = to.transpose()?;
    let Some(schedule) = &args.schedule else {
        let asked = Asked {
            shard: args.shard,
            folder: to.as_ref(),
            costs: args.costs,
            costs_to: costs_to(args, &args.fixtures.inputs())?,
            format: args.format,
        };
        return fixtures::measure::run(&args.fixtures, &asked, &args.machine, terminal);
    };
    scenarios_under(schedule, args, to.as_ref(), terminal)
}

/// Where costs are written, if they are; none of `inputs`.
fn costs_to(args: &Args, inputs: &[Input]) -> Result<Option<Destination>, Failure> {
    let path = args.costs_to.as_deref();
    path.map(|path| Destination::new(COSTS, path, inputs))
        .transpose()
}

fn scenarios_under(
    schedule: &str,
    args: &Args,
    to: Option<&DestinationFolder>,
    terminal: &Terminal,
) -> Outcome {
    let (plan, mut inputs) =
        schedules::plan_and_files(schedule, &args.constants.options(), terminal)?;
    inputs.extend(args.selection.inputs());
    let costs_to = costs_to(args, &inputs)?;
    let config = args.machine.config()?;
    let store = args.machine.store(&config);
    let provers = machine::configured(&plan, &config, &store, terminal)?;
    if let Some(folder) = to {
        recorded::check_folders(folder, &provers)?;
    }
    let bar = Bar::new(terminal);
    bar.stage("measuring".into());
    let added = args.selection.read()?;
    let scenarios = args.selection.scenarios(&plan.schedule, &added)?;
    let measuring = Measuring {
        provers: &provers,
        store: &store,
        scenarios: args
            .shard
            .map_or_else(|| scenarios.clone(), |shard| shard.of(&scenarios)),
        progress: &bar,
    };
    let mut targets = targets(&plan, args.limit);
    args.margin.apply(&mut targets);
    measuring.fix_anchors(&plan.root, &mut targets)?;
    let mut blocks: Vec<(MeasuredBlock, Option<&Target>, Gas)> = Vec::new();
    if targets.is_empty() {
        let limit = args.limit.unwrap_or(DEFAULT_LIMIT);
        for configured in &provers {
            let measured = measuring.campaign(&plan.schedule, &plan.root, configured, 0, limit)?;
            blocks.extend(measured.into_iter().map(|one| (one, None, limit)));
        }
    } else {
        for one in measuring.run(&plan.schedule, &plan.root, &targets)? {
            let target = &targets[one.target];
            blocks.push((one, Some(target), target.gas));
        }
    }
    bar.clear();
    machine::say_damaged(&store, terminal);
    // The slowest first; equals in the order of their names.
    blocks.sort_by(|(a, _, limit), (b, _, other)| {
        let rates = a
            .full_block_rate(*limit)
            .total_cmp(&b.full_block_rate(*other));
        rates.then_with(|| a.id.scenario.cmp(&b.id.scenario))
    });
    let written = match to {
        Some(folder) => {
            let judged: Vec<&MeasuredBlock> = blocks.iter().map(|(one, ..)| one).collect();
            recorded::write(folder, &provers, &judged, terminal)
        }
        None => Ok(()),
    };
    let lines: Vec<_> = blocks
        .iter()
        .map(|(one, target, limit)| block_line(one, *target, *limit))
        .collect();
    let lines_of_provers: Vec<_> = provers
        .iter()
        .map(|one| prover_line(one, &targets))
        .collect();
    let margin = targets
        .first()
        .map(|target| margin_line(target.margin, &lines, &lines_of_provers));
    let report = MeasureReport {
        margin,
        schedule: plan.name.clone(),
        file: schedule.to_owned(),
        targets: targets.iter().map(target_line).collect(),
        provers: lines_of_provers,
        meters: meter_lines(&plan.schedule, &lines),
        blocks: lines,
    };
    let listed = costs_to.map_or(Ok(()), |file| {
        file.write_and_say(&costs::csv(&Counted::blocks(&report.blocks)), terminal)
    });
    let table = |report: &MeasureReport| {
        if args.costs {
            costs::table(&Counted::blocks(&report.blocks), terminal.width)
        } else {
            measured::table(report, terminal.layout(true))
        }
    };
    terminal.result(&args.format.text("measurement", &report, table)?)?;
    written?;
    listed?;
    Ok(Exit::from_answer(report.holds()))
}

/// The schedule's targets, for another block size where one is given: within the same time.
fn targets(plan: &Plan, limit: Option<Gas>) -> Vec<Target> {
    let mut targets = plan.targets.clone();
    if let Some(limit) = limit {
        for target in &mut targets {
            target.gas = limit;
        }
    }
    targets
}
