//! How long each room takes: parse and check, regeneration, the embedded prover, solving.
//!
//! `cargo bench --bench speed`; compare figures of one run with each other, machines differ.
#![expect(
    clippy::unwrap_used,
    reason = "a benchmark stops at what it did not expect"
)]

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use reprice::{
    bench::{self, Size},
    gas::Gas,
    lang::{self, Files, Options},
    prove::{Embedded, Prover as _},
    recorded,
    solve::{self, MeasuredRow, Prices, Row},
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

/// Parse, check and evaluate.
fn read(c: &mut Criterion) {
    let mut group = c.benchmark_group("parse and check");
    for schedule in [
        "osaka",
        "schedules/eip-7904.gas",
        "schedules/zk-proving.gas",
    ] {
        group.bench_function(schedule, |b| {
            b.iter(|| lang::load(black_box(schedule), &Shipped, &Options::default()));
        });
    }
    let entries = (0..ENTRIES).map(|i| format!("new param P{i} = {i} + 2\n"));
    let text = Text(format!(
        "schedule \"Large\" extends osaka\n{}",
        entries.collect::<String>()
    ));
    group.sample_size(10);
    group.throughput(Throughput::Elements(ENTRIES));
    group.bench_function("100,000 entries", |b| {
        b.iter(|| lang::load(black_box("large.gas"), &text, &Options::default()));
    });
    group.finish();
}

/// The whole corpus: blocks executed in full, and blocks estimated from small ones.
fn regenerate(c: &mut Criterion) {
    const SMALL: Gas = 1_000_000;
    const FULL: Gas = 60_000_000;
    let osaka = lang::osaka();
    let scenarios = bench::scenarios_of(&osaka);
    let mut group = c.benchmark_group("regenerate the corpus");
    group.sample_size(10);
    group.bench_function(BenchmarkId::new("executed", SMALL), |b| {
        b.iter(|| bench::regenerate(&scenarios, &osaka, SMALL).unwrap());
    });
    group.bench_function(BenchmarkId::new("estimated", FULL), |b| {
        b.iter(|| bench::estimate(&scenarios, &osaka, FULL).unwrap());
    });
    group.finish();
}

/// The guest on a million gas: what a million gas costs to measure.
fn execute(c: &mut Criterion) {
    const GAS: Gas = 1_000_000;
    let (osaka, prover) = (lang::osaka(), Embedded::new().unwrap());
    let mut group = c.benchmark_group("embedded prover, 1 Mgas");
    group.sample_size(10).throughput(Throughput::Elements(GAS));
    for id in [
        "add/chain",
        "mulmod/255-bit",
        "keccak256/32-bytes",
        "sload/cold-existing",
    ] {
        let scenario = bench::scenario(id).unwrap();
        let block = bench::build_with_input(scenario, &osaka, Size::Gas(GAS)).unwrap();
        let input = block.input.unwrap().encode();
        group.bench_function(id, |b| b.iter(|| prover.execute(&input).unwrap()));
    }
    group.finish();
}

/// Prices for every block of the corpus, each with a cost that asks for up to ten times its gas; and for as many blocks as
/// have been published.
fn prices(c: &mut Criterion) {
    const PUBLISHED: usize = 16_864;
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
        let row = MeasuredRow {
            scenario: block.scenario.clone(),
            operation: block.operation.clone(),
            prover: "sp1".into(),
            target: 0,
            usage: block.usage.clone(),
            gas: block.gas_used,
            meter: None,
            cost_s,
            cost_interval: None,
            fixed_s: 45.0,
        };
        Row::of(&row, target, &plan.schedule, &Prices::new()).unwrap()
    };
    let mut group = c.benchmark_group("solve");
    group.sample_size(10);
    for count in [blocks.len(), PUBLISHED] {
        let rows: Vec<Row> = (0..count).map(row).collect();
        group.bench_function(BenchmarkId::new("blocks", count), |b| {
            b.iter(|| solve::solve(&solve::problem(&plan, rows.clone()).unwrap()).unwrap());
        });
    }
    group.finish();
}

/// The published result files, where they lie beside the checkout.
fn recorded(c: &mut Criterion) {
    let archive = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared/data/runs/runs-8x5090-fd1dd63.tar.xz");
    if !archive.exists() {
        eprintln!("skipped: no {}", archive.display());
        return;
    }
    let root = tempfile::tempdir().unwrap();
    let mut unpack = std::process::Command::new("tar");
    unpack.arg("-xJf").arg(&archive).arg("-C").arg(root.path());
    assert!(unpack.status().unwrap().success());
    let mut group = c.benchmark_group("recorded runs");
    group.sample_size(10);
    group.bench_function("11,594 files", |b| {
        b.iter(|| recorded::read(root.path()).unwrap());
    });
    group.finish();
}

criterion_group!(benches, read, regenerate, execute, prices, recorded);
criterion_main!(benches);
