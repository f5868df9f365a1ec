//! Gas parameters and their prices, schedules side by side.

use serde::Serialize;

use super::number::multiplier;
use crate::{
    fit::count,
    gas::{CostFormula, Expr, FormulaError, GasParam, Schedule, Variable},
    solve::Price,
};

/// One gas parameter across schedules.
#[derive(Clone, Debug, Serialize)]
pub struct ComparedRow {
    /// Its name in schedules.
    pub param: String,
    /// Its price in each; absent where a schedule does not have it.
    pub prices: Vec<Option<ComparedPrice>>,
}

/// What a parameter costs in one schedule.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum ComparedPrice {
    /// A number.
    Price(Price),
    /// A formula that is no multiple of the first schedule's.
    Formula(String),
}

impl ComparedRow {
    /// Whether any schedule's price is another than the first's, by more than `tolerance` of that (0.05: 5 %).
    pub fn differs(&self, tolerance: f64) -> bool {
        let Some(first) = self.prices.first() else {
            return false;
        };
        let apart = |price: &Option<ComparedPrice>| match (first, price) {
            (Some(ComparedPrice::Price(old)), Some(ComparedPrice::Price(new))) => {
                (new.value() - old.value()).abs() > tolerance * old.value()
            }
            (old, new) => old != new,
        };
        self.prices.iter().any(apart)
    }

    /// The largest of the other schedules' prices over the first's; infinite where the first is free of charge, and
    /// where two formulas have no common factor. `None`: no other schedule has it, or the first has not.
    pub fn increase(&self) -> Option<f64> {
        let first = self.prices.first()?.as_ref()?;
        let over = |new: &ComparedPrice| match (first, new) {
            (ComparedPrice::Price(old), ComparedPrice::Price(new)) => {
                if old.value() > 0.0 {
                    new.value() / old.value()
                } else if new.value() > 0.0 {
                    f64::INFINITY
                } else {
                    1.0
                }
            }
            (old, new) if old == new => 1.0,
            _ => f64::INFINITY,
        };
        self.prices[1..]
            .iter()
            .flatten()
            .map(over)
            .max_by(f64::total_cmp)
    }
}

/// Every parameter of `schedules` with its price in each.
///
/// # Errors
/// A formula without a value, which loading a schedule excludes.
pub fn rows(schedules: &[&Schedule]) -> Result<Vec<ComparedRow>, FormulaError> {
    let mut params: Vec<GasParam> = Vec::new();
    for schedule in schedules {
        for param in schedule.params()? {
            if !params.contains(&param) {
                params.push(param);
            }
        }
    }
    Ok(params
        .into_iter()
        .map(|param| row(&param, schedules))
        .collect())
}

fn row(param: &GasParam, schedules: &[&Schedule]) -> ComparedRow {
    let first = schedules.iter().find_map(|schedule| curve(schedule, param));
    let price = |schedule: &&Schedule| {
        let Some(own) = curve(schedule, param) else {
            return schedule
                .price(param)
                .ok()
                .map(|gas| ComparedPrice::Price(Price::Gas(gas)));
        };
        Some(match factor(&own, first.as_ref().unwrap_or(&own)) {
            Some(factor) => ComparedPrice::Price(Price::Factor(factor)),
            None => ComparedPrice::Formula(own.to_string()),
        })
    };
    ComparedRow {
        param: param.to_string(),
        prices: schedules.iter().map(price).collect(),
    }
}

/// The formula of `param`'s operation, where it is not linear.
fn curve(schedule: &Schedule, param: &GasParam) -> Option<Expr> {
    match schedule.formula(&param.operation) {
        Ok(CostFormula::Other(expr)) => Some(expr),
        _ => None,
    }
}

/// The hundredths of `expr / reference` where they are the same at every point looked at.
fn factor(expr: &Expr, reference: &Expr) -> Option<u64> {
    let at = |expr: &Expr, point: u64| {
        let value = |variable: Variable| point * (1 + variable as u64);
        let no_param = |param: &GasParam| Err(FormulaError::UnknownParam(param.clone()));
        let ratio = expr.evaluate(&value, &no_param).ok()?;
        Some(ratio.to_f64())
    };
    let mut common = None;
    for point in [1, 40, 1_000, 30_000] {
        let factor = (at(expr, point)? / at(reference, point)? * 100.0).round();
        // Rounding to whole gas hides the factor of small amounts.
        if at(reference, point)? < 100.0 {
            continue;
        }
        if common.is_some_and(|common: f64| (common - factor).abs() > 0.5) {
            return None;
        }
        common = Some(factor);
    }
    common.map(count)
}

/// A price as its cell shows it.
pub(super) fn price_text(price: Option<&ComparedPrice>) -> String {
    match price {
        None => "-".into(),
        Some(ComparedPrice::Price(amount)) => amount.to_string(),
        Some(ComparedPrice::Formula(formula)) => formula.clone(),
    }
}

/// How many times the first schedule's price another's is.
pub(super) fn change(from: Option<&ComparedPrice>, to: Option<&ComparedPrice>) -> String {
    match (from, to) {
        (Some(ComparedPrice::Price(from)), Some(ComparedPrice::Price(to))) => {
            multiplier(from.value(), to.value())
        }
        (None, Some(_)) => "new".into(),
        (Some(_), None) => "gone".into(),
        _ => String::new(),
    }
}
