//! Sums of prices times numbers.

use std::collections::BTreeMap;

use crate::gas::{GasParam, Ratio};

/// A sum of prices under construction.
pub(super) struct Sum {
    pub terms: BTreeMap<GasParam, Ratio>,
    pub constant: Ratio,
}

impl Sum {
    /// Times a number; `None` when it leaves exact arithmetic.
    pub(super) fn scaled(mut self, factor: Ratio) -> Option<Self> {
        self.constant = self.constant.checked_mul(factor)?;
        for coefficient in self.terms.values_mut() {
            *coefficient = coefficient.checked_mul(factor)?;
        }
        self.terms.retain(|_, c| *c != Ratio::ZERO);
        Some(self)
    }

    /// Plus `factor` times another.
    pub(super) fn plus(mut self, other: Self, factor: Ratio) -> Option<Self> {
        let other = other.scaled(factor)?;
        self.constant = self.constant.checked_add(other.constant)?;
        for (param, coefficient) in other.terms {
            let sum = self.terms.entry(param).or_insert(Ratio::ZERO);
            *sum = sum.checked_add(coefficient)?;
        }
        self.terms.retain(|_, c| *c != Ratio::ZERO);
        Some(self)
    }
}
