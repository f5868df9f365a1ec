//! Whether two figures put things in the same order.

use super::real;

/// Spearman's rank correlation: 1 where both figures of the pairs have the same order, -1 where they have opposite ones. Equal
/// figures share the mean of their ranks. `None` where one of the two is the same everywhere.
pub fn rank_correlation(pairs: &[(f64, f64)]) -> Option<f64> {
    let of = |pick: fn(&(f64, f64)) -> f64| ranks(&pairs.iter().map(pick).collect::<Vec<_>>());
    let (one, other) = (of(|pair| pair.0), of(|pair| pair.1));
    let mean = (real(pairs.len() as u64) - 1.0) / 2.0;
    let (mut both, mut own, mut others) = (0.0, 0.0, 0.0);
    for (a, b) in one.iter().zip(&other) {
        let (a, b) = (a - mean, b - mean);
        both += a * b;
        own += a * a;
        others += b * b;
    }
    (own > 0.0 && others > 0.0).then(|| both / (own * others).sqrt())
}

/// Each figure's place in the order of all, from 0.
fn ranks(figures: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..figures.len()).collect();
    order.sort_by(|a, b| figures[*a].total_cmp(&figures[*b]));
    let mut ranks = vec![0.0; figures.len()];
    let mut first = 0;
    for equal in order.chunk_by(|a, b| figures[*a].total_cmp(&figures[*b]).is_eq()) {
        let rank = real(first as u64) + (real(equal.len() as u64) - 1.0) / 2.0;
        for at in equal {
            ranks[*at] = rank;
        }
        first += equal.len();
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_counts_and_size_does_not() {
        let of = |other: [f64; 4]| {
            let pairs = [1.0, 2.0, 3.0, 4.0].into_iter().zip(other);
            rank_correlation(&pairs.collect::<Vec<_>>())
        };
        assert_eq!(of([1.0, 10.0, 100.0, 1e9]), Some(1.0));
        assert_eq!(of([4.0, 3.0, 2.0, -1.0]), Some(-1.0));
        assert_eq!(of([5.0; 4]), None);
        assert_eq!(rank_correlation(&[]), None);
        // Kendall and Gibbons, Rank Correlation Methods: 1 - 6 sum d^2 / (n^3 - n), here with d = 1, 1, 0, 0.
        assert!((of([2.0, 1.0, 3.0, 4.0]).unwrap() - 0.8).abs() < 1e-12);
        // Ties share their ranks: 0, 1.5, 1.5, 3.
        assert!((of([1.0, 2.0, 2.0, 3.0]).unwrap() - 0.948_683_298).abs() < 1e-9);
    }
}
