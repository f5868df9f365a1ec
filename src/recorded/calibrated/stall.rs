//! Blocks that took too long for what they are.

use serde::Serialize;

use super::super::{Panel, Point, Series};
use super::pairs::at_level;
use crate::{fit::real, prove::Source};

/// A block that took too long.
#[derive(Clone, Debug, Serialize)]
pub struct Stall {
    /// The test.
    pub test: String,
    /// Seconds that it took.
    pub real_s: f64,
    /// Seconds that the other gas levels let expect.
    pub expected_s: f64,
}

/// Times far above the line through the same test's other gas levels.
pub fn stalls(panel: &Panel, source: &Source) -> Vec<Stall> {
    let own = panel
        .stalls()
        .filter(|(series, _)| *series.source == *source);
    let stall = |(series, point): (&Series, &Point)| Stall {
        test: at_level(&series.scenario, Some(point.level / 1_000_000)),
        real_s: point.seconds,
        expected_s: series
            .line
            .as_ref()
            .map_or(0.0, |line| line.at(real(point.gas))),
    };
    own.map(stall).collect()
}
