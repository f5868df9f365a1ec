//! Everything a prover was measured on, at once.

use serde::Serialize;

use super::folded;
use crate::{
    fit::{Feature, Joint, joint},
    report::{
        grid::{Align, Grid},
        number::{percent, three_digits},
        table::Layout,
        text::line,
    },
};

/// What a unit of each gas parameter costs one prover.
#[derive(Clone, Debug, Serialize)]
pub struct JointFit {
    /// The prover.
    pub prover: String,
    /// Blocks.
    pub blocks: usize,
    /// The condition index with every parameter by itself, and after merging those that are not told apart.
    pub condition_before: f64,
    /// After merging.
    pub condition_index: f64,
    /// The part of the weighted variance explained.
    pub r_squared: f64,
    /// The median distance of a block from the fit, relative.
    pub median_error: f64,
    /// What was fitted.
    pub directions: Vec<DirectionRow>,
}

/// A parameter, or several that are only known together.
#[derive(Clone, Debug, Serialize)]
pub struct DirectionRow {
    /// The parameters.
    pub parameters: Vec<String>,
    /// Microseconds per unit; of several, per gas they cost today.
    pub cost_us: f64,
    /// 95 % interval, valid at 0.
    pub interval_us: (f64, f64),
    /// The same for all directions at once.
    pub simultaneous_us: (f64, f64),
    /// Gas per unit that the target asks for; of several, times today's price.
    pub price: f64,
    /// Variance inflation.
    pub inflation: f64,
    /// Blocks that use it.
    pub blocks: usize,
}

/// One prover's fit. `rate` turns seconds into gas.
pub fn joint_fits(
    prover: &str,
    features: &[Feature],
    costs_s: &[f64],
    times_s: &[f64],
    rate: f64,
) -> Option<JointFit> {
    let fit = joint(features, costs_s, times_s)?;
    Some(row(prover, &fit, rate))
}

fn row(prover: &str, fit: &Joint, rate: f64) -> JointFit {
    let directions = fit.directions.iter().map(|d| DirectionRow {
        parameters: d.names.clone(),
        cost_us: d.cost * 1e6,
        interval_us: (d.interval.0 * 1e6, d.interval.1 * 1e6),
        simultaneous_us: (d.simultaneous.0 * 1e6, d.simultaneous.1 * 1e6),
        price: d.cost * rate,
        inflation: d.inflation,
        blocks: d.observations,
    });
    JointFit {
        prover: prover.into(),
        blocks: fit.observations,
        condition_before: fit.condition_before,
        condition_index: fit.condition_index,
        r_squared: fit.r_squared,
        median_error: fit.median_error,
        directions: directions.collect(),
    }
}

pub(super) fn table(fit: &JointFit, shown: usize, layout: Layout) -> String {
    let mut out = String::new();
    line(
        &mut out,
        format!(
            "\nAll of {} at once: {} blocks, R2 {:.3}, median error {}, condition index {} ({} before merging)",
            fit.prover,
            fit.blocks,
            fit.r_squared,
            percent(fit.median_error),
            three_digits(fit.condition_index),
            three_digits(fit.condition_before),
        ),
    );
    let mut grid = Grid::new([
        (Align::Left, "parameter"),
        (Align::Right, "blocks"),
        (Align::Right, "us each"),
        (Align::Right, "95 %"),
        (Align::Right, "all at once"),
        (Align::Right, "inflation"),
        (Align::Right, "gas"),
        (Align::Left, "known"),
    ]);
    let interval =
        |(low, high): (f64, f64)| format!("{}..{}", three_digits(low), three_digits(high));
    for row in &fit.directions[..shown] {
        let merged = row.parameters.len() > 1;
        grid.row([
            row.parameters.join(" + "),
            row.blocks.to_string(),
            three_digits(row.cost_us),
            interval(row.interval_us),
            interval(row.simultaneous_us),
            three_digits(row.inflation),
            if merged {
                format!("{}x", three_digits(row.price))
            } else {
                three_digits(row.price)
            },
            if merged {
                "their sum only"
            } else if row.cost_us == 0.0 {
                "at its bound"
            } else {
                ""
            }
            .into(),
        ]);
    }
    out.push_str(&grid.render(layout.width));
    folded(&mut out, fit.directions.len(), shown, "parameter");
    out.push_str("a mean over what was measured: an operation's worst scenario can cost several times as much\n");
    out
}
