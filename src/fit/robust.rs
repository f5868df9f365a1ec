//! A scenario's time as a line in its gas, from measurements that are noisy and sometimes wrong by minutes.

use super::{
    stalls::stalls,
    student::{normal_quantile, student_quantile},
};

/// A standard deviation in medians of absolute deviations.
const NORMAL_MEDIAN: f64 = 1.482_6;
/// Time that changes less than this over the levels is flat.
const FLAT: f64 = 0.05;
/// An exponent this far from 1 is not linear.
const BENT: f64 = 0.2;

/// `seconds = intercept + slope * gas`, by Theil and Sen: the median of the slopes between any two points.
#[derive(Clone, Debug, PartialEq)]
pub struct RobustLine {
    /// Seconds of an empty block.
    pub intercept: f64,
    /// Seconds per gas.
    pub slope: f64,
    /// 95 % interval of the slope, from the ranks of the slopes between any two points (Kendall's); with few points their
    /// whole range. Never below 0.
    pub slope_interval: (f64, f64),
    /// The part of the variance that the line explains.
    pub r_squared: f64,
    /// Points used.
    pub points: usize,
    /// Indices of points dropped as stalls.
    pub stalls: Vec<usize>,
    /// Standard deviation around the line, seconds.
    scatter: f64,
    /// Points used, and an empty block where it is known.
    known: usize,
    /// The mean of their gas.
    mean: f64,
    /// Sum of squared distances of their gas from it.
    spread: f64,
}

/// How time grows with gas.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Linearity {
    /// In proportion.
    Linear,
    /// Faster: more gas is worse than a line says.
    Superlinear,
    /// Slower.
    Sublinear,
    /// Not at all: the scenario's work does not fill the block.
    Flat,
}

impl Linearity {
    /// The word in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Linear => "linear",
            Self::Superlinear => "superlinear",
            Self::Sublinear => "sublinear",
            Self::Flat => "flat",
        }
    }
}

impl RobustLine {
    /// The line through `(gas, seconds)`; `None` with fewer than two different gas levels.
    /// `fixed_s` are seconds of an empty block, where these are known: then stalls can be told among fewer points.
    pub fn fit(points: &[(f64, f64)], fixed_s: Option<f64>) -> Option<Self> {
        let stalls = stalls(points, fixed_s);
        let kept: Vec<(f64, f64)> = points
            .iter()
            .enumerate()
            .filter(|(i, _)| !stalls.contains(i))
            .map(|(_, point)| *point)
            .collect();
        let mut slopes = pairwise(&kept);
        if slopes.is_empty() {
            return None;
        }
        slopes.sort_by(f64::total_cmp);
        let slope = median(&mut slopes.clone()).max(0.0);
        let mut intercepts: Vec<f64> = kept.iter().map(|(x, y)| y - slope * x).collect();
        let intercept = median(&mut intercepts);
        let n = real(kept.len());
        // An empty block is known, too, where its seconds are: the line does not turn about the levels' middle.
        let known = || kept.iter().map(|p| p.0).chain(fixed_s.map(|_| 0.0));
        let count = kept.len() + usize::from(fixed_s.is_some());
        let mean = known().sum::<f64>() / real(count);
        let mean_y = kept.iter().map(|p| p.1).sum::<f64>() / n;
        let squares =
            |of: &dyn Fn(&(f64, f64)) -> f64| kept.iter().map(of).map(|d| d * d).sum::<f64>();
        let left = squares(&|(x, y)| y - intercept - slope * x);
        let all = squares(&|(_, y)| y - mean_y);
        Some(Self {
            intercept,
            slope,
            slope_interval: interval(&slopes, kept.len()),
            r_squared: if all > 0.0 { 1.0 - left / all } else { 0.0 },
            points: kept.len(),
            stalls,
            scatter: (left / (n - 2.0).max(1.0)).sqrt(),
            known: count,
            mean,
            spread: known().map(|x| (x - mean) * (x - mean)).sum(),
        })
    }

