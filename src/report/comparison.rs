//! Schedules side by side.

use serde::Serialize;

use super::compared_prices::{ComparedRow, change, price_text};
use super::export;
use super::full_blocks::{self, ComparedBlock};
use super::grid::{Align, Grid};
use super::meter_counts::{self, ComparedCount};
use super::number::{count, letter, mgas_per_s};
use super::table::Layout;
use super::text::line;
use super::weighted::{self, Weighted};
use crate::{
    gas::{FormulaError, Schedule},
    prove::ProverId,
};

/// Two schedules or more, and where they differ.
#[derive(Clone, Debug, Serialize)]
pub struct Comparison {
    /// As the user named them: built-in names or paths. The first is what the others are compared with.
    pub schedules: Vec<Compared>,
    /// One row per gas parameter, in the order of the first schedule that has it.
    pub rows: Vec<ComparedRow>,
    /// One row per entry of a meter that two of them have.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub counts: Vec<ComparedCount>,
    /// Gas of the given weights under each schedule, if there are any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weighted: Option<Weighted>,
    /// One row per scenario: its full block under each, if they were asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub blocks: Vec<ComparedBlock>,
    /// One row per scenario that has been measured under at least one of them.
    pub throughput: Vec<ComparedThroughput>,
}

/// One schedule of a comparison.
#[derive(Clone, Debug, Serialize)]
pub struct Compared {
    /// As the user named it.
    pub file: String,
    /// Its title.
    pub name: String,
    /// What ends its blocks beside their gas, such as `zk within 100 Mgas`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub meters: Vec<String>,
}

/// One scenario's full block across schedules, gas per second.
#[derive(Clone, Debug, Serialize)]
pub struct ComparedThroughput {
    /// Scenario.
    pub scenario: String,
    /// Prover.
    pub prover: ProverId,
    /// Under each schedule; absent where it has not been measured.
    pub throughput: Vec<Option<f64>>,
}

/// The rows that differ (or all), and the measured throughput, as tables.
pub fn table(comparison: &Comparison, tolerance: f64, layout: Layout) -> String {
    let mut out = String::new();
    for (at, schedule) in comparison.schedules.iter().enumerate() {
        line(
            &mut out,
            format!("{}  {} ({})", letter(at), schedule.name, schedule.file),
        );
        for meter in &schedule.meters {
            line(&mut out, format!("   meter {meter}"));
        }
    }
    out.push('\n');
    let shown: Vec<&ComparedRow> = comparison
        .rows
        .iter()
        .filter(|row| layout.all || row.differs(tolerance))
        .collect();
    if shown.is_empty() {
        out.push_str(if tolerance > 0.0 {
            "every price is the same within the tolerance\n"
        } else {
            "every price is the same\n"
        });
    } else {
        out.push_str(&prices(comparison, &shown, layout.width));
    }
    let same = comparison.rows.len() - shown.len();
    if same > 0 && !shown.is_empty() {
        line(
            &mut out,
            format!("{} the same (--all shows them)", count(same, "price")),
        );
    }
    let letters: Vec<String> = (0..comparison.schedules.len()).map(letter).collect();
    let counts = comparison.counts.iter();
    let counts: Vec<_> = counts.filter(|row| layout.all || row.differs()).collect();
    if !counts.is_empty() {
        out.push_str("\nWhat meters count of each, `current` being its price:\n");
        out.push_str(&meter_counts::table(&counts, &letters, layout.width));
    }
    if let Some(weighted) = &comparison.weighted {
        out.push('\n');
        weighted::text(&mut out, weighted);
    }
    if !comparison.blocks.is_empty() {
        out.push_str("\nIterations in a full block, its gas, and how full it is:\n");
        let blocks = &comparison.blocks;
        out.push_str(&full_blocks::table(
            blocks,
            &letters,
            layout.all,
            layout.width,
        ));
    }
    if !comparison.throughput.is_empty() {
        out.push_str("\nMgas/s of a full block, as measured:\n");
        out.push_str(&throughput(comparison, layout.width));
    }
    out
}

/// EIP tables, one for each schedule after the first, against the first.
///
/// # Errors
/// A formula without a value, which loading a schedule excludes.
pub fn markdown(
    comparison: &Comparison,
    schedules: &[&Schedule],
    tolerance: f64,
) -> Result<String, FormulaError> {
    let apart = |name: &str| {
        let row = comparison.rows.iter().find(|row| row.param == name);
        row.is_none_or(|row| row.differs(tolerance))
    };
    let mut out = String::new();
    let Some((first, others)) = schedules.split_first() else {
        return Ok(out);
    };
    for (at, schedule) in others.iter().enumerate() {
        if others.len() > 1 {
            if at > 0 {
                out.push('\n');
            }
            line(&mut out, format!("### {}", schedule.name));
        }
        let mut changes = export::changes(schedule, first)?;
        changes.retain(|change| apart(&change.param.to_string()));
        out.push_str(&export::table(&changes));
    }
    Ok(out)
}

fn prices(comparison: &Comparison, rows: &[&ComparedRow], width: usize) -> String {
    let mut heads = vec![(Align::Left, "gas parameter".to_owned())];
    for at in 0..comparison.schedules.len() {
        heads.push((Align::Right, letter(at)));
        if at > 0 {
            heads.push((Align::Right, "change".to_owned()));
        }
    }
    let mut grid = Grid::new(heads);
    for row in rows {
        let mut cells = vec![row.param.clone()];
        for (at, price) in row.prices.iter().enumerate() {
            cells.push(price_text(price.as_ref()));
            if at > 0 {
                cells.push(change(row.prices[0].as_ref(), price.as_ref()));
            }
        }
        grid.row(cells);
    }
    grid.render(width)
}

fn throughput(comparison: &Comparison, width: usize) -> String {
    let mut heads = vec![
        (Align::Left, "scenario".to_owned()),
        (Align::Left, "prover".to_owned()),
    ];
    heads.extend((0..comparison.schedules.len()).map(|at| (Align::Right, letter(at))));
    let mut grid = Grid::new(heads);
    for row in &comparison.throughput {
        let mut cells = vec![row.scenario.clone(), row.prover.to_string()];
        cells.extend(
            row.throughput
                .iter()
                .map(|rate| rate.map_or_else(|| "-".into(), mgas_per_s)),
        );
        grid.row(cells);
    }
    grid.render(width)
}
