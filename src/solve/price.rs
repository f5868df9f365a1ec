//! Prices as the solver sets them.

use std::{collections::BTreeMap, fmt};

use crate::gas::{Gas, GasParam, grouped};

/// What a parameter is set to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Price {
    /// Gas per unit.
    Gas(Gas),
    /// For a formula that is not linear: hundredths of what the formula gives, 100 being the formula as it stands.
    Factor(u64),
}

/// Prices by parameter.
pub type Prices = BTreeMap<GasParam, Price>;

impl Price {
    /// A formula as it stands.
    pub const UNCHANGED: Self = Self::Factor(100);

    /// The whole number behind it: gas, or hundredths.
    pub const fn ticks(self) -> u64 {
        match self {
            Self::Gas(ticks) | Self::Factor(ticks) => ticks,
        }
    }

    /// The same kind of price with another number.
    #[must_use]
    pub const fn with_ticks(self, ticks: u64) -> Self {
        match self {
            Self::Gas(_) => Self::Gas(ticks),
            Self::Factor(_) => Self::Factor(ticks),
        }
    }

    /// Ticks in one unit of what bounds and relations are written in: 1 for gas, 100 for a factor.
    pub const fn ticks_per_unit(self) -> u64 {
        match self {
            Self::Gas(_) => 1,
            Self::Factor(_) => 100,
        }
    }

    /// How many times `from` it is; `None` from a price of 0.
    pub fn multiple_of(self, from: Self) -> Option<f64> {
        (from.ticks() > 0).then(|| float(self.ticks()) / float(from.ticks()))
    }
}

impl fmt::Display for Price {
    /// `34_103`, or `1.37x` for a factor.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gas(gas) => f.pad(&grouped(i128::from(*gas))),
            Self::Factor(h) if h % 100 == 0 => f.pad(&format!("{}x", h / 100)),
            Self::Factor(h) => f.pad(&format!("{}.{:02}x", h / 100, h % 100)),
        }
    }
}

/// A price or a count as a floating-point number.
#[expect(
    clippy::cast_precision_loss,
    reason = "prices are below 2^40 and counts in a block below 2^53"
)]
pub(super) const fn float(value: u64) -> f64 {
    value as f64
}
