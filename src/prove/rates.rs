//! Rates and ratios: what a target asks of a block.
//!
//! A block of G gas takes f + c seconds: f is the prover's fixed cost, paid by an empty block too, and c grows with the
//! work. Prices change how much work fits into G, so only c follows them.

use crate::{fit::real, gas::Gas};

/// Gas per second at which a full block's work must be proven, once the fixed cost is paid: L / (T - f).
/// `None` when the fixed cost alone takes the whole time, so that no price helps.
///
/// 60 Mgas within 8 s at 3.5 s fixed cost is 13.3 Mgas/s, where the anchor rate L / T is 7.5 Mgas/s.
pub fn effective_rate(gas: Gas, within_s: f64, fixed_s: f64) -> Option<f64> {
    (fixed_s < within_s).then(|| real(gas) / (within_s - fixed_s))
}

/// Gas per second of a measured block, fixed cost included: G / (f + c).
pub fn throughput(gas: Gas, fixed_s: f64, cost_s: f64) -> f64 {
    real(gas) / (fixed_s + cost_s)
}

/// Anchor rate by throughput. Above 1: too slow.
pub fn absolute_ratio(anchor_rate: f64, throughput: f64) -> f64 {
    anchor_rate / throughput
}

/// Effective rate by the rate of the work: R * c / G. Above 1: a full block of it misses the target.
pub fn effective_ratio(effective_rate: f64, gas: Gas, cost_s: f64) -> f64 {
    effective_rate * cost_s / real(gas)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixty_million_in_eight_seconds() {
        let rate = effective_rate(60_000_000, 8.0, 3.5).unwrap();
        assert!((rate - 13_333_333.333).abs() < 1.0);
        assert_eq!(effective_rate(60_000_000, 8.0, 8.0), None);
        // A full block whose work takes exactly the time that is left meets the target exactly, on both measures.
        assert!((effective_ratio(rate, 60_000_000, 4.5) - 1.0).abs() < 1e-12);
        assert!((absolute_ratio(7.5e6, throughput(60_000_000, 3.5, 4.5)) - 1.0).abs() < 1e-12);
    }
}
