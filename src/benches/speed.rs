//! How long each room takes: parse and check, regeneration, the embedded prover, solving.
//!
//! ```text
//! cargo bench --bench speed              all of it
//! cargo bench --bench speed -- solve     what has this in its name
//! ```
//!
//! The median of ten runs and how far they lie apart; compare figures of one machine with each other.
#![expect(
    clippy::unwrap_used,
    reason = "a benchmark stops at what it did not expect"
)]
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "its result, and what it skips"
)]

use std::{
    env,
    hint::black_box,
    time::{Duration, Instant},
};

use reprice::{
    bench::{self, Size},
    gas::Gas,
    lang::{self, Files, Options},
    prove::{BlockId, Embedded, MeasuredBlock, Prover as _, ProverId},
    recorded,
    solve::{self, Prices, Row},
};

/// The repository's own files.
struct Shipped;

impl Files for Shipped {
    fn read(&self, path: &str) -> Result<String, String> {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        std::fs::read_to_string(root.join(path)).map_err(|error| error.to_string())
    }
}

/// Prices of a schedule larger than any.
const ENTRIES: u64 = 100_000;

/// One file.
struct Text(String);

impl Files for Text {
    fn read(&self, _: &str) -> Result<String, String> {
        Ok(self.0.clone())
    }
}

const RUNS: usize = 10;

/// What the command line asks for.
struct Benchmarks {
    /// Parts of names; all benchmarks without any.
    asked: Vec<String>,
}

impl Benchmarks {
    fn asked(&self, name: &str) -> bool {
        let parts = &self.asked;
        parts.is_empty() || parts.iter().any(|part| name.contains(part))
    }

    /// Runs it once unmeasured, so that what is built on first use is there, and prints what it takes.
    fn run<T>(&self, name: &str, mut work: impl FnMut() -> T) {
        if !self.asked(name) {
            return;
        }
        black_box(work());
        let mut times: Vec<Duration> = (0..RUNS)
            .map(|_| {
                let start = Instant::now();
                black_box(work());
                start.elapsed()
            })
            .collect();
        times.sort();
        let (least, median, most) = (times[0], times[RUNS / 2], times[RUNS - 1]);
        println!("{name:<50} {median:>12.3?}   {least:.3?} .. {most:.3?}");
    }
}

fn main() {
    let benchmarks = Benchmarks {
        asked: env::args()
            .skip(1)
            .filter(|argument| !argument.starts_with("--"))
            .collect(),
    };
    read(&benchmarks);
    regenerate(&benchmarks);
    execute(&benchmarks);
    prices(&benchmarks);
    recorded(&benchmarks);
}

/// Parse, check and evaluate.
fn read(benchmarks: &Benchmarks) {
    for schedule in [
        "osaka",
        "schedules/eip-7904.gas",
        "schedules/zk-proving.gas",
    ] {
        benchmarks.run(&format!("parse and check {schedule}"), || {
            lang::load(black_box(schedule), &Shipped, &Options::default())
        });
    }
    let entries = (0..ENTRIES).map(|i| format!("new param P{i} = {i} + 2\n"));
    let text = Text(format!(
        "schedule \"Large\" extends osaka\n{}",
        entries.collect::<String>()
    ));
    benchmarks.run("parse and check 100,000 entries", || {
        lang::load(black_box("large.gas"), &text, &Options::default())
    });
}

/// The whole corpus: blocks executed in full, and blocks estimated from small ones.
fn regenerate(benchmarks: &Benchmarks) {
    const SMALL: Gas = 1_000_000;
    const FULL: Gas = 60_000_000;
    let osaka = lang::osaka();
    let scenarios = bench::scenarios_of(&osaka);
    benchmarks.run("regenerate the corpus, 1 Mgas executed", || {
        bench::regenerate(&scenarios, &osaka, SMALL).unwrap()
    });
    benchmarks.run("regenerate the corpus, 60 Mgas estimated", || {
        bench::estimate(&scenarios, &osaka, FULL).unwrap()
    });
}

/// The guest on a million gas: what a million gas costs to measure.
fn execute(benchmarks: &Benchmarks) {
    const GAS: Gas = 1_000_000;
    let (osaka, prover) = (lang::osaka(), Embedded::new().unwrap());
    for id in [
        "add/chain",
        "mulmod/255-bit",
        "keccak256/32-bytes",
        "sload/cold-existing",
    ] {
        let name = format!("embedded prover, 1 Mgas of {id}");
        if !benchmarks.asked(&name) {
            continue;
        }
        let scenario = bench::scenario(id).unwrap();
        let block = bench::build_with_input(scenario, &osaka, Size::Gas(GAS)).unwrap();
        let input = block.input.unwrap().encode();
        benchmarks.run(&name, || prover.execute(&input).unwrap());
    }
}

/// Prices for every block of the corpus, each with a cost that asks for up to ten times its gas; and for as many blocks as
/// have been published.
fn prices(benchmarks: &Benchmarks) {
    const PUBLISHED: usize = 16_864;
    if !benchmarks.asked("solve blocks") {
        return;
    }
    let plan = lang::load("schedules/zk-proving.gas", &Shipped, &Options::default())
        .plan
        .unwrap();
    let target = &plan.targets[0];
    let blocks = bench::estimate(
        &bench::scenarios_of(&plan.schedule),
        &plan.schedule,
        target.gas,
    )
    .unwrap();
    let blocks: Vec<_> = blocks.into_iter().flatten().collect();
    let row = |at: usize| {
        let block = &blocks[at % blocks.len()];
        #[expect(clippy::cast_precision_loss, reason = "a made-up cost")]
        let cost_s = 50.0 * (1 + at * 37 % 100) as f64;
        let row = MeasuredBlock {
            id: BlockId {
                scenario: block.scenario.clone(),
                operation: block.operation.clone(),
                prover: ProverId::of("sp1"),
            },
            usage: block.usage.clone(),
            gas_used: block.gas_used,
            cost_s,
            fixed_s: 45.0,
            ..MeasuredBlock::default()
        };
        Row::of(&row, target, &plan.schedule, &Prices::new()).unwrap()
    };
    for count in [blocks.len(), PUBLISHED] {
        let rows: Vec<Row> = (0..count).map(row).collect();
        benchmarks.run(&format!("solve blocks, {count}"), || {
            solve::solve(&solve::problem(&plan, rows.clone()).unwrap()).unwrap()
        });
    }
}

/// The published result files, where they lie beside the checkout.
fn recorded(benchmarks: &Benchmarks) {
    let archive = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared/data/runs/runs-8x5090-fd1dd63.tar.xz");
    if !archive.exists() {
        eprintln!("skipped: no {}", archive.display());
        return;
    }
    let name = "recorded runs, 11,594 files";
    if !benchmarks.asked(name) {
        return;
    }
    let root = tempfile::tempdir().unwrap();
    let mut unpack = std::process::Command::new("tar");
    unpack.arg("-xJf").arg(&archive).arg("-C").arg(root.path());
    assert!(unpack.status().unwrap().success());
    benchmarks.run(name, || recorded::read(root.path()).unwrap());
}
