//! Blocks as measured under one schedule.

use serde::Serialize;

use super::margin::MarginLine;
use super::number::count;
use super::proposal::{BlockLine, MeterLine, ProverLine, TargetLine};
use super::table::{Layout, block_table, meters, prover_text, target_text};
use super::text::line;

/// The whole answer to `measure`.
#[derive(Clone, Debug, Serialize)]
pub struct MeasureReport {
    /// The schedule's title.
    pub schedule: String,
    /// Where it was read from: a path, or a built-in's name.
    pub file: String,
    /// What every full block has to hold; may be empty.
    pub targets: Vec<TargetLine>,
    /// Who proves, and what its time means.
    pub provers: Vec<ProverLine>,
    /// What ends blocks beside their gas; absent where the schedule has no meters.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub meters: Vec<MeterLine>,
    /// How closely blocks hold; absent without a target.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub margin: Option<MarginLine>,
    /// Every block, the slowest first.
    pub blocks: Vec<BlockLine>,
}

impl MeasureReport {
    /// Whether every block meets every target; yes where there is no target.
    pub fn holds(&self) -> bool {
        self.blocks.iter().all(|block| block.meets != Some(false))
    }
}

/// Header, one row per block, verdict.
pub fn table(report: &MeasureReport, layout: Layout) -> String {
    let mut out = format!("{} ({})\n", report.schedule, report.file);
    for target in &report.targets {
        line(&mut out, format!("  target    {}", target_text(target)));
    }
    for prover in &report.provers {
        for (head, text) in prover_text(prover, !report.targets.is_empty()) {
            line(&mut out, format!("  {head:<8}  {text}"));
        }
    }
    meters(&mut out, &report.meters, report.blocks.len());
    out.push('\n');
    out.push_str(&block_table(
        &report.blocks.iter().collect::<Vec<_>>(),
        layout.width,
    ));
    out.push('\n');
    let missed = report
        .blocks
        .iter()
        .filter(|block| block.meets == Some(false))
        .count();
    let all = count(report.blocks.len(), "block");
    let verdict = match (report.targets.is_empty(), missed) {
        (true, _) => format!("{all} measured; the schedule states no target to hold"),
        (false, 0) => format!("yes: every one of {all} meets the target"),
        (false, 1) => format!("no: 1 of {all} misses the target"),
        (false, missed) => format!("no: {missed} of {all} miss the target"),
    };
    let margin = report.margin.as_ref();
    let closely = margin.map_or_else(String::new, MarginLine::text);
    line(&mut out, format!("{verdict}{closely}"));
    out.push_str(&margin.map_or_else(String::new, MarginLine::near));
    out
}
