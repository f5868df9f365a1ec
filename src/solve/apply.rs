//! Prices written into a schedule.

use crate::gas::{Entry, Expr, FormulaError, GasParam, Part, Ratio, Schedule, Source, Variable};

use super::{Price, Prices};

/// `schedule` under `prices`.
///
/// Formulas keep their shape: `COLD_ACCOUNT_ACCESS` changes where it is defined and so in every formula that refers to
/// it, a coefficient is replaced where it stands, and the factor of a formula that is not linear wraps it in
/// `ceil(hundredths * formula / 100)`. What already has its price is left as written, unless another change moves it:
/// then it is stated, so that every parameter of `prices` ends up with its price.
///
/// # Errors
/// A parameter that the schedule does not own, or a formula without a value.
pub fn apply(schedule: &Schedule, prices: &Prices) -> Result<Schedule, FormulaError> {
    let mut changed = schedule.clone();
    for (param, price) in prices {
        if let Price::Factor(hundredths) = price
            && *price != Price::UNCHANGED
        {
            let entry = owner(schedule, param)?;
            let scaled = Expr::Mul(
                Box::new(Expr::number(*hundredths)),
                Box::new(entry.expr.clone()),
            );
            let expr = Expr::Ceil(Box::new(Expr::Div(
                Box::new(scaled),
                Box::new(Expr::number(100)),
            )));
            changed.insert(restated(entry, expr));
        }
    }
    // A price set can move others that follow it; stating those settles them. A second pass is enough for
    // one level of following, and each pass settles at least one more.
    for _ in 0..=prices.len() {
        let mut settled = true;
        for (param, price) in prices {
            if let Price::Gas(gas) = price
                && changed.price(param)? != *gas
            {
                settled = false;
                let entry = owner(&changed, param)?;
                let expr = with_price(&changed, &entry.expr, param, *gas)?;
                let entry = restated(entry, expr);
                changed.insert(entry);
            }
        }
        if settled {
            break;
        }
    }
    Ok(changed)
}

fn owner<'a>(schedule: &'a Schedule, param: &GasParam) -> Result<&'a Entry, FormulaError> {
    schedule
        .entry(&param.operation)
        .ok_or_else(|| FormulaError::UnknownParam(param.clone()))
}

fn restated(entry: &Entry, expr: Expr) -> Entry {
    Entry {
        expr,
        reason: None,
        source: Source::default(),
        ..entry.clone()
    }
}

/// `expr` with one of its own numbers replaced.
fn with_price(
    schedule: &Schedule,
    expr: &Expr,
    param: &GasParam,
    gas: u64,
) -> Result<Expr, FormulaError> {
    let number = Expr::number(gas);
    let variable = match param.part {
        Part::Whole => return Ok(number),
        Part::Base => None,
        Part::Per(variable) => Some(variable),
    };
    let mut terms = Terms::of(schedule, expr)?;
    let new = match variable {
        None => number,
        Some(v) => Expr::Mul(Box::new(number), Box::new(Expr::Variable(v))),
    };
    let mine = |term: &Term| term.variable == variable && !term.refers;
    match terms.0.iter_mut().find(|term| mine(term)) {
        Some(term) => {
            term.negative = false;
            term.expr = new.clone();
        }
        None if variable.is_none() => terms.0.insert(0, Term::plain(None, new.clone())),
        None => return Err(FormulaError::UnknownParam(param.clone())),
    }
    let mut first = true;
    terms
        .0
        .retain(|term| !mine(term) || std::mem::take(&mut first));
    Ok(terms.sum())
}

/// One summand of a linear formula.
struct Term {
    negative: bool,
    expr: Expr,
    /// `None`: part of the base.
    variable: Option<Variable>,
    /// Whether its number belongs to another parameter.
    refers: bool,
}

impl Term {
    const fn plain(variable: Option<Variable>, expr: Expr) -> Self {
        Self {
            negative: false,
            expr,
            variable,
            refers: false,
        }
    }
}

struct Terms(Vec<Term>);

impl Terms {
    /// The summands as written where each belongs to one part; otherwise multiplied out.
    fn of(schedule: &Schedule, expr: &Expr) -> Result<Self, FormulaError> {
        let value = |p: &GasParam| schedule.price(p).map(Ratio::from);
        let mut terms = Vec::new();
        let mut open = vec![(false, expr)];
        let mut as_written = true;
        while let Some((negative, expr)) = open.pop() {
            match expr {
                Expr::Add(a, b) => open.extend([(negative, &**b), (negative, &**a)]),
                Expr::Sub(a, b) => open.extend([(!negative, &**b), (negative, &**a)]),
                _ => {
                    let linear = crate::gas::Linear::of(expr, &value)?;
                    let (variable, refers) = match linear.as_ref().map(|l| (l.constant, &l.per[..]))
                    {
                        Some((_, [])) => (None, false),
                        Some((Ratio::ZERO, [(v, _, from)])) => (Some(*v), from.is_some()),
                        _ => {
                            as_written = false;
                            break;
                        }
                    };
                    terms.push(Term {
                        negative,
                        expr: expr.clone(),
                        variable,
                        refers,
                    });
                }
            }
        }
        if as_written {
            return Ok(Self(terms));
        }
        Self::multiplied_out(expr, &value)
    }

    fn multiplied_out(
        expr: &Expr,
        value: &dyn Fn(&GasParam) -> Result<Ratio, FormulaError>,
    ) -> Result<Self, FormulaError> {
        let linear = crate::gas::Linear::of(expr, value)?.ok_or(FormulaError::Overflow)?;
        let mut terms = vec![Term::plain(None, Expr::Number(linear.constant))];
        for (variable, coefficient, from) in linear.per {
            let refers = from.is_some();
            let number = from.map_or(Expr::Number(coefficient), Expr::Param);
            let expr = Expr::Mul(Box::new(number), Box::new(Expr::Variable(variable)));
            terms.push(Term {
                refers,
                ..Term::plain(Some(variable), expr)
            });
        }
        Ok(Self(terms))
    }

    fn sum(self) -> Expr {
        let mut sum: Option<Expr> = None;
        for term in self.0 {
            sum = Some(match (sum, term.negative) {
                (None, false) => term.expr,
                (None, true) => Expr::Neg(Box::new(term.expr)),
                (Some(sum), false) => Expr::Add(Box::new(sum), Box::new(term.expr)),
                (Some(sum), true) => Expr::Sub(Box::new(sum), Box::new(term.expr)),
            });
        }
        sum.unwrap_or_else(|| Expr::number(0))
    }
}
