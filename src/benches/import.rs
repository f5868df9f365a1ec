//! What reading and reproducing fixtures of execution-spec-tests takes, against plain revm executing their transactions.
//!
//! ```text
//! cargo bench --bench import -- PATH...    folders of blockchain tests on Osaka
//! cargo bench --bench import               the published ones of ../shared/data, where they lie beside the checkout
//! ```
//!
//! One thread, each fixture by turns, the best of three.
#![expect(
    clippy::unwrap_used,
    reason = "a benchmark stops at what it did not expect"
)]
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "its result, and what it skips"
)]

mod plain;

mod json_files;

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use alloy_consensus::{Block, TxEnvelope};
use alloy_primitives::{Address, Bytes, U256};
use alloy_rlp::Decodable as _;
use json_files::json_files;
use plain::Plain;
use reprice::{
    eest::{self, Options},
    evm::GenesisAccount,
    gas::Gas,
    input_file,
};
use serde_json::Value;

const RUNS: usize = 3;

/// How long a file's fixtures took.
#[derive(Clone, Copy)]
struct Times {
    /// JSON to blocks.
    read: Duration,
    /// Executed: header, receipts, roots and opcode counts compared.
    checked: Duration,
    /// The same, and validated again from nothing but the witness.
    witnessed: Duration,
    /// Plain revm.
    executed: Duration,
}

fn main() {
    let arguments = env::args().skip(1);
    let mut paths: Vec<PathBuf> = arguments
        .filter(|argument| !argument.starts_with("--"))
        .map(PathBuf::from)
        .collect();
    let folder = tempfile::tempdir().unwrap();
    if paths.is_empty() {
        let archive = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../shared/data/eest/eest-benchmark-fixtures.tar.xz");
        if !archive.exists() {
            eprintln!("skipped: no {}", archive.display());
            return;
        }
        let mut unpack = Command::new("tar");
        unpack
            .arg("-xJf")
            .arg(&archive)
            .arg("-C")
            .arg(folder.path());
        assert!(unpack.status().unwrap().success());
        paths.push(folder.path().join("official_v0.0.7_osaka"));
    }
    let mut files = Vec::new();
    for path in &paths {
        json_files(path, &mut files);
    }
    let (mut blocks, mut gas, mut bytes) = (0, 0, 0);
    let mut all = Vec::new();
    for file in &files {
        let text = input_file::text(file, input_file::RESULTS).unwrap();
        let chains = chains(&text);
        let runs = (0..RUNS).map(|_| {
            let (times, used) = times(&text, &chains);
            gas += used;
            times
        });
        all.push(runs.collect::<Vec<_>>());
        blocks += chains.iter().map(|(_, blocks)| blocks.len()).sum::<usize>();
        bytes += text.len();
    }
    let gas = gas / u64::try_from(RUNS).unwrap();
    let best = |part: fn(&Times) -> Duration| {
        let best = all.iter().map(|runs| runs.iter().map(part).min().unwrap());
        best.sum::<Duration>()
    };
    println!(
        "{} files of {bytes} bytes, {blocks} blocks of {gas} gas",
        files.len()
    );
    let plain = best(|times| times.executed);
    for (what, took) in [
        ("read", best(|times| times.read)),
        ("executed and compared", best(|times| times.checked)),
        ("and from the witness", best(|times| times.witnessed)),
        ("executed by plain revm", plain),
    ] {
        let (took, ratio) = (took.as_secs_f64(), took.as_secs_f64() / plain.as_secs_f64());
        println!("{what:<24} {took:>8.3} s {ratio:>7.2}x");
    }
}

/// The accounts before a test's blocks.
type Accounts = Vec<(Address, GenesisAccount)>;

/// What plain revm needs of a file's tests.
fn chains(text: &str) -> Vec<(Accounts, Vec<Block<TxEnvelope>>)> {
    let file: Value = serde_json::from_str(text).unwrap();
    let number = |value: &Value| value.as_str().unwrap().parse::<U256>().unwrap();
    let account = |(address, account): (&String, &Value)| {
        let storage = account["storage"].as_object().unwrap().iter();
        let storage = storage.map(|(slot, value)| (slot.parse().unwrap(), number(value)));
        let genesis = GenesisAccount {
            nonce: number(&account["nonce"]).to(),
            balance: number(&account["balance"]),
            code: account["code"].as_str().unwrap().parse().unwrap(),
            storage: storage.collect(),
            ..GenesisAccount::default()
        };
        (address.parse().unwrap(), genesis)
    };
    let block = |block: &Value| {
        let rlp: Bytes = block["rlp"].as_str().unwrap().parse().unwrap();
        Block::decode(&mut &rlp[..]).unwrap()
    };
    let tests = file.as_object().unwrap().values();
    tests
        .map(|test| {
            let accounts = test["pre"].as_object().unwrap().iter().map(account);
            let blocks = test["blocks"].as_array().unwrap().iter().map(block);
            (accounts.collect(), blocks.collect())
        })
        .collect()
}

fn times(text: &str, chains: &[(Accounts, Vec<Block<TxEnvelope>>)]) -> (Times, Gas) {
    let begun = Instant::now();
    let fixtures = eest::read(text).unwrap();
    let read = begun.elapsed();
    let check = |witness| {
        let begun = Instant::now();
        for fixture in &fixtures {
            let checked = eest::check(fixture, Options { witness });
            assert_eq!(
                checked.reproduced, checked.blocks,
                "{:?}",
                checked.mismatches
            );
        }
        begun.elapsed()
    };
    let (checked, witnessed) = (check(false), check(true));
    let (mut executed, mut gas) = (Duration::ZERO, 0);
    for (accounts, blocks) in chains {
        let mut plain = Plain::new(accounts.clone());
        for block in blocks {
            let (took, used) = plain.execute(block);
            executed += took;
            gas += used;
        }
    }
    let times = Times {
        read,
        checked,
        witnessed,
        executed,
    };
    (times, gas)
}
