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
    /// System calls of all kinds together, where the zkVM tells; also those that take no proof of their own, and so have no kind below.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_num_system_calls: Option<u64>,
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
        let beyond = |own: Option<u64>, other: Option<u64>| Some(own?.saturating_sub(other?));
        Self {
            total_num_cycles: self.total_num_cycles.saturating_sub(other.total_num_cycles),
            total_num_system_calls: beyond(
                self.total_num_system_calls,
                other.total_num_system_calls,
            ),
            prover_gas: beyond(self.prover_gas, other.prover_gas),
            system_calls: each(&self.system_calls, &other.system_calls),
            areas: each(&self.areas, &other.areas),
        }
    }

    /// The costs of `full` iterations along the lines through two counts, each cost along its own; none falls below 0.
    pub fn along([(few, low), (more, high)]: [(u64, &Self); 2], full: u64) -> Self {
        let part = (real(full) - real(few)) / (real(more) - real(few));
        Self::combined([low, high], [1.0 - part, part])
    }

    /// The costs of an execution of which only cycles and system calls are counted, on the planes over these through three other
    /// executions, each cost on its own; none falls below 0. Where all have made as many system calls, on the line over cycles
    /// through the first and the last. `None` where system calls are not counted, or no plane or line goes through the points.
    pub fn over(points: [&Self; 3], counted: &Self) -> Option<Self> {
        let [first, second, third] = points;
        let place = |costs: &Self| {
            let calls = real(costs.total_num_system_calls?) - real(first.total_num_system_calls?);
            Some((
                real(costs.total_num_cycles) - real(first.total_num_cycles),
                calls,
            ))
        };
        let (own, second_at, third_at) = (place(counted)?, place(second)?, place(third)?);
        let parts = if [own, second_at, third_at]
            .iter()
            .all(|(_, calls)| *calls == 0.0)
        {
            [0.0, own.0 / third_at.0]
        } else {
            let cross = |(x, y): (f64, f64), (u, v): (f64, f64)| x * v - y * u;
            let area = cross(second_at, third_at);
            [cross(own, third_at) / area, cross(second_at, own) / area]
        };
        let [of_second, of_third] = parts;
        let parts = [1.0 - of_second - of_third, of_second, of_third];
        let is_sum = parts.iter().all(|part| part.is_finite());
        is_sum.then(|| Self {
            total_num_cycles: counted.total_num_cycles,
            total_num_system_calls: counted.total_num_system_calls,
            ..Self::combined([first, second, third], parts)
        })
    }

    /// The sum of so much of each, cost by cost, where all have it; none falls below 0.
    pub(super) fn combined<const N: usize>(all: [&Self; N], parts: [f64; N]) -> Self {
        let sum = |amounts: [u64; N]| {
            let products = amounts.iter().zip(parts).map(|(n, part)| real(*n) * part);
            count(products.sum::<f64>().round().max(0.0))
        };
        let optional = |of: fn(&Self) -> Option<u64>| {
            let known = all.iter().filter_map(|costs| of(costs)).collect::<Vec<_>>();
            known.try_into().ok().map(sum)
        };
        let each = |of: fn(&Self) -> &BTreeMap<String, u64>| {
            let names: BTreeSet<&String> = all.iter().flat_map(|costs| of(costs).keys()).collect();
            let named = names.into_iter().map(|name| {
                let amounts = all.map(|costs| of(costs).get(name).copied().unwrap_or(0));
                (name.clone(), sum(amounts))
            });
            named.collect()
        };
        Self {
            total_num_cycles: sum(all.map(|costs| costs.total_num_cycles)),
            total_num_system_calls: optional(|costs| costs.total_num_system_calls),
            prover_gas: optional(|costs| costs.prover_gas),
            system_calls: each(|costs| &costs.system_calls),
            areas: each(|costs| &costs.areas),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vector(cycles: u64, gas: u64, keccak: u64) -> CostVector {
        CostVector {
            total_num_system_calls: Some(keccak),
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
    fn what_is_counted_is_on_a_plane_with_the_rest() {
        // 100 + 2 a cycle + 1,000 a call.
        let at = |cycles, calls| vector(cycles, 100 + 2 * cycles + 1_000 * calls, calls);
        let points = [at(1_000, 5), at(3_000, 9), at(9_000, 15)];
        let of = |cycles, calls| CostVector {
            total_num_system_calls: Some(calls),
            ..CostVector::cycles(cycles)
        };
        let over = |points: &[CostVector; 3], counted: CostVector| {
            CostVector::over(points.each_ref(), &counted)
        };
        assert_eq!(over(&points, of(90_000, 40)), Some(at(90_000, 40)));
        // As many calls in all: on a line.
        let line = [at(1_000, 5), at(3_000, 5), at(9_000, 5)];
        assert_eq!(over(&line, of(90_000, 5)), Some(at(90_000, 5)));
        // No plane goes through points of a line, and none is known without calls.
        assert_eq!(over(&line, of(90_000, 6)), None);
        assert_eq!(over(&points, CostVector::cycles(90_000)), None);
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
