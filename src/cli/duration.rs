//! Times on the command line.

use std::time::Duration;

/// A time such as `90s`, `5m` or `1h`.
pub fn duration(text: &str) -> Result<Duration, String> {
    let text = text.trim();
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let seconds = match text[digits.len()..].trim() {
        "s" => Some(1),
        "m" | "min" => Some(60),
        "h" => Some(3_600),
        _ => None,
    };
    let number = digits.parse().ok().filter(|number| *number > 0);
    let seconds = number
        .zip(seconds)
        .and_then(|(number, seconds): (u64, u64)| number.checked_mul(seconds));
    let time = seconds.map(Duration::from_secs);
    time.ok_or_else(|| "expected a time above 0, such as 60s, 5m or 1h".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_units() {
        assert_eq!(duration("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("5 m"), Ok(Duration::from_mins(5)));
        assert_eq!(duration("1h"), Ok(Duration::from_hours(1)));
        for wrong in [
            "",
            "60",
            "0s",
            "-1s",
            "s",
            "1.5h",
            "1d",
            "99999999999999999999h",
        ] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }
}
