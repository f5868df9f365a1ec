//! From deterministic costs to proving time.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{CostVector, Source, cost_vector};
use crate::fit::real;

/// A linear model of one guest on one zkVM and one machine: proving time = `fixed_s` + the sum over `s_per_million` of seconds
/// per million times millions of that cost.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// The prover and hardware whose time it gives.
    pub hardware: String,
    /// Seconds to prove an empty block.
    pub fixed_s: f64,
    /// Seconds per million of each cost that counts, by its [name](CostVector::get).
    pub s_per_million: BTreeMap<String, f64>,
    /// Where the figures come from.
    pub source: String,
    /// Mean relative error of the times it gives, where that is known: 0.12 is 12 %.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<f64>,
    /// Whose costs it was fitted on. Those of another guest or zkVM are worth something else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub costs_of: Option<Source>,
    /// Whose times it was fitted on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times_of: Option<Source>,
    /// Families of operations whose times it misses by more than half.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_covered: Vec<String>,
}

impl Calibration {
    /// One that measured times need: only the fixed part, which is measured too.
    pub const fn measured(hardware: String, fixed_s: f64, source: String) -> Self {
        Self {
            hardware,
            fixed_s,
            s_per_million: BTreeMap::new(),
            source,
            error: None,
            costs_of: None,
            times_of: None,
            not_covered: Vec::new(),
        }
    }

    /// SP1 on one L40S: published times of 366 fixtures at 1 and 5 Mgas, joined with what our guest costs on the same fixtures
    /// (`reprice calibrate`; a test repeats it where the data is). MODEXP, which Osaka prices
    /// otherwise than Prague, is no pair.
    ///
    /// The times are of another guest on an older SP1, and so worth no more than its error says: what holds against them is the
    /// order of operations.
    pub fn sp1_l40s() -> Self {
        let source = |guest: &str, zkvm: &str, hardware: Option<&str>| {
            Some(Source {
                guest: Some(guest.into()),
                zkvm: zkvm.into(),
                hardware: hardware.map(Into::into),
            })
        };
        let not_covered = [
            "point_evaluation",
            "bls12_381",
            "ecrecover",
            "iszero",
            "arithmetic",
            "jumpi_fallthrough",
            "mod",
            "alt_bn128",
            "mod_arithmetic",
            "sha256",
            "shifts",
        ];
        Self {
            s_per_million: BTreeMap::from([(cost_vector::PROVER_GAS.to_owned(), 0.5012)]),
            error: Some(0.2122),
            costs_of: source("reprice-guest-33c4873225ce63a6", "sp1-6.10.0", None),
            times_of: source("reth", "sp1-v5.2.3", Some("1xL40s")),
            not_covered: not_covered.map(Into::into).into(),
            ..Self::measured(
                "SP1 5.2.3 with reth on 1x NVIDIA L40S".into(),
                11.76,
                "fitted on 366 fixtures of eth-act/zkevm-benchmark-runs 7c1256a72".into(),
            )
        }
    }

    /// Proving time of a block beyond the fixed part, seconds; `None` where a cost that counts is not known.
    pub fn work_s(&self, costs: &CostVector) -> Option<f64> {
        let terms = self.s_per_million.iter();
        terms
            .map(|(name, s)| Some(real(costs.get(name)?) / 1e6 * s))
            .sum()
    }

    /// Proving time of a block beyond the fixed part, seconds: measured, where it took so many milliseconds, or of its costs;
    /// infinite where a cost that counts is not known.
    pub fn seconds(&self, costs: &CostVector, time_ms: Option<f64>) -> f64 {
        time_ms.map_or_else(
            // Who configures a prover makes sure that it tells what its calibration weighs.
            || self.work_s(costs).unwrap_or(f64::INFINITY),
            |ms| (ms / 1e3 - self.fixed_s).max(0.0),
        )
    }

    /// Whether cycles are all that it weighs.
    pub fn weighs_cycles_alone(&self) -> bool {
        let mut counts = self.s_per_million.iter().filter(|(_, s)| **s > 0.0);
        counts.all(|(name, _)| name == cost_vector::CYCLES)
    }

