//! Cost formulas: what an operation costs as a function of the variables it is measured by.

use alloc::{boxed::Box, vec::Vec};
use core::fmt;
use serde::{Deserialize, Serialize};

use super::{Gas, GasParam, MAX_PRICE, Ratio, Variable};

/// An arithmetic expression over numbers, variables and other parameters' prices.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Expr {
    /// A number.
    Number(Ratio),
    /// A quantity known when the operation runs.
    Variable(Variable),
    /// The price of another parameter.
    Param(GasParam),
    /// Negation.
    Neg(Box<Self>),
    /// Sum.
    Add(Box<Self>, Box<Self>),
    /// Difference.
    Sub(Box<Self>, Box<Self>),
    /// Product.
    Mul(Box<Self>, Box<Self>),
    /// Exact quotient.
    Div(Box<Self>, Box<Self>),
    /// Power.
    Pow(Box<Self>, Box<Self>),
    /// The smallest of at least one.
    Min(Vec<Self>),
    /// The largest of at least one.
    Max(Vec<Self>),
    /// Rounded up to a whole number.
    Ceil(Box<Self>),
    /// Rounded down to a whole number.
    Floor(Box<Self>),
}

/// Why a formula has no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FormulaError {
    /// A referenced parameter does not exist.
    UnknownParam(GasParam),
    /// A price is defined by itself.
    Cycle(GasParam),
    /// A number left the range of 128-bit arithmetic.
    Overflow,
    /// A division by zero.
    DivisionByZero,
    /// A price below zero.
    Negative(Ratio),
    /// A price above [`MAX_PRICE`].
    TooLarge(Ratio),
    /// A referenced parameter's price depends on a variable, so it has no value by itself.
    NotConstant(GasParam),
}

impl fmt::Display for FormulaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownParam(param) => write!(f, "nothing is called `{param}`"),
            Self::Cycle(param) => write!(f, "`{param}` is defined by itself"),
            Self::Overflow => f.write_str("a number is too large"),
            Self::DivisionByZero => f.write_str("division by zero"),
            Self::Negative(value) => write!(f, "a price of {value} is below zero"),
            Self::TooLarge(value) => write!(f, "a price of {value} is above 2^40"),
            Self::NotConstant(param) => write!(f, "`{param}` is a formula, not a number"),
        }
    }
}

impl core::error::Error for FormulaError {}

/// A price within a formula, and where its number comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rate {
    /// Gas per unit.
    pub price: Gas,
    /// The parameter that owns the number when the formula only refers to it: `COLD_ACCOUNT_ACCESS` in
    /// `COLD_ACCOUNT_ACCESS * cold`. `None`: the number is this formula's own.
    pub from: Option<GasParam>,
}

/// A formula with every reference replaced by its value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CostFormula {
    /// `base + rate * variable + ...`. A variable may occur more than once, with different owners.
    Linear {
        /// The constant term, gas.
        base: Gas,
        /// Coefficients, in the order written.
        per: Vec<(Variable, Rate)>,
    },
    /// Anything else: one part, its factor. Rounded down to whole gas after evaluation.
    Other(Expr),
}

impl CostFormula {
    /// Gas for one execution; `None` when the number leaves the range of [`Gas`].
    pub fn cost(&self, value: impl Fn(Variable) -> u64) -> Option<Gas> {
        match self {
            Self::Linear { base, per } => per.iter().try_fold(*base, |sum, (variable, rate)| {
                sum.checked_add(rate.price.checked_mul(value(*variable))?)
            }),
            Self::Other(expr) => {
                let ratio = expr
                    .evaluate(&value, &|param| {
                        Err(FormulaError::UnknownParam(param.clone()))
                    })
                    .ok()?;
                Gas::try_from(ratio.floor().max(0)).ok()
            }
        }
    }
}

impl Expr {
    /// A whole number.
    pub fn number(value: Gas) -> Self {
        Self::Number(Ratio::from(value))
    }

