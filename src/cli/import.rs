//! `reprice import`.

use std::{collections::BTreeMap, fs, path::PathBuf};

use clap::ValueEnum;

use super::{
    exit::{Exit, Failure, Outcome},
    output::Terminal,
    schedules,
};
use crate::lang::{self, ImportFormat};

const AFTER_HELP: &str = "\
Examples:
  reprice import prices.json --from eels -o prices.gas
  reprice import 7904.yaml --from pitstop
  reprice import new_gas.csv --from gasfit -o proving.gas && reprice compare osaka proving.gas

The schedule extends the fork's built-in one, and has what the list changes. A name that means nothing here is an \
error: nothing is dropped.

Exit status: 0 imported, 1 the list has errors, 2 a file cannot be read, 3 a file cannot be written.";

/// Read a price list of another project as a schedule
#[derive(clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Args {
    /// The price list
    file: String,
    /// Its format
    #[arg(long, value_enum, value_name = "FORMAT")]
    from: From,
    /// Write the schedule here instead of to stdout
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum From {
    /// `EELS_GAS_REPRICING_CONFIG` of execution-specs: JSON
    Eels,
    /// pitstop's YAML
    Pitstop,
    /// evm-gasfit's `new_gas.csv`
    Gasfit,
}

pub fn run(args: &Args, terminal: &Terminal) -> Outcome {
    let text = fs::read_to_string(&args.file).map_err(|error| {
        let why = schedules::reason(&error);
        Failure::start(format!("cannot read `{}`: {why}", args.file))
    })?;
    let format = match args.from {
        From::Eels => ImportFormat::Eels,
        From::Pitstop => ImportFormat::Pitstop,
        From::Gasfit => ImportFormat::Gasfit,
    };
    let imported = lang::import(&args.file, &text, format);
    terminal.findings(&imported.diagnostics, &imported.sources);
    let Some(schedule) = imported.schedule else {
        return Ok(Exit::No);
    };
    let fork = imported.fork;
    let stock = lang::fork_schedule(fork);
    let text = lang::write(
        &schedule,
        fork.name(),
        stock,
        &schedule.name,
        &BTreeMap::new(),
    );
    match &args.output {
        None => terminal.result(&text)?,
        Some(path) => {
            fs::write(path, text).map_err(|error| {
                Failure::outside(format!("cannot write `{}`: {error}", path.display()))
            })?;
            terminal.say(&format!("wrote {}\n", path.display()));
        }
    }
    Ok(Exit::Yes)
}
