//! Least squares with coefficients that are not negative: work costs time, it never saves any.

use nalgebra::{DMatrix, DVector};

/// A column's pull counts as none below this, relative to the longest.
const TOLERANCE: f64 = 1e-10;

/// Columns of a design, equally long, and what they explain.
#[derive(Clone, Debug)]
pub struct Design {
    /// Scaled to length 1 each, so that gas counts and constants weigh alike in floating point.
    columns: DMatrix<f64>,
    /// What a column was divided by.
    scales: Vec<f64>,
    explained: DVector<f64>,
}

impl Design {
    /// Rows are observations; a weight multiplies a row and what it explains. `None` where lengths differ, nothing is
    /// there, or a figure is not a number.
    pub fn new(columns: &[Vec<f64>], explained: &[f64], weights: Option<&[f64]>) -> Option<Self> {
        let n = explained.len();
        let weight = |i: usize| weights.map_or(1.0, |weights| weights[i]);
        let sound = columns.iter().all(|c| c.len() == n) && weights.is_none_or(|w| w.len() == n);
        if !sound || columns.is_empty() || n == 0 {
            return None;
        }
        let mut matrix = DMatrix::from_fn(n, columns.len(), |i, j| columns[j][i] * weight(i));
        let scales: Vec<f64> = matrix.column_iter().map(|c| c.norm()).collect();
        for (j, scale) in scales.iter().enumerate() {
            if *scale > 0.0 {
                matrix.column_mut(j).unscale_mut(*scale);
            }
        }
        let explained = DVector::from_fn(n, |i, _| explained[i] * weight(i));
        let finite = matrix.iter().chain(explained.iter()).all(|x| x.is_finite());
        finite.then_some(Self {
            columns: matrix,
            scales,
            explained,
        })
    }

    /// The coefficients, none below 0 (Lawson and Hanson's active sets).
    pub fn nnls(&self) -> Vec<f64> {
        let gram = self.columns.tr_mul(&self.columns);
        let pulls = self.columns.tr_mul(&self.explained);
        self.unscaled(&nnls(&gram, &pulls))
    }

    /// The coefficients without that bound; `None` where columns depend on each other.
    pub fn least_squares(&self) -> Option<Vec<f64>> {
        let gram = self.columns.tr_mul(&self.columns);
        let pulls = self.columns.tr_mul(&self.explained);
        Some(self.unscaled(&gram.cholesky()?.solve(&pulls)))
    }

    fn unscaled(&self, scaled: &DVector<f64>) -> Vec<f64> {
        let pairs = scaled.iter().zip(&self.scales);
        pairs
            .map(|(x, scale)| if *scale > 0.0 { x / scale } else { 0.0 })
            .collect()
    }

    /// What the coefficients leave unexplained, weighted.
    pub fn residuals(&self, coefficients: &[f64]) -> Vec<f64> {
        let scaled = coefficients.iter().zip(&self.scales).map(|(x, s)| x * s);
        let scaled = DVector::from_iterator(coefficients.len(), scaled);
        (&self.explained - &self.columns * scaled)
            .iter()
            .copied()
            .collect()
    }

    /// Standard errors of the coefficients without a bound, whatever the rows' own variances are (HC3). `None` where columns
    /// depend on each other.
    ///
    /// A coefficient at its bound has no valid bootstrap; this one's distribution does not care about the bound, and cutting
    /// its interval at 0 afterwards keeps the coverage.
    pub fn standard_errors(&self) -> Option<Vec<f64>> {
        let inverse = self.columns.tr_mul(&self.columns).cholesky()?.inverse();
        let left = self.residuals(&self.least_squares()?);
        let spread = &self.columns * &inverse;
        let mut middle = DMatrix::zeros(inverse.nrows(), inverse.ncols());
        for (i, left) in left.iter().enumerate() {
            let leverage = spread.row(i).dot(&self.columns.row(i)).min(0.999);
            let row = spread.row(i).transpose() * (left / (1.0 - leverage));
            middle += &row * row.transpose();
        }
        let errors = (0..self.scales.len()).map(|j| {
            if self.scales[j] > 0.0 {
                middle[(j, j)].max(0.0).sqrt() / self.scales[j]
            } else {
                f64::INFINITY
            }
        });
        Some(errors.collect())
    }

