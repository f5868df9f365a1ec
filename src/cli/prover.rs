//! `reprice prover`.

use std::fmt::Write as _;

use super::{
    config::{Config, ModeName},
    containers,
    exit::{Exit, Failure, Outcome},
    output::Terminal,
    provers::{EMBEDDED, Machine},
};
use crate::{
    bench::{self, Size},
    gas::Gas,
    lang,
    prove::{Embedded, Execution, Prover},
};

/// A block that any prover should manage.
const SMOKE_GAS: Gas = 100_000;
/// Its scenario.
const SMOKE: &str = "add/chain";

const AFTER_HELP: &str = "\
Examples:
  reprice prover list
  reprice prover check sp1

A prover is a few lines of reprice.toml:

  [prover.zisk]
  image     = \"ghcr.io/eth-act/ere/ere-server-zisk:0.16.2-cuda\"
  resource  = \"gpu\"
  gpus      = [\"0\", \"1\"]
  shm_gib   = 32
  memlock_unlimited = true

Exit status: 0 every prover asked works, 1 one does not, 3 its engine or image is not there.";

/// Show the provers of this machine, and try them
#[derive(clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Args {
    #[command(subcommand)]
    what: What,
    #[command(flatten)]
    machine: Machine,
}

#[derive(clap::Subcommand)]
enum What {
    /// Which provers are configured
    List,
    /// Run a small block on provers, all of them without a name
    Check {
        /// Their names in schedules
        name: Vec<String>,
    },
}

pub fn run(args: &Args, terminal: &Terminal) -> Outcome {
    let config = args.machine.config()?;
    match &args.what {
        What::List => {
            terminal.result(&list(&config))?;
            Ok(Exit::Yes)
        }
        What::Check { name } => check(name, &config, terminal),
    }
}

fn list(config: &Config) -> String {
    let mut text = String::new();
    if !config.provers.contains_key(EMBEDDED) {
        let _ = writeln!(text, "{EMBEDDED}  inside this program, cycles only");
    }
    for (name, prover) in &config.provers {
        let host = prover.host.as_deref().unwrap_or("local");
        let mode = match prover.mode {
            ModeName::Prove => "proofs",
            ModeName::Execute => "cycles only",
        };
        let servers = prover.device_sets().len();
        let gpus = match prover.gpus.len() {
            0 => String::new(),
            count => format!(", {count} GPUs"),
        };
        let _ = writeln!(
            text,
            "{name}  {} on {host}, {servers} servers{gpus}, {mode}, guest {}",
            prover.image, prover.guest
        );
    }
    text
}

fn check(names: &[String], config: &Config, terminal: &Terminal) -> Outcome {
    let known = || config.provers.keys().map(String::as_str).chain([EMBEDDED]);
    let mut wanted: Vec<&str> = names.iter().map(String::as_str).collect();
    if wanted.is_empty() {
        wanted = known().collect();
        wanted.sort_unstable();
        wanted.dedup();
    }
    if let Some(unknown) = wanted.iter().find(|name| !known().any(|one| one == **name)) {
        return Err(
            Failure::start(format!("no prover `{unknown}` is configured"))
                .help("`reprice prover list` shows those that are"),
        );
    }
    let input = block()?;
    let mut all = true;
    for name in wanted {
        let (said, works) = match tried(name, config, &input) {
            Ok(said) => (said, true),
            Err(Tried::Failed(reason)) => (reason, false),
            Err(Tried::Outside(failure)) => return Err(failure),
        };
        all &= works;
        let verdict = if works { "works" } else { "fails" };
        terminal.result(&format!("{name}  {verdict}: {said}\n"))?;
    }
    Ok(Exit::from_answer(all))
}

enum Tried {
    /// The prover's fault.
    Failed(String),
    /// There is no prover.
    Outside(Failure),
}

/// What the small block took.
fn tried(name: &str, config: &Config, input: &[u8]) -> Result<String, Tried> {
    let outside = Tried::Outside;
    let failed = |failure: crate::prove::Failure| Tried::Failed(failure.to_string());
    let Some(prover) = config.provers.get(name) else {
        let prover = Embedded::new().map_err(failed)?;
        return Ok(said(
            &prover.execute(input).map_err(failed)?,
            &prover.version(),
        ));
    };
    let remote = containers::connect(name, prover, config).map_err(outside)?;
    let info = remote.info().map_err(failed)?;
    let execution = remote.execute(input).map_err(failed)?;
    let server = format!(
        "ere-server {}, {} {}",
        info.version, info.zkvm_name, info.zkvm_sdk_version
    );
    Ok(said(&execution, &format!("{}, {server}", remote.version())))
}

fn said(execution: &Execution, version: &str) -> String {
    let cycles = match execution.total_num_cycles {
        0 => String::new(),
        cycles => format!("{cycles} cycles, "),
    };
    let proof = execution.proving_time_ms.map_or_else(String::new, |ms| {
        let size = execution.proof_size.unwrap_or_default();
        format!("proven in {:.1} s, proof of {size} bytes, ", ms / 1e3)
    });
    format!("{cycles}{proof}{version}")
}

fn block() -> Result<Vec<u8>, Failure> {
    let bad = |what: &str| Failure::start(format!("the test block cannot be made: {what}"));
    let scenario = bench::scenario(SMOKE).ok_or_else(|| bad("its scenario is gone"))?;
    let block = bench::build_with_input(scenario, &lang::osaka(), Size::Gas(SMOKE_GAS));
    let block = block.map_err(|error| bad(&error.to_string()))?;
    let input = block.input.ok_or_else(|| bad("it has no input"))?;
    Ok(input.encode())
}
