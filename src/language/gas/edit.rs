//! Changing one price of a formula and leaving the rest of it alone.

use super::{Entry, Expr, FormulaError, Gas, GasParam, Part, Ratio, Schedule, Source, Variable};

/// One summand of a linear formula; it belongs to one part of it.
#[derive(Clone)]
struct Summand {
    /// Whether it is subtracted.
    negative: bool,
    expr: Expr,
    /// `None`: it belongs to the base.
    variable: Option<Variable>,
    /// Whether its number is another parameter's, as in `COPY_PER_WORD * words`.
    refers: bool,
}

impl Summand {
    const fn plain(variable: Option<Variable>, expr: Expr) -> Self {
        Self {
            negative: false,
            expr,
            variable,
            refers: false,
        }
    }
}

/// The sum of `summands`, with what is subtracted still subtracted.
fn total(summands: Vec<Summand>) -> Expr {
    let sum = summands.into_iter().fold(None, |sum, summand| {
        let term = Box::new(summand.expr);
        Some(match (sum, summand.negative) {
            (None, false) => *term,
            (None, true) => Expr::Neg(term).simplified(),
            (Some(sum), false) => Expr::Add(Box::new(sum), term),
            (Some(sum), true) => Expr::Sub(Box::new(sum), term),
        })
    });
    sum.unwrap_or(Expr::Number(Ratio::ZERO))
}

impl Schedule {
    /// `expr` with the price of one part replaced by `price`. Every other part goes on following what it refers to, and so
    /// does what the part takes from others beside a price of its own, as [`Self::price`] reads it.
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
        let wanted = match param.part {
            Part::Whole => return Ok(price),
            Part::Base => None,
            Part::Per(variable) => Some(variable),
        };
        let mut summands = match self.as_written(expr)? {
            Some(summands) => summands,
            None => self.multiplied_out(expr)?.ok_or_else(missing)?,
        };
        let new = match wanted {
            Some(variable) => Summand::plain(wanted, price.per(variable)),
            None => Summand::plain(None, price),
        };
        let here = |one: &Summand| one.variable == wanted;
        let own = |one: &Summand| here(one) && !one.refers;
        let replaced: &dyn Fn(&Summand) -> bool = if summands.iter().any(own) {
            &own
        } else {
            &here
        };
        match summands.iter().position(replaced) {
            Some(first) => {
                let mut at = 0..;
                // The first is replaced below.
                summands.retain(|one| at.next() == Some(first) || !replaced(one));
                summands[first] = new;
            }
            None if wanted.is_none() => summands.insert(0, new),
            None => return Err(missing()),
        }
        Ok(total(summands))
    }

    /// The summands as they are written; `None` where one belongs to several parts, as `3 * (10 + words)` does.
    fn as_written(&self, expr: &Expr) -> Result<Option<Vec<Summand>>, FormulaError> {
        let mut summands = Vec::new();
        let mut open = vec![(false, expr)];
        while let Some((negative, expr)) = open.pop() {
            match expr {
                Expr::Add(a, b) => open.extend([(negative, &**b), (negative, &**a)]),
                Expr::Sub(a, b) => open.extend([(!negative, &**b), (negative, &**a)]),
                _ => {
                    let linear = self.linear_of(expr)?;
                    let (variable, refers) = match linear.as_ref().map(|l| (l.constant, &l.per[..]))
                    {
                        Some((_, [])) => (None, false),
                        Some((Ratio::ZERO, [(variable, _, from)])) => {
                            (Some(*variable), from.is_some())
                        }
                        _ => return Ok(None),
                    };
                    summands.push(Summand {
                        negative,
                        expr: expr.clone(),
                        variable,
                        refers,
                    });
                }
            }
        }
        Ok(Some(summands))
    }

    /// The summands of `expr` with its products multiplied out; `None` where it is not linear.
    fn multiplied_out(&self, expr: &Expr) -> Result<Option<Vec<Summand>>, FormulaError> {
        let Some(linear) = self.linear_of(expr)? else {
            return Ok(None);
        };
        let constant = Summand::plain(None, Expr::Number(linear.constant));
        let rates = linear.per.into_iter().map(|(variable, rate, from)| {
            let refers = from.is_some();
            let number = from.map_or(Expr::Number(rate), Expr::Param);
            Summand {
                refers,
                ..Summand::plain(Some(variable), number.per(variable))
            }
        });
        Ok(Some(std::iter::once(constant).chain(rates).collect()))
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
    use crate::gas::{Fork, Kind};

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
                "LESS",
                Expr::Sub(
                    Box::new(Expr::sum([
                        Expr::number(10),
                        Expr::number(4).per(Variable::Words),
                    ])),
                    Box::new(Expr::Param(param("COPY"))),
                ),
            ),
            (
                "TWICE",
                Expr::sum([Expr::number(4).per(Variable::Words), copy.clone()]),
            ),
            (
                "OTHERS",
                Expr::sum([
                    Expr::number(1),
                    copy.clone(),
                    high.clone().per(Variable::Words),
                ]),
            ),
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
            ("LESS.per_word", 9, "10 + 9 * words - COPY"),
            ("LESS.base", 5, "5 + 9 * words"),
            ("TWICE.per_word", 9, "9 * words + COPY * words"),
            ("OTHERS.per_word", 7, "1 + 7 * words"),
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
