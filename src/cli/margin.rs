//! `--margin`: by how much a target has to hold.

use crate::lang::Target;

/// How much more than the target is asked for.
#[derive(clap::Args, Clone, Copy, Debug)]
pub struct MarginArgs {
    /// Ask that every block holds by this much: it still would if its work took so much longer, such as by the model's error
    #[arg(long, value_name = "PERCENT", default_value = "0%", value_parser = percent)]
    margin: f64,
}

impl MarginArgs {
    /// Asks it of every target.
    pub fn apply(self, targets: &mut [Target]) {
        for target in targets {
            target.margin = self.margin;
        }
    }
}

/// `12%`, as a part of one.
fn percent(text: &str) -> Result<f64, String> {
    let number = text.trim().strip_suffix('%').map(str::trim_end);
    match number.and_then(|number| number.parse::<f64>().ok()) {
        Some(percent) if (0.0..=1_000.0).contains(&percent) => Ok(percent / 100.0),
        _ => Err("expected per cent from 0 to 1000, such as 12%".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::percent;

    #[test]
    fn a_margin_is_per_cent() {
        assert_eq!(percent("12%"), Ok(0.12));
        assert_eq!(percent("7.5 %"), Ok(0.075));
        for wrong in ["12", "0.12", "-1%", "NaN%", "inf%", "1001%", "%"] {
            assert!(percent(wrong).is_err(), "{wrong}");
        }
    }
}