    /// Seconds at `gas`.
    pub fn at(&self, gas: f64) -> f64 {
        self.intercept + self.slope * gas
    }

    /// Seconds that the line at `gas` exceeds with a probability of `1 - confidence`, by Student's t. With two points,
    /// which say nothing of their scatter, `noise` times the line counts as its scatter, and it does as a floor.
    pub fn upper(&self, gas: f64, confidence: f64, noise: f64) -> f64 {
        self.beyond(gas, confidence, noise, self.leverage(gas))
    }

    /// Seconds that another measurement at `gas` exceeds with a probability of `1 - confidence`: it scatters about a line that is not
    /// known for sure.
    pub fn upper_of_one(&self, gas: f64, confidence: f64, noise: f64) -> f64 {
        self.beyond(gas, confidence, noise, 1.0 + self.leverage(gas))
    }

    fn leverage(&self, gas: f64) -> f64 {
        1.0 / real(self.known) + (gas - self.mean).powi(2) / self.spread
    }

    fn beyond(&self, gas: f64, confidence: f64, noise: f64, variance: f64) -> f64 {
        let at = self.at(gas);
        let (t, scatter) = if self.points > 2 {
            let t = student_quantile(confidence, self.known - 2);
            // With few degrees of freedom the scatter of single runs in general tells more than three points do.
            (
                t.min(normal_quantile(confidence) * 2.0),
                self.scatter.max(noise * at),
            )
        } else {
            (normal_quantile(confidence), noise * at)
        };
        at + t * scatter * variance.sqrt()
    }

    /// How far a single measurement is off, relative to the line: its standard deviation, from the points' median.
    pub fn noise(&self, points: &[(f64, f64)]) -> Option<f64> {
        let kept = points
            .iter()
            .enumerate()
            .filter(|(i, _)| !self.stalls.contains(i));
        let mut off: Vec<f64> = kept
            .map(|(_, (x, y))| (y / self.at(*x).max(1e-9) - 1.0).abs())
            .collect();
        // A line goes through some of few points; the median distance of the rest is too small for it.
        let free = real(self.points) / real(self.points.checked_sub(2).filter(|n| *n > 0)?);
        Some(NORMAL_MEDIAN * median(&mut off) * free.sqrt())
    }

    /// How time beyond `fixed_s` grows with gas, from the slope between logarithms.
    pub fn linearity(points: &[(f64, f64)], fixed_s: f64) -> Option<(Linearity, f64)> {
        let highest = points.iter().map(|p| p.1).fold(f64::MIN, f64::max);
        let lowest = points.iter().map(|p| p.1).fold(f64::MAX, f64::min);
        if points.len() >= 2 && highest - lowest <= FLAT * highest {
            return Some((Linearity::Flat, 0.0));
        }
        let logs: Vec<(f64, f64)> = points
            .iter()
            .filter(|(x, y)| *x > 0.0 && y - fixed_s > FLAT * y)
            .map(|(x, y)| (x.ln(), (y - fixed_s).ln()))
            .collect();
        let mut slopes = pairwise(&logs);
        if logs.len() < 3 || slopes.is_empty() {
            return None;
        }
        let exponent = median(&mut slopes);
        let class = if exponent > 1.0 + BENT {
            Linearity::Superlinear
        } else if exponent < 1.0 - BENT {
            Linearity::Sublinear
        } else {
            Linearity::Linear
        };
        Some((class, exponent))
    }
}

/// The slopes between any two points of different gas.
fn pairwise(points: &[(f64, f64)]) -> Vec<f64> {
    let mut slopes = Vec::new();
    for (i, (x, y)) in points.iter().enumerate() {
        for (other_x, other_y) in &points[..i] {
            if (x - other_x).abs() > 0.0 {
                slopes.push((y - other_y) / (x - other_x));
            }
        }
    }
    slopes
}

