//! What recorded runs say about costs: a line per scenario, a regression per operation, all of a prover at once.

mod flags;
mod joint;
mod lines;
mod regressions;
#[cfg(test)]
mod tests;

pub use flags::Flag;
pub use joint::{DirectionRow, JointFit, joint_fits};
pub use lines::{LineRow, lines};
pub use regressions::{CoefficientRow, RegressionRow, Worst, regressions, worst};

use serde::Serialize;

use super::number::{count, mgas_per_s, three_digits};
use super::ratios::{CrashLine, StallLine, left_out};
use super::table::{Layout, to_f64};
use super::text::line;
use crate::{gas::Gas, solve::target::effective_rate};

/// The whole answer to `fit`.
#[derive(Clone, Debug, Serialize)]
pub struct Fits {
    /// The folder or file.
    pub runs: String,
    /// Gas of a full block, and the seconds it may take.
    pub target: super::ratios::Asked,
    /// Who proved.
    pub provers: Vec<FitProver>,
    /// One per scenario and prover, the steepest first.
    pub lines: Vec<LineRow>,
    /// One per operation, prover and test, where executions are known.
    pub regressions: Vec<RegressionRow>,
    /// One per operation and coefficient: the worst of its regressions, and what to think of it.
    pub worst: Vec<Worst>,
    /// One per prover, where opcode counts are known.
    pub joint: Vec<JointFit>,
    /// Blocks that did not come back: lower bounds, and not in any fit.
    pub crashes: Vec<CrashLine>,
    /// Blocks left out as stalls.
    pub stalls: Vec<StallLine>,
}

/// A prover of a fit.
#[derive(Clone, Debug, Serialize)]
pub struct FitProver {
    /// zkVM, guest, machine.
    pub name: String,
    /// Seconds of an empty block: the median of where its lines begin.
    pub fixed_s: f64,
    /// Gas per second that turns seconds into prices: what the target needs once the fixed cost is paid.
    pub rate: f64,
}

/// The rate that turns a prover's seconds into prices; 0 where the fixed cost alone misses the target.
pub fn rate(gas: Gas, within_s: f64, fixed_s: f64) -> f64 {
    effective_rate(gas, within_s, fixed_s).unwrap_or(0.0)
}

/// Which parts are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parts {
    /// Lines per scenario.
    pub lines: bool,
    /// Regressions per operation.
    pub regressions: bool,
    /// All at once.
    pub joint: bool,
}

/// Rows shown where not all are asked for.
const SHOWN: usize = 20;

/// Header and the chosen parts.
pub fn table(fits: &Fits, parts: Parts, layout: Layout) -> String {
    let mut out = format!("Fits of {}\n", fits.runs);
    for prover in &fits.provers {
        line(
            &mut out,
            format!(
                "  prover    {}: {} s before the first opcode; a second is worth {} Mgas",
                prover.name,
                three_digits(prover.fixed_s),
                mgas_per_s(prover.rate)
            ),
        );
    }
    let target = fits.target;
    line(
        &mut out,
        format!(
            "  target    {} Mgas within {} s",
            mgas_per_s(to_f64(target.gas)),
            three_digits(target.within_s)
        ),
    );
    if parts.lines {
        out.push_str(&lines::table(
            &fits.lines,
            shown(fits.lines.len(), layout),
            layout,
        ));
    }
    if parts.regressions && !fits.regressions.is_empty() {
        out.push_str(&regressions::table(fits, layout));
    }
    if parts.joint {
        for one in &fits.joint {
            out.push_str(&joint::table(
                one,
                shown(one.directions.len(), layout),
                layout,
            ));
        }
    }
    out.push('\n');
    out.push_str(&left_out(&fits.crashes, &fits.stalls, layout));
    out
}

fn shown(all: usize, layout: Layout) -> usize {
    if layout.all { all } else { SHOWN.min(all) }
}

/// What a table leaves out.
fn folded(out: &mut String, all: usize, shown: usize, what: &str) {
    if shown < all {
        line(
            out,
            format!("and {} more (--all shows them)", count(all - shown, what)),
        );
    }
}
