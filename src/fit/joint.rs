//! Every measurement of one prover at once: what a unit of each gas parameter costs.
//!
//! Parameters that the measurements always use in the same proportion cannot be told apart. They are merged, and only
//! what they cost together is claimed.

use super::{
    nnls::Design,
    regression::{IDENTIFIED, level},
};

/// Something to be explained: a column of usage, and how much of it counts as one when it has to be merged with another.
#[derive(Clone, Debug)]
pub struct Feature {
    /// Its name.
    pub name: String,
    /// By observation.
    pub units: Vec<f64>,
    /// What a unit is worth beside another feature's: its price.
    pub worth: f64,
}

/// What a direction costs.
#[derive(Clone, Debug, PartialEq)]
pub struct Direction {
    /// The features that are only known together: mostly one.
    pub names: Vec<String>,
    /// Seconds per unit; of several, per unit of worth.
    pub cost: f64,
    /// 95 % interval, valid at 0.
    pub interval: (f64, f64),
    /// The same for all directions at once.
    pub simultaneous: (f64, f64),
    /// How many times its variance is inflated by the others.
    pub inflation: f64,
    /// Observations that use it.
    pub observations: usize,
}

/// The whole fit.
#[derive(Clone, Debug, PartialEq)]
pub struct Joint {
    /// In the features' order.
    pub directions: Vec<Direction>,
    /// The condition index before anything was merged.
    pub condition_before: f64,
    /// And after.
    pub condition_index: f64,
    /// The part of the weighted variance explained.
    pub r_squared: f64,
    /// The median distance of the observations from the fit, relative.
    pub median_error: f64,
    /// Observations.
    pub observations: usize,
}

/// Explains `seconds` beyond the fixed cost by `features`. Single runs scatter in proportion to their time, so each row
/// weighs by the inverse of `scales`, its whole time. `None` where nothing can be fitted.
pub fn joint(features: &[Feature], seconds: &[f64], scales: &[f64]) -> Option<Joint> {
    let weights: Vec<f64> = scales.iter().map(|s| 1.0 / s.max(1e-9)).collect();
    // A feature that no observation uses says nothing.
    let used = |f: &&Feature| f.units.iter().any(|u| *u != 0.0);
    let mut groups: Vec<Vec<&Feature>> = features.iter().filter(used).map(|f| vec![f]).collect();
    let design = |groups: &[Vec<&Feature>]| {
        let columns: Vec<Vec<f64>> = groups.iter().map(|group| column(group)).collect();
        Design::new(&columns, seconds, Some(&weights))
    };
    let mut current = design(&groups)?;
    let condition_before = current.condition_index();
    while groups.len() > 1 && current.condition_index() > IDENTIFIED {
        let (a, b) = current.least_apart()?;
        let merged = groups.remove(b);
        groups[a].extend(merged);
        current = design(&groups)?;
    }
    if current.len() <= groups.len() {
        return None;
    }
    let costs = current.nnls();
    let left = current.residuals(&costs);
    let freedom = current.len() - groups.len();
    let inflations = current.inflations();
    let intervals = current.intervals(level(freedom, 1));
    let simultaneous = current.intervals(level(freedom, groups.len()));
    let directions = groups.iter().enumerate().map(|(j, group)| Direction {
        names: group.iter().map(|f| f.name.clone()).collect(),
        cost: costs[j],
        interval: intervals[j],
        simultaneous: simultaneous[j],
        inflation: inflations[j],
        observations: column(group).iter().filter(|u| **u != 0.0).count(),
    });
    let total: f64 = seconds
        .iter()
        .zip(&weights)
        .map(|(s, w)| (s * w).powi(2))
        .sum();
    let mut relative: Vec<f64> = left
        .iter()
        .zip(seconds.iter().zip(&weights))
        .map(|(r, (s, w))| (r / (s * w)).abs())
        .filter(|r| r.is_finite())
        .collect();
    Some(Joint {
        directions: directions.collect(),
        condition_before,
        condition_index: current.condition_index(),
        r_squared: 1.0 - left.iter().map(|r| r * r).sum::<f64>() / total,
        median_error: super::robust::median(&mut relative),
        observations: current.len(),
    })
}

/// Several features move as one: each by its worth.
fn column(group: &[&Feature]) -> Vec<f64> {
    if let [one] = group {
        return one.units.clone();
    }
    let mut sum = vec![0.0; group[0].units.len()];
    for feature in group {
        for (sum, units) in sum.iter_mut().zip(&feature.units) {
            *sum += units * feature.worth;
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn feature(name: &str, units: &[f64], worth: f64) -> Feature {
        Feature {
            name: name.into(),
            units: units.to_vec(),
            worth,
        }
    }

    #[test]
    fn costs_are_found() {
        let a = [1.0, 0.0, 2.0, 1.0, 3.0, 5.0];
        let b = [0.0, 1.0, 1.0, 3.0, 0.0, 2.0];
        let seconds: Vec<f64> = a.iter().zip(&b).map(|(a, b)| 0.2 * a + 0.7 * b).collect();
        let fit = joint(
            &[feature("A", &a, 3.0), feature("B", &b, 5.0)],
            &seconds,
            &seconds,
        )
        .unwrap();
        assert!((fit.directions[0].cost - 0.2).abs() < 1e-9);
        assert!((fit.directions[1].cost - 0.7).abs() < 1e-9);
        assert!(fit.r_squared > 0.999_999 && fit.condition_index < IDENTIFIED);
    }

    #[test]
    fn what_is_not_told_apart_is_merged() {
        // One message length only: base and per word always come as 1 to 32.
        let base = [10.0, 20.0, 30.0, 40.0, 5.0];
        let words: Vec<f64> = base.iter().map(|n| 32.0 * n).collect();
        let other = [7.0, 1.0, 0.0, 2.0, 9.0];
        let seconds: Vec<f64> = base
            .iter()
            .zip(other)
            .map(|(n, o)| 2.0 * n + 0.1 * o)
            .collect();
        let features = [
            feature("KECCAK256.base", &base, 30.0),
            feature("OTHER", &other, 3.0),
            feature("KECCAK256.per_word", &words, 6.0),
        ];
        let fit = joint(&features, &seconds, &seconds).unwrap();
        assert!(fit.condition_before > IDENTIFIED && fit.condition_index < IDENTIFIED);
        assert_eq!(
            fit.directions[0].names,
            ["KECCAK256.base", "KECCAK256.per_word"]
        );
        // 30 + 6 * 32 gas of it take 2 s.
        assert!((fit.directions[0].cost * 222.0 - 2.0).abs() < 1e-6);
        assert!((fit.directions[1].cost - 0.1).abs() < 1e-6);
    }
}
