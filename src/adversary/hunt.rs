//! The search itself: genomes are tried in small blocks, the dearest of each operation are changed and tried again.
//!
//! The seed and the number of tries decide what is found; time only bounds the tries.

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
    prove::{Configured, Failure, Pair, Probe, Progress, Random},
};

/// Genomes that are tried together; what the next ones start from is decided between them.
const GENERATION: u64 = 16;
/// Genomes of an operation that are changed further.
const KEPT: usize = 4;
/// The part of its gas that a program may spend on moving words, and be about something else still.
const GLUE: f64 = 0.5;
/// The part of its gas that an operation needs for a program to be about it, whatever it was bred for.
const ABOUT: f64 = 0.25;
/// With fewer cycles by gas than this part of what the last of those kept has, the other costs are not counted.
const LEAST: f64 = 0.85;
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
type Kept = BTreeMap<String, Vec<Tried>>;

/// A genome, and what further iterations of it cost.
struct Tried {
    s_per_gas: f64,
    cycles_per_gas: Option<f64>,
    genome: Genome,
}

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
    let known = operations();
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
        if left == 0 {
            break;
        }
        let mut genomes = Vec::new();
        for number in catch.tries..catch.tries + left.min(GENERATION) {
            let next = first.next();
            genomes.push(next.unwrap_or_else(|| bred(&kept, &names, hunt.seed, number)));
        }
        let many = genomes.len();
        let over = || hunt.time.is_some_and(|time| begun.elapsed() >= time);
        let one = |(server, genome): (usize, Genome)| {
            if over() {
                return None;
            }
            progress.done(genome.operation());
            Some(tried(probe, server, genome, (schedule, &known, &kept)))
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
        // What was tried behind the first that was not is left out: as many tries find the same.
        let measured: Vec<_> = measured.into_iter().map_while(|cost| cost).collect();
        catch.tries += measured.len() as u64;
        let complete = measured.len() == many;
        for cost in measured {
            match cost {
                Ok(Some((operation, tried))) => keep(&mut kept, operation, tried),
                Ok(None) => {}
                Err(Failure::Transport { reason }) => return Err(Failure::Transport { reason }),
                Err(_) => catch.refused += 1,
            }
        }
        if !complete {
            break;
        }
    }
    for (operation, mut all) in kept {
        if wanted.contains(&operation) {
            let dearest = all.swap_remove(0);
            let found = (dearest.s_per_gas, dearest.genome);
            catch.dearest.insert(operation, found);
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
    let mut found: Vec<&Vec<Tried>> = if number.is_multiple_of(2) {
        names.iter().filter_map(|name| kept.get(name)).collect()
    } else {
        kept.values().collect()
    };
    if !number.is_multiple_of(2) {
        found.sort_by(|a, b| b[0].s_per_gas.total_cmp(&a[0].s_per_gas));
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
    let others: Vec<&Genome> = found.iter().map(|all| &random.pick(all).genome).collect();
    let parent = &random.pick(own).genome;
    changed(parent, &others, &mut random)
}

/// What a genome costs; nothing where it costs too few cycles to be among those that are kept.
fn tried(
    probe: &Probe<'_>,
    server: usize,
    genome: Genome,
    (schedule, known, kept): (&Schedule, &[String], &Kept),
) -> Result<Option<(String, Tried)>, Failure> {
    let refused = |error: ScenarioError| Failure::NoBlock {
        reason: error.to_string(),
    };
    let scenario: Option<Scenario> = genome
        .scenario("adversary", genome.operation())
        .map_err(refused)?;
    let scenario = scenario.ok_or_else(|| Failure::NoBlock {
        reason: "its stack does not hold".into(),
    })?;
    let mut pair = probe.pair(server, &scenario)?;
    let operation = about(&genome, &pair, schedule, known);
    let cycles_per_gas = pair.cycles_per_gas()?;
    let least = kept.get(&operation).filter(|all| all.len() == KEPT);
    let least = least.and_then(|all| all[KEPT - 1].cycles_per_gas);
    if let (Some(cycles), Some(least)) = (cycles_per_gas, least)
        && cycles < LEAST * least
    {
        return Ok(None);
    }
    let tried = Tried {
        s_per_gas: pair.s_per_gas()?,
        cycles_per_gas,
        genome,
    };
    Ok(Some((operation, tried)))
}

/// The operation that a genome is about: of a program, the one that has most of the gas, of those that move no words unless
/// these have nearly all of it. What operations touch is not priced under their names; then what it was bred for counts.
fn about(genome: &Genome, pair: &Pair<'_>, schedule: &Schedule, known: &[String]) -> String {
    let bred_for = genome.operation();
    if !matches!(genome, Genome::Program(_)) {
        return bred_for.to_owned();
    }
    let mut by_operation: BTreeMap<&str, f64> = BTreeMap::new();
    for (param, units) in &pair.usage.counts {
        let price = schedule.price(param).unwrap_or_default();
        *by_operation.entry(&param.operation).or_default() += real_signed(*units) * real(price);
    }
    let (glue, work): (Vec<_>, Vec<_>) = by_operation
        .into_iter()
        .filter(|(name, _)| known.iter().any(|one| one == name))
        .partition(|(name, _)| is_glue(name));
    let gas = |all: &[(&str, f64)]| all.iter().map(|(_, gas)| gas).sum::<f64>();
    // Of equals, what it was bred for.
    let rank = |one: &(&str, f64)| (one.1, one.0 == bred_for);
    let order = |a: &&(&str, f64), b: &&(&str, f64)| {
        let ((one, first), (other, second)) = (rank(a), rank(b));
        one.total_cmp(&other).then(first.cmp(&second))
    };
    let all = real(pair.gas);
    let heaviest = if gas(&glue) > GLUE * all {
        glue.iter().max_by(order)
    } else {
        work.iter()
            .max_by(order)
            .filter(|(_, gas)| *gas > ABOUT * all)
    };
    heaviest.map_or(bred_for, |(name, _)| name).to_owned()
}

fn keep(kept: &mut Kept, operation: String, tried: Tried) {
    let all = kept.entry(operation).or_default();
    let text = tried.genome.text();
    // The same work on other words: one of them is enough to go on from.
    if let Some(known) = all.iter_mut().find(|known| known.genome.text() == text) {
        if tried.s_per_gas > known.s_per_gas {
            *known = tried;
        }
    } else {
        all.push(tried);
    }
    all.sort_by(|a, b| b.s_per_gas.total_cmp(&a.s_per_gas));
    all.truncate(KEPT);
}
