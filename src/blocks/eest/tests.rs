//! Every fixture in `../shared/data` where that exists; and what is said of files that are wrong.
//!
//! By default the chains whose blocks use at most [`DEFAULT_GAS`] each; `REPRICE_EEST=all` runs the rest too.

use rayon::prelude::*;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::{
    fixture::{Chain, FixtureKind},
    replay::Replay,
    stock::StockEvmFactory,
    *,
};
use crate::evm::{Reason, Witness, validate_block};

/// The most gas a block may use to be part of the default run.
const DEFAULT_GAS: u64 = 2_000_000;

fn shared(path: &str) -> Option<PathBuf> {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
        .join("../shared/data")
        .join(path);
    if !path.exists() {
        eprintln!("skipped: no {}", path.display());
        return None;
    }
    Some(path)
}

/// Unpacks an archive; `None`, said aloud, where the data is not there.
fn unpack(archive: &str) -> Option<tempfile::TempDir> {
    let path = shared(archive)?;
    let folder = tempfile::tempdir().unwrap();
    let tar = Command::new("tar")
        .arg("-xJf")
        .arg(&path)
        .arg("-C")
        .arg(folder.path())
        .status();
    assert!(tar.unwrap().success(), "cannot unpack {archive}");
    Some(folder)
}

fn json_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            json_files(&path, found);
        } else if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            found.push(path);
        }
    }
}

fn fixtures(folder: &Path) -> Vec<Fixture> {
    let mut files = Vec::new();
    json_files(folder, &mut files);
    let read = |path: &PathBuf| read(&fs::read_to_string(path).unwrap()).unwrap();
    files.par_iter().flat_map(read).collect()
}

fn cheap(chain: &Chain) -> bool {
    chain.blocks.iter().all(|block| {
        let decoded = block.source.decode();
        decoded.map_or(true, |block| block.header.gas_used <= DEFAULT_GAS)
    })
}

/// Removes each item of a witness in turn: nothing in it is superfluous.
fn remove_each(chain: &Chain) -> usize {
    let rules = chain.rules.as_ref().unwrap();
    let mut replay = Replay::new(chain, rules).unwrap();
    let (last, others) = chain.blocks.split_last().unwrap();
    for block in others.iter().filter(|block| block.exception.is_none()) {
        let block = block.source.decode().unwrap();
        let step = replay.step(&block, false).unwrap();
        replay.advance(&block, step);
    }
    if last.exception.is_some() {
        return 0;
    }
    let block = last.source.decode().unwrap();
    let witness = replay.step(&block, false).unwrap().witness;
    if witness.state.len() + witness.codes.len() >= 40 {
        return 0;
    }
    let rlp = alloy_rlp::encode(&block);
    let mut removals = 0;
    let mut refused = |witness: &Witness, reason: Reason| {
        let verdict = validate_block(&StockEvmFactory, rules, &rlp, &witness.as_ref());
        assert_eq!(verdict.reason, reason);
        removals += 1;
    };
    for i in 0..witness.state.len() {
        let mut less = witness.clone();
        less.state.remove(i);
        refused(&less, Reason::MissingNode);
    }
    for i in 0..witness.codes.len() {
        let mut less = witness.clone();
        less.codes.remove(i);
        refused(&less, Reason::MissingCode);
    }
    for i in 0..witness.headers.len() {
        let mut less = witness.clone();
        less.headers.remove(i);
        let oldest = i == 0 && witness.headers.len() > 1;
        let reason = if oldest {
            Reason::MissingHeader
        } else {
            Reason::WitnessHeaders
        };
        refused(&less, reason);
    }
    removals
}

/// What came out of an archive's fixtures.
struct ArchiveFigures {
    /// Blocks as the fixture says.
    reproduced: usize,
    /// How many of those are invalid.
    invalid: usize,
    /// Canonical inputs and outputs.
    guests: usize,
    /// Blocks of development networks before devnet-8.
    devnet: usize,
}