    /// Intervals of the coefficients at `t` standard errors, cut at 0: the hull of two. One is of the unbounded fit, which
    /// does not care about the bound; the other of the fit of only those that are not at it, around the coefficients
    /// themselves. Infinite upwards where columns depend on each other.
    pub fn intervals(&self, t: f64) -> Vec<(f64, f64)> {
        let coefficients = self.nnls();
        let mut hulls = vec![(f64::INFINITY, 0.0_f64); coefficients.len()];
        let mut widen = |j: usize, centre: f64, error: f64| {
            let reach = t * error;
            let (low, high) = if reach.is_finite() {
                ((centre - reach).max(0.0), (centre + reach).max(0.0))
            } else {
                (0.0, f64::INFINITY)
            };
            hulls[j] = (hulls[j].0.min(low), hulls[j].1.max(high));
        };
        let unknown = || vec![f64::INFINITY; coefficients.len()];
        let centres = self.least_squares().unwrap_or_else(|| coefficients.clone());
        let errors = self.standard_errors().unwrap_or_else(unknown);
        for (j, (centre, error)) in centres.iter().zip(&errors).enumerate() {
            widen(j, *centre, *error);
        }
        let free: Vec<usize> = (0..coefficients.len())
            .filter(|j| coefficients[*j] > 0.0)
            .collect();
        let part = Self {
            columns: self.columns.select_columns(&free),
            scales: free.iter().map(|j| self.scales[*j]).collect(),
            explained: self.explained.clone(),
        };
        let errors = if free.is_empty() {
            None
        } else {
            part.standard_errors()
        };
        for (at, &j) in free.iter().enumerate() {
            let error = errors.as_ref().map_or(f64::INFINITY, |errors| errors[at]);
            widen(j, coefficients[j], error);
        }
        hulls
    }

    /// The largest ratio between singular values (Belsley, Kuh and Welsch): above 30, some direction is not told by the
    /// data. Infinite where a column is 0.
    pub fn condition_index(&self) -> f64 {
        let values = self.columns.clone().singular_values();
        let least = values.iter().copied().fold(f64::INFINITY, f64::min);
        values.max() / least.max(0.0)
    }

    /// How many times the variance of each coefficient is inflated by the others; infinite where the others replace it.
    pub fn inflations(&self) -> Vec<f64> {
        let gram = self.columns.tr_mul(&self.columns);
        // A trace of a ridge makes an exact copy a huge inflation instead of nothing at all.
        let ridge = DMatrix::identity(gram.nrows(), gram.ncols()) * 1e-12;
        (gram + ridge).cholesky().map_or_else(
            || vec![f64::INFINITY; self.scales.len()],
            |factor| factor.inverse().diagonal().iter().copied().collect(),
        )
    }

    /// The two columns that the data tells apart least: those that weigh most in the direction it says least about.
    pub fn least_apart(&self) -> Option<(usize, usize)> {
        let gram = self.columns.tr_mul(&self.columns).symmetric_eigen();
        let (least, _) = gram.eigenvalues.argmin();
        let direction = gram.eigenvectors.column(least);
        let mut order: Vec<usize> = (0..self.scales.len()).collect();
        order.sort_by(|a, b| direction[*b].abs().total_cmp(&direction[*a].abs()));
        match order.as_slice() {
            [a, b, ..] => Some((*a.min(b), *a.max(b))),
            _ => None,
        }
    }

    /// Observations.
    pub fn len(&self) -> usize {
        self.explained.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.explained.is_empty()
    }
}

