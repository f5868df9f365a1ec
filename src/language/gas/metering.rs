//! What a block counts on a schedule's meters.

use super::{
    CostFormula, Expr, FormulaError, Gas, GasParam, Linear, Part, Ratio, Schedule, Usage, Variable,
    meter::{CURRENT, Meter, MeterFill, Metered},
};

/// What one unit counts: so many times its own price, and a number for each part beside that.
#[derive(Clone, Debug)]
pub struct Weight {
    /// Of the schedule's own price.
    pub times: Ratio,
    /// For each execution.
    pub constant: Ratio,
    /// For each unit of a variable.
    pub per: Vec<(Variable, Ratio)>,
}

/// `expr` with `to` for every [`current`].
fn with_current(expr: &Expr, to: &Expr) -> Expr {
    let of = |e: &Expr| Box::new(with_current(e, to));
    let all = |list: &[Expr]| list.iter().map(|e| with_current(e, to)).collect();
    match expr {
        Expr::Param(param) if param.operation == CURRENT => to.clone(),
        Expr::Number(_) | Expr::Variable(_) | Expr::Param(_) => expr.clone(),
        Expr::Neg(a) => Expr::Neg(of(a)),
        Expr::Ceil(a) => Expr::Ceil(of(a)),
        Expr::Floor(a) => Expr::Floor(of(a)),
        Expr::Add(a, b) => Expr::Add(of(a), of(b)),
        Expr::Sub(a, b) => Expr::Sub(of(a), of(b)),
        Expr::Mul(a, b) => Expr::Mul(of(a), of(b)),
        Expr::Div(a, b) => Expr::Div(of(a), of(b)),
        Expr::Pow(a, b) => Expr::Pow(of(a), of(b)),
        Expr::Min(list) => Expr::Min(all(list)),
        Expr::Max(list) => Expr::Max(all(list)),
    }
}

impl Metered {
    /// What it counts under `schedule`. `None`: its formula is not a sum of `current` and variables, each times a number.
    ///
    /// # Errors
    /// Those of [`Schedule::formula`].
    pub fn weight(&self, schedule: &Schedule) -> Result<Option<Weight>, FormulaError> {
        let mentioned = self.expr.variables();
        let mut free = Variable::ALL.iter().filter(|v| !mentioned.contains(v));
        let Some(symbol) = free.next().copied() else {
            return Ok(None);
        };
        let expr = with_current(&self.expr, &Expr::Variable(symbol));
        let Some(Linear { constant, per, .. }) = schedule.linear_of(&expr)? else {
            return Ok(None);
        };
        let mut weight = Weight {
            times: Ratio::ZERO,
            constant,
            per: Vec::new(),
        };
        for (variable, rate, _) in per {
            if variable == symbol {
                weight.times = sum(weight.times, rate)?;
            } else {
                weight.per.push((variable, rate));
            }
        }
        Ok(Some(weight))
    }

    /// What a unit counts that was charged as `charged`.
    ///
    /// # Errors
    /// A formula without a value, or one that is not linear.
    pub fn each(&self, schedule: &Schedule, charged: &GasParam) -> Result<Ratio, FormulaError> {
        let not_linear = || FormulaError::NotConstant(self.param.clone());
        let weight = self.weight(schedule)?.ok_or_else(not_linear)?;
        let own = own_price(schedule, charged)?;
        let times = weight.times.checked_mul(own);
        let times = times.ok_or(FormulaError::Overflow)?;
        match (self.param.part, charged.part) {
            (Part::Whole, Part::Per(variable)) => {
                let mut rates = weight.per.iter().filter(|(v, _)| *v == variable);
                rates.try_fold(times, |all, (_, rate)| sum(all, *rate))
            }
            _ => sum(times, weight.constant),
        }
    }
}

impl Meter {
    /// What `usage` comes to under `schedule`: each kind of unit rounded up to a whole number.
    ///
    /// # Errors
    /// A formula without a value, or one that is not linear.
    pub fn count(&self, schedule: &Schedule, usage: &Usage) -> Result<i128, FormulaError> {
        let mut total = 0_i128;
        let mut add = |units: i64, each: Ratio| {
            let product = each.checked_mul(Ratio::integer(units.into()));
            let product = product.ok_or(FormulaError::Overflow)?;
            total = total
                .checked_add(product.ceil())
                .ok_or(FormulaError::Overflow)?;
            Ok(())
        };
        for (charged, &units) in &usage.counts {
            if let Some(entry) = self.entry(charged) {
                add(units, entry.each(schedule, charged)?)?;
            }
        }
        // What a rule causes is divided by the rule's number: here by the meter's.
        for (rule, &gas) in &usage.rest {
            let divisor = GasParam::whole(rule.as_str());
            if let Some(entry) = self.entry(&divisor) {
                let own = own_price(schedule, &divisor)?;
                let here = entry.each(schedule, &divisor)?;
                let share = own.checked_div(here).ok_or(FormulaError::DivisionByZero)?;
                add(gas, share)?;
            }
        }
        Ok(total)
    }
}

impl Schedule {
    /// The meter that `usage` fills most, and how far; `None` without meters.
    ///
    /// # Errors
    /// Those of [`Meter::count`].
    pub fn fullest_meter(&self, usage: &Usage) -> Result<Option<MeterFill>, FormulaError> {
        let mut fullest: Option<MeterFill> = None;
        for meter in &self.meters {
            let fill = fill(meter.count(self, usage)?, meter.limit);
            if fullest.as_ref().is_none_or(|most| fill > most.fill) {
                fullest = Some(MeterFill {
                    meter: meter.name.clone(),
                    fill,
                });
            }
        }
        Ok(fullest)
    }
}

/// `counted` over `limit`.
#[expect(
    clippy::cast_precision_loss,
    reason = "what a block counts is far below 2^53"
)]
pub fn fill(counted: i128, limit: Gas) -> f64 {
    counted as f64 / limit as f64
}

/// The price of a unit as it is charged, whoever owns it; 1 where the unit is gas of a formula that is not linear.
fn own_price(schedule: &Schedule, charged: &GasParam) -> Result<Ratio, FormulaError> {
    Ok(
        match (schedule.formula(&charged.operation)?, charged.part) {
            (CostFormula::Linear { per, .. }, Part::Per(variable)) => {
                let rates = per.iter().filter(|(v, _)| *v == variable);
                Ratio::from(rates.map(|(_, rate)| rate.price).sum::<Gas>())
            }
            (CostFormula::Linear { base, .. }, _) => Ratio::from(base),
            (CostFormula::Other(_), _) => Ratio::ONE,
        },
    )
}

fn sum(a: Ratio, b: Ratio) -> Result<Ratio, FormulaError> {
    a.checked_add(b).ok_or(FormulaError::Overflow)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::float_cmp, reason = "powers of two are exact")]
    fn a_meter_is_filled_by_what_is_counted() {
        assert_eq!([fill(0, 64), fill(16, 64), fill(128, 64)], [0.0, 0.25, 2.0]);
    }
}
