//! Schedules held against measured blocks, whoever proposed them.

use serde::Serialize;

use super::grid::{Align, Grid};
use super::number::{count, mgas_per_s, percent, three_digits};
use super::proposal::TargetLine;
use super::table::{Layout, target_text, to_f64};
use super::text::line;
use crate::{
    fit::{median, quantile},
    gas::Gas,
};

/// Relative shortfall that counts as none: what whole gas cannot express.
const EXACT: f64 = 1e-9;

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

/// One schedule against all blocks.
#[derive(Clone, Debug, Serialize)]
pub struct JudgedSchedule {
    /// As the user named it.
    pub file: String,
    /// Its title.
    pub name: String,
    /// Blocks judged.
    pub blocks: usize,
    /// Blocks worth too little gas for the time they take.
    pub below: usize,
    /// Blocks that crashed and are still possible under these prices.
    pub crashed: usize,
    /// Blocks that crashed, and would take more gas than a block has.
    pub ruled_out: usize,
    /// Gas per second of the worst block's work.
    pub worst_rate: f64,
    /// The median of how many times more gas than needed a block is worth.
    pub overshoot_median: f64,
    /// The 95th percentile of the same.
    pub overshoot_p95: f64,
    /// By what factor a block is off, up or down, in the geometric mean.
    pub distortion: f64,
    /// The blocks below, the worst first.
    pub worst: Vec<JudgedBlock>,
}

/// One block under one schedule.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct JudgedBlock {
    /// Its scenario and level.
    pub scenario: String,
    /// The operation it stresses.
    pub operation: String,
    /// Its prover.
    pub prover: String,
    /// Gas it is worth.
    pub gas: Gas,
    /// Seconds beyond the fixed cost; absent where it crashed.
    pub cost_s: Option<f64>,
    /// Gas per second that its work has to reach; absent where the fixed cost alone misses the target.
    pub needed_rate: Option<f64>,
    /// How it crashed, where these prices do not rule it out.
    pub crash: Option<String>,
    /// Whether it crashed and these prices rule it out.
    pub out_of_reach: bool,
}

impl JudgedBlock {
    /// Gas per second of its work.
    pub fn rate(&self) -> f64 {
        self.cost_s.map_or(0.0, |cost| to_f64(self.gas) / cost)
    }

    /// How many times more gas than needed it is worth; below 1 it misses. `None` for a crash, and for a block without any
    /// cost beyond the fixed one, of which any gas is enough.
    pub fn overshoot(&self) -> Option<f64> {
        let cost_s = self.cost_s.filter(|cost| *cost > 0.0)?;
        Some(to_f64(self.gas) / (self.needed_rate.unwrap_or(f64::INFINITY) * cost_s))
    }

    fn below(&self) -> bool {
        let hopeless = self.needed_rate.is_none() && self.cost_s.is_some();
        hopeless || self.overshoot().is_some_and(|x| x < 1.0 - EXACT)
    }
}

/// One schedule's figures.
pub fn judge(file: &str, name: &str, blocks: &[JudgedBlock]) -> JudgedSchedule {
    let mut overshoots: Vec<f64> = blocks.iter().filter_map(JudgedBlock::overshoot).collect();
    let logs: Vec<f64> = overshoots
        .iter()
        .filter(|x| **x > 0.0)
        .map(|x| x.ln().abs())
        .collect();
    let measured = blocks.iter().filter(|block| block.cost_s.is_some());
    let worst_rate = measured
        .clone()
        .map(JudgedBlock::rate)
        .fold(f64::INFINITY, f64::min);
    let overshoot_median = median(&mut overshoots);
    let mut worst: Vec<JudgedBlock> = blocks.iter().filter(|b| b.below()).cloned().collect();
    worst.sort_by(|a, b| a.rate().total_cmp(&b.rate()));
    JudgedSchedule {
        file: file.into(),
        name: name.into(),
        blocks: measured.count(),
        below: worst.len(),
        crashed: blocks.iter().filter(|block| block.crash.is_some()).count(),
        ruled_out: blocks.iter().filter(|block| block.out_of_reach).count(),
        worst_rate,
        overshoot_median,
        overshoot_p95: quantile(&overshoots, 0.95),
        distortion: (logs.iter().sum::<f64>() / super::table::to_f64(logs.len().max(1) as u64))
            .exp(),
        worst,
    }
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
        "below: worth less gas than their time needs; overshoot: the median block's gas by what it needs, and the 95th percentile;",
    );
    line(
        &mut out,
        "distortion: the geometric mean of how far blocks are off, up or down; crashed: blocks that crashed and still fit into one",
    );
    for (why, n) in &judgement.left_out {
        line(&mut out, format!("{} left out: {why}", count(*n, "block")));
    }
    for one in judgement.schedules.iter().filter(|one| one.below > 0) {
        let share = percent(to_f64(one.below as u64) / to_f64(one.blocks as u64));
        line(
            &mut out,
            format!(
                "\n{} of {} below ({share}) under {}:",
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
            block.scenario.clone(),
            block.prover.clone(),
            crate::gas::grouped(i128::from(block.gas)),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn block(gas: Gas, cost_s: Option<f64>, crash: bool) -> JudgedBlock {
        JudgedBlock {
            scenario: "x@10M".into(),
            operation: "X".into(),
            prover: "zisk/reth".into(),
            gas,
            cost_s,
            needed_rate: Some(10e6),
            crash: crash.then(|| "timeout".into()),
            out_of_reach: false,
        }
    }

    #[test]
    fn blocks_are_counted() {
        let judged = judge(
            "f",
            "F",
            &[
                block(20_000_000, Some(1.0), false),
                block(10_000_000, Some(1.0), false),
                block(5_000_000, Some(1.0), false),
                block(5_000_000, Some(0.0), false),
                block(5_000_000, None, true),
            ],
        );
        assert_eq!((judged.blocks, judged.below, judged.crashed), (4, 1, 1));
        assert!((judged.overshoot_median - 1.0).abs() < 1e-12);
        assert!((judged.worst_rate - 5e6).abs() < 1e-6);
        // Twice too much, exact, half of it: the mean factor of three is 2^(2/3).
        assert!((judged.distortion - 2f64.powf(2.0 / 3.0)).abs() < 1e-9);
    }
}
