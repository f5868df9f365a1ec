//! The command line: one file per subcommand.
//!
//! Invariant: stdout carries the result and nothing else, stderr all the rest, and the exit status is the answer
//! (`exit::Exit`). What the terminal is, where files are and what `reprice.toml` says is known here only.

mod adversary;
mod beat;
mod block_size;
mod calibrate;
mod check;
mod compare;
mod completions;
mod config;
mod containers;
mod destination;
mod duration;
mod exit;
mod explain;
mod export;
mod fit;
mod fixtures;
mod fmt;
mod format;
mod import;
mod interrupt;
mod judge;
mod machine;
mod margin;
mod measure;
mod output;
mod profile;
mod progress;
mod propose;
mod prover;
mod ratios;
mod recorded;
mod schedules;
mod search;
mod selection;
mod shard;
mod sweep;
mod weights;

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};

use exit::Outcome;
use output::{MessageFormat, Terminal};

const ABOUT: &str = "Gas schedules from measurements";

const LONG_ABOUT: &str = "\
Gas schedules from measurements: regenerate blocks under new prices, run them on a zkVM, and solve for the prices that \
hold a target.

A schedule is a price list in a small language (`.gas`). A schedule that states a target can be solved: every \
operation's worst blocks are made again under its prices, measured, and priced so that each of them holds the target.";

const AFTER_HELP: &str = "\
Examples:
  reprice propose schedules/zk-proving.gas             what the prices should be, and why
  reprice propose schedules/zk-proving.gas -o new.gas  the same, and the answer as a schedule
  reprice compare osaka new.gas                        two schedules side by side
  reprice measure new.gas --scenario 'mulmod/*'        how fast MULMOD's worst blocks are proven
  reprice ratios --runs results/                       how far published measurements are from a target
  reprice judge new.gas --runs results/                new prices, held against them
  reprice explain MULMOD                               where a price comes from
  reprice search 'mulmod/*'                            operands that are dearer to prove
  reprice search new.gas --beat 5m                     blocks that are dearer than any scenario's
  reprice profile mulmod/searched                      the operation, or what is around it
  reprice export new.gas --to eip                      as an EIP, a specification or a client takes it
  reprice fmt new.gas                                  give a schedule its one shape

Schedules are paths, or a built-in's name: prague, osaka, amsterdam.

Exit status: 0 yes, 1 no, 2 could not start, 3 something outside failed, 130 interrupted.";

#[derive(Parser)]
#[command(name = "reprice", version, about = ABOUT, long_about = LONG_ABOUT, after_help = AFTER_HELP)]
#[command(max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// How findings about schedules look
    #[arg(
        long,
        global = true,
        value_enum,
        default_value_t,
        value_name = "FORMAT",
        hide_possible_values = true
    )]
    message_format: MessageFormat,
}

#[derive(Subcommand)]
enum Command {
    Propose(propose::Args),
    Measure(measure::Args),
    Check(check::Args),
    Compare(compare::Args),
    Fmt(fmt::Args),
    Import(import::Args),
    Export(export::Args),
    Completions(completions::Args),
    Explain(explain::Args),
    Ratios(ratios::Args),
    Fit(fit::Args),
    Calibrate(calibrate::Args),
    Judge(judge::Args),
    Sweep(sweep::Args),
    Search(search::Args),
    Profile(profile::Args),
    Fixtures(fixtures::Args),
    Prover(prover::Args),
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let terminal = Terminal::new(cli.message_format);
    let outcome = run(&cli.command, &terminal);
    containers::end();
    match outcome {
        Ok(exit) => exit.into(),
        Err(failure) => {
            terminal.say(&failure.to_string());
            failure.exit.into()
        }
    }
}

fn run(command: &Command, terminal: &Terminal) -> Outcome {
    match command {
        Command::Propose(args) => propose::run(args, terminal),
        Command::Measure(args) => measure::run(args, terminal),
        Command::Check(args) => check::run(args, terminal),
        Command::Compare(args) => compare::run(args, terminal),
        Command::Fmt(args) => fmt::run(args, terminal),
        Command::Import(args) => import::run(args, terminal),
        Command::Export(args) => export::run(args, terminal),
        Command::Completions(args) => completions::run(args, Cli::command(), terminal),
        Command::Explain(args) => explain::run(args, terminal),
        Command::Ratios(args) => ratios::run(args, terminal),
        Command::Fit(args) => fit::run(args, terminal),
        Command::Calibrate(args) => calibrate::run(args, terminal),
        Command::Judge(args) => judge::run(args, terminal),
        Command::Sweep(args) => sweep::run(args, terminal),
        Command::Search(args) => search::run(args, terminal),
        Command::Profile(args) => profile::run(args, terminal),
        Command::Fixtures(args) => fixtures::run(args, terminal),
        Command::Prover(args) => prover::run(args, terminal),
    }
}
