//! What a block used, counted in the units that prices are charged per.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use super::GasParam;

/// Units charged, by formula part as charged (`BALANCE.per_cold`, not yet `COLD_ACCOUNT_ACCESS`):
/// the vector n of `gas = n . p`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Units per part. An operation's executions are its `base` (or whole). Negative where a parameter gives gas
    /// back (`CALL_STIPEND`, refunds). For a formula that is not linear: its gas, the price being the factor 1.
    pub counts: BTreeMap<GasParam, i64>,
    /// Gas that no single price explains, by the rule that causes it: quadratic memory, the refund cap,
    /// the calldata floor's maximum, gas burnt by an exceptional halt.
    pub rest: BTreeMap<String, i64>,
}

impl Usage {
    /// Adds `units` of `param`.
    pub fn add(&mut self, param: GasParam, units: i64) {
        if units != 0 {
            *self.counts.entry(param).or_insert(0) += units;
        }
    }

    /// Adds gas explained by `rule` alone.
    pub fn add_rest(&mut self, rule: &str, gas: i64) {
        if gas != 0 {
            *self.rest.entry(String::from(rule)).or_insert(0) += gas;
        }
    }

    /// What this has beyond `other`.
    #[must_use]
    pub fn without(mut self, other: &Self) -> Self {
        for (param, units) in &other.counts {
            self.add(param.clone(), -units);
        }
        for (rule, gas) in &other.rest {
            self.add_rest(rule, -gas);
        }
        self.counts.retain(|_, units| *units != 0);
        self.rest.retain(|_, gas| *gas != 0);
        self
    }

    /// Adds all of `other`.
    pub fn merge(&mut self, other: &Self) {
        for (param, units) in &other.counts {
            self.add(param.clone(), *units);
        }
        for (rule, gas) in &other.rest {
            self.add_rest(rule, *gas);
        }
    }
}
