//! Meters: sums over what a block uses beside its gas, each of which ends a block at a limit of its own.

use serde::{Deserialize, Serialize};

use super::{Expr, Gas, GasParam, Part, Source};

/// How a meter's formula refers to the schedule's own price. No operation can be called that.
pub(super) const CURRENT: &str = "current";

/// A sum over what a block uses. It counts what it lists and nothing else, and nobody pays for it; a block is full when the
/// sum reaches the limit, or when its gas does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meter {
    /// Its name.
    pub name: String,
    /// What a block may come to on it.
    pub limit: Gas,
    /// What it counts: each operation, or each part of one, once.
    pub entries: Vec<Metered>,
    /// Where it was written.
    pub source: Source,
}

/// What an operation, or one part of it, counts on a meter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metered {
    /// The part; the whole operation for [`Part::Whole`].
    pub param: GasParam,
    /// Its formula there, in which [`current`] is the schedule's own price, whatever that becomes.
    pub expr: Expr,
    /// The comment right above it.
    pub reason: Option<String>,
}

/// How full a meter is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MeterFill {
    /// The meter's name.
    pub meter: String,
    /// What the block counts there, over the meter's limit. Above 1 where a single iteration is too much.
    pub fill: f64,
}

/// The schedule's own price, in a meter's formula.
pub fn current() -> Expr {
    Expr::Param(GasParam::whole(CURRENT))
}

impl Metered {
    /// Whether it is what counts a unit that was charged as `charged`.
    fn counts(&self, charged: &GasParam) -> bool {
        let same = match (self.param.part, charged.part) {
            (Part::Whole, _) => true,
            (Part::Base, part) => !matches!(part, Part::Per(_)),
            (part, charged) => part == charged,
        };
        same && self.param.operation == charged.operation
    }
}

impl Meter {
    /// What counts a unit that was charged as `charged`; `None`: nothing does.
    pub fn entry(&self, charged: &GasParam) -> Option<&Metered> {
        self.entries.iter().find(|entry| entry.counts(charged))
    }
}
