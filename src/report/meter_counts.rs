//! What meters count, schedules side by side.

use serde::Serialize;

use super::grid::{Align, Grid};
use crate::gas::Schedule;

/// What one meter counts of one parameter across schedules.
#[derive(Clone, Debug, Serialize)]
pub struct ComparedCount {
    /// The meter.
    pub meter: String,
    /// What it counts.
    pub param: String,
    /// As what, in each schedule; absent where the schedule has no such meter, or that counts it not at all.
    pub counts: Vec<Option<String>>,
}

impl ComparedCount {
    /// Whether any schedule's is another than the first's.
    pub fn differs(&self) -> bool {
        self.counts.iter().any(|count| *count != self.counts[0])
    }
}

/// Everything that meters count which two of `schedules` or more have.
pub fn counts(schedules: &[&Schedule]) -> Vec<ComparedCount> {
    let mut rows: Vec<ComparedCount> = Vec::new();
    for (at, schedule) in schedules.iter().enumerate() {
        for meter in &schedule.meters {
            let has = |other: &&&Schedule| other.meters.iter().any(|m| m.name == meter.name);
            if schedules.iter().filter(has).count() < 2 {
                continue;
            }
            for entry in &meter.entries {
                let param = entry.param.to_string();
                let same = |row: &ComparedCount| row.meter == meter.name && row.param == param;
                let known = rows.iter().position(same).unwrap_or_else(|| {
                    rows.push(ComparedCount {
                        meter: meter.name.clone(),
                        param: param.clone(),
                        counts: vec![None; schedules.len()],
                    });
                    rows.len() - 1
                });
                rows[known].counts[at] = Some(entry.expr.to_string());
            }
        }
    }
    rows
}

/// The rows as a table, a column for each of `letters`.
pub(super) fn table(rows: &[&ComparedCount], letters: &[String], width: usize) -> String {
    let mut heads = vec![(Align::Left, "meter"), (Align::Left, "counts")];
    heads.extend(letters.iter().map(|letter| (Align::Left, letter.as_str())));
    let mut grid = Grid::new(heads);
    for row in rows {
        let mut cells = vec![row.meter.clone(), row.param.clone()];
        let text = |count: &Option<String>| count.clone().unwrap_or_else(|| "-".into());
        cells.extend(row.counts.iter().map(text));
        grid.row(cells);
    }
    grid.render(width)
}
