//! Figures as people read them: three significant digits, thousands apart, units in sight.

use crate::gas::grouped;

/// `value` with three significant digits and no exponent: `0.00123`, `7.5`, `13.3`, `1_240`.
pub fn three_digits(value: f64) -> String {
    if !value.is_finite() {
        return if value > 0.0 { "unbounded" } else { "-" }.into();
    }
    if value == 0.0 {
        return "0".into();
    }
    let exponent = value.abs().log10().floor();
    if exponent >= 3.0 {
        let step = 10_f64.powf(exponent - 2.0);
        #[expect(
            clippy::cast_possible_truncation,
            reason = "beyond 2^127 it saturates, and no figure here is that large"
        )]
        return grouped(((value / step).round() * step).round() as i128);
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and 310"
    )]
    let decimals = (2.0 - exponent).clamp(0.0, 300.0) as usize;
    let text = format!("{value:.decimals$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').into()
    } else {
        text
    }
}

/// Gas per second as `Mgas/s`, the number alone.
pub fn mgas_per_s(gas_per_s: f64) -> String {
    three_digits(gas_per_s / 1e6)
}

/// A price against another: `1.37x`, `200x`; `new` where there was none.
pub fn multiplier(current: f64, proposed: f64) -> String {
    #[expect(
        clippy::float_cmp,
        reason = "prices are whole numbers or hundredths, copied, not computed"
    )]
    match (current == 0.0, proposed == current) {
        (_, true) => "1x".into(),
        (true, _) => "from 0".into(),
        _ => format!("{}x", two_decimals(proposed / current)),
    }
}

/// Three significant digits, but never fewer than two decimals' worth of difference from 1.
fn two_decimals(value: f64) -> String {
    if (0.5..2.0).contains(&value) {
        let text = format!("{value:.3}");
        return text.trim_end_matches('0').trim_end_matches('.').into();
    }
    three_digits(value)
}

/// A share of one as per cent: `41.5 %`.
pub fn percent(share: f64) -> String {
    format!("{} %", three_digits(share * 100.0))
}

/// `1 price`, `2 prices`.
pub fn count(number: usize, one: &str) -> String {
    if number == 1 {
        format!("1 {one}")
    } else {
        format!("{} {one}s", grouped(number as i128))
    }
}

/// `A`, `B`, ... `Z`, `27`, ...
pub fn letter(at: usize) -> String {
    u8::try_from(at).ok().filter(|at| *at < 26).map_or_else(
        || (at + 1).to_string(),
        |at| char::from(b'A' + at).to_string(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_keep_three_digits() {
        for (value, text) in [
            (0.0, "0"),
            (0.110_9, "0.111"),
            (0.001_234_5, "0.00123"),
            (7.5, "7.5"),
            (13.333, "13.3"),
            (99.95, "100"),
            (412.0, "412"),
            (1_239.6, "1_240"),
            (61_234.0, "61_200"),
            (-2.0, "-2"),
            (f64::INFINITY, "unbounded"),
        ] {
            assert_eq!(three_digits(value), text, "{value}");
        }
    }

    #[test]
    fn multipliers_show_small_changes() {
        assert_eq!(multiplier(8.0, 8.0), "1x");
        assert_eq!(multiplier(0.0, 5.0), "from 0");
        assert_eq!(multiplier(34_000.0, 34_103.0), "1.003x");
        assert_eq!(multiplier(8.0, 1_600.0), "200x");
        assert_eq!(multiplier(10.0, 15.0), "1.5x");
    }

    #[test]
    fn counts_agree_in_number() {
        assert_eq!(count(1, "price"), "1 price");
        assert_eq!(count(0, "price"), "0 prices");
        assert_eq!(count(12_345, "price"), "12_345 prices");
    }
}
