//! What blocks of everyday use: what a change of prices is weighed by, and what neutral means.

use crate::{
    diag::Label,
    fit::{real, real_signed},
    gas::{FormulaError, Schedule},
    lang::{Compare, Mix, Relation},
};

use super::Prices;

/// The weight of a price that the mix does not use: a thousandth of a percent of its gas, so that it does not rise for nothing.
pub(super) const UNUSED: f64 = 1e-5;

/// The gas of everything in the mix under `schedule`, whose prices that are factors are in `prices`.
///
/// # Errors
/// A formula without a value.
pub fn gas(mix: &Mix, schedule: &Schedule, prices: &Prices) -> Result<f64, FormulaError> {
    let mut sum = real_signed(mix.rest);
    for (param, units) in &mix.units {
        let factor = prices.get(param).filter(|price| price.ticks_per_unit() > 1);
        let price = match factor {
            Some(price) => real(price.ticks()) / real(price.ticks_per_unit()),
            None => real(schedule.price(param)?),
        };
        sum += real_signed(*units) * price;
    }
    Ok(sum)
}

/// No more gas for the mix than before.
pub(super) fn neutral(mix: &Mix, start: &Schedule) -> Result<Relation, FormulaError> {
    let terms = mix.units.iter().filter(|(_, units)| *units != 0);
    Ok(Relation {
        terms: terms
            .map(|(param, units)| (param.clone(), real_signed(*units)))
            .collect(),
        constant: real_signed(mix.rest) - gas(mix, start, &Prices::new())?,
        compare: Compare::Le,
        label: Label {
            text: "the mix may take no more gas than before".into(),
            ..Label::default()
        },
    })
}
