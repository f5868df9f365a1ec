//! Rates and ratios: what a target asks of a block.
//!
//! A block of G gas takes f + c seconds: f is the prover's fixed cost, paid by an empty block too, and c grows with the
//! work. Prices change how much work fits into G, so only c follows them.

use crate::gas::Gas;

use super::price::float;

/// Gas per second at which a full block's work must be proven, once the fixed cost is paid: L / (T - f).
/// `None` when the fixed cost alone takes the whole time, so that no price helps.
///
/// 60 Mgas within 8 s at 3.5 s fixed cost is 13.3 Mgas/s, where the anchor rate L / T is 7.5 Mgas/s.
pub fn effective_rate(gas: Gas, within_s: f64, fixed_s: f64) -> Option<f64> {
    (fixed_s < within_s).then(|| float(gas) / (within_s - fixed_s))
}

/// Gas per second of a measured block, fixed cost included: G / (f + c).
pub fn throughput(gas: Gas, fixed_s: f64, cost_s: f64) -> f64 {
    float(gas) / (fixed_s + cost_s)
}

/// Anchor rate by throughput. Above 1: too slow.
pub fn absolute_ratio(anchor_rate: f64, throughput: f64) -> f64 {
    anchor_rate / throughput
}

/// Anchor rate by the rate between two gas levels of one scenario, which takes the fixed cost out.
/// `None` when the larger block did not take longer.
pub fn marginal_ratio(anchor_rate: f64, small: (Gas, f64), large: (Gas, f64)) -> Option<f64> {
    let ((gas, seconds), (more_gas, more_seconds)) = (small, large);
    let rate = float(more_gas.checked_sub(gas)?) / (more_seconds - seconds);
    (rate.is_finite() && rate > 0.0).then(|| anchor_rate / rate)
}

/// Effective rate by the rate of the work: R * c / G. Above 1: a full block of it misses the target.
pub fn effective_ratio(effective_rate: f64, gas: Gas, cost_s: f64) -> f64 {
    effective_rate * cost_s / float(gas)
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

    #[test]
    fn marginal_rate_has_no_fixed_cost() {
        let ratio = marginal_ratio(12e6, (30_000_000, 6.0), (60_000_000, 8.0)).unwrap();
        assert!((ratio - 0.8).abs() < 1e-12);
        assert_eq!(marginal_ratio(12e6, (30, 6.0), (60, 6.0)), None);
        assert_eq!(marginal_ratio(12e6, (60, 6.0), (30, 7.0)), None);
    }
}
