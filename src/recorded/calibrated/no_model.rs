//! Why costs and times give no model.

use std::{collections::BTreeSet, fmt};

use super::pairs::ENOUGH;
use crate::prove::Source;

/// Why there is no model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoModel {
    /// No result has costs.
    NoCosts,
    /// No result has a time.
    NoTimes,
    /// The zkVM that is asked for was not timed; those that were.
    NotTimed(String, BTreeSet<String>),
    /// Costs and times are of different zkVMs.
    OtherZkvm(BTreeSet<String>, BTreeSet<String>),
    /// No fixture has both; one of each.
    NoOverlap(Source, String, Source, String),
    /// The forks of costs and times price every operation that has both differently.
    Repriced(BTreeSet<String>),
    /// Too few fixtures have both.
    TooFew(usize),
    /// All joined fixtures are of one family.
    OneFamily(String, usize),
    /// A cost that is to be weighed is not counted for every block.
    NotCounted(String, Vec<String>),
    /// The fit gives no weight above 0.
    Nothing,
}

impl fmt::Display for NoModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let listed =
            |names: &BTreeSet<String>| names.iter().cloned().collect::<Vec<_>>().join(", ");
        match self {
            Self::NoCosts => f.write_str("no result has counted costs: none was executed only"),
            Self::NoTimes => f.write_str("no result has a time: none was proven"),
            Self::NotTimed(zkvm, times) => {
                write!(f, "nothing was timed on `{zkvm}`, but on {}", listed(times))
            }
            Self::OtherZkvm(costs, times) => write!(
                f,
                "costs are of {}, and times of {}",
                listed(costs),
                listed(times)
            ),
            Self::NoOverlap(costs, cost, times, time) => write!(
                f,
                "no fixture has both costs and a time: `{cost}` was counted on {costs}, `{time}` timed on {times}"
            ),
            Self::Repriced(operations) => write!(
                f,
                "costs and times are of two forks, which price {} differently: no two blocks are the same",
                listed(operations)
            ),
            Self::TooFew(n) => write!(
                f,
                "{n} fixtures have both costs and a time, and a model takes {ENOUGH}"
            ),
            Self::OneFamily(family, n) => write!(
                f,
                "all {n} fixtures with both costs and a time are of `{family}`: what other operations cost is not in them"
            ),
            Self::NotCounted(name, known) => write!(
                f,
                "`{name}` is not counted for every fixture; these are: {}",
                known.join(", ")
            ),
            Self::Nothing => f.write_str("no cost explains these times"),
        }
    }
}

impl std::error::Error for NoModel {}
