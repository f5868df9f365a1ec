//! Arithmetic over numbers, the variables that an operation is measured by, and the prices of others.

use alloc::{boxed::Box, string::String, vec::Vec};
use core::fmt;
use serde::{Deserialize, Serialize};

use super::{Gas, GasParam, Ratio, Variable};

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
    /// A price above [`MAX_PRICE`](super::MAX_PRICE).
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

impl Expr {
    /// A whole number.
    pub fn number(value: Gas) -> Self {
        Self::Number(Ratio::from(value))
    }

    /// The number it is, when all its direct sub-expressions are numbers; else itself.
    #[must_use]
    pub fn simplified(self) -> Self {
        let children = self.children();
        let numbers = !children.is_empty() && children.iter().all(|c| matches!(c, Self::Number(_)));
        if !numbers {
            return self;
        }
        // What has no value, such as a division by zero, stays to be reported where the formula is used.
        let unknown = |param: &GasParam| Err(FormulaError::UnknownParam(param.clone()));
        match self.evaluate(&|_| 0, &unknown) {
            Ok(number) => Self::Number(number),
            Err(_) => self,
        }
    }

    /// `self * variable`.
    #[must_use]
    pub fn per(self, variable: Variable) -> Self {
        Self::Mul(Box::new(self), Box::new(Self::Variable(variable)))
    }

    /// The sum of `terms`; zero without any.
    pub fn sum(terms: impl IntoIterator<Item = Self>) -> Self {
        terms
            .into_iter()
            .reduce(|a, b| Self::Add(Box::new(a), Box::new(b)))
            .unwrap_or(Self::Number(Ratio::ZERO))
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

/// How tightly an expression's outermost operator binds.
const fn level(expr: &Expr) -> u8 {
    match expr {
        Expr::Add(..) | Expr::Sub(..) => 1,
        Expr::Mul(..) | Expr::Div(..) => 2,
        Expr::Neg(..) => 3,
        Expr::Pow(..) => 4,
        Expr::Number(n) if !n.is_integer() => 2,
        Expr::Number(n) if n.numerator() < 0 => 3,
        _ => 5,
    }
}

impl fmt::Display for Expr {
    /// The formula as the language writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let side = |f: &mut fmt::Formatter<'_>, e: &Self, least: u8| {
            if level(e) < least {
                write!(f, "({e})")
            } else {
                write!(f, "{e}")
            }
        };
        let infix = |f: &mut fmt::Formatter<'_>, a: &Self, op: &str, b: &Self, at: u8| {
            side(f, a, at)?;
            write!(f, " {op} ")?;
            side(f, b, at + 1)
        };
        let call = |f: &mut fmt::Formatter<'_>, name: &str, all: &[Self]| {
            let arguments: Vec<String> = all.iter().map(|e| alloc::format!("{e}")).collect();
            write!(f, "{name}({})", arguments.join(", "))
        };
        match self {
            Self::Number(number) if number.is_integer() => {
                f.write_str(&grouped(number.numerator()))
            }
            Self::Number(n) => write!(
                f,
                "{} / {}",
                grouped(n.numerator()),
                grouped(n.denominator())
            ),
            Self::Variable(variable) => write!(f, "{variable}"),
            Self::Param(param) => write!(f, "{param}"),
            Self::Neg(a) => {
                f.write_str("-")?;
                side(f, a, 4)
            }
            Self::Add(a, b) => infix(f, a, "+", b, 1),
            Self::Sub(a, b) => infix(f, a, "-", b, 1),
            Self::Mul(a, b) => infix(f, a, "*", b, 2),
            Self::Div(a, b) => infix(f, a, "/", b, 2),
            Self::Pow(a, b) => {
                side(f, a, 5)?;
                f.write_str("**")?;
                side(f, b, 4)
            }
            Self::Min(all) => call(f, "min", all),
            Self::Max(all) => call(f, "max", all),
            Self::Ceil(a) => write!(f, "ceil({a})"),
            Self::Floor(a) => write!(f, "floor({a})"),
        }
    }
}

/// A whole number with `_` between thousands from 10,000 on, as schedules write it.
pub fn grouped(number: i128) -> String {
    let digits = alloc::format!("{}", number.unsigned_abs());
    let mut out = String::new();
    if number < 0 {
        out.push('-');
    }
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && digits.len() > 3 && (digits.len() - i) % 3 == 0 {
            out.push('_');
        }
        out.push(digit);
    }
    out
}