/// Checks every fixture of an archive. Of development networks before devnet-8 not every rule is known.
fn check_archive(archive: &str) -> Option<ArchiveFigures> {
    let folder = unpack(archive)?;
    let all = std::env::var("REPRICE_EEST").is_ok_and(|value| value == "all");
    let options = Options { witness: true };
    let fixtures = fixtures(folder.path());
    let found: Vec<_> = fixtures
        .par_iter()
        .filter(|fixture| match &fixture.kind {
            FixtureKind::Chain(chain) => all || cheap(chain),
            FixtureKind::Witnessed(_) | FixtureKind::Guests(_) => true,
        })
        .map(|fixture| (fixture, check(fixture, options)))
        .collect();
    let (mut reproduced, mut invalid, mut guests, mut wrong) = (0, 0, 0, Vec::new());
    let mut devnet = 0;
    for (fixture, checked) in found {
        if matches!(&fixture.kind, FixtureKind::Chain(chain) if chain.devnet) {
            devnet += checked.reproduced;
            guests += checked.guest_inputs;
            continue;
        }
        reproduced += checked.reproduced;
        invalid += checked.invalid;
        guests += checked.guest_inputs;
        let differs = checked.mismatches.iter().map(|mismatch| {
            format!(
                "{} block {:?}: {}",
                fixture.name, mismatch.block, mismatch.what
            )
        });
        wrong.extend(differs);
    }
    assert!(
        wrong.is_empty(),
        "{}: {:#?}",
        wrong.len(),
        &wrong[..wrong.len().min(20)]
    );
    eprintln!(
        "{archive}: {reproduced} blocks reproduced, {invalid} of them invalid; {devnet} before devnet-8"
    );
    Some(ArchiveFigures {
        reproduced,
        invalid,
        guests,
        devnet,
    })
}

#[test]
fn benchmark_fixtures_are_reproduced() {
    let Some(found) = check_archive("eest/eest-benchmark-fixtures.tar.xz") else {
        return;
    };
    assert!(found.reproduced >= 1_000, "{}", found.reproduced);
}

#[test]
fn consensus_fixtures_are_reproduced() {
    let Some(found) = check_archive("eest/eest-consensus-sample.tar.xz") else {
        return;
    };
    assert!(found.reproduced >= 500, "{}", found.reproduced);
    assert!(found.invalid >= 40, "{}", found.invalid);
    assert!(found.devnet >= 100, "{}", found.devnet);
}

#[test]
fn every_item_of_a_recorded_witness_is_needed() {
    let Some(folder) = unpack("eest/eest-benchmark-fixtures.tar.xz") else {
        return;
    };
    let fixtures = fixtures(folder.path());
    let chains: Vec<&Chain> = fixtures
        .iter()
        .filter_map(|fixture| match &fixture.kind {
            FixtureKind::Chain(chain) if cheap(chain) => Some(&**chain),
            _ => None,
        })
        .step_by(8)
        .collect();
    let removals: usize = chains.par_iter().map(|chain| remove_each(chain)).sum();
    assert!(removals >= 200, "{removals}");
}

#[test]
fn mainnet_blocks_are_reproduced() {
    for number in [23_587_691, 24_628_607] {
        let Some(path) = shared(&format!("mainnet/{number}.witness.json.xz")) else {
            return;
        };
        let output = Command::new("xz").arg("-dc").arg(&path).output().unwrap();
        let fixtures = read(&String::from_utf8(output.stdout).unwrap()).unwrap();
        let checked = check(&fixtures[0], Options::default());
        assert_eq!(
            (checked.reproduced, &checked.mismatches[..]),
            (1, &[][..]),
            "{number}"
        );
    }
}

/// What is counted of a real block, at its fork's prices, is the gas it used.
#[test]
fn what_a_mainnet_block_uses_is_its_gas() {
    let Some(path) = shared("mainnet/24628607.witness.json.xz") else {
        return;
    };
    let output = Command::new("xz").arg("-dc").arg(&path).output().unwrap();
    let fixtures = read(&String::from_utf8(output.stdout).unwrap()).unwrap();
    let used = usage(&fixtures[0]).unwrap();
    let FixtureKind::Witnessed(block) = &fixtures[0].kind else {
        panic!("a block with its witness");
    };
    let gas = crate::lang::osaka().gas(&used).unwrap();
    assert_eq!(gas, i128::from(block.block.header.gas_used));
}

/// They are of a development network before devnet-8; their bytes are those of guests all the same, and most blocks come out with
/// nothing but its prices, from the chain and from their witness.
#[test]
fn canonical_guest_inputs_survive() {
    let Some(found) = check_archive("eest/eest-zkevm-amsterdam.tar.xz") else {
        return;
    };
    assert_eq!((found.guests, found.devnet), (126, 118));
}
