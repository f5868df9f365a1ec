//! Quantiles: how far a figure may be off.

use super::real::real;

/// The normal quantile for `probability` in (0, 1); Acklam's rational approximation, relative error below 1.2e-9.
pub fn normal_quantile(probability: f64) -> f64 {
    const A: [f64; 6] = [
        -3.969_683_028_665_376e1,
        2.209_460_984_245_205e2,
        -2.759_285_104_469_687e2,
        1.383_577_518_672_69e2,
        -3.066_479_806_614_716e1,
        2.506_628_277_459_239,
    ];
    const B: [f64; 5] = [
        -5.447_609_879_822_406e1,
        1.615_858_368_580_409e2,
        -1.556_989_798_598_866e2,
        6.680_131_188_771_972e1,
        -1.328_068_155_288_572e1,
    ];
    const C: [f64; 6] = [
        -7.784_894_002_430_293e-3,
        -3.223_964_580_411_365e-1,
        -2.400_758_277_161_838,
        -2.549_732_539_343_734,
        4.374_664_141_464_968,
        2.938_163_982_698_783,
    ];
    const D: [f64; 4] = [
        7.784_695_709_041_462e-3,
        3.224_671_290_700_398e-1,
        2.445_134_137_142_996,
        3.754_408_661_907_416,
    ];
    let horner = |coefficients: &[f64], x: f64| coefficients.iter().fold(0.0, |sum, c| sum * x + c);
    let tail = |p: f64| {
        let q = (-2.0 * p.ln()).sqrt();
        horner(&C, q) / (horner(&D, q) * q + 1.0)
    };
    let p = probability.clamp(1e-300, 1.0 - 1e-16);
    if p < 0.024_25 {
        tail(p)
    } else if p > 1.0 - 0.024_25 {
        -tail(1.0 - p)
    } else {
        let q = p - 0.5;
        let r = q * q;
        horner(&A, r) * q / (horner(&B, r) * r + 1.0)
    }
}

/// Student's t quantile for `probability` in (0.5, 1) with `freedom` degrees of freedom; Hill's algorithm 396. Exact for 1
/// and 2, within 1e-4 relative beyond. Infinite without a degree of freedom.
pub fn student_quantile(probability: f64, freedom: usize) -> f64 {
    // Both tails together.
    let p = 2.0 * (1.0 - probability);
    match freedom {
        0 => f64::INFINITY,
        1 => {
            let angle = p * std::f64::consts::FRAC_PI_2;
            angle.cos() / angle.sin()
        }
        2 => (2.0 / (p * (2.0 - p)) - 2.0).sqrt(),
        n => hill(p, real(n as u64)),
    }
}

fn hill(p: f64, n: f64) -> f64 {
    let a = 1.0 / (n - 0.5);
    let b = 48.0 / (a * a);
    let mut c = ((20_700.0 * a / b - 98.0) * a - 16.0) * a + 96.36;
    let d = ((94.5 / (b + c) - 3.0) / b + 1.0) * (a * std::f64::consts::FRAC_PI_2).sqrt() * n;
    let mut y = (d * p).powf(2.0 / n);
    if y > 0.05 + a {
        let x = normal_quantile(p * 0.5);
        y = x * x;
        if n < 5.0 {
            c += 0.3 * (n - 4.5) * (x + 0.6);
        }
        c += (((0.05 * d * x - 5.0) * x - 7.0) * x - 2.0) * x + b;
        y = (((((0.4 * y + 6.3) * y + 36.0) * y + 94.5) / c - y - 3.0) / b + 1.0) * x;
        y = (a * y * y).exp_m1();
    } else {
        let inner = ((n + 6.0) / (n * y) - 0.089 * d - 0.822) * (n + 2.0) * 3.0;
        y = ((1.0 / inner + 0.5 / (n + 4.0)) * y - 1.0) * (n + 1.0) / (n + 2.0) + 1.0 / y;
    }
    (n * y).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_the_tables() {
        for (p, z) in [
            (0.975, 1.959_964),
            (0.5, 0.0),
            (0.001, -3.090_232),
            (0.999_999, 4.753_424),
        ] {
            assert!((normal_quantile(p) - z).abs() < 1e-5, "{p}");
        }
        for (p, n, t) in [
            (0.975, 1, 12.706_2),
            (0.975, 2, 4.302_65),
            (0.975, 3, 3.182_45),
            (0.95, 5, 2.015_05),
            (0.995, 10, 3.169_27),
            (0.975, 100, 1.983_97),
            (0.999_9, 6, 8.024_8),
        ] {
            let found = student_quantile(p, n);
            assert!((found / t - 1.0).abs() < 2e-3, "{p} {n}: {found}, not {t}");
        }
        assert!(student_quantile(0.95, 0).is_infinite());
    }
}