    /// Its exact value.
    ///
    /// # Errors
    /// Overflow, division by zero, or whatever `param` answers.
    pub fn evaluate(
        &self,
        value: &dyn Fn(Variable) -> u64,
        param: &dyn Fn(&GasParam) -> Result<Ratio, FormulaError>,
    ) -> Result<Ratio, FormulaError> {
        let of = |e: &Self| e.evaluate(value, param);
        let fits = |r: Option<Ratio>| r.ok_or(FormulaError::Overflow);
        match self {
            Self::Number(number) => Ok(*number),
            Self::Variable(variable) => Ok(Ratio::from(value(*variable))),
            Self::Param(name) => param(name),
            Self::Neg(a) => fits(of(a)?.checked_neg()),
            Self::Add(a, b) => fits(of(a)?.checked_add(of(b)?)),
            Self::Sub(a, b) => fits(of(a)?.checked_sub(of(b)?)),
            Self::Mul(a, b) => fits(of(a)?.checked_mul(of(b)?)),
            Self::Div(a, b) => match of(b)? {
                Ratio::ZERO => Err(FormulaError::DivisionByZero),
                divisor => fits(of(a)?.checked_div(divisor)),
            },
            Self::Pow(a, b) => fits(of(a)?.checked_pow(of(b)?)),
            Self::Min(all) => best(all, &of, |a, b| a < b),
            Self::Max(all) => best(all, &of, |a, b| a > b),
            Self::Ceil(a) => Ok(Ratio::integer(of(a)?.ceil())),
            Self::Floor(a) => Ok(Ratio::integer(of(a)?.floor())),
        }
    }

    /// The direct sub-expressions.
    pub fn children(&self) -> Vec<&Self> {
        match self {
            Self::Number(_) | Self::Variable(_) | Self::Param(_) => Vec::new(),
            Self::Neg(a) | Self::Ceil(a) | Self::Floor(a) => alloc::vec![&**a],
            Self::Add(a, b)
            | Self::Sub(a, b)
            | Self::Mul(a, b)
            | Self::Div(a, b)
            | Self::Pow(a, b) => {
                alloc::vec![&**a, &**b]
            }
            Self::Min(all) | Self::Max(all) => all.iter().collect(),
        }
    }

    /// The variables it mentions, each once, in order of first mention.
    pub fn variables(&self) -> Vec<Variable> {
        let mut found = Vec::new();
        let mut open = alloc::vec![self];
        while let Some(expr) = open.pop() {
            if let Self::Variable(v) = expr
                && !found.contains(v)
            {
                found.push(*v);
            }
            open.extend(expr.children().into_iter().rev());
        }
        found
    }

    /// The linear form, if it has one: a constant, and per variable a coefficient with its owner.
    /// `param` gives the value of a reference.
    ///
    /// # Errors
    /// Those of [`Self::evaluate`].
    pub fn linear(
        &self,
        param: &dyn Fn(&GasParam) -> Result<Ratio, FormulaError>,
    ) -> Result<Option<Linear>, FormulaError> {
        let of = |e: &Self| e.linear(param);
        let fits = |r: Option<Ratio>| r.ok_or(FormulaError::Overflow);
        if self.variables().is_empty() {
            let constant = self.evaluate(&|_| 0, param)?;
            let owner = if let Self::Param(name) = self {
                Some(name.clone())
            } else {
                None
            };
            return Ok(Some(Linear {
                constant,
                owner,
                per: Vec::new(),
            }));
        }
        match self {
            Self::Variable(v) => Ok(Some(Linear {
                constant: Ratio::ZERO,
                owner: None,
                per: alloc::vec![(*v, Ratio::ONE, None)],
            })),
            Self::Neg(a) => of(a)?
                .map(|a| a.scaled(Ratio::integer(-1), None))
                .transpose(),
            Self::Add(a, b) => match (of(a)?, of(b)?) {
                (Some(a), Some(b)) => Ok(Some(a.plus(b)?)),
                _ => Ok(None),
            },
            Self::Sub(a, b) => match (of(a)?, of(b)?) {
                (Some(a), Some(b)) => Ok(Some(a.plus(b.scaled(Ratio::integer(-1), None)?)?)),
                _ => Ok(None),
            },
            Self::Mul(a, b) => match (of(a)?, of(b)?) {
                (Some(a), Some(b)) if a.per.is_empty() => {
                    b.scaled(a.constant, a.owner.as_ref()).map(Some)
                }
                (Some(a), Some(b)) if b.per.is_empty() => {
                    a.scaled(b.constant, b.owner.as_ref()).map(Some)
                }
                _ => Ok(None),
            },
            Self::Div(a, b) => match (of(a)?, of(b)?) {
                (Some(a), Some(b)) if b.per.is_empty() => {
                    if b.constant == Ratio::ZERO {
                        return Err(FormulaError::DivisionByZero);
                    }
                    a.scaled(fits(Ratio::ONE.checked_div(b.constant))?, None)
                        .map(Some)
                }
                _ => Ok(None),
            },
            _ => Ok(None),
        }
    }
}

