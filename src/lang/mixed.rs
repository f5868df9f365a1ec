//! Prices per byte where words are counted, and the other way round: 32 times too dear or too cheap.

use crate::{
    diag::{Diagnostic, Label},
    gas::{
        Expr, GasParam, Part,
        Variable::{self, Bytes, Words},
    },
};

use super::{checker::Checker, price_settings::Setting};

/// The unit that a parameter is a price of, where it is of a byte or of a word: as its part says, or its name.
fn unit(param: &GasParam) -> Option<Variable> {
    match param.part {
        Part::Per(variable) => [Bytes, Words].into_iter().find(|v| *v == variable),
        Part::Base => None,
        Part::Whole => [Bytes, Words].into_iter().find(|v| {
            let suffix = format!("_{}", v.part().to_uppercase());
            param.operation.ends_with(&suffix)
        }),
    }
}

/// The first price in `expr` that is multiplied by, or stands for a price of, the other unit. `wanted` is the unit of
/// the part that is set.
fn find(expr: &Expr, wanted: Option<Variable>) -> Option<(&GasParam, Variable)> {
    match expr {
        Expr::Param(_) | Expr::Mul(..) => product(expr, wanted),
        // What is divided may be by the 32 bytes of a word.
        Expr::Div(a, b) => find(a, None).or_else(|| find(b, None)),
        other => other
            .children()
            .into_iter()
            .find_map(|child| find(child, wanted)),
    }
}

/// The same among the factors of a product.
fn product(expr: &Expr, wanted: Option<Variable>) -> Option<(&GasParam, Variable)> {
    let mut factors = Vec::new();
    flatten(expr, &mut factors);
    let counted = factors.iter().find_map(|factor| match factor {
        Expr::Variable(variable) => [Bytes, Words].into_iter().find(|v| v == variable),
        _ => None,
    });
    let converts = |factor: &&Expr| match factor {
        Expr::Number(number) => number.is_integer() && number.numerator() % 32 == 0,
        _ => false,
    };
    let unit_of_product = counted.or(wanted).filter(|_| !factors.iter().any(converts));
    factors.into_iter().find_map(|factor| match factor {
        Expr::Param(param) => {
            let own = unit(param)?;
            unit_of_product
                .filter(|counted| *counted != own)
                .map(|counted| (param, counted))
        }
        Expr::Number(_) | Expr::Variable(_) => None,
        other => find(other, None),
    })
}

/// `a`, `b` and `c` of `a * b * c`.
fn flatten<'a>(expr: &'a Expr, factors: &mut Vec<&'a Expr>) {
    if let Expr::Mul(a, b) = expr {
        flatten(a, factors);
        flatten(b, factors);
    } else {
        factors.push(expr);
    }
}

/// A price of the other unit in what a file sets.
pub(super) fn mixed(checker: &Checker<'_>, setting: &Setting<'_>) -> Option<Diagnostic> {
    let part = match setting.part {
        Some(Part::Per(variable)) => Some(variable),
        _ => None,
    };
    let (param, counted) = find(setting.expr.as_ref()?, part)?;
    let own = unit(param)?;
    let text = |unit: Variable| if unit == Bytes { "byte" } else { "word" };
    let factor = if counted == Words { "32 *" } else { "1 / 32 *" };
    let message = format!(
        "`{param}` is a price per {}, not per {}",
        text(own),
        text(counted)
    );
    Some(
        Diagnostic::error("unit-mismatch", message)
            .label(Label::primary(
                checker.file,
                setting.statement.value.span.clone(),
                format!("a price per {} is wanted", text(counted)),
            ))
            .note("a word is 32 bytes: one price for the other is 32 times too low or too high")
            .help(format!("write `{factor} {param}`")),
    )
}
