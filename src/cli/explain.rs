//! `reprice explain`.

use super::{
    block_size::DEFAULT_LIMIT,
    exit::{Exit, Failure, Outcome},
    machine::{self, Machine},
    output::Terminal,
    schedules::{self, Constants},
};
use crate::{
    bench::{self, Scenario},
    gas::{GasParam, Schedule},
    lang::{self, Plan},
    prove::{Measuring, Silent},
    report::{
        explanation::{self, Measures},
        text,
    },
};

/// Columns that prose stays within.
const READABLE: usize = 100;
/// Names less alike than this are not worth suggesting.
const LIKELY: f64 = 0.7;

const AFTER_HELP: &str = "\
Examples:
  reprice explain
  reprice explain MULMOD
  reprice explain KECCAK256.per_word proposal.gas
  reprice explain COLD_ACCOUNT_ACCESS
  reprice explain keccak256/32-bytes
  reprice explain unknown-name

Exit status: 0 explained, 2 there is no such name, or the schedule cannot be read or has errors.";

/// Say where a price comes from, or what a finding means
#[derive(clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Args {
    /// An operation, a gas parameter, a meter, a scenario, or the code of a finding; without one, every operation is listed
    name: Option<String>,
    /// The schedule to look in
    #[arg(default_value = "osaka")]
    schedule: String,
    #[command(flatten)]
    constants: Constants,
    #[command(flatten)]
    machine: Machine,
}

pub fn run(args: &Args, terminal: &Terminal) -> Outcome {
    let name = args.name.as_deref().unwrap_or_default();
    if let Some(paragraph) = lang::explain(name) {
        let text = text::wrapped(paragraph.split_whitespace(), terminal.width.min(READABLE));
        terminal.result(&format!("{name}\n\n{text}\n"))?;
        return Ok(Exit::Yes);
    }
    let plan = schedules::plan(&args.schedule, &args.constants.options(), terminal)?;
    if args.name.is_none() {
        terminal.result(&explanation::catalogue(
            &plan.schedule,
            terminal.width.min(READABLE),
        ))?;
        return Ok(Exit::Yes);
    }
    if let Some(meter) = plan.schedule.meters.iter().find(|meter| meter.name == name) {
        terminal.result(&explanation::meter(&plan.schedule, meter))?;
        return Ok(Exit::Yes);
    }
    if let Some(scenario) = bench::scenarios_of(&plan.schedule)
        .into_iter()
        .find(|scenario| scenario.id == name)
    {
        return explain_scenario(scenario, &plan, &args.machine, terminal);
    }
    let param = name.parse::<GasParam>();
    let operation = param.map_or_else(|()| name.to_owned(), |param| param.operation);
    let Some(entry) = plan.schedule.entry(&operation) else {
        return Err(unknown(name, &args.schedule, &plan.schedule));
    };
    let measures: Vec<Measures> = bench::scenarios_of(&plan.schedule)
        .into_iter()
        .filter(|scenario| scenario.operation == operation)
        .map(|scenario| Measures {
            scenario: scenario.id.clone(),
            why: scenario.why.clone(),
        })
        .collect();
    let unmeasured = bench::unmeasured()
        .iter()
        .find(|one| one.operation == operation);
    let text = explanation::operation(
        &plan.schedule,
        entry,
        &plan.ancestors,
        &measures,
        unmeasured.map(|one| one.why.as_str()),
    )
    .map_err(|error| Failure::start(error.to_string()))?;
    terminal.result(&text)?;
    Ok(Exit::Yes)
}

/// What a scenario is, and what a full block of it costs the built-in prover.
fn explain_scenario(
    scenario: &Scenario,
    plan: &Plan,
    machine: &Machine,
    terminal: &Terminal,
) -> Outcome {
    let config = machine.config()?;
    let store = machine.store(&config);
    let prover = machine::embedded(&config)?;
    let measuring = Measuring {
        provers: std::slice::from_ref(&prover),
        store: &store,
        scenarios: vec![scenario],
        progress: &Silent,
    };
    let (schedule, root) = (&plan.schedule, &plan.root);
    let measured = measuring.campaign(schedule, root, &prover, 0, DEFAULT_LIMIT)?;
    let measured = measured
        .first()
        .ok_or_else(|| Failure::outside("nothing was measured"))?;
    let text = explanation::scenario(scenario, &plan.schedule, measured);
    terminal.result(&text)?;
    Ok(Exit::Yes)
}

fn unknown(name: &str, file: &str, schedule: &Schedule) -> Failure {
    let failure = Failure::start(format!(
        "nothing is called `{name}`: no operation or meter of `{file}`, no finding"
    ));
    let operations = schedule.entries().iter().map(|entry| entry.name.as_str());
    let meters = schedule.meters.iter().map(|meter| meter.name.as_str());
    let codes: Vec<&str> = lang::codes().collect();
    let likeness = |known: &str| strsim::jaro(&known.to_uppercase(), &name.to_uppercase());
    let closest = operations
        .chain(meters)
        .chain(codes)
        .map(|known| (likeness(known), known));
    match closest.max_by(|a, b| a.0.total_cmp(&b.0)) {
        Some((likeness, known)) if likeness > LIKELY => {
            failure.help(format!("did you mean `{known}`?"))
        }
        _ => failure.help("`reprice explain` lists every operation"),
    }
}
