//! Coefficients by relative errors: what a block of a minute tells counts as much as what one of an hour tells.

use super::nnls::Design;

/// A relative error from which on a row weighs less, and how often rows are weighed anew.
const SOUND: f64 = 0.02;
const ROUNDS: usize = 60;
/// Coefficients that change by less than this part between two rounds are found.
const SETTLED: f64 = 1e-9;

/// What a row says of the truth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Seen {
    /// It was this much.
    Value(f64),
    /// It was at least this much.
    AtLeast(f64),
}

impl Seen {
    /// The figure, whatever it says.
    pub const fn figure(self) -> f64 {
        match self {
            Self::Value(figure) | Self::AtLeast(figure) => figure,
        }
    }
}

/// The coefficients, none below 0, whose sums over `columns` have the least absolute relative errors (iteratively reweighted least
/// squares). A few rows that lie far off move them little. `None` where there are no rows, or a figure is not above 0.
pub fn relative(columns: &[Vec<f64>], seen: &[Seen]) -> Option<Vec<f64>> {
    if seen.iter().any(|one| one.figure() <= 0.0) {
        return None;
    }
    let scaled = |column: &Vec<f64>| -> Vec<f64> {
        let pairs = column.iter().zip(seen);
        pairs.map(|(x, one)| x / one.figure()).collect()
    };
    let columns: Vec<Vec<f64>> = columns.iter().map(scaled).collect();
    let ones = vec![1.0; seen.len()];
    let mut weights = ones.clone();
    let mut found: Vec<f64> = Vec::new();
    for _ in 0..ROUNDS {
        let next = Design::new(&columns, &ones, Some(&weights))?.nnls();
        let settled = found.len() == next.len()
            && found
                .iter()
                .zip(&next)
                .all(|(a, b)| (a - b).abs() <= SETTLED * b.abs());
        found = next;
        if settled {
            break;
        }
        for (row, weight) in weights.iter_mut().enumerate() {
            let ratio: f64 = columns.iter().zip(&found).map(|(c, x)| c[row] * x).sum();
            *weight = match seen[row] {
                Seen::AtLeast(_) if ratio >= 1.0 => 0.0,
                _ => (ratio - 1.0).abs().max(SOUND).sqrt().recip(),
            };
        }
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 12 s and 0.4 s a unit.
    fn rows() -> (Vec<Vec<f64>>, Vec<Seen>) {
        let units: Vec<f64> = (0..40).map(|n| 1.3_f64.powi(n)).collect();
        let seen = units.iter().map(|x| Seen::Value(12.0 + 0.4 * x)).collect();
        (vec![vec![1.0; units.len()], units], seen)
    }

    fn close(found: &[f64], wanted: [f64; 2]) {
        for (found, wanted) in found.iter().zip(wanted) {
            assert!((found / wanted - 1.0).abs() < 0.02, "{found} {wanted}");
        }
    }

    #[test]
    fn a_few_rows_far_off_do_not_move_it() {
        let (columns, mut seen) = rows();
        close(&relative(&columns, &seen).unwrap(), [12.0, 0.4]);
        for row in [3, 17, 30, 39] {
            seen[row] = Seen::Value(seen[row].figure() * 5.0);
        }
        close(&relative(&columns, &seen).unwrap(), [12.0, 0.4]);
    }

    #[test]
    fn a_bound_counts_only_where_it_is_broken() {
        let (columns, mut seen) = rows();
        seen[39] = Seen::AtLeast(100.0);
        seen[38] = Seen::AtLeast(seen[38].figure() * 0.5);
        close(&relative(&columns, &seen).unwrap(), [12.0, 0.4]);
        let few = [vec![1.0, 1.0], vec![1.0, 2.0]];
        let found = relative(&few, &[Seen::Value(1.0), Seen::AtLeast(10.0)]).unwrap();
        assert!(found[0] + 2.0 * found[1] > 1.5, "{found:?}");
    }

    #[test]
    fn nothing_is_found_in_nothing() {
        assert_eq!(relative(&[vec![1.0]], &[Seen::Value(0.0)]), None);
        assert_eq!(relative(&[vec![]], &[]), None);
    }
}
