//! A schedule in the forms that client teams, specifications and proposals take: one file a form.
//!
//! Invariant: only what differs from the built-in schedule of the fork is exported (JSON has everything), each price
//! under the name it has there. What a form has no name for is said, never dropped. Names are the catalogue's; revm's tables
//! are those of the engine's own tariff.

mod eels;
mod eip;
mod geth;
mod json;
mod revm;
mod rust;
#[cfg(test)]
mod tests;

use std::fmt;

use crate::{
    evm::TariffError,
    gas::{
        CostFormula, FormulaError, Gas, GasParam, Part, Rate, Schedule, Variable,
        catalogue::{self, Role},
        grouped,
    },
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

impl Form {
    /// What is wrong with what an export leaves out.
    pub const fn lacks(self) -> &'static str {
        match self {
            Self::Revm => "cannot be held by revm's tables",
            _ => "has no name in this form",
        }
    }
}

/// An export, and what could not be said in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    /// The text.
    pub text: String,
    /// What differs and has no name in this form, such as `MEMORY_QUADRATIC_DIVISOR`; for revm, what its tables cannot hold.
    pub nameless: Vec<String>,
}

pub(super) use eip::table;

/// One price that is not that of the fork.
pub(super) struct Change {
    /// Its name in schedules.
    pub param: GasParam,
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

/// Why a schedule cannot be exported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExportError {
    /// A formula has no value, which loading a schedule excludes.
    Formula(FormulaError),
    /// revm's tables are those of the engine, and the engine cannot charge the schedule.
    Tariff(TariffError),
}

