//! `reprice search`.

use super::{
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

const AFTER_HELP: &str = "\
Examples:
  reprice search 'mulmod/*' 'modexp/*'
  reprice search div/192-bit --tries 2000 --seed 7
  reprice search 'exp/*' --schedule proposal.gas --format json

The hex numbers in a scenario's set-up and memory are its operands. The dearest so far are changed - bits, limbs, widths, \
numbers close to each other -, each change is measured on SP1's executor in a small block, and the dearest is what the next \
changes start from. The seed decides all of it: the same command finds the same operands.

What it finds can be added to fixtures/scenarios as a case.

Exit status: 0 no operands are dearer than a scenario's own, 1 there are some.";

/// Look for operands that make a scenario's block dearer to prove
#[derive(clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Args {
    /// Scenarios; `*` stands for anything
    #[arg(required = true, value_name = "PATTERN")]
    scenarios: Vec<String>,
    /// Schedule: a path, or a built-in name
    #[arg(long, value_name = "SCHEDULE", default_value = "osaka")]
    schedule: String,
    #[command(flatten)]
    constants: Constants,
    /// Operands to try for each scenario
    #[arg(long, default_value_t = 256, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    tries: u64,
    /// Decides which operands are tried
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Gas of the blocks that are measured
    #[arg(long, value_name = "GAS", default_value = "200_000", value_parser = block_size::gas)]
    gas: Gas,
    /// The form of the result
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

pub fn run(args: &Args, terminal: &Terminal) -> Outcome {
    let plan = schedules::plan(&args.schedule, &args.constants.options(), terminal)?;
    let scenarios = selection::matching(&args.scenarios, &plan.schedule)?;
    let prover = Embedded::new().map_err(|error| Failure::outside(error.to_string()))?;
    let options = Search {
        tries: args.tries,
        seed: args.seed,
        gas: args.gas,
    };
    let bar = Bar::new(terminal);
    bar.stage("searching".into());
    bar.begin(scenarios.len() * usize::try_from(args.tries).unwrap_or(usize::MAX));
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
        schedule: args.schedule.clone(),
        tries: args.tries,
        seed: args.seed,
        found,
        without,
    };
    let table = |report: &_| searched::table(report, terminal.width);
    terminal.result(&args.format.text("search", &report, table)?)?;
    let dearer = report.found.iter().any(|one| one.after > one.before);
    Ok(Exit::from_answer(!dearer))
}
