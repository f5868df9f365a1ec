//! `reprice completions`.

use clap::{Command, builder::PossibleValuesParser};
use clap_complete::Shell;

use super::{
    exit::{Exit, Outcome},
    output::Terminal,
};
use crate::{gas::Fork, lang};

const AFTER_HELP: &str = "\
Examples:
  reprice completions bash > ~/.local/share/bash-completion/completions/reprice
  reprice completions zsh > ~/.zfunc/_reprice
  reprice completions fish > ~/.config/fish/completions/reprice.fish

Names of operations are in the scripts for bash and zsh.";

/// Print a script that completes commands, flags and the names of operations
#[derive(clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Args {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

/// `command` is the whole command line, as it parses itself.
pub fn run(args: &Args, command: Command, terminal: &Terminal) -> Outcome {
    let mut known: Vec<String> = lang::codes().map(str::to_owned).collect();
    for fork in Fork::ALL {
        let schedule = lang::fork_schedule(*fork);
        let params = schedule.params().unwrap_or_default();
        known.extend(schedule.entries().iter().map(|entry| entry.name.clone()));
        known.extend(params.iter().map(ToString::to_string));
    }
    known.sort();
    known.dedup();
    // Only here: on the command line a name that is not known gets a better answer than a list of all.
    let mut command = command.mut_subcommand("explain", |explain| {
        explain.mut_arg("name", |name| {
            name.value_parser(PossibleValuesParser::new(known))
        })
    });
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, "reprice", &mut script);
    terminal.result(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Yes)
}
