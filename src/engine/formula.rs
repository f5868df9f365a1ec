//! A cost formula compiled for the interpreter: no names left, only numbers and what they multiply.

use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::{Expr, FormulaError, Gas, Variable};

/// How much of each variable one execution used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Units([u64; Variable::ALL.len()]);

impl Units {
    /// The units of `variable`.
    pub const fn get(&self, variable: Variable) -> u64 {
        self.0[variable as usize]
    }

    /// These units with `count` of `variable`.
    #[must_use]
    pub const fn with(mut self, variable: Variable, count: u64) -> Self {
        self.0[variable as usize] = count;
        self
    }

    /// Adds one to `variable`.
    pub const fn bump(&mut self, variable: Variable) {
        self.0[variable as usize] += 1;
    }

    /// Adds all of `other`.
    pub fn add(&mut self, other: &Self) {
        for (sum, units) in self.0.iter_mut().zip(other.0) {
            *sum = sum.saturating_add(units);
        }
    }
}

/// A formula without names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Formula {
    /// `base + rate * variable + ...`, each variable once.
    Linear {
        /// Gas per execution.
        base: Gas,
        /// Gas per unit.
        per: Vec<(Variable, Gas)>,
    },
    /// Anything else, evaluated exactly and rounded down to whole gas.
    Other(Expr),
}

impl Formula {
    /// A constant price.
    pub const fn constant(base: Gas) -> Self {
        Self::Linear {
            base,
            per: Vec::new(),
        }
    }

    /// Gas for one execution. A formula without a value (a division by a variable that is 0, a number out of range)
    /// costs [`u64::MAX`]: more than any transaction has.
    pub fn cost(&self, units: &Units) -> Gas {
        match self {
            Self::Linear { base, per } => per.iter().fold(*base, |sum, (variable, price)| {
                sum.saturating_add(price.saturating_mul(units.get(*variable)))
            }),
            Self::Other(expr) => {
                let nameless = |param: &_| Err(FormulaError::UnknownParam(Clone::clone(param)));
                let value = expr.evaluate(&|variable| units.get(variable), &nameless);
                value.map_or(Gas::MAX, |gas| {
                    Gas::try_from(gas.floor().max(0)).unwrap_or(Gas::MAX)
                })
            }
        }
    }

    /// The variables it mentions.
    pub fn variables(&self) -> Vec<Variable> {
        match self {
            Self::Linear { per, .. } => per.iter().map(|(variable, _)| *variable).collect(),
            Self::Other(expr) => expr.variables(),
        }
    }

    /// The constant term; 0 if it is not linear.
    pub const fn base(&self) -> Gas {
        match self {
            Self::Linear { base, .. } => *base,
            Self::Other(_) => 0,
        }
    }

    /// The coefficient of `variable`; 0 if it is not linear.
    pub fn rate(&self, variable: Variable) -> Gas {
        match self {
            Self::Linear { per, .. } => per
                .iter()
                .find(|(v, _)| *v == variable)
                .map_or(0, |(_, price)| *price),
            Self::Other(_) => 0,
        }
    }

    /// Whether it is `base + rate * variable + ...`.
    pub const fn is_linear(&self) -> bool {
        matches!(self, Self::Linear { .. })
    }
}
