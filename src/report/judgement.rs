//! Schedules held against recorded blocks, as text.

use serde::Serialize;

use super::grid::{Align, Grid};
use super::margin::MarginLine;
use super::number::{count, mgas_per_s, percent, three_digits};
use super::proposal::TargetLine;
use super::table::{Layout, target_text};
use super::text::line;
use crate::fit::real;
use crate::recorded::judgement::JudgedSchedule;

/// The whole answer to `judge`.
#[derive(Clone, Debug, Serialize)]
pub struct Judgement {
    /// The folder or file.
    pub runs: String,
    /// What blocks have to hold.
    pub target: TargetLine,
    /// One per schedule, in the order named.
    pub schedules: Vec<JudgedSchedule>,
    /// Why blocks are left out, and how many.
    pub left_out: std::collections::BTreeMap<String, usize>,
}

/// Blocks below, printed before the rest is folded.
const SHOWN: usize = 10;

/// Header, one row per schedule, the worst blocks of each.
pub fn table(judgement: &Judgement, layout: Layout) -> String {
    let mut out = format!("Judged on {}\n", judgement.runs);
    line(
        &mut out,
        format!("  target    {}", target_text(&judgement.target)),
    );
    out.push('\n');
    let mut grid = Grid::new([
        (Align::Left, "schedule"),
        (Align::Right, "blocks"),
        (Align::Right, "below"),
        (Align::Right, "closest"),
        (Align::Right, "worst Mgas/s"),
        (Align::Right, "overshoot"),
        (Align::Right, "95 %"),
        (Align::Right, "distortion"),
        (Align::Right, "crashed"),
    ]);
    for one in &judgement.schedules {
        grid.row([
            one.file.clone(),
            one.blocks.to_string(),
            one.below.to_string(),
            one.closest.map_or_else(|| "-".into(), percent),
            mgas_per_s(one.worst_rate),
            format!("{}x", three_digits(one.overshoot_median)),
            format!("{}x", three_digits(one.overshoot_p95)),
            format!("{}x", three_digits(one.distortion)),
            format!("{} of {}", one.crashed, one.crashed + one.ruled_out),
        ]);
    }
    out.push_str(&grid.render(layout.width));
    line(
        &mut out,
        "below: worth less gas than their time needs; closest: by what part of its work the closest block holds, below 0 a miss;",
    );
    line(
        &mut out,
        "overshoot: the median block's gas by what it needs, and the 95th percentile;",
    );
    line(
        &mut out,
        "distortion: the geometric mean of how far blocks are off, up or down; crashed: blocks that crashed and still fit into one",
    );
    for (why, n) in &judgement.left_out {
        line(&mut out, format!("{} left out: {why}", count(*n, "block")));
    }
    for one in &judgement.schedules {
        let near = MarginLine {
            too_close: one.too_close.clone(),
            ..MarginLine::default()
        };
        let near = near.near();
        if !near.is_empty() {
            line(&mut out, format!("{}: {near}", one.file));
        }
    }
    for one in judgement.schedules.iter().filter(|one| one.below > 0) {
        let share = percent(real(one.below as u64) / real(one.blocks as u64));
        out.push('\n');
        line(
            &mut out,
            format!(
                "{} of {} below ({share}) under {}:",
                one.below, one.blocks, one.name
            ),
        );
        out.push_str(&worst(one, layout));
    }
    out
}

fn worst(one: &JudgedSchedule, layout: Layout) -> String {
    let shown = if layout.all {
        one.worst.len()
    } else {
        SHOWN.min(one.worst.len())
    };
    let mut grid = Grid::new([
        (Align::Left, "scenario"),
        (Align::Left, "prover"),
        (Align::Right, "gas"),
        (Align::Right, "work s"),
        (Align::Right, "Mgas/s"),
        (Align::Right, "needed"),
    ]);
    for block in &one.worst[..shown] {
        grid.row([
            block.id.scenario.clone(),
            block.id.prover.to_string(),
            crate::gas::grouped(i128::from(block.gas_used)),
            block.cost_s.map_or_else(|| "-".into(), three_digits),
            mgas_per_s(block.rate()),
            block
                .needed_rate
                .map_or_else(|| "no price".into(), mgas_per_s),
        ]);
    }
    let mut out = grid.render(layout.width);
    if shown < one.worst.len() {
        line(
            &mut out,
            format!("and {} more (--all shows them)", one.worst.len() - shown),
        );
    }
    out
}
