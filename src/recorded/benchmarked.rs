//! What a test is a benchmark of.

use std::collections::{BTreeMap, BTreeSet};

use super::Test;
use crate::{
    bench::{self, Covered},
    gas::{Schedule, Usage},
};

/// The operation that a test is a benchmark of: as its name tells; or, among the operations of the scenarios that do the work of its
/// function, the one that takes most of its gas under `schedule`; or any that does.
///
/// # Errors
/// Nothing it uses has a price.
pub fn benchmarked(name: &str, usage: &Usage, schedule: &Schedule) -> Result<String, String> {
    let test = Test::parse(name);
    let known = |name: &str| schedule.entry(name).is_some();
    if let Some(told) = test.operation(&known) {
        return Ok(told);
    }
    let covered = bench::coverage().iter();
    let scenarios = covered
        .filter(|covered| covered.function == test.function)
        .flat_map(Covered::matching);
    let candidates: BTreeSet<&str> = scenarios.map(|one| one.operation.as_str()).collect();
    let attributed = schedule.attribute(usage);
    let attributed = attributed.map_err(|error| error.to_string())?;
    let mut spent: BTreeMap<&str, i128> = BTreeMap::new();
    for (param, count) in &attributed {
        let price = schedule.price(param).map_err(|error| error.to_string())?;
        *spent.entry(param.operation.as_str()).or_default() +=
            i128::from(price) * i128::from(*count);
    }
    if spent.keys().any(|operation| candidates.contains(operation)) {
        spent.retain(|operation, _| candidates.contains(operation));
    }
    // What is paid per word or byte is a part of what copies it.
    if spent.keys().any(|operation| !operation.contains("_PER_")) {
        spent.retain(|operation, _| !operation.contains("_PER_"));
    }
    let most = spent.into_iter().max_by_key(|(_, gas)| *gas);
    most.map(|(operation, _)| operation.to_owned())
        .ok_or_else(|| "it uses nothing that has a price".into())
}
