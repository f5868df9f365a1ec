//! How far predicted times are from real ones.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::pairs::ENOUGH;
use crate::fit::{median, quantile, rank_correlation, real};

/// An error that counts as hit.
const HIT: f64 = 0.1;

/// Relative errors.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Errors {
    /// Their mean.
    pub mean: f64,
    /// Their median.
    pub median: f64,
    /// What nine of ten are below.
    pub p90: f64,
    /// The part of blocks within 10 %.
    pub within_10_percent: f64,
}

/// Blocks of one benchmark function.
#[derive(Clone, Debug, Serialize)]
pub struct Family {
    /// The function, without `test_`.
    pub name: String,
    /// Blocks.
    pub blocks: usize,
    /// Predicted by real time: median, lowest, highest.
    pub ratio: f64,
    /// The lowest of them.
    pub lowest: f64,
    /// The highest.
    pub highest: f64,
    /// The part of blocks within 10 %.
    pub within_10_percent: f64,
    /// Median of predicted by real time where it was left out of the fit.
    pub left_out: f64,
}

/// A block's time as it was, and as it is predicted.
#[derive(Clone, Debug)]
pub struct PredictedTime {
    /// Its family.
    pub family: String,
    /// The gas it was made for, in millions.
    pub level_mgas: Option<u64>,
    /// Seconds.
    pub real_s: f64,
    /// Seconds.
    pub predicted_s: f64,
}

/// Whether predicted and real times put blocks of one gas level in the same order: Spearman's rank correlation.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Ranks {
    /// The gas level, in millions; absent where names say none.
    pub level_mgas: Option<u64>,
    /// Its blocks.
    pub blocks: usize,
    /// Of its blocks.
    pub by_block: f64,
    /// Of its families, each by its longest block.
    pub by_family: f64,
}

impl Ranks {
    /// Of every level with enough blocks, the largest first.
    pub(super) fn of(points: &[PredictedTime]) -> Vec<Self> {
        let levels: BTreeSet<_> = points.iter().map(|one| one.level_mgas).collect();
        let of = |level_mgas: &Option<u64>| {
            let own = || points.iter().filter(|one| one.level_mgas == *level_mgas);
            let blocks: Vec<_> = own().map(|one| (one.predicted_s, one.real_s)).collect();
            let mut longest: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
            for one in own() {
                let (predicted, real) = longest.entry(&one.family).or_default();
                *predicted = predicted.max(one.predicted_s);
                *real = real.max(one.real_s);
            }
            let families: Vec<_> = longest.into_values().collect();
            (blocks.len() >= ENOUGH).then_some(())?;
            Some(Self {
                level_mgas: *level_mgas,
                blocks: blocks.len(),
                by_block: rank_correlation(&blocks)?,
                by_family: rank_correlation(&families)?,
            })
        };
        levels.iter().rev().filter_map(of).collect()
    }
}

impl Errors {
    pub(super) fn of(ratios: impl Iterator<Item = f64>) -> Self {
        let mut errors: Vec<f64> = ratios.map(|ratio| (ratio - 1.0).abs()).collect();
        errors.sort_by(f64::total_cmp);
        if errors.is_empty() {
            return Self::default();
        }
        let hits = errors.iter().filter(|error| **error <= HIT).count();
        Self {
            mean: errors.iter().sum::<f64>() / real(errors.len() as u64),
            median: quantile(&errors, 0.5),
            p90: quantile(&errors, 0.9),
            within_10_percent: real(hits as u64) / real(errors.len() as u64),
        }
    }
}

/// By family, the most underestimated first.
pub(super) fn families(points: &[PredictedTime], left_out: &[f64]) -> Vec<Family> {
    let mut by_name: BTreeMap<&str, Vec<(f64, f64)>> = BTreeMap::new();
    for (point, left_out) in points.iter().zip(left_out) {
        let ratios = (point.predicted_s / point.real_s, left_out / point.real_s);
        by_name.entry(&point.family).or_default().push(ratios);
    }
    let one = |(name, all): (&str, Vec<(f64, f64)>)| {
        let mut ratios: Vec<f64> = all.iter().map(|(ratio, _)| *ratio).collect();
        let mut left_out: Vec<f64> = all.iter().map(|(_, ratio)| *ratio).collect();
        Family {
            name: name.to_owned(),
            blocks: all.len(),
            ratio: median(&mut ratios),
            lowest: ratios.iter().copied().fold(f64::INFINITY, f64::min),
            highest: ratios.iter().copied().fold(0.0, f64::max),
            within_10_percent: Errors::of(ratios.iter().copied()).within_10_percent,
            left_out: median(&mut left_out),
        }
    };
    let mut all: Vec<Family> = by_name.into_iter().map(one).collect();
    all.sort_by(|a, b| a.ratio.total_cmp(&b.ratio));
    all
}
