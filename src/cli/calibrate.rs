//! `reprice calibrate`.

use std::{collections::BTreeMap, path::PathBuf};

use serde::Serialize;

use super::{
    destination::{Destination, Input, OutputOption},
    exit::{Exit, Failure, Outcome},
    format::Format,
    output::Terminal,
    recorded as runs,
};
use crate::{
    printable::printable,
    prove::{Calibration, CostVector},
    recorded::{
        Recorded,
        calibrated::{CalibrateQuestion, Calibrated, Model, calibrated},
    },
    report::calibration,
};

const AFTER_HELP: &str = "\
Examples:
  reprice calibrate results/
  reprice calibrate executions/ proofs/ --on zisk -o reprice.toml
  reprice calibrate results/ --weigh cycles,syscall.keccak_permute --plot times.svg
  reprice calibrate costs/ --times published/ --on sp1 --exclude modexp

A calibration says what a prover's deterministic costs are worth in seconds: a fixed part, and seconds per million of each cost. \
It is fitted where costs and times are of the same fixtures, which are found by their names: results that were executed only \
have costs, proofs have times, in zkevm-benchmark-workload's layout or as `measure --to` writes them. Errors are relative, so a short \
block counts as much as a long one; blocks that crashed are lower bounds, and stalls are named and left out.

A folder of proofs often has costs, too, counted on the guest that was proven. --times takes nothing but times from it, so that they \
are joined with the costs of your own guest.

Without --weigh those costs are weighed that predict families best that they were not fitted on. `left out` is that error: the one to \
expect for an operation that nobody timed. Where costs and times are of different guests, versions or instruction sets a warning says \
so, here and wherever the calibration is used.

Exit status: 0 fitted, 2 the folders cannot be read or give no model.";

/// Fit what counted costs are worth in seconds, from costs and times of the same fixtures
#[derive(clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Args {
    /// Result folders with costs, with times, or with both
    #[arg(required = true, value_name = "DIR")]
    folders: Vec<PathBuf>,
    /// Result folders of which only the times are taken, even where costs are in them
    #[arg(long, value_name = "DIR", num_args = 1..)]
    times: Vec<PathBuf>,
    /// Only this zkVM, by its name in schedules
    #[arg(long, value_name = "ZKVM")]
    on: Option<String>,
    /// No fixtures of these families, such as `modexp`
    #[arg(long, value_name = "FAMILY", value_delimiter = ',')]
    exclude: Vec<String>,
    /// Weigh these costs: `cycles`, `prover_gas`, `syscall.KIND`, `area.NAME`
    #[arg(long, value_name = "COST", value_delimiter = ',', value_parser = cost)]
    weigh: Vec<String>,
    /// Write the lines of reprice.toml to this file
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Write a plot of predicted against real time: an SVG image
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,
    /// Show every family
    #[arg(long)]
    all: bool,
    /// The form of the result
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

const OUTPUT: OutputOption = OutputOption {
    flag: "--output",
    extension: "toml",
};
const PLOT: OutputOption = OutputOption {
    flag: "--plot",
    extension: "svg",
};

/// The name of a cost.
fn cost(text: &str) -> Result<String, String> {
    if CostVector::is_name(text) {
        return Ok(text.to_owned());
    }
    Err("expected `cycles`, `prover_gas`, or `syscall.` or `area.` with a name".into())
}

pub fn run(args: &Args, terminal: &Terminal) -> Outcome {
    let folders = || args.folders.iter().chain(&args.times);
    let inputs: Vec<Input> = folders()
        .map(|path| Input::new(path, "the results that are read"))
        .collect();
    let destination = |option, path: &Option<PathBuf>| {
        let path = path.as_deref();
        path.map(|path| Destination::new(option, path, &inputs))
            .transpose()
    };
    let output = destination(OUTPUT, &args.output)?;
    let plot = destination(PLOT, &args.plot)?;
    let read = |folder: &PathBuf| runs::read_folder(folder, terminal);
    let times = |folder: &PathBuf| read(folder).map(Recorded::only_times);
    let recorded = args.folders.iter().map(read);
    let recorded = recorded.chain(args.times.iter().map(times));
    let recorded = recorded.collect::<Result<Vec<_>, _>>()?;
    let names: Vec<String> = folders().map(|one| one.display().to_string()).collect();
    let question = CalibrateQuestion {
        runs: &names.join(", "),
        zkvm: args.on.as_deref(),
        exclude: &args.exclude,
        weigh: &args.weigh,
    };
    let answer = calibrated(&recorded, &question).map_err(|error| {
        Failure::start(format!("no calibration: {error}"))
            .help("pass folders whose results are of the same fixtures, executed in some and proven in others")
    })?;
    for model in &answer.models {
        for doubt in &model.doubts {
            terminal.say(&format!("warning: {}\n", printable(doubt)));
        }
    }
    let lines = configuration(&answer)?;
    let written = output.map_or(Ok(()), |output| output.write_and_say(&lines, terminal));
    let drawn = plot.map_or(Ok(()), |plot| {
        plot.write_and_say(&calibration::svg(&answer), terminal)
    });
    let table = |answer: &Calibrated| {
        let table = calibration::table(answer, terminal.layout(args.all));
        format!("{table}\n{lines}")
    };
    terminal.result(&args.format.text("calibration", &answer, table)?)?;
    written?;
    drawn?;
    Ok(Exit::Yes)
}

#[derive(Serialize)]
struct Lines {
    calibration: BTreeMap<String, Calibration>,
}

/// The lines of `reprice.toml`, with the best founded model of each zkVM.
fn configuration(answer: &Calibrated) -> Result<String, Failure> {
    let best = answer.best().into_iter();
    let named = |model: &Model| {
        let name = model.costs_of.zkvm_name().to_owned();
        (name, model.calibration(&answer.runs))
    };
    let calibration = best.map(named).collect();
    toml::to_string(&Lines { calibration }).map_err(|error| Failure::outside(error.to_string()))
}
