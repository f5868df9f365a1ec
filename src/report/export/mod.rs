//! A schedule in the forms that client teams, specifications and proposals take: one file a form.
//!
//! Invariant: only what differs from the built-in schedule of the fork is exported (JSON has everything), each price
//! under the name it has there. What a form has no name for is said, never dropped.

mod eels;
mod eip;
mod gas_params;
mod geth;
mod json;
mod rust;
#[cfg(test)]
mod tests;

use crate::{
    gas::{CostFormula, FormulaError, GasParam, Kind, Schedule, grouped},
    lang,
};

/// A form of a schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `EELS_GAS_REPRICING_CONFIG` of execution-specs: JSON by fork and constant.
    Eels,
    /// revm's `GasParams`, and its table of static prices, in Rust.
    Revm,
    /// Constants in Rust, under the names of execution-specs.
    Rust,
    /// Constants and jump table of go-ethereum.
    Geth,
    /// The table of an EIP, in Markdown.
    Eip,
    /// Everything, as one versioned document.
    Json,
}

/// An export, and what could not be said in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    /// The text.
    pub text: String,
    /// Prices that differ and have no name in this form, such as `MEMORY_QUADRATIC_DIVISOR`.
    pub nameless: Vec<String>,
}

pub(super) use eip::table;

/// One price that is not that of the fork.
pub(super) struct Change {
    /// Its name in schedules.
    pub param: GasParam,
    pub kind: Kind,
    /// The constant of execution-specs, if it has one.
    pub spec: Option<String>,
    /// `None`: the fork does not have it.
    pub old: Option<Value>,
    pub new: Value,
    /// Why, as the schedule says.
    pub reason: Option<String>,
}

/// What something costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    /// One number.
    Gas(u64),
    /// A formula that is not linear.
    Formula(String),
}

impl Value {
    fn text(&self) -> String {
        match self {
            Self::Gas(gas) => grouped(i128::from(*gas)),
            Self::Formula(formula) => formula.clone(),
        }
    }

    const fn gas(&self) -> Option<u64> {
        match self {
            Self::Gas(gas) => Some(*gas),
            Self::Formula(_) => None,
        }
    }
}

/// `schedule` in `form`.
///
/// # Errors
/// A formula without a value, which loading a schedule excludes.
pub fn export(schedule: &Schedule, form: Form) -> Result<Exported, FormulaError> {
    let stock = lang::fork_schedule(schedule.fork);
    let changes = changes(schedule, stock)?;
    let mut exported = match form {
        Form::Eels => eels::text(schedule, &changes)?,
        Form::Revm => gas_params::text(schedule, stock, &changes),
        Form::Rust => rust::text(schedule, &changes),
        Form::Geth => geth::text(schedule, &changes),
        Form::Eip => eip::text(&changes),
        Form::Json => return json::text(schedule),
    };
    let meters = schedule.meters.iter();
    exported
        .nameless
        .extend(meters.map(|meter| format!("meter {}", meter.name)));
    Ok(exported)
}

/// Every price of `schedule` that is not `stock`'s, in the order of the schedule.
pub(super) fn changes(schedule: &Schedule, stock: &Schedule) -> Result<Vec<Change>, FormulaError> {
    let mut all = Vec::new();
    for entry in schedule.entries() {
        for param in schedule.params_of(&entry.name)? {
            let new = value(schedule, &param)?;
            let old = match stock.entry(&entry.name) {
                Some(_) => value(stock, &param).ok(),
                None => None,
            };
            if old.as_ref() == Some(&new) {
                continue;
            }
            let before = stock.entry(&entry.name).and_then(|e| e.reason.as_ref());
            all.push(Change {
                kind: entry.kind,
                spec: lang::spec_name(schedule, &param),
                old,
                new,
                reason: entry.reason.clone().filter(|own| before != Some(own)),
                param,
            });
        }
    }
    Ok(all)
}

/// The price of a parameter; the number that a curve starts with where nothing else of it can change.
fn value(schedule: &Schedule, param: &GasParam) -> Result<Value, FormulaError> {
    let CostFormula::Other(expr) = schedule.formula(&param.operation)? else {
        return schedule.price(param).map(Value::Gas);
    };
    let named = lang::spec_name(schedule, param).is_some();
    let number = lang::multiplier(schedule, &param.operation).filter(|_| named);
    Ok(number.map_or_else(|| Value::Formula(expr.to_string()), Value::Gas))
}

/// `Osaka`, as other projects write a fork.
fn fork_name(schedule: &Schedule) -> String {
    let name = schedule.fork.name();
    let (first, rest) = name.split_at(1.min(name.len()));
    format!("{}{rest}", first.to_uppercase())
}

/// The names of changes that are nothing where they go.
fn names<'a>(changes: impl IntoIterator<Item = &'a Change>) -> Vec<String> {
    changes
        .into_iter()
        .map(|change| change.param.to_string())
        .collect()
}

/// The instructions behind a price, as Go and Rust call them.
fn instructions(param: &GasParam) -> Vec<String> {
    let numbered = |name: &str, from: usize, to: usize| -> Vec<String> {
        (from..=to).map(|n| format!("{name}{n}")).collect()
    };
    match param.operation.as_str() {
        "PUSH" => numbered("PUSH", 1, 32),
        "DUP" => numbered("DUP", 1, 16),
        "SWAP" => numbered("SWAP", 1, 16),
        "LOG" => numbered("LOG", 0, 4),
        "PREVRANDAO" => vec!["DIFFICULTY".to_owned()],
        other => vec![other.to_owned()],
    }
}
