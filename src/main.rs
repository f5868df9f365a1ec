//! The `reprice` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    reprice::cli::main()
}
