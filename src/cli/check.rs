//! `reprice check`.

use std::path::Path;

use super::{
    destination::Destination,
    exit::{Exit, Failure, Outcome},
    output::Terminal,
    schedules::{self, Constants},
};
use crate::{
    diag::{Diagnostic, Fix, Severity},
    lang::{self, Loaded},
    report::{diagnostics, number::count},
};

/// Times that a file is fixed and read again: one fix can bring another mistake to light.
const ROUNDS: usize = 10;

const AFTER_HELP: &str = "\
Examples:
  reprice check schedules/*.gas
  reprice check --message-format short proposal.gas
  reprice check --fix proposal.gas
  reprice check --variant strong schedules/compute-multiplier.gas

Findings go to stdout. `reprice explain CODE` says more about one, such as `reprice explain unknown-name`.

Exit status: 0 no errors (warnings are allowed), 1 errors, 2 a file cannot be read (or, with \
--fix, written), 3 writing a fixed file failed.";

/// Find mistakes in schedules
#[derive(clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Args {
    /// Schedules: paths, or built-in names
    #[arg(required = true, value_name = "SCHEDULE")]
    schedules: Vec<String>,
    #[command(flatten)]
    constants: Constants,
    /// Repair what can be repaired without a doubt, and say what is left
    #[arg(long)]
    fix: bool,
}

pub fn run(args: &Args, terminal: &Terminal) -> Outcome {
    let mut fixed = 0;
    let mut all: Vec<Loaded> = Vec::new();
    let files = || {
        args.schedules
            .iter()
            .filter(|name| lang::builtin(name).is_none())
    };
    if args.fix {
        // Nothing is changed before all of it can be.
        for name in files() {
            repaired(name, args)?;
        }
        for name in files() {
            fixed += fix(name, args)?;
        }
    }
    for name in &args.schedules {
        all.push(schedules::load(name, &args.constants.options())?);
    }
    let batches: Vec<diagnostics::Batch<'_>> = all
        .iter()
        .map(|loaded| (loaded.diagnostics.as_slice(), &loaded.sources))
        .collect();
    terminal.result_findings(&batches)?;
    let found = || all.iter().flat_map(|loaded| &loaded.diagnostics);
    let of = |severity| found().filter(|d| d.severity == severity).count();
    let (errors, warnings) = (of(Severity::Error), of(Severity::Warning));
    let checked = count(args.schedules.len(), "schedule");
    let findings = match (errors, warnings) {
        (0, 0) => "no findings".into(),
        (errors, 0) => count(errors, "error"),
        (0, warnings) => count(warnings, "warning"),
        (errors, warnings) => format!("{}, {}", count(errors, "error"), count(warnings, "warning")),
    };
    let sure = found().filter(|d| sure(d).is_some()).count();
    let repaired = match (fixed, sure) {
        (0, 0) => String::new(),
        (0, 1) => "; `--fix` would repair 1 of them".into(),
        (0, some) => format!("; `--fix` would repair {some} of them"),
        (some, _) => format!("; {some} repaired"),
    };
    terminal.say(&format!("{checked} checked: {findings}{repaired}\n"));
    Ok(Exit::from_answer(errors == 0))
}

/// A repair of the file that was asked about; those of files that it extends are for whoever checks them.
fn sure(diagnostic: &Diagnostic) -> Option<&Fix> {
    diagnostic
        .fix
        .as_ref()
        .filter(|fix| fix.sure && fix.file == 0)
}

/// A file with something to repair, what its text becomes, and how many repairs that takes.
fn repaired(name: &str, args: &Args) -> Result<Option<(Destination, String, usize)>, Failure> {
    let loaded = schedules::load(name, &args.constants.options())?;
    let Some(source) = loaded.sources.get(0) else {
        return Ok(None);
    };
    let (text, applied) = Fix::apply(&source.text, loaded.diagnostics.iter().filter_map(sure));
    if applied == 0 {
        return Ok(None);
    }
    let file = Destination::in_place(Path::new(name))?;
    Ok(Some((file, text, applied)))
}

/// Applies what is sure to the file called `name`, and answers how much that was.
fn fix(name: &str, args: &Args) -> Result<usize, Failure> {
    let mut fixed = 0;
    for _ in 0..ROUNDS {
        let Some((file, text, applied)) = repaired(name, args)? else {
            break;
        };
        file.write(&text)?;
        fixed += applied;
    }
    Ok(fixed)
}
