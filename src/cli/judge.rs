//! `reprice judge`.

use super::{
    exit::{Exit, Failure, Outcome},
    format::Format,
    margin::MarginArgs,
    output::Terminal,
    recorded::{self, BlockArgs, RunsArgs},
    schedules::{self, Constants},
};
use crate::{
    diag::Label,
    gas::Schedule,
    lang::{Limit, Plan, Target, Verb},
    recorded::{
        NoBlocks, ProvingTarget, RecordedBlocks, counts_for, fix_anchors, judgement::judge,
    },
    report::{
        judgement::{self, Judgement},
        report_lines::target_line,
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
    runs: RunsArgs,
    #[command(flatten)]
    constants: Constants,
    #[command(flatten)]
    blocks: BlockArgs,
    #[command(flatten)]
    margin: MarginArgs,
    /// Gas of a full block and its time limit, instead of the first schedule's target
    #[arg(long, value_name = "GAS/TIME", value_parser = recorded::target)]
    target: Option<ProvingTarget>,
    /// Show every block below
    #[arg(long)]
    all: bool,
    /// The form of the result
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

pub fn run(args: &Args, terminal: &Terminal) -> Outcome {
    let plans = schedules::plans(&args.schedules, &args.constants.options(), terminal)?;
    let (mut target, root) = target(args, &plans)?;
    args.margin.apply(std::slice::from_mut(&mut target));
    let dataset = args.runs.dataset(args.blocks.counts.as_ref(), terminal)?;
    let priced = plans
        .iter()
        .any(|plan| differs(&plan.schedule, &dataset.schedule));
    let blocks = RecordedBlocks::of(&dataset, &args.blocks.measured(), priced);
    fix_anchors(std::slice::from_mut(&mut target), root, &blocks)?;
    let judged = |(file, plan): (&String, &Plan)| {
        let all = blocks.all.iter();
        let own = all.filter(|one| target.on.is_empty() || counts_for(&one.source, &target));
        judge((file, &plan.name), &plan.schedule, &target, own)
    };
    let judged = args.schedules.iter().zip(&plans).map(judged);
    let report = Judgement {
        runs: args.runs.name(),
        target: target_line(&target),
        schedules: judged.collect::<Result<_, _>>()?,
        left_out: blocks.left_out,
    };
    if report.schedules.iter().all(|one| one.blocks == 0) {
        return Err(NoBlocks {
            left_out: report.left_out,
        }
        .into());
    }
    let table = |report: &_| judgement::table(report, terminal.layout(args.all));
    terminal.result(&args.format.text("judgement", &report, table)?)?;
    let mut schedules = report.schedules.iter();
    let holds = schedules.all(|one| one.below == 0 && one.crashed == 0);
    Ok(Exit::from_answer(holds))
}

/// What blocks are held to, and the prices that its schedule started from.
fn target<'a>(args: &Args, plans: &'a [Plan]) -> Result<(Target, &'a Schedule), Failure> {
    if let (Some(asked), Some(plan)) = (args.target, plans.first()) {
        let target = Target {
            verb: Verb::Prove,
            gas: asked.gas,
            limit: Limit::Within(asked.within_s),
            margin: 0.0,
            on: Vec::new(),
            at_least: None,
            label: Label::default(),
        };
        return Ok((target, &plan.root));
    }
    let targets = plans.iter().flat_map(|plan| {
        let own = plan.targets.iter();
        own.map(|target| (target.clone(), &plan.root))
    });
    let mut targets = targets.filter(|(target, _)| target.verb == Verb::Prove);
    targets.next().ok_or_else(|| {
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
