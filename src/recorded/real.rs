//! Whole numbers as real ones.

use crate::solve::Price;

/// A count, an amount of gas or a price as a real number.
#[expect(
    clippy::cast_precision_loss,
    reason = "gas and counts of a block end far below 2^53"
)]
pub const fn real(count: u64) -> f64 {
    count as f64
}

/// Gas per unit, or the factor of a formula that is not linear.
pub fn price_value(price: Price) -> f64 {
    real(price.ticks()) / real(price.ticks_per_unit())
}

/// The least whole price that is not below `price`, between 0 and 10^12.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "within 0 and 1e12"
)]
pub fn rounded_up(price: f64) -> u64 {
    price.ceil().clamp(0.0, 1e12) as u64
}
