//! The cost of a scenario as a line in its iteration count.

use std::fmt;

use super::real::real;

/// `cost = intercept + slope * iterations`, in whatever unit the cost was measured in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AffineCost {
    /// Cost of the block without the loop: the transactions, the system calls, the state root.
    pub intercept: f64,
    /// Cost of one more iteration.
    pub slope: f64,
    /// The largest relative distance of a point from the line. 0 with two points.
    pub residual: f64,
}

/// Why points give no line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FitError {
    /// All points have the same iteration count, or there are fewer than two.
    OneCount,
    /// A cost is zero, negative or not a number.
    NotACost,
    /// More iterations cost less.
    Falling,
}

impl fmt::Display for FitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OneCount => "a line needs two different iteration counts",
            Self::NotACost => "a measured cost is not above zero",
            Self::Falling => "more iterations cost less",
        })
    }
}

impl std::error::Error for FitError {}

impl AffineCost {
    /// The line through the points with the fewest and the most iterations.
    ///
    /// The costs are deterministic, so nothing is averaged: the two extremes are exact, and the distance of the
    /// points between them says how far from linear the scenario is.
    ///
    /// # Errors
    /// Fewer than two different counts, a cost that is not above zero, a line that falls.
    pub fn fit(points: &[(u64, f64)]) -> Result<Self, FitError> {
        if points
            .iter()
            .any(|(_, cost)| !(cost.is_finite() && *cost > 0.0))
        {
            return Err(FitError::NotACost);
        }
        let first = points.iter().min_by_key(|(n, _)| *n);
        let last = points.iter().max_by_key(|(n, _)| *n);
        let (Some(&(low, cost_low)), Some(&(high, cost_high))) = (first, last) else {
            return Err(FitError::OneCount);
        };
        if low == high {
            return Err(FitError::OneCount);
        }
        let slope = (cost_high - cost_low) / real(high - low);
        if slope < 0.0 {
            return Err(FitError::Falling);
        }
        let line = Self {
            intercept: cost_low - slope * real(low),
            slope,
            residual: 0.0,
        };
        let residual = points
            .iter()
            .map(|point| line.check(*point).abs())
            .fold(0.0, f64::max);
        Ok(Self { residual, ..line })
    }

    /// The cost of `iterations`.
    pub fn at(&self, iterations: u64) -> f64 {
        self.intercept + self.slope * real(iterations)
    }

    /// How far the line is from a measured point, relative to the measurement: above 0 where it predicts too much.
    pub fn check(&self, (iterations, cost): (u64, f64)) -> f64 {
        (self.at(iterations) - cost) / cost
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_points_are_met_exactly() {
        let line = AffineCost::fit(&[(300, 4_000.0), (100, 2_000.0)]).unwrap();
        assert!((line.intercept - 1_000.0).abs() < 1e-9 && (line.slope - 10.0).abs() < 1e-12);
        assert!(line.residual < 1e-12);
        assert!((line.at(1_000) - 11_000.0).abs() < 1e-9);
        assert!((line.check((1_000, 10_000.0)) - 0.1).abs() < 1e-12);
    }

    #[test]
    fn third_point_shows_the_curvature() {
        let line = AffineCost::fit(&[(100, 2_000.0), (200, 2_500.0), (300, 4_000.0)]).unwrap();
        assert!((line.slope - 10.0).abs() < 1e-12);
        // The line predicts 3000 where 2500 was measured.
        assert!((line.residual - 0.2).abs() < 1e-12);
    }

    #[test]
    fn what_gives_no_line_is_refused() {
        let refused = |points: &[(u64, f64)]| AffineCost::fit(points).unwrap_err();
        assert_eq!(refused(&[]), FitError::OneCount);
        assert_eq!(refused(&[(5, 1.0), (5, 1.0)]), FitError::OneCount);
        assert_eq!(refused(&[(5, 1.0), (6, f64::NAN)]), FitError::NotACost);
        assert_eq!(refused(&[(5, 2.0), (6, 1.0)]), FitError::Falling);
    }
}
