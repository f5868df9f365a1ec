//! A robust line per scenario and prover.

use serde::Serialize;

use crate::{fit::median, prove::ProverId, recorded::Panel};

/// One scenario on one prover.
#[derive(Clone, Debug, Serialize)]
pub struct ScenarioLine {
    /// The operation; empty where unknown.
    pub operation: String,
    /// The scenario.
    pub scenario: String,
    /// The prover.
    pub prover: ProverId,
    /// Gas levels in the line.
    pub points: usize,
    /// Seconds of an empty block, as this line has it.
    pub intercept_s: f64,
    /// Seconds per million gas.
    pub slope_s_per_mgas: f64,
    /// 95 % interval of the slope.
    pub slope_interval: (f64, f64),
    /// The part of the variance explained.
    pub r_squared: f64,
    /// `linear`, `superlinear`, `sublinear`, `flat`; absent with fewer than three levels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<&'static str>,
    /// The power of gas that time beyond the fixed cost grows with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exponent: Option<f64>,
    /// Levels left out as stalls.
    pub stalls: usize,
    /// Levels that crashed.
    pub crashes: usize,
    /// Repeats of one level at most.
    pub repeats: usize,
}

/// The lines of everything in `panel`, the steepest first.
pub fn lines(panel: &Panel) -> Vec<ScenarioLine> {
    let mut rows: Vec<ScenarioLine> = panel
        .series
        .iter()
        .filter_map(|series| {
            let fit = series.line.as_ref()?;
            let class = series.linearity(panel.fixed_s[&series.source]);
            Some(ScenarioLine {
                operation: series.operation.clone().unwrap_or_default(),
                scenario: series.scenario.clone(),
                prover: series.source.prover(),
                points: fit.points,
                intercept_s: fit.intercept,
                slope_s_per_mgas: fit.slope * 1e6,
                slope_interval: (fit.slope_interval.0 * 1e6, fit.slope_interval.1 * 1e6),
                r_squared: fit.r_squared,
                class: class.map(|(class, _)| class.name()),
                exponent: class.map(|(_, exponent)| exponent),
                stalls: fit.stalls.len(),
                crashes: series.crashes.len(),
                repeats: series.points.iter().map(|p| p.repeats).max().unwrap_or(0),
            })
        })
        .collect();
    rows.sort_by(|a, b| b.slope_s_per_mgas.total_cmp(&a.slope_s_per_mgas));
    rows
}

/// The median slope, seconds per million gas, and the median part of the variance explained.
pub fn medians(lines: &[ScenarioLine]) -> (f64, f64) {
    let of = |figure: fn(&ScenarioLine) -> f64| {
        let mut figures: Vec<f64> = lines.iter().map(figure).collect();
        median(&mut figures)
    };
    (of(|line| line.slope_s_per_mgas), of(|line| line.r_squared))
}
