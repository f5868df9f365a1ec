//! Costs and times of the same fixtures.

use std::collections::{BTreeMap, BTreeSet};

use super::super::{Run, Test};
use crate::{
    fit::{Seen, median},
    gas::Fork,
    lang,
    prove::CostVector,
};

/// Joined blocks from which on a model is fitted.
pub const ENOUGH: usize = 8;

/// A block with both.
pub struct Joined<'a> {
    /// The test.
    pub test: &'a Test,
    /// Its function, without `test_`.
    pub family: String,
    /// What was counted.
    pub costs: CostVector,
    /// What was timed, in seconds.
    pub time: Seen,
}

/// Every fixture of which there is a cost or a time.
pub struct Pairs<'a> {
    /// Those with both.
    pub joined: Vec<Joined<'a>>,
    /// Those with costs that crashed when they were proven, and are bounded by what was proven.
    pub crashed: Vec<Joined<'a>>,
    /// How many have costs and no time.
    pub without_time: usize,
    /// How many have a time and no costs.
    pub without_costs: usize,
    /// How many have both, and are no pair: the forks of the two price their operation differently, so that one block runs it more
    /// often than the other. By operation.
    pub repriced: BTreeMap<String, usize>,
}

/// What makes two results of one fixture: releases name the file that it stands in differently.
type Key<'a> = (&'a str, &'a str, Option<u64>);

fn key(test: &Test) -> Key<'_> {
    (&test.function, &test.params, test.level_mgas)
}

impl<'a> Pairs<'a> {
    /// Joins by the fixtures' names, without those that stalled.
    pub fn of(counted: &[&'a Run], timed: &[&'a Run], stalled: &BTreeSet<&str>) -> Self {
        let (costs, times) = (by_key(counted), by_key(timed));
        let mut pairs = Self {
            joined: Vec::new(),
            crashed: Vec::new(),
            without_time: costs.keys().filter(|at| !times.contains_key(*at)).count(),
            without_costs: times.keys().filter(|at| !costs.contains_key(*at)).count(),
            repriced: BTreeMap::new(),
        };
        for (at, timed) in &times {
            let Some(counted) = costs.get(at) else {
                continue;
            };
            match same_block(counted, timed) {
                Ok((of, timed)) => pairs.join(of, &timed),
                Err(operation) => *pairs.repriced.entry(operation).or_default() += 1,
            }
        }
        let stalled = |one: &Joined<'_>| stalled.contains(name(one.test).as_str());
        pairs.joined.retain(|one| !stalled(one));
        bound(&mut pairs.crashed, &pairs.joined);
        pairs
    }

    fn join(&mut self, counted: &'a Run, timed: &[&'a Run]) {
        let Some(costs) = counted.costs.clone() else {
            return;
        };
        let one = |time| Joined {
            test: &counted.test,
            family: family(&counted.test),
            costs,
            time,
        };
        let proofs = timed
            .iter()
            .filter_map(|run| run.proving.as_ref()?.as_ref().ok());
        let mut seconds: Vec<f64> = proofs
            .map(|one| one.proving_s)
            .filter(|s| *s > 0.0)
            .collect();
        if !seconds.is_empty() {
            self.joined.push(one(Seen::Value(median(&mut seconds))));
        } else if timed.iter().any(|run| matches!(run.proving, Some(Err(_)))) {
            self.crashed.push(one(Seen::AtLeast(0.0)));
        }
    }
}

fn by_key<'a>(runs: &[&'a Run]) -> BTreeMap<Key<'a>, Vec<&'a Run>> {
    let mut all: BTreeMap<_, Vec<&Run>> = BTreeMap::new();
    for run in runs {
        all.entry(key(&run.test)).or_default().push(run);
    }
    all
}

/// Costs and times of one block: of the same fork where both were made on one, or else of two that price its operation alike. The
/// operation where they do not.
fn same_block<'a>(
    counted: &[&'a Run],
    timed: &[&'a Run],
) -> Result<(&'a Run, Vec<&'a Run>), String> {
    let pairs = || {
        counted
            .iter()
            .flat_map(|one| timed.iter().map(move |other| (*one, *other)))
    };
    let same = |(one, other): &(&Run, &Run)| fork_name(one) == fork_name(other);
    let first = pairs().find(same);
    let alike = || pairs().find(|(one, other)| repriced(one, other).is_none());
    let Some((one, other)) = first.or_else(alike) else {
        let operation = pairs().find_map(|(one, other)| repriced(one, other));
        return Err(operation.unwrap_or_default());
    };
    let times = timed
        .iter()
        .filter(|run| fork_name(run) == fork_name(other));
    Ok((one, times.copied().collect()))
}

/// The operation that a test stresses, where the forks of its costs and its times are known and price it differently.
fn repriced(counted: &Run, timed: &Run) -> Option<String> {
    let schedule = |run| {
        let name = fork_name(run)?.to_lowercase();
        Fork::named(&name).map(lang::fork_schedule)
    };
    let (one, other) = (schedule(counted)?, schedule(timed)?);
    let known = |name: &str| one.entry(name).is_some();
    let operation = counted.test.operation(&known)?;
    (one.formula(&operation) != other.formula(&operation)).then_some(operation)
}

/// The fork that its name says.
fn fork_name(run: &Run) -> Option<String> {
    let file = run.file.to_string_lossy();
    let (_, rest) = file.split_once("fork_")?;
    Some(rest.split('-').next()?.to_owned())
}

/// The forks that costs and times were made on, where they differ.
pub fn forks(counted: &[&Run], timed: &[&Run]) -> Option<String> {
    let of = |runs: &[&Run]| -> BTreeSet<String> {
        runs.iter().filter_map(|run| fork_name(run)).collect()
    };
    let (costs, times) = (of(counted), of(timed));
    let listed = |forks: BTreeSet<String>| forks.into_iter().collect::<Vec<_>>().join(", ");
    (costs != times && !costs.is_empty() && !times.is_empty()).then(|| {
        format!(
            "fork: its costs are of {}, its times of {}",
            listed(costs),
            listed(times)
        )
    })
}

/// A block that crashed takes at least as long as any that costs no more of anything.
fn bound(crashes: &mut Vec<Joined<'_>>, joined: &[Joined<'_>]) {
    for crash in crashes.iter_mut() {
        let costs = crash.costs.named();
        let less = |one: &&Joined<'_>| {
            costs
                .iter()
                .all(|(name, amount)| one.costs.get(name).is_none_or(|own| own <= *amount))
        };
        let longest = joined.iter().filter(less).map(|one| one.time.figure());
        crash.time = Seen::AtLeast(longest.fold(0.0, f64::max));
    }
    crashes.retain(|one| one.time.figure() > 0.0);
}

pub fn name(test: &Test) -> String {
    at_level(&test.scenario(), test.level_mgas)
}

pub fn at_level(scenario: &str, mgas: Option<u64>) -> String {
    mgas.map_or_else(
        || scenario.to_owned(),
        |mgas| format!("{scenario} at {mgas} Mgas"),
    )
}

pub fn family(test: &Test) -> String {
    let function = test
        .function
        .strip_prefix("test_")
        .unwrap_or(&test.function);
    function
        .strip_prefix("worst_")
        .unwrap_or(function)
        .to_owned()
}
