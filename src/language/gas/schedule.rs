//! A schedule: every operation's formula under one fork's rules.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::{
    CostFormula, Entry, Expr, Fork, FormulaError, Gas, GasParam, Linear, Meter, Part, Rate, Ratio,
    Usage, Variable, formula::price_of,
};

/// Values of references, while one formula is evaluated.
type Known = RefCell<BTreeMap<GasParam, Option<Ratio>>>;

/// A complete price list. Entries keep the order of the root schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// Its title.
    pub name: String,
    /// The fork whose rules apply.
    pub fork: Fork,
    /// What ends a block beside its gas, each once.
    pub meters: Vec<Meter>,
    entries: Vec<Entry>,
    index: BTreeMap<String, usize>,
}

impl Schedule {
    /// A schedule with nothing in it.
    pub fn new(name: impl Into<String>, fork: Fork) -> Self {
        Self {
            name: name.into(),
            fork,
            meters: Vec::new(),
            entries: Vec::new(),
            index: BTreeMap::new(),
        }
    }

    /// Adds an entry, or replaces the formula of the one with the same name.
    pub fn insert(&mut self, entry: Entry) {
        if let Some(&at) = self.index.get(&entry.name) {
            self.entries[at] = entry;
        } else {
            self.index.insert(entry.name.clone(), self.entries.len());
            self.entries.push(entry);
        }
    }

    /// Every operation, in order.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The operation called `name`.
    pub fn entry(&self, name: &str) -> Option<&Entry> {
        self.index.get(name).map(|&at| &self.entries[at])
    }

    /// The formula of `name` with every reference replaced by its value.
    ///
    /// # Errors
    /// An unknown name, a reference cycle, arithmetic that does not fit, a price below zero or above 2^40.
    pub fn formula(&self, name: &str) -> Result<CostFormula, FormulaError> {
        let entry = self
            .entry(name)
            .ok_or_else(|| FormulaError::UnknownParam(GasParam::whole(name)))?;
        self.formula_of(&entry.expr)
    }

    /// `expr` with every reference replaced by its value here.
    ///
    /// # Errors
    /// Those of [`Self::formula`].
    pub fn formula_of(&self, expr: &Expr) -> Result<CostFormula, FormulaError> {
        let known = Known::default();
        match Linear::of(expr, &|p| self.value(p, &known))? {
            Some(linear) => linear.prices(),
            None => Ok(CostFormula::Other(self.substituted(expr, &known)?)),
        }
    }

    /// The price of a parameter, in gas per unit; 1 for the factor of a formula that is not linear.
    ///
    /// # Errors
    /// Those of [`Self::formula`]; also a part that the formula does not have.
    pub fn price(&self, param: &GasParam) -> Result<Gas, FormulaError> {
        let missing = || FormulaError::UnknownParam(param.clone());
        match (self.formula(&param.operation)?, param.part) {
            (CostFormula::Other(_), Part::Whole) => Ok(1),
            (CostFormula::Linear { base, per }, Part::Whole) if per.is_empty() => Ok(base),
            (CostFormula::Linear { base, .. }, Part::Base) => Ok(base),
            (CostFormula::Linear { per, .. }, Part::Per(variable)) => {
                let rates = || per.iter().filter(|(v, _)| *v == variable);
                let own = |rate: &&(Variable, Rate)| rate.1.from.is_none();
                rates().next().ok_or_else(missing)?;
                // Beside a price of its own, what it takes from others is theirs.
                Ok(if rates().any(|rate| own(&rate)) {
                    rates().filter(own).map(|(_, rate)| rate.price).sum()
                } else {
                    rates().map(|(_, rate)| rate.price).sum()
                })
            }
            _ => Err(missing()),
        }
    }

    /// The parameters that `name`'s formula owns: what can be set, varied and kept. Coefficients that refer to
    /// another parameter belong to that one.
    ///
    /// # Errors
    /// Those of [`Self::formula`].
    pub fn params_of(&self, name: &str) -> Result<Vec<GasParam>, FormulaError> {
        Ok(match self.formula(name)? {
            CostFormula::Other(_) => vec![GasParam::whole(name)],
            CostFormula::Linear { per, .. } if per.is_empty() => vec![GasParam::whole(name)],
            CostFormula::Linear { base, per } => {
                let mut own = Vec::new();
                // A formula all of whose terms are other parameters' has no constant price to set.
                if base > 0 || per.iter().any(|(_, rate)| rate.from.is_none()) {
                    own.push(GasParam::new(name, Part::Base));
                }
                own.extend(
                    per.iter()
                        .filter(|(_, rate)| rate.from.is_none())
                        .map(|(v, _)| GasParam::new(name, Part::Per(*v))),
                );
                own
            }
        })
    }

    /// Every parameter, in order.
    ///
    /// # Errors
    /// Those of [`Self::formula`].
    pub fn params(&self) -> Result<Vec<GasParam>, FormulaError> {
        let mut all = Vec::new();
        for entry in &self.entries {
            all.extend(self.params_of(&entry.name)?);
        }
        Ok(all)
    }

