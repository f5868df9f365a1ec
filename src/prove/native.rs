//! revm on this machine, for targets of `execute`: how fast blocks run that nobody proves.
//!
//! What is timed is what a node does with a block whose state it has in memory: senders, transactions under the schedule's
//! prices, receipts, the state root. Reading the block and hashing its witness is not.

use std::{path::Path, sync::Arc, thread, time::Instant};

use alloy_primitives::Sealed;

use super::{Execution, Failure, Prover, Source};
use crate::{
    evm::{
        ChainRules, GuestInput, Reason, StateDb, TariffEvmFactory, WitnessStore, decode_block,
        execute_witnessed,
    },
    input_file,
};

/// Its name in schedules.
const NAME: &str = "revm";
/// As pinned in the package's dependencies.
const VERSION: &str = "43.0.3";
/// How often a block is executed.
const REPEATS: usize = 5;

/// revm on one core of this machine.
#[derive(Clone, Debug)]
pub struct Native {
    /// Where the system lets a thread stay on one.
    core: Option<core_affinity::CoreId>,
    cpu: String,
}

impl Native {
    /// Its name in schedules.
    pub const NAME: &str = NAME;

    /// revm on the last core that this process may use: the first ones serve interrupts.
    pub fn new() -> Self {
        let last = core_affinity::get_core_ids().and_then(|cores| cores.into_iter().next_back());
        let stays = |core: &core_affinity::CoreId| {
            let core = *core;
            // Threads that are started from a pinned one are pinned, too: only one of our own ever is.
            let tried = thread::spawn(move || core_affinity::set_for_current(core)).join();
            tried.unwrap_or(false)
        };
        Self {
            core: last.filter(stays),
            cpu: cpu().unwrap_or_else(|| std::env::consts::ARCH.into()),
        }
    }

    /// The machine, and how it is used.
    pub fn hardware(&self) -> String {
        let pinned = if self.core.is_some() {
            "pinned to one core"
        } else {
            "not pinned to a core"
        };
        format!("{}, {pinned}", self.cpu)
    }

    /// How its times come about.
    pub fn method() -> String {
        format!("median of {REPEATS} runs of each block on this machine")
    }
}

impl Default for Native {
    fn default() -> Self {
        Self::new()
    }
}

impl Prover for Native {
    fn name(&self) -> &'static str {
        NAME
    }

    fn version(&self) -> String {
        format!("revm {VERSION} on {}", self.hardware())
    }

    fn execute(&self, input: &[u8]) -> Result<Execution, Failure> {
        let run = || {
            if let Some(core) = self.core {
                core_affinity::set_for_current(core);
            }
            timed(input)
        };
        let joined = thread::scope(|scope| scope.spawn(run).join());
        joined.unwrap_or_else(|_| {
            Err(Failure::Crash {
                reason: "the block made revm panic".into(),
            })
        })
    }

    fn servers(&self) -> Vec<String> {
        vec!["this machine".into()]
    }

    fn is_timed(&self) -> bool {
        true
    }

    fn source(&self) -> Source {
        Source {
            guest: None,
            zkvm: format!("{NAME}-{VERSION}"),
            hardware: Some(self.hardware()),
        }
    }
}

/// Executes the block of a guest input again and again.
fn timed(input: &[u8]) -> Result<Execution, Failure> {
    let refused = |reason: Reason| Failure::InvalidBlock {
        reason: reason.text().into(),
    };
    let input = GuestInput::decode(input).map_err(|_| refused(Reason::Input))?;
    let block = decode_block(&input.block).map_err(|error| refused(error.reason))?;
    let accepted = input.accepted(block.header.hash_slow());
    let rules = ChainRules::of(input.chain_id, &input.tariff);
    let factory = TariffEvmFactory::new(Arc::new(input.tariff));
    let witness = input.witness.as_ref();
    let store = WitnessStore::new(&witness, block.header.parent_hash).map_err(refused)?;
    let parent = Sealed::new_unchecked(store.parent().clone(), block.header.parent_hash);
    let mut times_ms = Vec::with_capacity(REPEATS);
    for _ in 0..REPEATS {
        let mut db = StateDb::new(&store, parent.state_root);
        let started = Instant::now();
        let outcome = execute_witnessed(&factory, &rules, &parent, &block, &mut db);
        times_ms.push(started.elapsed().as_secs_f64() * 1e3);
        outcome.map_err(|error| refused(error.reason))?;
    }
    Ok(Execution {
        times_ms,
        public_values: accepted.to_bytes().to_vec(),
        ..Execution::default()
    })
}

/// The processor's name, where the system tells.
fn cpu() -> Option<String> {
    let told = input_file::text(Path::new("/proc/cpuinfo"), input_file::RESULT).ok()?;
    let line = told.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        bench::{self, Size},
        evm::Statement,
        lang,
    };

    #[test]
    fn blocks_are_executed_and_refused() {
        let scenario = bench::scenario("add/chain").unwrap();
        let block = bench::build_with_input(scenario, &lang::osaka(), Size::Gas(1_000_000));
        let block = block.unwrap();
        let mut input = block.input.unwrap();
        let done = Native::new().execute(&input.encode()).unwrap();
        let statement = Statement::from_bytes(&done.public_values).unwrap();
        assert_eq!(Some(statement.verdict.block_hash), block.block_hash);
        assert_eq!(done.times_ms.len(), REPEATS);
        assert!(done.time_ms().unwrap() > 0.0 && done.spread().unwrap() >= 0.0);
        input.witness.state.pop();
        let refused = Native::new().execute(&input.encode());
        assert!(matches!(refused, Err(Failure::InvalidBlock { .. })));
        assert!(Native::new().execute(b"no input").is_err());
    }

    #[test]
    fn the_version_is_the_pinned_one() {
        let manifest = include_str!("../../Cargo.toml");
        assert!(manifest.contains(&format!("\nrevm = {{ version = \"={VERSION}\"")));
    }
}
