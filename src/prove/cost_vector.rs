//! What an execution costs, counted.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::fit::{count, real};

/// Instructions, by their name in calibrations and tables.
pub const CYCLES: &str = "cycles";
/// The zkVM's own estimate.
pub const PROVER_GAS: &str = "prover_gas";
/// Before the kind of a system call.
const SYSTEM_CALL: &str = "syscall.";
/// Before the name of an area.
const AREA: &str = "area.";

/// Deterministic costs of one execution of one guest on one version of a zkVM. Proving time is a weighted sum of some of them
/// ([`Calibration`](super::Calibration)).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CostVector {
    /// Instructions that the zkVM executed, steps where it says so; 0 where it does not tell. A system call is one.
    pub total_num_cycles: u64,
    /// The zkVM's own estimate of what proving takes, in its unit: SP1's gas.
    #[serde(default)]
    pub prover_gas: Option<u64>,
    /// System calls by kind, in the zkVM's names: `keccak_permute`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub system_calls: BTreeMap<String, u64>,
    /// Cost by area of the trace, where the zkVM tells: `memory`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub areas: BTreeMap<String, u64>,
}

impl CostVector {
    /// So many cycles, and nothing else known.
    pub fn cycles(total_num_cycles: u64) -> Self {
        Self {
            total_num_cycles,
            ..Self::default()
        }
    }

    /// The cost of this name: `cycles`, `prover_gas`, `syscall.keccak_permute`, `area.memory`. `None` where it is not known; a
    /// system call that was not made is 0 where system calls are counted.
    pub fn get(&self, name: &str) -> Option<u64> {
        if let Some(kind) = name.strip_prefix(SYSTEM_CALL) {
            let counted = self.prover_gas.is_some() || !self.system_calls.is_empty();
            return match self.system_calls.get(kind) {
                None if counted => Some(0),
                calls => calls.copied(),
            };
        }
        if let Some(area) = name.strip_prefix(AREA) {
            return self.areas.get(area).copied();
        }
        match name {
            CYCLES => Some(self.total_num_cycles),
            PROVER_GAS => self.prover_gas,
            _ => None,
        }
    }

    /// All costs by name.
    pub fn named(&self) -> Vec<(String, u64)> {
        let gas = self.prover_gas.map(|gas| (PROVER_GAS.to_owned(), gas));
        let prefixed = |prefix: &'static str, all: &BTreeMap<String, u64>| {
            let named = all
                .iter()
                .map(|(name, amount)| (format!("{prefix}{name}"), *amount));
            named.collect::<Vec<_>>()
        };
        let mut all = vec![(CYCLES.to_owned(), self.total_num_cycles)];
        all.extend(gas);
        all.extend(prefixed(SYSTEM_CALL, &self.system_calls));
        all.extend(prefixed(AREA, &self.areas));
        all
    }

    /// Whether a name means a cost at all.
    pub fn is_name(name: &str) -> bool {
        let rest = |prefix| name.strip_prefix(prefix);
        matches!(name, CYCLES | PROVER_GAS)
            || rest(SYSTEM_CALL)
                .or_else(|| rest(AREA))
                .is_some_and(|rest| !rest.is_empty())
    }

    /// What this costs beyond `other`, each cost by itself; none falls below 0.
    #[must_use]
    pub fn without(&self, other: &Self) -> Self {
        let each = |all: &BTreeMap<String, u64>, other: &BTreeMap<String, u64>| {
            let beyond = |(name, amount): (&String, &u64)| {
                let less = other.get(name).copied().unwrap_or(0);
                (name.clone(), amount.saturating_sub(less))
            };
            let beyond = all.iter().map(beyond).filter(|(_, amount)| *amount > 0);
            beyond.collect()
        };
        let gas = self.prover_gas.zip(other.prover_gas);
        Self {
            total_num_cycles: self.total_num_cycles.saturating_sub(other.total_num_cycles),
            prover_gas: gas.map(|(gas, other)| gas.saturating_sub(other)),
            system_calls: each(&self.system_calls, &other.system_calls),
            areas: each(&self.areas, &other.areas),
        }
    }

    /// The costs of `full` iterations along the lines through two counts, each cost along its own; none falls below 0.
    pub fn along(points: [(u64, &Self); 2], full: u64) -> Self {
        let [(few, low), (more, high)] = points;
        let steps = real(full) - real(few);
        let along = |low: u64, high: u64| {
            let slope = (real(high) - real(low)) / (real(more) - real(few));
            count((real(low) + slope * steps).round().max(0.0))
        };
        let each = |low: &BTreeMap<String, u64>, high: &BTreeMap<String, u64>| {
            let names: BTreeSet<&String> = low.keys().chain(high.keys()).collect();
            let line = |name: &String| {
                let of = |all: &BTreeMap<String, u64>| all.get(name).copied().unwrap_or(0);
                (name.clone(), along(of(low), of(high)))
            };
            names.into_iter().map(line).collect()
        };
        Self {
            total_num_cycles: along(low.total_num_cycles, high.total_num_cycles),
            prover_gas: low
                .prover_gas
                .zip(high.prover_gas)
                .map(|(low, high)| along(low, high)),
            system_calls: each(&low.system_calls, &high.system_calls),
            areas: each(&low.areas, &high.areas),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vector(cycles: u64, gas: u64, keccak: u64) -> CostVector {
        CostVector {
            prover_gas: Some(gas),
            system_calls: BTreeMap::from([("keccak_permute".to_owned(), keccak)]),
            ..CostVector::cycles(cycles)
        }
    }

    #[test]
    fn every_cost_follows_its_own_line() {
        let (low, high) = (vector(100, 150, 3), vector(110, 190, 5));
        let full = CostVector::along([(10, &low), (20, &high)], 110);
        assert_eq!(full, vector(200, 550, 23));
        assert_eq!(CostVector::along([(10, &low), (20, &high)], 10), low);
    }

    #[test]
    fn what_is_beyond_another_is_told_cost_by_cost() {
        let beyond = vector(100, 150, 3).without(&vector(90, 160, 3));
        assert_eq!(beyond.total_num_cycles, 10);
        assert_eq!((beyond.prover_gas, beyond.system_calls.len()), (Some(0), 0));
    }

    #[test]
    fn costs_are_got_by_the_names_that_they_are_listed_by() {
        let mut all = vector(100, 150, 3);
        all.areas.insert("memory".into(), 7);
        for (name, amount) in all.named() {
            assert_eq!(all.get(&name), Some(amount), "{name}");
            assert!(CostVector::is_name(&name));
        }
        assert_eq!(all.named().len(), 4);
        assert_eq!(all.get("syscall.sha_extend"), Some(0));
        assert_eq!(all.get("area.main"), None);
        assert_eq!(CostVector::cycles(5).get("syscall.sha_extend"), None);
        assert!(!CostVector::is_name("syscall.") && !CostVector::is_name("time"));
    }
}
