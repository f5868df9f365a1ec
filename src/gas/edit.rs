//! Changing one price of a formula and leaving the rest of it alone.

use super::{Entry, Expr, FormulaError, Gas, GasParam, Part, Ratio, Schedule, Source};

/// The summands of `expr`: `a + b - c` is `a`, `b`, `-c`.
fn terms(expr: &Expr) -> Vec<Expr> {
    match expr {
        Expr::Add(a, b) => [terms(a), terms(b)].concat(),
        Expr::Sub(a, b) => {
            let negated = |term| Expr::Neg(Box::new(term)).simplified();
            let taken_off = terms(b).into_iter().map(negated);
            terms(a).into_iter().chain(taken_off).collect()
        }
        other => vec![other.clone()],
    }
}

impl Schedule {
    /// `expr` with the price of one part replaced by `price`. Every other part goes on following what it refers to.
    ///
    /// # Errors
    /// Those of [`Self::formula`]; also a part that the formula does not have.
    pub fn with_part(
        &self,
        expr: &Expr,
        param: &GasParam,
        price: Expr,
    ) -> Result<Expr, FormulaError> {
        let missing = || FormulaError::UnknownParam(param.clone());
        if param.part == Part::Whole {
            return Ok(price);
        }
        let linear = self.linear_of(expr)?.ok_or_else(missing)?;
        let mut terms = terms(expr);
        // `3 * (10 + words)` is two prices in one term: written out, each is one of its own.
        let mixed = |t: &Expr| {
            t.variables().len() > 1
                || !t.variables().is_empty()
                    && !matches!(self.linear_of(t), Ok(Some(l)) if l.constant == Ratio::ZERO)
        };
        if terms.iter().any(mixed) {
            terms = vec![Expr::Number(linear.constant)];
            terms.extend(linear.per.iter().map(|(variable, rate, from)| match from {
                Some(owner) => Expr::Param(owner.clone()).per(*variable),
                None => Expr::Number(*rate).per(*variable),
            }));
        }
        let wanted = match param.part {
            Part::Per(variable) => Some(variable),
            Part::Whole | Part::Base => None,
        };
        let here = |t: &Expr| t.variables().first().copied() == wanted;
        let first = terms.iter().position(here);
        if wanted.is_some() && first.is_none() {
            return Err(missing());
        }
        let new = match wanted {
            Some(variable) => price.per(variable),
            None => price,
        };
        let before = first.unwrap_or(0);
        let mut kept: Vec<Expr> = terms
            .iter()
            .take(before)
            .filter(|t| !here(t))
            .cloned()
            .collect();
        kept.push(new);
        kept.extend(terms.iter().skip(before).filter(|t| !here(t)).cloned());
        Ok(Expr::sum(kept))
    }

    /// Sets one price.
    ///
    /// # Errors
    /// Those of [`Self::with_part`].
    pub fn set(&mut self, param: &GasParam, price: Gas) -> Result<(), FormulaError> {
        let entry = self.solved(param)?;
        let expr = self.with_part(&entry.expr, param, Expr::number(price))?;
        self.insert(Entry { expr, ..entry });
        Ok(())
    }

    /// Multiplies the whole formula of an operation by `hundredths / 100`, rounded up: the one price of a formula
    /// that is not linear.
    ///
    /// # Errors
    /// An unknown name.
    pub fn scale(&mut self, operation: &str, hundredths: u64) -> Result<(), FormulaError> {
        let entry = self.solved(&GasParam::whole(operation))?;
        let product = Expr::Mul(Box::new(Expr::number(hundredths)), Box::new(entry.expr));
        let quotient = Expr::Div(Box::new(product), Box::new(Expr::number(100)));
        let expr = Expr::Ceil(Box::new(quotient));
        self.insert(Entry { expr, ..entry });
        Ok(())
    }

    /// The entry of `param`, as something that nobody wrote.
    fn solved(&self, param: &GasParam) -> Result<Entry, FormulaError> {
        let entry = self
            .entry(&param.operation)
            .ok_or_else(|| FormulaError::UnknownParam(param.clone()))?;
        Ok(Entry {
            reason: None,
            source: Source::default(),
            ..entry.clone()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gas::{Fork, Kind, Variable};

    fn param(text: &str) -> GasParam {
        text.parse().expect("a parameter's name")
    }

    fn schedule() -> Schedule {
        let mut schedule = Schedule::new("test", Fork::Osaka);
        let words = || Expr::Variable(Variable::Words);
        let copy = Expr::Param(param("COPY")).per(Variable::Words);
        let high = Expr::Param(param("HIGH"));
        let both = Expr::sum([Expr::number(10), words()]);
        for (name, expr) in [
            ("HIGH", Expr::number(10)),
            ("COPY", Expr::number(3)),
            (
                "EXP",
                Expr::sum([high.clone(), Expr::number(50).per(Variable::Bytes)]),
            ),
            ("MCOPY", Expr::sum([high, copy])),
            (
                "MIXED",
                Expr::Mul(Box::new(Expr::number(3)), Box::new(both)),
            ),
        ] {
            schedule.insert(Entry {
                name: name.into(),
                kind: Kind::Opcode,
                expr,
                reason: None,
                source: Source::default(),
            });
        }
        schedule
    }

    #[test]
    fn a_part_changes_and_the_rest_goes_on_following() {
        let mut schedule = schedule();
        for (name, price, then) in [
            ("EXP.per_byte", 60, "HIGH + 60 * bytes"),
            ("EXP.base", 12, "12 + 60 * bytes"),
            ("MCOPY.base", 4, "4 + COPY * words"),
            ("MIXED.per_word", 4, "30 + 4 * words"),
            ("HIGH", 11, "11"),
        ] {
            schedule.set(&param(name), price).expect("the part exists");
            let entry = schedule.entry(&param(name).operation).expect("it exists");
            assert_eq!(entry.expr.to_string(), then);
            assert_eq!(schedule.price(&param(name)), Ok(price));
        }
        assert!(schedule.set(&param("EXP.per_word"), 1).is_err());
    }

    #[test]
    fn doubling_references_take_no_time() {
        let mut schedule = Schedule::new("test", Fork::Osaka);
        let name = |i: u32| format!("P{i}");
        for i in 0..40 {
            let next = || Expr::Param(GasParam::whole(name(i + 1)));
            let expr = if i == 39 {
                Expr::number(0)
            } else {
                Expr::sum([next(), next()])
            };
            schedule.insert(Entry {
                name: name(i),
                kind: Kind::Param,
                expr,
                reason: None,
                source: Source::default(),
            });
        }
        assert_eq!(schedule.price(&param("P0")), Ok(0));
    }
}
