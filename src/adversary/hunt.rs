//! The search itself: genomes are tried in small blocks, the dearest of each operation are changed and tried again.
//!
//! The seed and the number of tries decide what is found. Time only bounds the tries: it is looked at between generations.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use rayon::prelude::*;

use super::{
    breeding::{changed, operations, starts},
    genes::is_glue,
    genome::Genome,
};
use crate::{
    bench::{Scenario, ScenarioError},
    fit::{real, real_signed},
    gas::Schedule,
    prove::{Configured, Failure, Probe, Progress, Random, Slope},
};

/// Genomes that are tried together; what the next ones start from is decided between them.
const GENERATION: u64 = 16;
/// Genomes of an operation that are changed further.
const KEPT: usize = 4;
/// The part of its gas that a program may spend on moving words, and be about something else still.
const GLUE: f64 = 2.0 / 3.0;
/// Every other try is for one of so many operations: those that come dearest.
const DEAREST: usize = 12;

/// How long to look, and from where.
#[derive(Clone, Copy, Debug)]
pub struct Hunt {
    /// Decides which genomes are tried.
    pub seed: u64,
    /// At most so many.
    pub tries: Option<u64>,
    /// No new ones after this.
    pub time: Option<Duration>,
}

/// The dearest genome of each operation, and what it took to find them.
#[derive(Clone, Debug, Default)]
pub(super) struct Catch {
    /// Genomes tried.
    pub tries: u64,
    /// How many of them made no block.
    pub refused: u64,
    /// Operations that there are programs for.
    pub operations: usize,
    /// By operation: seconds a gas in a small block, and the genome.
    pub dearest: BTreeMap<String, (f64, Genome)>,
}

/// What has been found of each operation so far, the dearest first.
type Kept = BTreeMap<String, Vec<(f64, Genome)>>;

/// Hunts for what is dearest on one prover under `schedule`, among `wanted` operations.
///
/// # Errors
/// The prover cannot be reached.
pub(super) fn hunt(
    configured: &Configured,
    probe: &Probe<'_>,
    schedule: &Schedule,
    wanted: &BTreeSet<String>,
    hunt: Hunt,
    progress: &dyn Progress,
) -> Result<Catch, Failure> {
    let begun = Instant::now();
    let priced = |name: &String| schedule.entry(name).is_some() && wanted.contains(name);
    let names: Vec<String> = operations().into_iter().filter(priced).collect();
    let mut first = first_tries(&names, hunt.seed).into_iter();
    let mut kept = Kept::new();
    let mut catch = Catch {
        operations: names.len(),
        ..Catch::default()
    };
    progress.begin(usize::try_from(hunt.tries.unwrap_or(0)).unwrap_or(usize::MAX));
    if names.is_empty() {
        return Ok(catch);
    }
    let servers = configured.prover.servers().len();
    loop {
        let left = hunt.tries.map_or(GENERATION, |tries| tries - catch.tries);
        let over = hunt.time.is_some_and(|time| begun.elapsed() >= time);
        if left == 0 || over {
            break;
        }
        let mut genomes = Vec::new();
        for number in catch.tries..catch.tries + left.min(GENERATION) {
            let next = first.next();
            genomes.push(next.unwrap_or_else(|| bred(&kept, &names, hunt.seed, number)));
        }
        catch.tries += genomes.len() as u64;
        let one = |(server, genome): (usize, Genome)| {
            let cost = tried(probe, schedule, server, &genome);
            progress.done(genome.operation());
            (cost, genome)
        };
        let mut measured = Vec::new();
        let mut rest = genomes.into_iter();
        loop {
            let together = if servers == 0 { usize::MAX } else { servers };
            let part: Vec<(usize, Genome)> = rest.by_ref().take(together).enumerate().collect();
            if part.is_empty() {
                break;
            }
            measured.extend(part.into_par_iter().map(one).collect::<Vec<_>>());
        }
        for (cost, genome) in measured {
            match cost {
                Ok((s_per_gas, operation)) => keep(&mut kept, operation, s_per_gas, genome),
                Err(Failure::Transport { reason }) => return Err(Failure::Transport { reason }),
                Err(_) => catch.refused += 1,
            }
        }
    }
    for (operation, mut all) in kept {
        if wanted.contains(&operation) {
            catch.dearest.insert(operation, all.swap_remove(0));
        }
    }
    Ok(catch)
}

