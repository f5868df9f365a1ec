//! Rates and ratios: what a target asks of a block.
//!
//! A block of G gas takes f + c seconds: f is the prover's fixed cost, paid by an empty block too, and c grows with the
//! work. Prices change how much work fits into G, so only c follows them.

use super::ProverId;
use crate::{
    fit::real,
    gas::Gas,
    lang::{Limit, Target},
};

/// Gas per second at which a full block's work must be proven, once the fixed cost is paid: L / (T - f).
/// `None` when the fixed cost alone takes the whole time, so that no price helps.
///
/// 60 Mgas within 8 s at 3.5 s fixed cost is 13.3 Mgas/s, where the anchor rate L / T is 7.5 Mgas/s.
pub fn effective_rate(gas: Gas, within_s: f64, fixed_s: f64) -> Option<f64> {
    (fixed_s < within_s).then(|| real(gas) / (within_s - fixed_s))
}

/// Gas per second at which `prover`, whose empty block takes `fixed_s`, must do the work of a full block of `target`, its margin
/// included. `None` when the fixed cost alone takes the whole time, or nothing says what the anchor comes to on this prover.
pub fn asked_rate(target: &Target, prover: &ProverId, fixed_s: f64) -> Option<f64> {
    let rate = match &target.limit {
        Limit::Within(seconds) => effective_rate(target.gas, *seconds, fixed_s)?,
        Limit::Anchor(anchor) => anchor.times * anchor.rates.get(&prover.to_string())?.gas_per_s,
    };
    Some(rate * (1.0 + target.margin))
}

/// Whether a block that holds its target by `margin` may be on the other side of it, where its cost may be off by `error`, both
/// as parts of its work. What holds by the error, but for a relative `tolerance`, is not.
pub fn too_close(margin: f64, error: f64, tolerance: f64) -> bool {
    let ratio = 1.0 / (1.0 + margin);
    let holds_by_it = ratio * (1.0 + error) <= 1.0 + tolerance;
    let misses_by_it = ratio > 1.0 + error;
    error > 0.0 && !holds_by_it && !misses_by_it
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
