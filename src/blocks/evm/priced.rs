//! Reading a schedule's prices for the engine: what has to be there, and what no engine could charge.

use std::fmt;

use reprice_engine::Formula;

use super::{
    opcodes::{opcodes, since},
    precompile_formulas,
};
use crate::gas::{
    CostFormula, Expr, FormulaError, Gas, GasParam, Kind, Schedule, Variable, catalogue,
};

/// Why a schedule cannot be charged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TariffError {
    /// The schedule lacks an operation of its fork.
    Missing(String),
    /// The schedule has an operation that the fork does not, and that no other price refers to.
    Unknown(String),
    /// A formula has no value.
    Formula(String, FormulaError),
    /// A formula mentions a quantity that the operation is not measured by.
    NotMeasured(String, Variable),
    /// A divisor is 0.
    ZeroDivisor(String),
    /// A number that the fork's rules have compiled in: it cannot be anything else.
    Fixed(String, Gas),
    /// `BLOB_TARGET` is above `BLOB_MAX`.
    BlobTargetAboveMax,
    /// A price above another that revm charges with it.
    Above(&'static str, &'static str),
}

impl fmt::Display for TariffError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(name) => write!(f, "`{name}` has no price"),
            Self::Unknown(name) => write!(
                f,
                "`{name}` is not known to the engine, and nothing refers to it"
            ),
            Self::Formula(name, error) => write!(f, "`{name}`: {error}"),
            Self::NotMeasured(name, variable) => {
                write!(
                    f,
                    "`{name}` cannot depend on `{variable}`: it is not measured there"
                )
            }
            Self::ZeroDivisor(name) => write!(f, "`{name}` divides, so it cannot be 0"),
            Self::Fixed(name, value) => write!(
                f,
                "`{name}` is part of the blob format: it cannot differ from {value}"
            ),
            Self::BlobTargetAboveMax => f.write_str("`BLOB_TARGET` is above `BLOB_MAX`"),
            Self::Above(name, other) => write!(
                f,
                "`{name}` is above {other}, which is charged as that and a surcharge"
            ),
        }
    }
}

impl std::error::Error for TariffError {}

/// Reads the constant parameters of a schedule and remembers which were read.
pub(super) struct Params<'a> {
    pub(super) schedule: &'a Schedule,
    read: Vec<&'static str>,
}

impl<'a> Params<'a> {
    pub(super) const fn new(schedule: &'a Schedule) -> Self {
        Self {
            schedule,
            read: Vec::new(),
        }
    }

    /// The constant price of `name`.
    pub(super) fn number(&mut self, name: &'static str) -> Result<Gas, TariffError> {
        self.read.push(name);
        let formula = formula(self.schedule, name)?;
        match formula {
            Formula::Linear { base, per } if per.is_empty() => Ok(base),
            _ => {
                let error = FormulaError::NotConstant(GasParam::whole(name));
                Err(TariffError::Formula(name.into(), error))
            }
        }
    }

    /// The constant price of `name`, which the schedule need not have.
    pub(super) fn optional(&mut self, name: &'static str) -> Result<Option<Gas>, TariffError> {
        self.read.push(name);
        match self.schedule.entry(name) {
            Some(_) => self.number(name).map(Some),
            None => Ok(None),
        }
    }

    /// A number that divides.
    pub(super) fn divisor(&mut self, name: &'static str) -> Result<Gas, TariffError> {
        match self.number(name)? {
            0 => Err(TariffError::ZeroDivisor(name.into())),
            divisor => Ok(divisor),
        }
    }

    /// Refuses a parameter that nothing charges.
    pub(super) fn refuse_unknown(&self) -> Result<(), TariffError> {
        let entries = self.schedule.entries();
        let fork = self.schedule.fork;
        for entry in entries {
            let name = entry.name.as_str();
            let known = match entry.kind {
                Kind::Opcode => opcodes(name).any(|opcode| since(opcode) <= fork),
                Kind::Precompile => {
                    precompile_formulas::of(fork).any(|(_, known, _)| known == name)
                }
                Kind::Param => {
                    catalogue::is_reference(name)
                        || self.read.contains(&name)
                        || entries.iter().any(|other| refers(&other.expr, name))
                }
            };
            if !known {
                return Err(TariffError::Unknown(name.into()));
            }
        }
        Ok(())
    }
}

fn refers(expr: &Expr, name: &str) -> bool {
    matches!(expr, Expr::Param(param) if param.operation == name)
        || expr.children().into_iter().any(|child| refers(child, name))
}

fn formula(schedule: &Schedule, name: &str) -> Result<Formula, TariffError> {
    if schedule.entry(name).is_none() {
        return Err(TariffError::Missing(name.into()));
    }
    formula_of(schedule, name).map_err(|error| TariffError::Formula(name.into(), error))
}

/// A formula that mentions nothing but `variables`.
pub(super) fn measured(
    schedule: &Schedule,
    name: &str,
    variables: &[Variable],
) -> Result<Formula, TariffError> {
    let formula = formula(schedule, name)?;
    match formula.variables().iter().find(|v| !variables.contains(v)) {
        Some(variable) => Err(TariffError::NotMeasured(name.into(), *variable)),
        None => Ok(formula),
    }
}

/// The formula of `name` in `schedule`.
///
/// # Errors
/// Those of [`Schedule::formula`], and a division that fails whatever the operation is used on.
fn formula_of(schedule: &Schedule, name: &str) -> Result<Formula, FormulaError> {
    Ok(match schedule.formula(name)? {
        CostFormula::Linear { base, per } => {
            let mut merged: Vec<(Variable, Gas)> = Vec::new();
            for (variable, rate) in per {
                match merged.iter_mut().find(|(v, _)| *v == variable) {
                    Some((_, price)) => *price = price.saturating_add(rate.price),
                    None => merged.push((variable, rate.price)),
                }
            }
            merged.retain(|(_, price)| *price > 0);
            merged.sort_unstable();
            Formula::Linear { base, per: merged }
        }
        CostFormula::Other(expr) => {
            let nameless = |param: &_| Err(FormulaError::UnknownParam(Clone::clone(param)));
            let probe = expr.evaluate(&|_| 1, &nameless);
            if let Err(error @ FormulaError::DivisionByZero) = probe {
                return Err(error);
            }
            Formula::Other(expr)
        }
    })
}
