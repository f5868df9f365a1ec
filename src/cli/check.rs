//! `reprice check`.

use clap::ValueEnum;

use super::{
    exit::{Exit, Outcome},
    output::Terminal,
    schedules::{self, Constants},
};
use crate::{
    diag::Severity,
    report::{
        diagnostics::{self, Face},
        number::count,
    },
};

const AFTER_HELP: &str = "\
Examples:
  reprice check schedules/*.gas
  reprice check --format short proposal.gas
  reprice check --variant strong schedules/compute-k.gas

Findings go to stdout. `reprice explain CODE` says more about one, such as `reprice explain unknown-name`.

Exit status: 0 no errors (warnings are allowed), 1 errors, 2 a file cannot be read.";

/// Find mistakes in schedules
#[derive(clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Args {
    /// Schedules: paths, or built-in names
    #[arg(required = true, value_name = "SCHEDULE")]
    schedules: Vec<String>,
    #[command(flatten)]
    constants: Constants,
    /// How findings look
    #[arg(long, value_enum, default_value_t = Form::Full)]
    format: Form,
}

#[derive(Clone, Copy, ValueEnum)]
enum Form {
    /// With source lines, notes and fixes
    Full,
    /// One line each
    Short,
}

pub fn run(args: &Args, terminal: &Terminal) -> Outcome {
    let face = match args.format {
        Form::Full => Face::Full {
            colour: terminal.stdout_colour,
        },
        Form::Short => Face::Short,
    };
    let (mut errors, mut warnings) = (0, 0);
    let mut printed = false;
    for name in &args.schedules {
        let loaded = schedules::load(name, &args.constants.options())?;
        for diagnostic in &loaded.diagnostics {
            match diagnostic.severity {
                Severity::Error => errors += 1,
                Severity::Warning => warnings += 1,
            }
        }
        let text = diagnostics::render(&loaded.diagnostics, &loaded.sources, face);
        let gap = printed && !text.is_empty() && face != Face::Short;
        terminal.result(&format!("{}{text}", if gap { "\n" } else { "" }))?;
        printed |= !text.is_empty();
    }
    let checked = count(args.schedules.len(), "schedule");
    let found = match (errors, warnings) {
        (0, 0) => "no findings".into(),
        (errors, 0) => count(errors, "error"),
        (0, warnings) => count(warnings, "warning"),
        (errors, warnings) => format!("{}, {}", count(errors, "error"), count(warnings, "warning")),
    };
    terminal.say(&format!("{checked} checked: {found}\n"));
    Ok(Exit::from_answer(errors == 0))
}