/// Kendall's interval: the slopes whose ranks are as far apart as 95 % of the permutations reach.
fn interval(sorted: &[f64], points: usize) -> (f64, f64) {
    let n = real(points);
    let reach = normal_quantile(0.975) * (n * (n - 1.0) * (2.0 * n + 5.0) / 18.0).sqrt();
    let last = sorted.len() - 1;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and the number of slopes"
    )]
    let low = (((real(sorted.len()) - reach) / 2.0).floor().max(0.0) as usize).min(last / 2);
    (sorted[low].max(0.0), sorted[last - low].max(0.0))
}

/// The median; of an even number the mean of the two in the middle. 0 of none.
pub fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    quantile(values, 0.5)
}

/// A quantile of sorted values, between neighbours in proportion. 0 of none.
pub fn quantile(sorted: &[f64], share: f64) -> f64 {
    if sorted.is_empty() {
        return 0.0;
    }
    let at = share * real(sorted.len() - 1);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and the last index"
    )]
    let low = at.floor() as usize;
    let high = (low + 1).min(sorted.len() - 1);
    let part = at - at.floor();
    if part == 0.0 {
        return sorted[low];
    }
    sorted[low] * (1.0 - part) + sorted[high] * part
}

#[expect(clippy::cast_precision_loss, reason = "a count of measurements")]
pub(super) const fn real(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(levels: &[f64]) -> Vec<(f64, f64)> {
        levels.iter().map(|x| (*x, 3.5 + 0.4 * x)).collect()
    }

    #[test]
    fn a_stall_is_found_named_and_dropped() {
        for levels in [
            &[5.0, 10.0, 20.0, 30.0][..],
            &[5.0, 10.0, 15.0, 20.0, 25.0, 30.0, 35.0],
        ] {
            for at in 0..levels.len() {
                let mut points = line(levels);
                points[at].1 += 150.0;
                let fit = RobustLine::fit(&points, None).unwrap();
                assert_eq!(fit.stalls, [at]);
                assert!((fit.slope - 0.4).abs() < 1e-9 && (fit.intercept - 3.5).abs() < 1e-9);
            }
        }
        let mut two = line(&[5.0, 10.0, 15.0, 20.0, 25.0, 30.0, 35.0]);
        two[1].1 += 150.0;
        two[5].1 += 150.0;
        assert_eq!(RobustLine::fit(&two, None).unwrap().stalls, [1, 5]);
    }

    #[test]
    fn a_curve_is_no_stall() {
        let points: Vec<_> = [5.0, 10.0, 15.0, 20.0, 25.0, 30.0]
            .map(|x| (x, 1.0 + 0.05 * x * x))
            .to_vec();
        let fit = RobustLine::fit(&points, None).unwrap();
        assert!(fit.stalls.is_empty());
        assert_eq!(
            RobustLine::linearity(&points, 1.0).unwrap().0,
            Linearity::Superlinear
        );
        assert_eq!(
            RobustLine::linearity(&line(&[5.0, 10.0, 20.0]), 3.5)
                .unwrap()
                .0,
            Linearity::Linear
        );
        let flat = [(5.0, 5.0), (10.0, 5.1), (20.0, 4.95)];
        assert_eq!(
            RobustLine::linearity(&flat, 3.5).unwrap().0,
            Linearity::Flat
        );
    }

    #[test]
    fn intervals_hold_the_slope() {
        let mut points = line(&[5.0, 10.0, 15.0, 20.0, 25.0, 30.0, 35.0]);
        for (i, noise) in [0.2, -0.3, 0.1, 0.25, -0.2, 0.3, -0.1].iter().enumerate() {
            points[i].1 += noise;
        }
        let fit = RobustLine::fit(&points, None).unwrap();
        assert!(fit.slope_interval.0 < 0.4 && 0.4 < fit.slope_interval.1);
        assert!(fit.upper(60.0, 0.95, 0.0) > fit.at(60.0));
        assert!(fit.upper(60.0, 0.99, 0.0) > fit.upper(60.0, 0.95, 0.0));
        assert!(fit.upper_of_one(60.0, 0.95, 0.0) > fit.upper(60.0, 0.95, 0.0));
        assert!(RobustLine::fit(&[(5.0, 1.0), (5.0, 2.0)], None).is_none());
    }
}
