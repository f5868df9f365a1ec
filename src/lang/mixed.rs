//! Prices per byte where words are counted, and the other way round: 32 times too dear or too cheap.

use crate::{
    diag::{Diagnostic, Label},
    gas::{
        Expr, GasParam, Part,
        Variable::{self, Bytes, Words},
    },
};

use super::{check::Checker, prices::Setting};

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
    let differs = |param, wanted| unit(param).is_some_and(|unit| unit != wanted);
    match expr {
        Expr::Param(param) => wanted.filter(|w| differs(param, *w)).map(|w| (param, w)),
        Expr::Mul(a, b) => match (&**a, &**b) {
            (Expr::Param(param), Expr::Variable(v)) | (Expr::Variable(v), Expr::Param(param)) => {
                let counted = [Bytes, Words].into_iter().find(|c| c == v)?;
                differs(param, counted).then_some((param, counted))
            }
            // A factor may be the 32 bytes of a word.
            _ => find(a, None).or_else(|| find(b, None)),
        },
        Expr::Div(a, b) => find(a, None).or_else(|| find(b, None)),
        other => other
            .children()
            .into_iter()
            .find_map(|child| find(child, wanted)),
    }
}

/// A price of the other unit in what a file sets.
pub(super) fn mixed(checker: &Checker<'_>, setting: &Setting<'_>) -> Option<Diagnostic> {
    let part = match setting.part {
        Some(Part::Per(variable)) => Some(variable),
        _ => None,
    };
    let (param, counted) = find(setting.expr()?, part)?;
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