/// The obvious genomes of all operations: the most promising of each before the second of any.
fn first_tries(names: &[String], seed: u64) -> Vec<Genome> {
    let of = |name: &String| starts(name, &mut Random::new(seed, name, 0));
    let all: Vec<Vec<Genome>> = names.iter().map(of).collect();
    let longest = all.iter().map(Vec::len).max().unwrap_or(0);
    let nth = |at: usize| all.iter().filter_map(move |starts| starts.get(at).cloned());
    (0..longest).flat_map(nth).collect()
}

/// A change of what did well. Every other try goes to the operations in turn, the rest to those that come dearest.
fn bred(kept: &Kept, names: &[String], seed: u64, number: u64) -> Genome {
    let mut random = Random::new(seed, "breeding", number);
    let mut found: Vec<&Vec<(f64, Genome)>> = if number.is_multiple_of(2) {
        names.iter().filter_map(|name| kept.get(name)).collect()
    } else {
        kept.values().collect()
    };
    if !number.is_multiple_of(2) {
        found.sort_by(|a, b| b[0].0.total_cmp(&a[0].0));
        found.truncate(DEAREST);
    }
    let Some(last) = found.len().checked_sub(1) else {
        // Nothing made a block so far: from the start again.
        let name = random.pick(names).clone();
        let all = starts(&name, &mut random);
        return random.pick(&all).clone();
    };
    let turn = usize::try_from(number / 2).unwrap_or_default();
    let own = if number.is_multiple_of(2) {
        found[turn % (last + 1)]
    } else {
        *random.pick(&found)
    };
    let others: Vec<&Genome> = found.iter().map(|all| &random.pick(all).1).collect();
    let parent = &random.pick(own).1;
    changed(parent, &others, &mut random)
}

/// Seconds a gas of a genome's iterations, and the operation that they are about.
fn tried(
    probe: &Probe<'_>,
    schedule: &Schedule,
    server: usize,
    genome: &Genome,
) -> Result<(f64, String), Failure> {
    let refused = |error: ScenarioError| Failure::NoBlock {
        reason: error.to_string(),
    };
    let scenario: Option<Scenario> = genome
        .scenario("adversary", genome.operation())
        .map_err(refused)?;
    let scenario = scenario.ok_or_else(|| Failure::NoBlock {
        reason: "its stack does not hold".into(),
    })?;
    let slope = probe.slope(server, &scenario)?;
    let glue = heaviest_glue(&slope, schedule);
    let operation = glue.unwrap_or_else(|| genome.operation().to_owned());
    Ok((slope.s_per_gas, operation))
}

/// The operation that only moves words and has most of the gas, where such operations have more than [their part](GLUE) of it:
/// then the program is about that.
fn heaviest_glue(slope: &Slope, schedule: &Schedule) -> Option<String> {
    let glue = slope
        .usage
        .counts
        .iter()
        .filter(|(param, _)| is_glue(&param.operation));
    let mut by_operation: BTreeMap<&str, f64> = BTreeMap::new();
    for (param, units) in glue {
        let price = schedule.price(param).unwrap_or_default();
        *by_operation.entry(&param.operation).or_default() += real_signed(*units) * real(price);
    }
    let all: f64 = by_operation.values().sum();
    let heaviest = by_operation.into_iter().max_by(|a, b| a.1.total_cmp(&b.1));
    let (name, _) = heaviest.filter(|_| all > GLUE * real(slope.gas))?;
    Some(name.to_owned())
}

fn keep(kept: &mut Kept, operation: String, s_per_gas: f64, genome: Genome) {
    let all = kept.entry(operation).or_default();
    let text = genome.text();
    // The same work on other words: one of them is enough to go on from.
    if let Some(known) = all.iter_mut().find(|(_, known)| known.text() == text) {
        if s_per_gas > known.0 {
            *known = (s_per_gas, genome);
        }
    } else {
        all.push((s_per_gas, genome));
    }
    all.sort_by(|a, b| b.0.total_cmp(&a.0));
    all.truncate(KEPT);
}
