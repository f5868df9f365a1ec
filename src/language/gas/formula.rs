//! Cost formulas: what an operation costs as a function of the variables it is measured by.

use serde::{Deserialize, Serialize};
use std::fmt;

use super::{Expr, FormulaError, Gas, GasParam, MAX_PRICE, Ratio, Variable, grouped};

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

impl fmt::Display for CostFormula {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Other(expr) => write!(f, "{expr}"),
            Self::Linear { base, per } => {
                if *base > 0 || per.is_empty() {
                    f.write_str(&grouped(i128::from(*base)))?;
                }
                for (i, (variable, rate)) in per.iter().enumerate() {
                    if i > 0 || *base > 0 {
                        f.write_str(" + ")?;
                    }
                    match rate {
                        Rate {
                            from: Some(owner), ..
                        } => write!(f, "{owner} * {variable}")?,
                        Rate { price: 1, .. } => write!(f, "{variable}")?,
                        Rate { price, .. } => {
                            write!(f, "{} * {variable}", grouped(i128::from(*price)))?;
                        }
                    }
                }
                Ok(())
            }
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
    /// The linear form of `expr`, if it has one: a constant, and per variable a coefficient with its owner.
    /// `param` gives the value of a reference.
    ///
    /// # Errors
    /// Those of [`Expr::evaluate`].
    pub fn of(
        expr: &Expr,
        param: &dyn Fn(&GasParam) -> Result<Ratio, FormulaError>,
    ) -> Result<Option<Self>, FormulaError> {
        let of = |e: &Expr| Self::of(e, param);
        let fits = |r: Option<Ratio>| r.ok_or(FormulaError::Overflow);
        if expr.variables().is_empty() {
            let constant = expr.evaluate(&|_| 0, param)?;
            let owner = if let Expr::Param(name) = expr {
                Some(name.clone())
            } else {
                None
            };
            return Ok(Some(Self {
                constant,
                owner,
                per: Vec::new(),
            }));
        }
        match expr {
            Expr::Variable(v) => Ok(Some(Self {
                constant: Ratio::ZERO,
                owner: None,
                per: vec![(*v, Ratio::ONE, None)],
            })),
            Expr::Neg(a) => of(a)?
                .map(|a| a.scaled(Ratio::integer(-1), None))
                .transpose(),
            Expr::Add(a, b) => match (of(a)?, of(b)?) {
                (Some(a), Some(b)) => Ok(Some(a.plus(b)?)),
                _ => Ok(None),
            },
            Expr::Sub(a, b) => match (of(a)?, of(b)?) {
                (Some(a), Some(b)) => Ok(Some(a.plus(b.scaled(Ratio::integer(-1), None)?)?)),
                _ => Ok(None),
            },
            Expr::Mul(a, b) => match (of(a)?, of(b)?) {
                (Some(a), Some(b)) if a.per.is_empty() => {
                    b.scaled(a.constant, a.owner.as_ref()).map(Some)
                }
                (Some(a), Some(b)) if b.per.is_empty() => {
                    a.scaled(b.constant, b.owner.as_ref()).map(Some)
                }
                _ => Ok(None),
            },
            Expr::Div(a, b) => match (of(a)?, of(b)?) {
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
pub(crate) fn price_of(value: Ratio) -> Result<Gas, FormulaError> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_not_zero_is_written() {
        let text = |base, prices: &[Gas]| {
            let rate = |price: &Gas| Rate {
                price: *price,
                from: None,
            };
            let per = prices.iter().map(|price| (Variable::Words, rate(price)));
            CostFormula::Linear {
                base,
                per: per.collect(),
            }
            .to_string()
        };
        assert_eq!(text(0, &[]), "0");
        assert_eq!(text(0, &[3]), "3 * words");
        assert_eq!(text(0, &[1, 3]), "words + 3 * words");
        assert_eq!(text(30, &[6]), "30 + 6 * words");
    }
}
