//! `reprice search`.

use super::{
    beat::{self, Beat, BeatArgs},
    block_size,
    exit::{Exit, Failure, Outcome},
    format::Format,
    output::Terminal,
    progress::Bar,
    schedules::{self, Constants},
    selection,
};
use crate::{
    gas::Gas,
    prove::{
        Embedded, Progress as _, Prover as _,
        operand_search::{self, Search},
    },
    report::searched::{self, SearchReport},
};

/// The schedule whose operands are searched where none is named.
const SCHEDULE: &str = "osaka";
/// Operands tried for each scenario where nothing is said.
const TRIES: u64 = 256;
/// Gas of the blocks that operands are measured in where nothing is said.
const GAS: Gas = 200_000;

const AFTER_HELP: &str = "\
Examples:
  reprice search 'mulmod/*' 'modexp/*'
  reprice search div/192-bit --tries 2000 --seed 7
  reprice search 'exp/*' --schedule proposal.gas --format json
  reprice search proposal.gas --beat 60s
  reprice search osaka --beat 1h --to found.toml
  reprice measure osaka --scenarios found.toml --scenario 'found/*'

With patterns, the hex numbers in a scenario's set-up and memory are searched: its operands. The dearest so far are changed \
- bits, limbs, widths, numbers close to each other -, each change is measured on SP1's executor in a small block, and the \
dearest is what the next changes start from. What it finds can be added to fixtures/scenarios as a case.

With --beat, whole programs are searched under the prices of a schedule, on the provers of its target (sp1 where it has none), \
as an adversary of it would: which operations, in which order, on which operands, from how deep in the stack, where and how \
much memory, which accounts and slots, which inputs of precompiles, which transactions. They are tried in small blocks; the \
dearest of each operation, by the costs that the prover's calibration weighs, are measured in large blocks like any scenario, \
beside the worst scenario of that operation in a full one.
What is found is a scenario: --to FILE.toml writes it, and `--scenarios FILE.toml` takes it, here and in propose, measure and \
compare.

The seed decides all of it: with the same number of tries, the same is found. --beat only bounds their number; what was tried is \
told, and --tries repeats it.

Exit status: 0 nothing is dearer than what there is, 1 something is.";

/// Look for operands, or for whole programs, that make blocks dearer to prove
#[derive(clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Args {
    /// Scenarios; `*` stands for anything. With --beat: one schedule, a path or a built-in name
    #[arg(required = true, value_name = "PATTERN|SCHEDULE")]
    what: Vec<String>,
    /// Schedule for patterns: a path, or a built-in name [default: osaka]
    #[arg(long, value_name = "SCHEDULE", conflicts_with = "beat")]
    schedule: Option<String>,
    #[command(flatten)]
    beat: BeatArgs,
    #[command(flatten)]
    constants: Constants,
    /// Operands to try for each scenario [default: 256]; with --beat, programs to try at most
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    tries: Option<u64>,
    /// Decides what is tried
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Gas of the blocks that it is tried in [default: `200_000` for operands, `60_000` for programs]
    #[arg(long, value_name = "GAS", value_parser = block_size::gas)]
    gas: Option<Gas>,
    /// The form of the result
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

pub fn run(args: &Args, terminal: &Terminal) -> Outcome {
    if args.beat.beat.is_none() {
        return operands(args, terminal);
    }
    let [schedule] = &args.what[..] else {
        return Err(Failure::start("`--beat` takes one schedule")
            .help("choose what is to be beaten with `--scenario PATTERN`"));
    };
    let beat = Beat {
        schedule,
        constants: &args.constants,
        seed: args.seed,
        tries: args.tries,
        gas: args.gas,
        format: args.format,
    };
    beat::run(&args.beat, &beat, terminal)
}

fn operands(args: &Args, terminal: &Terminal) -> Outcome {
    let schedule = args.schedule.as_deref().unwrap_or(SCHEDULE);
    let plan = schedules::plan(schedule, &args.constants.options(), terminal)?;
    if args.beat.selection.is_some() {
        return Err(
            Failure::start("`--scenario` chooses what `--beat` is to beat")
                .help("patterns of a search for operands stand alone: `reprice search 'mulmod/*'`"),
        );
    }
    let added = args.beat.selection.read()?;
    let scenarios = selection::matching(&args.what, &plan.schedule, &added).map_err(|failure| {
        match args.what.iter().find(|what| schedules::is_one(what)) {
            Some(what) => failure.help(format!(
                "`reprice search {what} --beat 60s` attacks a schedule"
            )),
            None => failure,
        }
    })?;
    let prover = Embedded::new().map_err(|error| Failure::outside(error.to_string()))?;
    let tries = args.tries.unwrap_or(TRIES);
    let options = Search {
        tries,
        seed: args.seed,
        gas: args.gas.unwrap_or(GAS),
    };
    let bar = Bar::new(terminal);
    bar.stage("searching".into());
    bar.begin(scenarios.len() * usize::try_from(tries).unwrap_or(usize::MAX));
    let (mut found, mut without) = (Vec::new(), Vec::new());
    for scenario in scenarios {
        let outcome = operand_search::search(&prover, scenario, &plan.schedule, options, &bar);
        let failed = |error| Failure::outside(format!("{}: {error}", scenario.id));
        match outcome.map_err(failed)? {
            Some(one) => found.push(one),
            None => without.push(scenario.id.clone()),
        }
    }
    bar.clear();
    let report = SearchReport {
        prover: format!("{}: {}", prover.name(), prover.version()),
        schedule: schedule.to_owned(),
        tries,
        seed: args.seed,
        found,
        without,
    };
    let table = |report: &_| searched::table(report, terminal.width);
    terminal.result(&args.format.text("search", &report, table)?)?;
    let dearer = report.found.iter().any(|one| one.after > one.before);
    Ok(Exit::from_answer(!dearer))
}
