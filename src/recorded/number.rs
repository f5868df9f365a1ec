//! Counts as real numbers.

/// A count, an amount of gas or a price as a real number.
#[expect(
    clippy::cast_precision_loss,
    reason = "gas and counts of a block end far below 2^53"
)]
pub const fn real(count: u64) -> f64 {
    count as f64
}
