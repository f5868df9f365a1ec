//! Formulas as the language writes them.

use alloc::{string::String, vec::Vec};
use core::fmt;

use super::{CostFormula, Expr, Rate};

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
