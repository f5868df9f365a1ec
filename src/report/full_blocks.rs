//! Full blocks of scenarios, schedule by schedule: how much work fits, and how full the block is.

use serde::Serialize;

use super::{
    grid::{Align, Grid},
    number::multiplier,
    text::line,
};
use crate::{
    fit::real,
    gas::{Gas, grouped},
};

/// One scenario's full block across schedules.
#[derive(Clone, Debug, Serialize)]
pub struct ComparedBlock {
    /// Scenario.
    pub scenario: String,
    /// Under each schedule; absent where it has no such block.
    pub blocks: Vec<Option<FullBlock>>,
}

/// A full block under one schedule.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FullBlock {
    /// Iterations that fit.
    pub iterations: u64,
    /// Gas that the block counts.
    pub gas_used: Gas,
    /// `gas_used` over the block's gas limit.
    pub fill: f64,
    /// The meter that ended it; absent where its gas did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meter: Option<String>,
}

/// One row per scenario: iterations against the first schedule's, how full each block is, and which meter ended it where one
/// did. Without `all` only rows that differ.
pub fn table(rows: &[ComparedBlock], letters: &[String], all: bool, width: usize) -> String {
    let ended = |at: usize| {
        let mut blocks = rows.iter().filter_map(|row| row.blocks[at].as_ref());
        blocks.any(|block| block.meter.is_some())
    };
    let ended: Vec<bool> = (0..letters.len()).map(ended).collect();
    let mut heads = vec![(Align::Left, "scenario".to_owned())];
    for (at, letter) in letters.iter().enumerate() {
        heads.push((Align::Right, letter.clone()));
        if at > 0 {
            heads.push((Align::Right, "change".to_owned()));
        }
        heads.push((Align::Right, "gas".to_owned()));
        heads.push((Align::Right, "fill".to_owned()));
        if ended[at] {
            heads.push((Align::Left, "ended by".to_owned()));
        }
    }
    let mut grid = Grid::new(heads);
    let differs = |row: &&ComparedBlock| all || row.blocks.windows(2).any(|two| two[0] != two[1]);
    let shown: Vec<&ComparedBlock> = rows.iter().filter(differs).collect();
    if shown.is_empty() {
        return "every block is the same\n".to_owned();
    }
    for row in &shown {
        let mut cells = vec![row.scenario.clone()];
        for (at, block) in row.blocks.iter().enumerate() {
            cells.extend(block_cells(block.as_ref(), at > 0, row.blocks[0].as_ref()));
            if ended[at] {
                let by = block
                    .as_ref()
                    .map_or("", |b| b.meter.as_deref().unwrap_or("gas"));
                cells.push(by.to_owned());
            }
        }
        grid.row(cells);
    }
    let mut out = grid.render(width);
    let same = rows.len() - shown.len();
    if same > 0 {
        line(&mut out, format!("{same} of {} the same", rows.len()));
    }
    out
}

/// Iterations, their change against `first` where `compared`, gas and fill.
fn block_cells(
    block: Option<&FullBlock>,
    compared: bool,
    first: Option<&FullBlock>,
) -> Vec<String> {
    let none = || "-".to_owned();
    let number = |n: u64| grouped(i128::from(n));
    let mut cells = vec![block.map_or_else(none, |b| number(b.iterations))];
    if compared {
        cells.push(match (first, block) {
            (Some(from), Some(to)) => multiplier(real(from.iterations), real(to.iterations)),
            _ => String::new(),
        });
    }
    cells.push(block.map_or_else(none, |b| number(b.gas_used)));
    cells.push(block.map_or_else(none, |b| format!("{:.1} %", b.fill * 100.0)));
    cells
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(iterations: u64) -> FullBlock {
        FullBlock {
            iterations,
            gas_used: 9,
            fill: 0.5,
            meter: None,
        }
    }

    #[test]
    fn a_schedule_with_meters_has_a_column_more() {
        let metered = FullBlock {
            meter: Some("zk".to_owned()),
            ..block(7)
        };
        let row = |scenario: &str, second| ComparedBlock {
            scenario: scenario.to_owned(),
            blocks: vec![Some(block(9)), Some(second)],
        };
        let rows = [row("div/chain", metered), row("sload/cold", block(8))];
        let text = table(&rows, &["A".to_owned(), "B".to_owned()], false, 80);
        let ends: Vec<&str> = text
            .lines()
            .filter_map(|line| line.split_whitespace().last())
            .collect();
        assert_eq!(ends[0], "by");
        assert_eq!(ends[2..], ["zk", "gas"], "{text}");
    }

    #[test]
    fn what_differs_is_shown_against_the_first() {
        let row = |scenario: &str, blocks| ComparedBlock {
            scenario: scenario.to_owned(),
            blocks,
        };
        let rows = [
            row("add/chain", vec![Some(block(100)), Some(block(100))]),
            row("mul/chain", vec![Some(block(100_000)), Some(block(50_000))]),
            row("clz/chain", vec![None, Some(block(7))]),
        ];
        let letters = ["A".to_owned(), "B".to_owned()];
        let text = table(&rows, &letters, false, 80);
        let lines: Vec<Vec<&str>> = text
            .lines()
            .map(|l| l.split_whitespace().collect())
            .collect();
        assert_eq!(lines[0][..4], ["scenario", "A", "gas", "fill"]);
        assert_eq!(
            lines[2],
            [
                "mul/chain",
                "100_000",
                "9",
                "50.0",
                "%",
                "50_000",
                "0.5x",
                "9",
                "50.0",
                "%"
            ]
        );
        assert_eq!(
            lines[3],
            ["clz/chain", "-", "-", "-", "7", "9", "50.0", "%"]
        );
        assert_eq!(lines[4].join(" "), "1 of 3 the same");
        assert_eq!(table(&rows, &letters, true, 80).lines().count(), 5);
        assert_eq!(
            table(&rows[..1], &letters, false, 80),
            "every block is the same\n"
        );
    }
}
