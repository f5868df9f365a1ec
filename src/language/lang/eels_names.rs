//! The names that execution-specs gives to prices: its `GasCosts` constants, as its testing package lists them.

use crate::gas::{
    CostFormula, Expr, Gas, GasParam, Part, Ratio, Schedule,
    catalogue::{self, Constant},
};

use super::{builtin, suggest};

/// What a constant of execution-specs sets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Sets {
    /// Prices, all of them to the same.
    Prices(Vec<GasParam>),
    /// The number that an operation's formula starts with.
    Multiplier(&'static str),
    /// A price, with another one in it.
    Including(&'static str, &'static str),
}

/// The constant of execution-specs that is a price, without the `GAS_` that its forks before Amsterdam put in front;
/// `None` where it has none, or only one that has another price in it.
pub fn spec_name(schedule: &Schedule, param: &GasParam) -> Option<String> {
    // A formula of another shape than the fork's has other parts, which no constant is for.
    let known = |schedule: &Schedule| {
        schedule
            .params_of(&param.operation)
            .is_ok_and(|own| own.contains(param))
    };
    if !known(builtin::schedule(schedule.fork)) || !known(schedule) {
        return None;
    }
    let constant = catalogue::price_of(param)?.eels_constant(schedule.fork)?;
    // For a curve it is the number that its formula starts with.
    let stock = builtin::schedule(schedule.fork).formula(&param.operation);
    let curve = matches!(stock, Ok(CostFormula::Other(_)));
    if constant.including.is_some() || curve && multiplier(schedule, &param.operation).is_none() {
        return None;
    }
    Some(constant.name.to_owned())
}

/// Every constant that has a price in `schedule`, and what it sets.
pub(super) fn constants(schedule: &Schedule) -> Vec<(&'static str, Sets)> {
    let mut all = Vec::new();
    for param in schedule.params().unwrap_or_default() {
        let row = catalogue::price_of(&param);
        let Some((row, constant)) =
            row.and_then(|row| Some((row, row.eels_constant(schedule.fork)?)))
        else {
            continue;
        };
        let curve = || {
            matches!(
                schedule.formula(&param.operation),
                Ok(CostFormula::Other(_))
            )
        };
        let Constant { name, including } = constant;
        let sets = match including {
            Some(other) => Sets::Including(row.name, other),
            None if curve() => Sets::Multiplier(row.name),
            // The specification has one constant for both kinds of creation.
            None if row.name == "CREATE.base" => {
                Sets::Prices(vec![param, GasParam::new("CREATE2", Part::Base)])
            }
            None => Sets::Prices(vec![param]),
        };
        all.push((name, sets));
    }
    all
}

/// What the constant of a name sets, or what is wrong with the name and what was probably meant.
pub(super) fn constant<'a>(
    name: &str,
    known: &'a [(&'static str, Sets)],
) -> Result<&'a Sets, (String, Option<String>)> {
    let bare = name.strip_prefix("GAS_").unwrap_or(name);
    if let Some((_, sets)) = known.iter().find(|(known, _)| *known == bare) {
        return Ok(sets);
    }
    if let Some(now) = catalogue::renamed(bare) {
        let why = "a name of an earlier release".to_owned();
        return Err((why, Some(now.to_owned())));
    }
    let close = suggest::closest(bare, known.iter().map(|(name, _)| *name));
    Err((
        "no constant of execution-specs that is priced here".to_owned(),
        close.map(str::to_owned),
    ))
}

/// The number that an operation's formula starts with, such as `12_000 * points * discount / 1000`; `None` where it is
/// not the fork's formula with just another number.
pub fn multiplier(schedule: &Schedule, operation: &str) -> Option<Gas> {
    let expr = &schedule.entry(operation)?.expr;
    let mut first = expr;
    while let Expr::Mul(a, _) | Expr::Div(a, _) = first {
        first = a;
    }
    let Expr::Number(number) = first else {
        return None;
    };
    let stock = builtin::schedule(schedule.fork);
    let same = with_multiplier(&stock.entry(operation)?.expr, *number)? == *expr;
    Gas::try_from(number.numerator())
        .ok()
        .filter(|_| same && number.is_integer())
}

/// The formula with another number where it starts.
pub(super) fn with_multiplier(expr: &Expr, number: Ratio) -> Option<Expr> {
    Some(match expr {
        Expr::Number(_) => Expr::Number(number),
        Expr::Mul(a, b) => Expr::Mul(Box::new(with_multiplier(a, number)?), b.clone()),
        Expr::Div(a, b) => Expr::Div(Box::new(with_multiplier(a, number)?), b.clone()),
        _ => return None,
    })
}

/// What a price is per: `gas per 32-byte word`.
pub fn unit(param: &GasParam) -> String {
    match param.part {
        Part::Per(variable) => format!("gas per {}", variable.unit()),
        Part::Whole | Part::Base => "gas".to_owned(),
    }
}
