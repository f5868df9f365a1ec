//! Costs that ship with the tool: of the full blocks that everybody asks for first, those of its own scenarios under a fork's own
//! prices, on the built-in guest.
//!
//! They are counts, the same on every machine, and what they were counted with is part of their key: another guest, executor,
//! scenario or block size finds none. The tests count all of them again.

use std::{collections::BTreeMap, sync::OnceLock};

use serde::{Deserialize, Serialize};

use super::Cost;
use crate::{bench::BenchBlock, gas::Gas, store::Key};

/// One line a block, in the scenarios' order.
const LINES: &str = include_str!("../../fixtures/costs/osaka.jsonl");

/// What one block costs.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Line {
    pub scenario: String,
    /// Everything that the cost depends on, as a hash.
    pub key: String,
    /// The block's, which is made anew: an answer for another block is none.
    pub iterations: u64,
    pub gas_used: Gas,
    pub cost: Cost,
}

/// What this block costs, if that ships.
pub(super) fn cost(scenario: &str, key: Key, block: &BenchBlock) -> Option<Cost> {
    static ALL: OnceLock<BTreeMap<String, Line>> = OnceLock::new();
    let all = ALL.get_or_init(|| {
        // A line that does not read, as after a change of the form, is one that does not ship.
        let lines = LINES
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok());
        lines
            .map(|line: Line| (line.scenario.clone(), line))
            .collect()
    });
    let line = all.get(scenario)?;
    let is_it = line.key == key_text(key)
        && (line.iterations, line.gas_used) == (block.iterations, block.gas_used);
    is_it.then(|| line.cost.clone())
}

/// A key as lines have it.
pub(super) fn key_text(key: Key) -> String {
    alloy_primitives::hex::encode(&key.as_bytes()[..8])
}
