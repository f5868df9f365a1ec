//! `reprice import`.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use clap::ValueEnum;

use super::{
    destination::{Destination, Input, OutputOption},
    exit::{Exit, Failure, Outcome},
    output::Terminal,
    schedules,
};
use crate::{
    input_file,
    lang::{self, ImportFormat},
};

const AFTER_HELP: &str = "\
Examples:
  reprice import prices.json --from eels -o prices.gas
  reprice import 7904.yaml --from pitstop
  reprice import new_gas.csv --from gasfit -o proving.gas && reprice compare osaka proving.gas

The schedule extends the fork's built-in one, and has what the list changes. A name that means nothing here is an \
error: nothing is dropped.

Exit status: 0 imported, 1 the list has errors, 2 a file cannot be read or \
written, 3 writing it failed.";

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

const OUTPUT: OutputOption = OutputOption {
    flag: "-o",
    extension: "gas",
};

pub fn run(args: &Args, terminal: &Terminal) -> Outcome {
    let text = input_file::text(Path::new(&args.file), input_file::PRICES).map_err(|error| {
        let why = schedules::reason(&error);
        Failure::start(format!("cannot read `{}`: {why}", args.file))
    })?;
    let list = Input::new(&args.file, "the price list that is read");
    let output = args.output.as_deref();
    let output = output.map(|path| Destination::new(OUTPUT, path, &[list]));
    let output = output.transpose()?;
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
    match &output {
        None => terminal.result(&text)?,
        Some(output) => output.write_and_say(&text, terminal)?,
    }
    Ok(Exit::Yes)
}
