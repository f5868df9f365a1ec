//! `reprice prover`.

use std::fmt::Write as _;

use super::{
    config::{Config, InputName, ModeName},
    containers,
    exit::{Exit, Failure, Outcome},
    machine::{EMBEDDED, Machine},
    output::Terminal,
};
use crate::{
    bench::{self, Size},
    lang,
    printable::printable,
    prove::{
        self, Embedded, Execution, Native, Prover,
        docker::{
            DockerError, Secrets,
            logs::{self, Log},
        },
    },
    store::Store,
};

/// One iteration of this is a block that any prover should manage.
const SMOKE: &str = "add/chain";

const AFTER_HELP: &str = "\
Examples:
  reprice prover list
  reprice prover check sp1
  reprice prover logs zisk --lines 50

A prover is a few lines of reprice.toml:

  [host.rig]
  url  = \"ssh://bench@rig\"
  gpus = [\"0\", \"1\"]

  [prover.zisk]
  image     = \"ghcr.io/eth-act/ere/ere-server-zisk:0.16.2-cuda\"
  resource  = \"gpu\"
  host      = [\"rig\"]             # without it, the engine of this machine
  gpus_per_server = 1              # without it, one server has all GPUs of its host
  shm_gib   = 32
  memlock_unlimited = true
  repeats   = 3                    # proofs of each block; the median counts

A guest with the prices of its fork compiled in, such as a client's, says what it reads:

  elf   = \"reth-zisk.elf\"
  guest = \"reth-v1.11.0\"
  input = \"current\"                # the canonical input of 2026-07; \"later\" since
  length_prefix = true             # where it expects its input's length first

Exit status: 0 every prover asked works, or has logs; 1 one does not; 3 its engine or image is not there.";

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
    /// Run a small block on every server of provers, all of them without a name
    Check {
        /// Their names in schedules
        name: Vec<String>,
    },
    /// Show what servers say that run, and what those said that are gone
    Logs {
        /// The prover's name in schedules
        name: String,
        /// The last lines of each
        #[arg(long, value_name = "N", default_value_t = 100)]
        lines: usize,
        /// All that are kept of servers that are gone, not only the last one's
        #[arg(long)]
        all: bool,
    },
}

pub fn run(args: &Args, terminal: &Terminal) -> Outcome {
    let config = args.machine.config()?;
    let store = args.machine.store(&config);
    match &args.what {
        What::List => {
            terminal.result(&list(&config))?;
            Ok(Exit::Yes)
        }
        What::Check { name } => check(name, &config, &store, terminal),
        What::Logs { name, lines, all } => {
            let logs = logged(name, &config, &store, *lines, *all)?;
            for log in &logs {
                let head = format!("== {}, {}", log.server, log.state);
                terminal.result(&format!("{}\n{}\n", printable(&head), log.text))?;
            }
            if logs.is_empty() {
                terminal.say(&format!(
                    "no server of `{name}` runs, and none has left a log\n"
                ));
            }
            Ok(Exit::from_answer(!logs.is_empty()))
        }
    }
}

/// The logs of a prover's servers: of all that run, and of the last one that is gone.
fn logged(
    name: &str,
    config: &Config,
    store: &Store,
    lines: usize,
    all: bool,
) -> Result<Vec<Log>, Failure> {
    let prover = config.provers.get(name).ok_or_else(|| unknown(name))?;
    let mut found = Vec::new();
    for (host, settings) in prover.places(&config.hosts).0 {
        let secrets = Secrets::of(prover.env.values());
        let running = logs::running(&settings, name, &secrets, lines);
        found.extend(running.map_err(|DockerError(reason)| {
            Failure::outside(format!("`{name}` on {host}: {reason}"))
        })?);
    }
    if let Some(folder) = containers::logs(store) {
        let most = if all { usize::MAX } else { 1 };
        found.extend(logs::kept(&folder, name, lines).into_iter().take(most));
    }
    Ok(found)
}

fn unknown(name: &str) -> Failure {
    Failure::start(format!("no prover `{name}` is configured"))
        .help("`reprice prover list` shows those that are")
}

fn list(config: &Config) -> String {
    let mut text = String::new();
    if !config.provers.contains_key(EMBEDDED) {
        let _ = writeln!(text, "{EMBEDDED}  inside this program, cycles only");
    }
    let native = Native::NAME;
    let _ = writeln!(
        text,
        "{native}  inside this program, for targets of `execute`"
    );
    for (name, prover) in &config.provers {
        let mode = match prover.mode {
            ModeName::Prove => "proofs",
            ModeName::Execute => "cycles only",
        };
        let input = match prover.input {
            InputName::Reprice => "",
            InputName::Current | InputName::Later => ", canonical input",
        };
        let (_, places) = prover.places(&config.hosts);
        let servers: Vec<&str> = places.iter().map(|place| place.name.as_str()).collect();
        let _ = writeln!(
            text,
            "{name}  {} on {}, {mode}, guest {}{input}",
            prover.image,
            servers.join("; "),
            prover.guest
        );
    }
    text
}

fn check(names: &[String], config: &Config, store: &Store, terminal: &Terminal) -> Outcome {
    let own = [EMBEDDED, Native::NAME];
    let known = || config.provers.keys().map(String::as_str).chain(own);
    let mut wanted: Vec<&str> = names.iter().map(String::as_str).collect();
    if wanted.is_empty() {
        wanted = known().collect();
        wanted.sort_unstable();
        wanted.dedup();
    }
    if let Some(missing) = wanted.iter().find(|name| !known().any(|one| one == **name)) {
        return Err(unknown(missing));
    }
    let mut all = true;
    for name in wanted {
        for (server, tried) in tried(name, config, store)? {
            all &= tried.is_ok();
            let (verdict, said) = match tried {
                Ok(said) => ("works", said),
                Err(failure) => ("fails", failure.to_string()),
            };
            let answer = format!("{name}{server}  {verdict}: {said}");
            terminal.result(&format!("{}\n", printable(&answer)))?;
        }
    }
    Ok(Exit::from_answer(all))
}

/// What a server did with the small block.
type Tried = (String, Result<String, prove::Failure>);

/// What the small block took on each of a prover's servers.
fn tried(name: &str, config: &Config, store: &Store) -> Result<Vec<Tried>, Failure> {
    let Some(prover) = config.provers.get(name) else {
        let own = |prover: &dyn Prover| Ok(said(&ask(prover, 0)?, &prover.version()));
        let tried = if name == Native::NAME {
            own(&Native::new())
        } else {
            Embedded::new().and_then(|prover| own(&prover))
        };
        return Ok(vec![(String::new(), tried)]);
    };
    let remote = containers::connect(name, prover, config, store)?;
    let one = |server: usize| {
        let execution = ask(&remote, server)?;
        let info = remote.info().unwrap_or_default();
        let told = format!(
            "ere-server {}, {} {}, {}",
            info.version,
            info.zkvm_name,
            info.zkvm_sdk_version,
            remote.hardware()
        );
        Ok(said(&execution, &format!("{}, {told}", remote.version())))
    };
    let servers = remote.servers();
    let named = |(at, name): (usize, &String)| {
        let name = match servers.len() {
            1 => String::new(),
            _ => format!(" on {name}"),
        };
        (name, one(at))
    };
    Ok(servers.iter().enumerate().map(named).collect())
}

/// The small block, in the form that the prover's guest reads.
fn ask(prover: &dyn Prover, server: usize) -> Result<Execution, prove::Failure> {
    let scenario = bench::scenario(SMOKE).ok_or_else(|| prove::Failure::NoBlock {
        reason: format!("there is no scenario `{SMOKE}`"),
    })?;
    prove::ask(
        prover,
        server,
        scenario,
        &lang::osaka(),
        Size::Iterations(1),
    )
}

fn said(execution: &Execution, version: &str) -> String {
    let cycles = match execution.costs.total_num_cycles {
        0 => String::new(),
        cycles => format!("{cycles} cycles, "),
    };
    let proof = match (execution.time_ms(), execution.proof_size) {
        (Some(ms), Some(size)) => format!("proven in {:.1} s, proof of {size} bytes, ", ms / 1e3),
        (Some(ms), None) => format!("executed in {ms:.3} ms, "),
        (None, _) => String::new(),
    };
    format!("{cycles}{proof}{version}")
}
