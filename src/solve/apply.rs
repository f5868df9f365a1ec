//! Prices written into a schedule.

use crate::gas::{FormulaError, Schedule};

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
            changed.scale(&param.operation, *hundredths)?;
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
                changed.set(param, *gas)?;
            }
        }
        if settled {
            break;
        }
    }
    Ok(changed)
}
