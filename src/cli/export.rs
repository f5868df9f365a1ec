//! `reprice export`.

use clap::ValueEnum;

use super::{
    exit::{Exit, Failure, Outcome},
    output::Terminal,
    schedules::{self, Constants},
};
use crate::report::export::{self, Form};

const AFTER_HELP: &str = "\
Examples:
  reprice export proposal.gas --to eip                   the table of an EIP
  reprice export proposal.gas --to eels > prices.json    for EELS_GAS_REPRICING_CONFIG
  reprice export proposal.gas --to revm
  reprice export osaka --to json

All but JSON hold what differs from the fork's built-in schedule. What a form has no name for is said on stderr.

Exit status: 0 exported, 1 exported without some of the prices that differ, 2 the schedule cannot be read or has errors.";

/// Write a schedule as a specification, a client or a proposal takes it
#[derive(clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Args {
    /// Schedule: a path, or a built-in name
    schedule: String,
    /// The form to write
    #[arg(long, value_enum, value_name = "FORM")]
    to: To,
    #[command(flatten)]
    constants: Constants,
}

#[derive(Clone, Copy, ValueEnum)]
enum To {
    /// `EELS_GAS_REPRICING_CONFIG` of execution-specs
    Eels,
    /// revm's gas parameters and static prices, in Rust
    Revm,
    /// Constants in Rust
    Rust,
    /// Constants and jump table of go-ethereum
    Geth,
    /// The table of an EIP, in Markdown
    Eip,
    /// Every price, as one versioned document (schedules/schedule.schema.json)
    Json,
}

pub fn run(args: &Args, terminal: &Terminal) -> Outcome {
    let plan = schedules::plan(&args.schedule, &args.constants.options(), terminal)?;
    let form = match args.to {
        To::Eels => Form::Eels,
        To::Revm => Form::Revm,
        To::Rust => Form::Rust,
        To::Geth => Form::Geth,
        To::Eip => Form::Eip,
        To::Json => Form::Json,
    };
    let exported =
        export::export(&plan.schedule, form).map_err(|error| Failure::start(error.to_string()))?;
    terminal.result(&exported.text)?;
    for name in &exported.nameless {
        terminal.say(&format!("warning: `{name}` differs and {}\n", form.lacks()));
    }
    Ok(Exit::from_answer(exported.nameless.is_empty()))
}
