//! Whether a block of execution-spec-tests is worse than the worst of our scenarios of the same operation.
//!
//! ```text
//! cargo bench --bench worst -- PATH           a folder of benchmark fixtures, unpacked; those of 1 Mgas
//! cargo bench --bench worst -- PATH mulmod    those with one of these words in their names
//! ```
//!
//! Every fixture runs under its own prices, and once more under prices at which its transactions cost what they used before their
//! first instruction: the difference is what its operations cost, without code that is hashed, headers and signatures, which small
//! blocks pay for few operations and full ones for many. Ours are full blocks. Both per gas, in cycles and in SP1's gas. A
//! fixture's operation is what its name tells; or the one among those that `fixtures/scenarios/coverage.toml` knows for its function
//! that takes most of its gas.
//!
//! It fails where ours is below 0.99 of theirs.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a benchmark stops at what it did not expect"
)]
#![expect(clippy::print_stdout, reason = "its result")]

mod json_files;

use std::{
    collections::BTreeMap,
    env,
    path::{Path, PathBuf},
    sync::Arc,
};

use json_files::json_files;
use rayon::prelude::*;
use reprice::{
    bench,
    eest::{self, Fixture, FixtureBlock},
    evm,
    fit::real,
    gas::{Gas, Schedule},
    input_file, lang,
    prove::{self, Campaign, CostVector, Embedded, Silent},
    recorded::benchmarked,
    store::Store,
};

/// Gas of our blocks, along lines.
const FULL: Gas = 30_000_000;
/// The gas level of fixtures.
const LEVEL: &str = "gas-value_1M-";
/// How far ours may be below theirs.
const ALLOWED: f64 = 0.99;

/// Per gas.
#[derive(Clone, Debug, Default)]
struct Worst {
    cycles: f64,
    gas: f64,
    /// Which block has the most of either.
    names: [String; 2],
}

impl Worst {
    fn take(&mut self, name: &str, cycles: f64, gas: f64) {
        if cycles > self.cycles {
            (self.cycles, self.names[0]) = (cycles, name.into());
        }
        if gas > self.gas {
            (self.gas, self.names[1]) = (gas, name.into());
        }
    }
}

fn main() {
    let arguments = env::args().skip(1);
    let mut arguments = arguments.filter(|argument| !argument.starts_with("--"));
    let Some(path) = arguments.next() else {
        println!("skipped: no folder of fixtures is named");
        return;
    };
    let words: Vec<String> = arguments.collect();
    let osaka = lang::osaka();
    let prover = Embedded::new().unwrap();
    let theirs = theirs(&prover, Path::new(&path), &words, &osaka);
    let ours = ours(&prover, &osaka, &theirs);
    let mut below = 0;
    println!("ours over theirs, per gas of Osaka\ncycles     gas  operation");
    for (operation, theirs) in &theirs {
        let Some(ours) = ours.get(operation) else {
            println!(
                "     -       -  {operation}: no scenario; {}",
                theirs.names[0]
            );
            below += 1;
            continue;
        };
        let ratios = [ours.cycles / theirs.cycles, ours.gas / theirs.gas];
        let least = ratios[0].min(ratios[1]);
        below += usize::from(least < ALLOWED);
        let which = usize::from(ratios[1] < ratios[0]);
        let mark = if least < ALLOWED { "  <" } else { "" };
        println!(
            "{:6.2}  {:6.2}  {operation}: {:.1} cycles and {:.1} gas in {}, theirs {:.1} and {:.1} in {}{mark}",
            ratios[0],
            ratios[1],
            ours.cycles,
            ours.gas,
            ours.names[which],
            theirs.cycles,
            theirs.gas,
            theirs.names[which]
        );
    }
    assert!(
        below == 0,
        "{below} operations have a worse block elsewhere"
    );
}

/// The worst fixture of each operation.
fn theirs(
    prover: &Embedded,
    path: &Path,
    words: &[String],
    osaka: &Schedule,
) -> BTreeMap<String, Worst> {
    let mut all = Vec::new();
    json_files(path, &mut all);
    let one = |file: &PathBuf| {
        let Ok(fixtures) = eest::read(&input_file::text(file, input_file::RESULTS).unwrap()) else {
            return Vec::new();
        };
        let chosen = fixtures.iter().filter(|fixture| {
            let name = &fixture.name;
            name.contains(LEVEL)
                && name.contains("fork_Osaka")
                && (words.is_empty() || words.iter().any(|word| name.contains(word.as_str())))
        });
        chosen
            .filter_map(|fixture| {
                let rates = rates(prover, fixture, osaka);
                rates
                    .inspect_err(|why| println!("left out: {}: {why}", fixture.name))
                    .ok()
            })
            .collect()
    };
    let rates: Vec<(String, String, f64, f64)> = all.par_iter().flat_map_iter(one).collect();
    println!("{} fixtures", rates.len());
    let mut worst: BTreeMap<String, Worst> = BTreeMap::new();
    for (operation, name, cycles, gas) in rates {
        worst.entry(operation).or_default().take(&name, cycles, gas);
    }
    worst
}

/// A fixture's operation and name, and what its block costs per gas.
fn rates(
    prover: &Embedded,
    fixture: &Fixture,
    osaka: &Schedule,
) -> Result<(String, String, f64, f64), String> {
    let name = fixture
        .name
        .rsplit_once('/')
        .map_or(&*fixture.name, |(_, name)| name);
    let run = |block: FixtureBlock| {
        let question = block.question(None);
        let question = question.map_err(|reason| prove::Failure::NoBlock { reason })?;
        prove::fixture_block((prover, &Store::none()), 0, question)
    };
    let tariff = evm::compile(osaka).map_err(|error| error.to_string())?;
    let work = prove::fixture_work(&run, fixture, (osaka, &Arc::new(tariff)))?;
    let work = work.map_err(|failure| failure.to_string())?;
    if work.is_whole() {
        return Err("its block is about its transactions, or they differ too much".into());
    }
    let operation = benchmarked(name, &work.usage, osaka)?;
    let (costs, gas) = (work.costs(), real(work.gas));
    let cycles = real(costs.total_num_cycles) / gas;
    let prover_gas = real(costs.prover_gas.unwrap()) / gas;
    Ok((operation, name.into(), cycles, prover_gas))
}

/// The worst scenario of each of these operations.
fn ours(
    prover: &Embedded,
    osaka: &Schedule,
    wanted: &BTreeMap<String, Worst>,
) -> BTreeMap<String, Worst> {
    let mut scenarios = bench::scenarios_of(osaka);
    scenarios.retain(|scenario| wanted.contains_key(&scenario.operation));
    let empty = prove::empty_block(prover, &Store::none(), osaka)
        .unwrap()
        .costs;
    let campaign = Campaign {
        prover,
        forecast: None,
        store: &Store::none(),
        scenarios,
        limit: FULL,
        root: osaka,
        progress: &Silent,
    };
    let mut worst: BTreeMap<String, Worst> = BTreeMap::new();
    for one in campaign.measure(osaka).unwrap() {
        let costs = match &one.cost {
            Ok(cost) => &cost.costs,
            Err(failure) => panic!("{}: {failure}", one.id.scenario),
        };
        let per_gas =
            |of: fn(&CostVector) -> u64| (real(of(costs)) - real(of(&empty))) / real(one.gas_used);
        let cycles = per_gas(|costs| costs.total_num_cycles);
        let gas = per_gas(|costs| costs.prover_gas.unwrap());
        let entry = worst.entry(one.id.operation.clone()).or_default();
        entry.take(&one.id.scenario, cycles, gas);
    }
    worst
}
