//! From a deterministic cost to proving time.

use serde::{Deserialize, Serialize};

use crate::fit::real;

/// A linear model of one prover on one machine: proving time = `fixed_s` + `s_per_million_cycles` x million cycles.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// The prover and hardware it describes.
    pub hardware: String,
    /// Seconds to prove an empty block.
    pub fixed_s: f64,
    /// Seconds per million cycles.
    pub s_per_million_cycles: f64,
    /// How far off the model is in the mean, as a part of what was measured: 0.12 is 12 %. Absent where nobody says.
    #[serde(default)]
    pub error: Option<f64>,
    /// Where the two figures come from.
    pub source: String,
}

impl Calibration {
    /// SP1 on one L40S: a line fitted to 516 published EEST fixtures at 10 Mgas (reth guest), R2 0.987, joining
    /// proving times with the execution-only cycles of the same fixtures.
    pub fn sp1_l40s() -> Self {
        Self {
            hardware: "SP1 5.2.3 on 1x NVIDIA L40S".into(),
            fixed_s: 45.0,
            s_per_million_cycles: 0.391,
            error: None,
            source: "fitted on 516 fixtures of eth-act/zkevm-benchmark-runs 7c1256a72, R2 0.987"
                .into(),
        }
    }

    /// Proving time of a block beyond the fixed part, seconds.
    pub fn work_s(&self, cycles: u64) -> f64 {
        real(cycles) / 1e6 * self.s_per_million_cycles
    }

    /// Whether the figures describe a prover at all.
    ///
    /// # Errors
    /// Which figure does not.
    pub fn check(&self) -> Result<(), String> {
        if !(self.fixed_s.is_finite() && self.fixed_s >= 0.0) {
            return Err(format!(
                "`fixed_s` is {}, expected seconds from 0",
                self.fixed_s
            ));
        }
        if !(self.s_per_million_cycles.is_finite() && self.s_per_million_cycles > 0.0) {
            return Err(format!(
                "`s_per_million_cycles` is {}, expected more than 0 seconds",
                self.s_per_million_cycles
            ));
        }
        if let Some(error) = self.error
            && !(error.is_finite() && error >= 0.0)
        {
            return Err(format!("`error` is {error}, expected a part from 0"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn default_calibration_is_the_published_line() {
        let c = Calibration::sp1_l40s();
        assert!((c.fixed_s + c.work_s(100_000_000) - 84.1).abs() < 1e-9);
        assert!(c.check().is_ok());
        assert!(
            Calibration {
                s_per_million_cycles: 0.0,
                ..c.clone()
            }
            .check()
            .is_err()
        );
        let off = |error| Calibration {
            error: Some(error),
            ..c.clone()
        };
        assert!(off(0.12).check().is_ok());
        assert!(off(-0.1).check().is_err() && off(f64::NAN).check().is_err());
    }
}