impl fmt::Display for ExportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Formula(error) => error.fmt(f),
            Self::Tariff(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ExportError {}

impl From<FormulaError> for ExportError {
    fn from(error: FormulaError) -> Self {
        Self::Formula(error)
    }
}

impl From<TariffError> for ExportError {
    fn from(error: TariffError) -> Self {
        Self::Tariff(error)
    }
}

/// `schedule` in `form`.
///
/// # Errors
/// A formula without a value; for revm, a schedule that the engine cannot charge.
pub fn export(schedule: &Schedule, form: Form) -> Result<Exported, ExportError> {
    let stock = lang::fork_schedule(schedule.fork);
    let changes = changes(schedule, stock)?;
    let mut exported = match form {
        Form::Eels => eels::text(schedule, &changes)?,
        Form::Revm => revm::text(schedule, &changes)?,
        Form::Rust => rust::text(schedule, &changes),
        Form::Geth => geth::text(schedule, stock, &changes)?,
        Form::Eip => eip::text(&changes),
        Form::Json => return Ok(json::text(schedule)?),
    };
    let meters = schedule.meters.iter();
    exported
        .nameless
        .extend(meters.map(|meter| format!("meter {}", meter.name)));
    Ok(exported)
}

/// Every price of `schedule` that is not `stock`'s, in the order of the schedule. A price that stays where what it
/// follows in `stock` changes is one of them: whoever takes over the others would change it.
pub(super) fn changes(schedule: &Schedule, stock: &Schedule) -> Result<Vec<Change>, FormulaError> {
    let mut named = schedule.clone();
    for entry in stock.entries() {
        let row = catalogue::price(&entry.name);
        if row.is_some_and(|row| row.role == Role::Name) {
            named.insert(entry.clone());
        }
    }
    let mut all = Vec::new();
    for entry in schedule.entries() {
        let before = stock.entry(&entry.name);
        let old = before.and_then(|_| stock.formula(&entry.name).ok());
        let reason = before.and_then(|before| before.reason.as_ref());
        let reason = entry.reason.clone().filter(|own| reason != Some(own));
        let differing = match (old, schedule.formula(&entry.name)?) {
            (
                Some(CostFormula::Linear { base, per }),
                CostFormula::Linear {
                    base: now,
                    per: rates,
                },
            ) => {
                let implied = before.and_then(|before| named.formula_of(&before.expr).ok());
                parts(
                    &entry.name,
                    &Terms::new(base, &per),
                    &Terms::new(now, &rates),
                    implied,
                )
            }
            _ => others(schedule, stock, &entry.name)?,
        };
        all.extend(differing.into_iter().map(|(param, old, new)| Change {
            spec: lang::spec_name(schedule, &param),
            old,
            new,
            reason: reason.clone(),
            param,
        }));
    }
    Ok(all)
}

/// A parameter, what it cost, and what it costs.
type Differing = (GasParam, Option<Value>, Value);

/// The terms of a linear formula.
struct Terms {
    base: Gas,
    per: Vec<(Variable, Term)>,
}

/// What a formula has per unit of a variable.
#[derive(Clone, Default)]
struct Term {
    /// In all.
    total: Gas,
    /// What of it is the operation's own.
    own: Gas,
    /// The parameters that the rest is from.
    from: Vec<GasParam>,
}

impl Terms {
    fn new(base: Gas, rates: &[(Variable, Rate)]) -> Self {
        let mut per: Vec<(Variable, Term)> = Vec::new();
        for (variable, rate) in rates {
            let at = per.iter().position(|(v, _)| v == variable);
            let at = at.unwrap_or_else(|| {
                per.push((*variable, Term::default()));
                per.len() - 1
            });
            let term = &mut per[at].1;
            term.total += rate.price;
            match &rate.from {
                Some(owner) => term.from.push(owner.clone()),
                None => term.own += rate.price,
            }
            term.from.sort();
        }
        Self { base, per }
    }

    fn of(&self, variable: Variable) -> Term {
        let mut terms = self.per.iter();
        let term = terms.find(|(v, _)| *v == variable);
        term.map_or_else(Term::default, |(_, term)| term.clone())
    }
}

/// The parts of an operation that differ. `implied`: the fork's own formula at the prices of the schedule.
fn parts(name: &str, old: &Terms, new: &Terms, implied: Option<CostFormula>) -> Vec<Differing> {
    let implied = match implied {
        Some(CostFormula::Linear { base, per }) => Some(Terms::new(base, &per)),
        _ => None,
    };
    let mut all = Vec::new();
    let follows = implied.as_ref().map(|implied| implied.base);
    if new.base != old.base || follows.is_some_and(|base| base != new.base) {
        let part = if old.per.is_empty() && new.per.is_empty() {
            Part::Whole
        } else {
            Part::Base
        };
        let param = GasParam::new(name, part);
        all.push((param, Some(Value::Gas(old.base)), Value::Gas(new.base)));
    }
    let dropped = old.per.iter().filter(|(variable, _)| {
        let mut kept = new.per.iter();
        kept.all(|(v, _)| v != variable)
    });
    for (variable, _) in new.per.iter().chain(dropped) {
        let (before, now) = (old.of(*variable), new.of(*variable));
        let follows = implied.as_ref().map(|implied| implied.of(*variable).total);
        let (before, now) = if before.from == now.from {
            if before.own == now.own {
                continue;
            }
            (before.own, now.own)
        } else if follows == Some(now.total) {
            continue;
        } else {
            (before.total, now.total)
        };
        let param = GasParam::new(name, Part::Per(*variable));
        all.push((param, Some(Value::Gas(before)), Value::Gas(now)));
    }
    all
}

/// The same of operations that the fork does not have, or whose formula is not linear.
fn others(
    schedule: &Schedule,
    stock: &Schedule,
    name: &str,
) -> Result<Vec<Differing>, FormulaError> {
    let mut all = Vec::new();
    let curve = matches!(stock.formula(name), Ok(CostFormula::Other(_)));
    for param in schedule.params_of(name)? {
        let new = match schedule.formula(name)? {
            // The number that a curve starts with is not what a constant price would be.
            formula @ CostFormula::Linear { .. } if curve => Value::Formula(formula.to_string()),
            _ => value(schedule, &param)?,
        };
        let old = match stock.entry(name) {
            Some(_) => value(stock, &param).ok(),
            None => None,
        };
        if old.as_ref() != Some(&new) {
            all.push((param, old, new));
        }
    }
    Ok(all)
}

/// What the fork's own formula of a parameter comes to at the prices of `schedule`.
fn implied(schedule: &Schedule, param: &GasParam) -> Result<Option<Gas>, FormulaError> {
    let stock = lang::fork_schedule(schedule.fork);
    let Some(entry) = stock.entry(&param.operation) else {
        return Ok(None);
    };
    let CostFormula::Linear { base, per } = schedule.formula_of(&entry.expr)? else {
        return Ok(None);
    };
    Ok(Some(match param.part {
        Part::Whole | Part::Base => base,
        Part::Per(variable) => Terms::new(base, &per).of(variable).total,
    }))
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
