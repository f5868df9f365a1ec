//! What making the whole corpus takes, against plain revm executing the same transactions on the same cores.
//!
//! ```text
//! cargo bench --bench corpus                 full blocks of 60 Mgas under osaka, each with its stock twin and witness
//! cargo bench --bench corpus -- 6_000_000    smaller ones
//! cargo bench --bench corpus -- mulmod deep  those of scenarios with one of these words in their names
//! ```
//!
//! Each block is made and executed by turns on the same thread, so that both see the same machine. A scenario's block is
//! executed twice, under the schedule and under the fork's own prices; plain revm executes it twice too, from a flat
//! map of accounts, without roots, receipts or witness.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a benchmark stops at what it did not expect"
)]
#![expect(clippy::print_stdout, reason = "its result")]

mod plain;

use std::{
    env, fs,
    sync::Arc,
    time::{Duration, Instant},
};

use plain::Plain;
use rayon::prelude::*;
use reprice::{
    bench::{self, Scenario, Size, Twins},
    evm::Tariff,
    gas::{Gas, Schedule},
    lang,
};

const FULL: Gas = 60_000_000;

/// Times plain execution that making blocks may take, beside a constant for each.
const ALLOWED: f64 = 1.15;

/// How long a scenario took.
#[derive(Clone, Copy, Default)]
struct Times {
    /// Calibration: the same for blocks of every size.
    prepared: Duration,
    /// The accounts, codes and slots that a block of this size finds, hashed into tries.
    state: Duration,
    /// Both blocks, roots, witness.
    made: Duration,
    /// Plain revm, both blocks.
    executed: Duration,
    /// Bytes of the witness.
    witness: usize,
}

fn main() {
    let arguments = env::args().skip(1);
    let arguments = arguments.filter(|argument| !argument.starts_with("--"));
    let (limits, words): (Vec<String>, Vec<String>) =
        arguments.partition(|argument| argument.starts_with(|c: char| c.is_ascii_digit()));
    let limit = limits
        .first()
        .map(|text| text.replace('_', "").parse().unwrap());
    let limit = limit.unwrap_or(FULL);
    let osaka = lang::osaka();
    let tariff = Arc::new(reprice::evm::compile(&osaka).unwrap());
    let begun = Instant::now();
    let mut all: Vec<(&Scenario, Times)> = bench::scenarios_of(&osaka)
        .into_par_iter()
        .filter(|scenario| words.is_empty() || words.iter().any(|word| scenario.id.contains(word)))
        .map(|scenario| (scenario, times(scenario, &osaka, &tariff, limit)))
        .collect();
    let wall = begun.elapsed();
    let sum =
        |part: fn(&Times) -> Duration| all.iter().map(|(_, times)| part(times)).sum::<Duration>();
    let prepared = sum(|times| times.prepared);
    let state = sum(|times| times.state);
    let (made, executed) = (sum(|times| times.made), sum(|times| times.executed));
    println!(
        "{} scenarios at {limit} gas on {} threads, {:.1} s",
        all.len(),
        rayon::current_num_threads(),
        wall.as_secs_f64()
    );
    for (what, took) in [
        ("prepared, whatever the size", prepared),
        ("state that they are built on", state),
        ("made with twins and witnesses", made),
        ("executed by plain revm", executed),
    ] {
        println!("{what:<30} {:>7.1} s", took.as_secs_f64());
    }
    println!(
        "ratio                          {:>7.3}, with the state {:.3}, with what was prepared {:.3}",
        ratio(made, executed),
        ratio(state + made, executed),
        ratio(prepared + state + made, executed)
    );
    // What a block costs beside its execution - roots, receipts, witness, signatures - shows where there is little of that.
    let beyond = |times: &Times| times.made.saturating_sub(times.executed.mul_f64(ALLOWED));
    let constants: Duration = all.iter().map(|(_, times)| beyond(times)).sum();
    let largest = all.iter().max_by_key(|(_, times)| beyond(times)).unwrap();
    println!(
        "beyond {ALLOWED} times that         {:>7.3} s a scenario, at most {:.2} s ({})",
        constants.as_secs_f64() / f64::from(u32::try_from(all.len()).unwrap()),
        beyond(&largest.1).as_secs_f64(),
        largest.0.id
    );
    if let Some(peak) = peak_memory() {
        println!("peak memory                    {peak:>7.1} GiB");
    }
    println!("\nfurthest from it:");
    all.sort_by_key(|(_, times)| std::cmp::Reverse(times.made.saturating_sub(times.executed)));
    for (scenario, times) in all.iter().take(15) {
        println!(
            "  {:<36} {:>6.2} s for {:>6.2} s, {:>6.1} MB of witness",
            scenario.id,
            times.made.as_secs_f64(),
            times.executed.as_secs_f64(),
            megabytes(times.witness),
        );
    }
}

fn times(scenario: &Scenario, osaka: &Schedule, tariff: &Arc<Tariff>, limit: Gas) -> Times {
    let begun = Instant::now();
    let schedule = || (osaka, Arc::clone(tariff));
    let mut twins = Twins::new(scenario, schedule(), schedule()).unwrap();
    let prepared = begun.elapsed();
    let begun = Instant::now();
    twins.lay_out(Size::Gas(limit)).unwrap();
    let state = begun.elapsed();
    let begun = Instant::now();
    let blocks = twins.blocks(Size::Gas(limit));
    let blocks = blocks.unwrap_or_else(|error| panic!("{}: {error}", scenario.id));
    let made = begun.elapsed();
    let witness = &blocks.stock.input.witness;
    let bytes = witness
        .state
        .iter()
        .chain(&witness.codes)
        .map(|bytes| bytes.len());
    let witness = bytes.sum();
    let mut plain = Plain::new(twins.state().unwrap());
    drop(twins);
    let (executed, used) = plain.execute(&blocks.stock.block);
    assert_eq!(
        used, blocks.stock.gas_used,
        "{}: the same work",
        scenario.id
    );
    Times {
        prepared,
        state,
        made,
        executed: 2 * executed,
        witness,
    }
}

fn ratio(part: Duration, whole: Duration) -> f64 {
    part.as_secs_f64() / whole.as_secs_f64()
}

#[expect(clippy::cast_precision_loss, reason = "to one decimal")]
fn megabytes(bytes: usize) -> f64 {
    bytes as f64 / 1e6
}

/// The most memory that this process held, GiB, where the system tells.
fn peak_memory() -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kib: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib / f64::from(1 << 20))
}
