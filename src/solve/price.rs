//! Prices as the solver sets them.

use std::{collections::BTreeMap, fmt};

use serde::{Serialize, Serializer};

use crate::{
    fit::real,
    gas::{CostFormula, FormulaError, Gas, GasParam, Schedule, grouped},
};

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

    /// The price of a parameter as it stands in `schedule`.
    ///
    /// # Errors
    /// A formula without a value, or a part that it does not have.
    pub fn of(schedule: &Schedule, param: &GasParam) -> Result<Self, FormulaError> {
        Ok(match schedule.formula(&param.operation)? {
            CostFormula::Other(_) => Self::UNCHANGED,
            CostFormula::Linear { .. } => Self::Gas(schedule.price(param)?),
        })
    }

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

    /// The number that it is written as: gas, or times the formula.
    pub fn value(self) -> f64 {
        real(self.ticks()) / real(self.ticks_per_unit())
    }

    /// How many times `from` it is; `None` from a price of 0.
    pub fn multiple_of(self, from: Self) -> Option<f64> {
        (from.ticks() > 0).then(|| real(self.ticks()) / real(from.ticks()))
    }
}

impl fmt::Display for Price {
    /// `34_103`, or `1.37x` for a factor.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gas(gas) => f.pad(&grouped(i128::from(*gas))),
            Self::Factor(_) => f.pad(&format!("{}x", self.value())),
        }
    }
}

impl Serialize for Price {
    /// `{"gas": 34103}`, or `{"factor": 1.37}`.
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Gas(gas) => to.serialize_newtype_variant("Price", 0, "gas", gas),
            Self::Factor(_) => to.serialize_newtype_variant("Price", 1, "factor", &self.value()),
        }
    }
}