    /// Whether the figures describe a prover at all.
    ///
    /// # Errors
    /// Which figure does not.
    pub fn check(&self) -> Result<(), String> {
        if !(self.fixed_s.is_finite() && self.fixed_s >= 0.0) {
            return Err(format!(
                "`fixed_s` is {}, expected seconds from 0",
                self.fixed_s
            ));
        }
        for (name, s) in &self.s_per_million {
            if !CostVector::is_name(name) {
                return Err(format!(
                    "`{name}` is no cost, expected `cycles`, `prover_gas`, `syscall.` or `area.` with a name"
                ));
            }
            if !(s.is_finite() && *s >= 0.0) {
                return Err(format!(
                    "`s_per_million` of `{name}` is {s}, expected seconds from 0"
                ));
            }
        }
        if !self.s_per_million.values().any(|s| *s > 0.0) {
            return Err("`s_per_million` has no cost above 0 seconds".into());
        }
        match self.error {
            Some(error) if !(error.is_finite() && error >= 0.0) => Err(format!(
                "`error` is {error}, expected a part from 0, such as 0.12"
            )),
            _ => Ok(()),
        }
    }

    /// What makes its seconds doubtful where `used` counts the costs: each a sentence.
    pub fn doubts(&self, used: &Source) -> Vec<String> {
        let mut doubts = Vec::new();
        if let (Some(costs), Some(times)) = (&self.costs_of, &self.times_of) {
            doubts.extend(differences(
                "its costs are of",
                costs,
                "its times of",
                times,
            ));
        }
        if let Some(costs) = &self.costs_of {
            doubts.extend(differences(
                "it was fitted on costs of",
                costs,
                "these are of",
                used,
            ));
        }
        doubts
    }
}

/// Where two sources differ in what makes costs of the one mean nothing to the other.
fn differences(of: &str, one: &Source, and: &str, other: &Source) -> Vec<String> {
    let mut found = Vec::new();
    let mut differ = |what: &str, one: &str, other: &str| {
        if one != other {
            found.push(format!("{what}: {of} {one}, {and} {other}"));
        }
    };
    differ("zkVM", &one.zkvm, &other.zkvm);
    if let (Some(one), Some(other)) = (&one.guest, &other.guest) {
        differ("guest", one, other);
    }
    if let (Some(one), Some(other)) = (one.instruction_set(), other.instruction_set()) {
        differ("instruction set", one, other);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calibration() -> Calibration {
        let s_per_million = [("cycles", 0.4), ("syscall.keccak_permute", 500.0)];
        Calibration {
            s_per_million: s_per_million.map(|(name, s)| (name.to_owned(), s)).into(),
            ..Calibration::measured("a card".into(), 12.5, "our runs".into())
        }
    }

    #[test]
    fn time_is_the_weighted_sum_of_costs() {
        let mut costs = CostVector::cycles(100_000_000);
        assert_eq!(
            calibration().work_s(&costs),
            None,
            "system calls are not counted"
        );
        costs.system_calls.insert("keccak_permute".into(), 2_000);
        assert!((calibration().work_s(&costs).unwrap() - 41.0).abs() < 1e-9);
    }

    #[test]
    fn figures_that_describe_no_prover_are_refused() {
        assert_eq!(calibration().check(), Ok(()));
        assert_eq!(Calibration::sp1_l40s().check(), Ok(()));
        let with = |name: &str, s| Calibration {
            s_per_million: BTreeMap::from([(name.to_owned(), s)]),
            ..calibration()
        };
        for (wrong, part) in [
            (with("cycles", 0.0), "no cost above 0"),
            (with("cycles", f64::NAN), "`cycles` is NaN"),
            (with("steps", 1.0), "`steps` is no cost"),
            (
                Calibration {
                    error: Some(-1.0),
                    ..calibration()
                },
                "`error` is -1",
            ),
            (
                Calibration {
                    fixed_s: -1.0,
                    ..calibration()
                },
                "`fixed_s` is -1",
            ),
        ] {
            let said = wrong.check().unwrap_err();
            assert!(said.contains(part), "{said}");
        }
    }

    #[test]
    fn costs_of_another_guest_version_or_instruction_set_are_doubtful() {
        let source = |zkvm: &str, guest: &str| Source {
            guest: Some(guest.into()),
            zkvm: zkvm.into(),
            hardware: None,
        };
        let fitted = Calibration {
            costs_of: Some(source("sp1-v5.2.3", "reth")),
            times_of: Some(source("sp1-v5.2.3", "reth")),
            ..calibration()
        };
        assert_eq!(fitted.doubts(&source("sp1-v5.2.3", "reth")), [""; 0]);
        assert_eq!(
            fitted.doubts(&source("sp1-6.10.0", "ours")),
            [
                "zkVM: it was fitted on costs of sp1-v5.2.3, these are of sp1-6.10.0",
                "guest: it was fitted on costs of reth, these are of ours",
                "instruction set: it was fitted on costs of riscv32, these are of riscv64",
            ]
        );
    }
}