    /// Usage by the parameter that owns each price: cold accesses by any opcode become units of `COLD_ACCOUNT_ACCESS`.
    ///
    /// # Errors
    /// Those of [`Self::formula`].
    pub fn attribute(&self, usage: &Usage) -> Result<BTreeMap<GasParam, i64>, FormulaError> {
        let mut units = BTreeMap::new();
        let mut add = |param: GasParam, count: i64| *units.entry(param).or_insert(0) += count;
        for (charged, &count) in &usage.counts {
            match (self.formula(&charged.operation)?, charged.part) {
                (CostFormula::Linear { per, .. }, Part::Per(variable)) => {
                    for (_, rate) in per.iter().filter(|(v, _)| *v == variable) {
                        add(rate.from.clone().unwrap_or_else(|| charged.clone()), count);
                    }
                }
                (CostFormula::Linear { per, .. }, _) => {
                    let part = if per.is_empty() {
                        Part::Whole
                    } else {
                        Part::Base
                    };
                    add(GasParam::new(&charged.operation, part), count);
                }
                (CostFormula::Other(_), _) => add(GasParam::whole(&charged.operation), count),
            }
        }
        Ok(units)
    }

    /// Gas of `usage` under these prices: the dot product plus what no single price explains.
    ///
    /// # Errors
    /// Those of [`Self::formula`].
    pub fn gas(&self, usage: &Usage) -> Result<i128, FormulaError> {
        let mut gas = i128::from(usage.rest.values().sum::<i64>());
        for (param, count) in self.attribute(usage)? {
            gas += i128::from(count) * i128::from(self.price(&param)?);
        }
        Ok(gas)
    }

    /// The value of a reference. `known` has the values found on the way, `None` while one is being found: without
    /// it, `A = B + B`, `B = C + C`, ... would take twice as long with every line.
    fn value(&self, param: &GasParam, known: &Known) -> Result<Ratio, FormulaError> {
        match known.borrow().get(param) {
            Some(Some(value)) => return Ok(*value),
            Some(None) => return Err(FormulaError::Cycle(param.clone())),
            None => {}
        }
        let entry = self
            .entry(&param.operation)
            .ok_or_else(|| FormulaError::UnknownParam(param.clone()))?;
        known.borrow_mut().insert(param.clone(), None);
        let inner = |p: &GasParam| self.value(p, known);
        let linear = Linear::of(&entry.expr, &inner)?
            .ok_or_else(|| FormulaError::NotConstant(param.clone()))?;
        let value = match param.part {
            Part::Whole if linear.per.is_empty() => linear.constant,
            Part::Whole => return Err(FormulaError::NotConstant(param.clone())),
            Part::Base => linear.constant,
            Part::Per(variable) => {
                let mut rates = linear.per.iter().filter(|(v, ..)| *v == variable);
                let (_, first, _) = rates
                    .next()
                    .ok_or_else(|| FormulaError::UnknownParam(param.clone()))?;
                rates
                    .try_fold(*first, |sum, (_, rate, _)| sum.checked_add(*rate))
                    .ok_or(FormulaError::Overflow)?
            }
        };
        // References see the rounded price, so that a formula and what it refers to never disagree.
        let value = Ratio::from(price_of(value)?);
        known.borrow_mut().insert(param.clone(), Some(value));
        Ok(value)
    }

    /// The linear form of `expr` here, if it has one; exact, and possibly negative.
    ///
    /// # Errors
    /// Those of [`Self::formula`].
    pub fn linear_of(&self, expr: &Expr) -> Result<Option<Linear>, FormulaError> {
        let known = Known::default();
        Linear::of(expr, &|p| self.value(p, &known))
    }

    fn substituted(&self, expr: &Expr, known: &Known) -> Result<Expr, FormulaError> {
        use std::boxed::Box;
        let of = |e: &Expr| self.substituted(e, known);
        let pair = |a: &Expr, b: &Expr| Ok::<_, FormulaError>((Box::new(of(a)?), Box::new(of(b)?)));
        let all = |list: &[Expr]| list.iter().map(of).collect::<Result<Vec<_>, _>>();
        Ok(match expr {
            Expr::Number(_) | Expr::Variable(_) => expr.clone(),
            Expr::Param(param) => Expr::Number(self.value(param, known)?),
            Expr::Neg(a) => Expr::Neg(Box::new(of(a)?)),
            Expr::Ceil(a) => Expr::Ceil(Box::new(of(a)?)),
            Expr::Floor(a) => Expr::Floor(Box::new(of(a)?)),
            Expr::Add(a, b) => pair(a, b).map(|(a, b)| Expr::Add(a, b))?,
            Expr::Sub(a, b) => pair(a, b).map(|(a, b)| Expr::Sub(a, b))?,
            Expr::Mul(a, b) => pair(a, b).map(|(a, b)| Expr::Mul(a, b))?,
            Expr::Div(a, b) => pair(a, b).map(|(a, b)| Expr::Div(a, b))?,
            Expr::Pow(a, b) => pair(a, b).map(|(a, b)| Expr::Pow(a, b))?,
            Expr::Min(list) => Expr::Min(all(list)?),
            Expr::Max(list) => Expr::Max(all(list)?),
        }
        .simplified())
    }
}
