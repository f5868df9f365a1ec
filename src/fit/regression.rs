//! Time by executions, over every measurement of one test: the regression that published repricings rest on, and what it
//! cannot know.

use super::{nnls::Design, robust::real, student::student_quantile};

/// A direction counts as told by the data below this condition index.
pub const IDENTIFIED: f64 = 30.0;

/// A fit of `seconds = sum of coefficient * feature`, the first feature being constant.
#[derive(Clone, Debug)]
pub struct Regression {
    /// The coefficients, none below 0: the intercept first.
    pub coefficients: Vec<f64>,
    /// 95 % intervals of the coefficients, valid at the bound: see [`Design::intervals`].
    pub intervals: Vec<(f64, f64)>,
    /// The part of the variance explained.
    pub r_squared: f64,
    /// The same, with what each coefficient explains by itself taken off.
    pub r_squared_adjusted: f64,
    /// Measurements.
    pub observations: usize,
    /// See [`Design::condition_index`].
    pub condition_index: f64,
    /// By coefficient, see [`Design::inflations`].
    pub inflations: Vec<f64>,
    design: Design,
}

impl Regression {
    /// Fits `explained` by an intercept and `features`; `None` with fewer rows than coefficients and one more, or without any
    /// difference among them.
    pub fn fit(features: &[Vec<f64>], explained: &[f64]) -> Option<Self> {
        let n = explained.len();
        let k = features.len() + 1;
        if n < k + 1 || features.is_empty() {
            return None;
        }
        let mut columns = vec![vec![1.0; n]];
        columns.extend(features.iter().cloned());
        let design = Design::new(&columns, explained, None)?;
        let coefficients = design.nnls();
        let left: f64 = design.residuals(&coefficients).iter().map(|r| r * r).sum();
        let mean = explained.iter().sum::<f64>() / real(n);
        let all: f64 = explained.iter().map(|y| (y - mean).powi(2)).sum();
        let r_squared = if all > 0.0 { 1.0 - left / all } else { 0.0 };
        Some(Self {
            intervals: design.intervals(level(n - k, 1)),
            coefficients,
            r_squared,
            r_squared_adjusted: 1.0 - (1.0 - r_squared) * real(n - 1) / real(n - k),
            observations: n,
            condition_index: design.condition_index(),
            inflations: design.inflations(),
            design,
        })
    }

    /// The intervals that hold together with those of all `many` coefficients anywhere: what the worst of them may claim.
    pub fn simultaneous(&self, many: usize) -> Vec<(f64, f64)> {
        let freedom = self.observations - self.coefficients.len();
        self.design.intervals(level(freedom, many))
    }
}

/// Standard errors that 95 % of the figures are within, `many` at once (Bonferroni).
pub(super) fn level(freedom: usize, many: usize) -> f64 {
    student_quantile(1.0 - 0.025 / real(many.max(1)), freedom)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_with_noise_is_found_within_its_interval() {
        let x: Vec<f64> = (1..=20).map(|i| f64::from(i) * 1e5).collect();
        let noise = |i: usize| [0.3, -0.2, 0.1, -0.4, 0.25][i % 5] * 100.0;
        let y: Vec<f64> = x
            .iter()
            .enumerate()
            .map(|(i, x)| 3_500.0 + 0.05 * x + noise(i))
            .collect();
        let fit = Regression::fit(&[x], &y).unwrap();
        assert!(fit.r_squared > 0.999 && fit.r_squared_adjusted < fit.r_squared);
        let (low, high) = fit.intervals[1];
        assert!(low < 0.05 && 0.05 < high && high - low < 1e-3);
        let (wide_low, wide_high) = fit.simultaneous(100)[1];
        assert!(wide_low < low && wide_high > high);
        assert!(fit.condition_index < IDENTIFIED);
    }

    #[test]
    fn a_coefficient_at_its_bound_keeps_a_valid_interval() {
        let x: Vec<f64> = (1..=12).map(f64::from).collect();
        let other: Vec<f64> = (0..12).map(|i| f64::from(i % 3)).collect();
        let noise = |i: usize| [0.3, -0.2, 0.1, -0.4][i % 4];
        let y: Vec<f64> = x
            .iter()
            .enumerate()
            .map(|(i, x)| 2.0 * x + noise(i))
            .collect();
        let fit = Regression::fit(&[x, other], &y).unwrap();
        let (low, high) = fit.intervals[2];
        assert!(low == 0.0 && high > 0.0 && high.is_finite(), "{low} {high}");
    }

    #[test]
    fn too_little_is_refused_and_copies_are_unknown() {
        assert!(Regression::fit(&[vec![1.0, 2.0]], &[1.0, 2.0]).is_none());
        let x = vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        let fit = Regression::fit(&[x.clone(), x.clone()], &x).unwrap();
        assert!(fit.condition_index > IDENTIFIED);
    }
}
