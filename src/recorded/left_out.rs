//! Recorded blocks that no figure counts: those that did not come back, and those that stalled.

use serde::Serialize;

use super::{Crash, Panel, Point, Series};
use crate::{fit::real, gas::Gas, prove::ProverId};

/// A block that did not come back.
#[derive(Clone, Debug, Serialize)]
pub struct CrashedBlock {
    /// Scenario.
    pub scenario: String,
    /// Prover.
    pub prover: ProverId,
    /// Gas level.
    pub level: Option<Gas>,
    /// `timeout`, `out of memory`, `transport` or `crash`.
    pub class: String,
}

/// A block left out as a stall.
#[derive(Clone, Debug, Serialize)]
pub struct StalledBlock {
    /// Scenario.
    pub scenario: String,
    /// Prover.
    pub prover: ProverId,
    /// Gas level.
    pub level: Gas,
    /// Seconds recorded.
    pub seconds: f64,
    /// Seconds that the other levels' line says.
    pub expected_s: f64,
}

/// Every block that did not come back.
pub fn crashed(panel: &Panel) -> Vec<CrashedBlock> {
    let line = |(series, level, crash): (&Series, Option<Gas>, &Crash)| CrashedBlock {
        scenario: series.scenario.clone(),
        prover: series.source.prover(),
        level,
        class: crash.class.name().into(),
    };
    panel.crashes().map(line).collect()
}

/// Every block left out as a stall.
pub fn stalled(panel: &Panel) -> Vec<StalledBlock> {
    let line = |(series, point): (&Series, &Point)| StalledBlock {
        scenario: series.scenario.clone(),
        prover: series.source.prover(),
        level: point.level,
        seconds: point.seconds,
        expected_s: series
            .line
            .as_ref()
            .map_or(f64::NAN, |line| line.at(real(point.gas))),
    };
    panel.stalls().map(line).collect()
}