/// Minimizes `x . gram . x / 2 - pulls . x` over `x >= 0`.
fn nnls(gram: &DMatrix<f64>, pulls: &DVector<f64>) -> DVector<f64> {
    let n = pulls.len();
    let mut x = DVector::zeros(n);
    let mut free: Vec<usize> = Vec::new();
    let tolerance = TOLERANCE * pulls.amax().max(f64::MIN_POSITIVE);
    // Each round frees one column for good or the method has stalled on rounding.
    for _ in 0..3 * n {
        let gain = pulls - gram * &x;
        let best = (0..n)
            .filter(|j| !free.contains(j) && gain[*j] > tolerance)
            .max_by(|a, b| gain[*a].total_cmp(&gain[*b]));
        let Some(best) = best else { break };
        free.push(best);
        loop {
            let Some(solved) = restricted(gram, pulls, &free) else {
                // The new column repeats others.
                free.pop();
                return x;
            };
            if solved.iter().all(|s| *s > 0.0) {
                x.fill(0.0);
                for (at, &j) in free.iter().enumerate() {
                    x[j] = solved[at];
                }
                break;
            }
            let step = free
                .iter()
                .enumerate()
                .filter(|(at, _)| solved[*at] <= 0.0)
                .map(|(at, &j)| x[j] / (x[j] - solved[at]))
                .fold(1.0, f64::min);
            for (at, &j) in free.iter().enumerate() {
                x[j] += step * (solved[at] - x[j]);
            }
            let before = free.len();
            free.retain(|&j| x[j] > 1e-14);
            if free.len() == before {
                return x;
            }
        }
    }
    x
}

fn restricted(gram: &DMatrix<f64>, pulls: &DVector<f64>, free: &[usize]) -> Option<DVector<f64>> {
    let part = DMatrix::from_fn(free.len(), free.len(), |i, j| gram[(free[i], free[j])]);
    let pull = DVector::from_fn(free.len(), |i, _| pulls[free[i]]);
    Some(part.cholesky()?.solve(&pull))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn coefficients_are_found_and_bounded() {
        let ones = vec![1.0; 4];
        let x = vec![1e6, 2e6, 3e6, 4e6];
        let y: Vec<f64> = x.iter().map(|x| 3_500.0 + 0.2 * x).collect();
        let design = Design::new(&[ones.clone(), x.clone()], &y, None).unwrap();
        let found = design.nnls();
        assert!((found[0] - 3_500.0).abs() < 1e-5 && (found[1] - 0.2).abs() < 1e-11);
        let falling: Vec<f64> = x.iter().map(|x| 10.0 - 1e-6 * x).collect();
        let found = Design::new(&[ones, x], &falling, None).unwrap().nnls();
        assert!(found[1] == 0.0 && (found[0] - 7.5).abs() < 1e-9);
        assert!(Design::new(&[vec![1.0]], &[1.0, 2.0], None).is_none());
        assert!(Design::new(&[vec![f64::NAN]], &[1.0], None).is_none());
    }

    #[test]
    fn copies_are_seen() {
        let a = vec![1.0, 2.0, 3.0, 5.0];
        let twice: Vec<f64> = a.iter().map(|x| 2.0 * x).collect();
        let other = vec![1.0, 0.0, 1.0, 0.0];
        let design = Design::new(&[a, other, twice], &[1.0, 2.0, 3.0, 5.0], None).unwrap();
        assert!(design.condition_index() > 1e6);
        assert!(design.inflations()[0] > 1e6 && design.inflations()[1] < 10.0);
        assert_eq!(design.least_apart(), Some((0, 2)));
        let fitted = design.residuals(&design.nnls());
        assert!(fitted.iter().all(|r| r.abs() < 1e-6), "{fitted:?}");
    }

    proptest! {
        /// The optimum's conditions: no coefficient below 0, no pull left on a free one, none upwards on a bounded one.
        #[test]
        fn no_better_coefficients_exist(
            rows in prop::collection::vec(prop::collection::vec(0.0f64..10.0, 4), 6..20),
            y in prop::collection::vec(-5.0f64..20.0, 20),
        ) {
            let columns: Vec<Vec<f64>> = (0..4).map(|j| rows.iter().map(|r| r[j]).collect()).collect();
            let design = Design::new(&columns, &y[..rows.len()], None).unwrap();
            let x = design.nnls();
            let left = design.residuals(&x);
            for (j, column) in columns.iter().enumerate() {
                let pull: f64 = column.iter().zip(&left).map(|(a, r)| a * r).sum();
                prop_assert!(x[j] >= 0.0);
                prop_assert!(pull < 1e-5, "{pull}");
                prop_assert!(x[j] == 0.0 || pull.abs() < 1e-5, "{pull}");
            }
        }
    }
}
