//! Counts as real numbers: the casts of the rooms above, in one place.

/// A count, an amount of gas or a price as a real number.
#[expect(
    clippy::cast_precision_loss,
    reason = "prices are below 2^40, gas and counts of a block far below 2^53"
)]
pub const fn real(count: u64) -> f64 {
    count as f64
}

/// A count that may be below zero as a real number.
#[expect(
    clippy::cast_precision_loss,
    reason = "counts of a block are far below 2^53"
)]
pub const fn real_signed(count: i64) -> f64 {
    count as f64
}

/// A number from 0 on as a count: what is below counts as 0, and what is beyond the range as its end. What is behind the
/// point is left out.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast saturates, which is what is wanted"
)]
pub const fn count(value: f64) -> u64 {
    value as u64
}