/// A linear form under construction: exact coefficients, possibly negative.
#[derive(Clone, Debug)]
pub struct Linear {
    /// The constant term.
    pub constant: Ratio,
    owner: Option<GasParam>,
    /// Coefficients with the parameter that owns each.
    pub per: Vec<(Variable, Ratio, Option<GasParam>)>,
}

impl Linear {
    fn scaled(mut self, factor: Ratio, owner: Option<&GasParam>) -> Result<Self, FormulaError> {
        let times = |r: Ratio| r.checked_mul(factor).ok_or(FormulaError::Overflow);
        self.constant = times(self.constant)?;
        for (_, coefficient, from) in &mut self.per {
            // Only a bare `PARAM * variable` leaves the number to the parameter.
            let bare = *coefficient == Ratio::ONE && from.is_none();
            let kept = if factor == Ratio::ONE {
                from.take()
            } else {
                None
            };
            *from = if bare { owner.cloned() } else { kept };
            *coefficient = times(*coefficient)?;
        }
        self.owner = None;
        Ok(self)
    }

    fn plus(mut self, other: Self) -> Result<Self, FormulaError> {
        let sum = |a: Ratio, b: Ratio| a.checked_add(b).ok_or(FormulaError::Overflow);
        self.constant = sum(self.constant, other.constant)?;
        self.owner = None;
        for (variable, coefficient, from) in other.per {
            match self
                .per
                .iter_mut()
                .find(|(v, _, f)| *v == variable && *f == from)
            {
                Some(same) => same.1 = sum(same.1, coefficient)?,
                None => self.per.push((variable, coefficient, from)),
            }
        }
        Ok(self)
    }

    /// Whole prices, each rounded down, so that gas is a dot product of whole numbers.
    ///
    /// # Errors
    /// A negative price, or one above [`MAX_PRICE`].
    pub fn prices(self) -> Result<CostFormula, FormulaError> {
        let per = self.per.into_iter().map(|(variable, price, from)| {
            Ok((
                variable,
                Rate {
                    price: price_of(price)?,
                    from,
                },
            ))
        });
        Ok(CostFormula::Linear {
            base: price_of(self.constant)?,
            per: per.collect::<Result<_, FormulaError>>()?,
        })
    }
}

/// A price in whole gas, rounded down.
///
/// # Errors
/// Below zero, or above [`MAX_PRICE`].
pub(super) fn price_of(value: Ratio) -> Result<Gas, FormulaError> {
    let gas = Gas::try_from(value.floor()).map_err(|_| {
        if value.floor() < 0 {
            FormulaError::Negative(value)
        } else {
            FormulaError::TooLarge(value)
        }
    })?;
    if gas > MAX_PRICE {
        Err(FormulaError::TooLarge(value))
    } else {
        Ok(gas)
    }
}

fn best(
    all: &[Expr],
    of: &dyn Fn(&Expr) -> Result<Ratio, FormulaError>,
    better: fn(Ratio, Ratio) -> bool,
) -> Result<Ratio, FormulaError> {
    let mut chosen: Option<Ratio> = None;
    for expr in all {
        let value = of(expr)?;
        if chosen.is_none_or(|c| better(value, c)) {
            chosen = Some(value);
        }
    }
    chosen.ok_or(FormulaError::Overflow)
}
