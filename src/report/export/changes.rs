//! What a schedule charges otherwise than another, price by price.

use crate::{
    gas::{
        CostFormula, FormulaError, Gas, GasParam, Part, Rate, Schedule, Variable,
        catalogue::{self, Role},
        grouped,
    },
    lang,
};

/// One price that is not that of the fork.
pub(in crate::report) struct Change {
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
pub(in crate::report) enum Value {
    /// One number.
    Gas(u64),
    /// A formula that is not linear.
    Formula(String),
}

impl Value {
    pub(super) fn text(&self) -> String {
        match self {
            Self::Gas(gas) => grouped(i128::from(*gas)),
            Self::Formula(formula) => formula.clone(),
        }
    }

    pub(super) const fn gas(&self) -> Option<u64> {
        match self {
            Self::Gas(gas) => Some(*gas),
            Self::Formula(_) => None,
        }
    }
}

/// Every price of `schedule` that is not `stock`'s, in the order of the schedule. A price that stays where what it
/// follows in `stock` changes is one of them: whoever takes over the others would change it.
pub(in crate::report) fn changes(
    schedule: &Schedule,
    stock: &Schedule,
) -> Result<Vec<Change>, FormulaError> {
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
pub(super) fn implied(schedule: &Schedule, param: &GasParam) -> Result<Option<Gas>, FormulaError> {
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
pub(super) fn value(schedule: &Schedule, param: &GasParam) -> Result<Value, FormulaError> {
    let CostFormula::Other(expr) = schedule.formula(&param.operation)? else {
        return schedule.price(param).map(Value::Gas);
    };
    let named = lang::spec_name(schedule, param).is_some();
    let number = lang::multiplier(schedule, &param.operation).filter(|_| named);
    Ok(number.map_or_else(|| Value::Formula(expr.to_string()), Value::Gas))
}

/// The names of changes that are nothing where they go.
pub(super) fn names<'a>(changes: impl IntoIterator<Item = &'a Change>) -> Vec<String> {
    changes
        .into_iter()
        .map(|change| change.param.to_string())
        .collect()
}
