//! `reprice fmt`.

use std::{io, path::Path};

use super::{
    destination::Destination,
    exit::{Exit, Failure, Outcome},
    output::Terminal,
    schedules,
};
use crate::{
    input_file, lang,
    report::{diff, number::count},
};

/// The file name that means stdin, and stdout for the answer.
const STDIN: &str = "-";

const AFTER_HELP: &str = "\
Examples:
  reprice fmt schedules/*.gas           give the files their one shape
  reprice fmt --check schedules/*.gas   is there anything to change?
  reprice fmt --diff proposal.gas       what would change
  reprice fmt - < proposal.gas          from stdin to stdout

Blanks and line feeds change, and nothing else: comments and empty lines stay, so does what the schedule means.

Exit status: 0 done (with --check or --diff: nothing to change), 1 something would change, 2 a file cannot be read \
or written or has syntax errors, 3 writing a file failed.";

/// Format schedules
#[derive(clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Args {
    /// Schedules: paths, or `-` for stdin
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,
    /// Change nothing, and print the files that would change
    #[arg(long)]
    check: bool,
    /// Change nothing, and print what would change
    #[arg(long)]
    diff: bool,
}

pub fn run(args: &Args, terminal: &Terminal) -> Outcome {
    let (mut changed, mut unreadable) = (0, 0);
    let mut rewritten = Vec::new();
    for name in &args.files {
        let text = read(name)?;
        let tidy = match lang::format(shown(name), &text) {
            Ok(tidy) => tidy,
            Err(why) => {
                unreadable += 1;
                terminal.findings(&why.diagnostics, &why.sources);
                continue;
            }
        };
        changed += usize::from(tidy != text);
        if args.check || args.diff {
            if tidy != text {
                terminal.result(&difference(args, shown(name), &text, &tidy))?;
            }
        } else if name == STDIN {
            terminal.result(&tidy)?;
        } else if tidy != text {
            rewritten.push((Destination::in_place(Path::new(name))?, tidy));
        }
    }
    // Nothing is changed before all of it can be.
    for (file, tidy) in &rewritten {
        file.write(tidy)?;
    }
    if args.files != [STDIN] || args.check {
        terminal.say(&summary(args, changed, unreadable));
    }
    Ok(match (unreadable, changed) {
        (1.., _) => Exit::CouldNotStart,
        (_, 1..) if args.check || args.diff => Exit::No,
        _ => Exit::Yes,
    })
}

fn difference(args: &Args, name: &str, text: &str, tidy: &str) -> String {
    if args.diff {
        diff::unified(name, text, tidy)
    } else {
        format!("{name}\n")
    }
}

fn summary(args: &Args, changed: usize, unreadable: usize) -> String {
    let all = count(args.files.len(), "schedule");
    let done = if args.check || args.diff {
        "would change"
    } else {
        "formatted"
    };
    let failed = match unreadable {
        0 => String::new(),
        some => format!(", {some} cannot be read"),
    };
    format!("{all}: {changed} {done}{failed}\n")
}

fn shown(name: &str) -> &str {
    if name == STDIN { "<stdin>" } else { name }
}

fn read(name: &str) -> Result<String, Failure> {
    if name == STDIN {
        return input_file::text_of(io::stdin(), input_file::PRICES).map_err(|error| {
            Failure::start(format!("cannot read stdin: {}", schedules::reason(&error)))
        });
    }
    if lang::builtin(name).is_some() && !Path::new(name).exists() {
        return Err(Failure::start(format!("`{name}` is built in, not a file")));
    }
    input_file::text(Path::new(name), input_file::PRICES).map_err(|error| {
        Failure::start(format!(
            "cannot read `{name}`: {}",
            schedules::reason(&error)
        ))
    })
}
