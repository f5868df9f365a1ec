//! Three ways to prices, side by side.

use serde::Serialize;

use super::grid::{Align, Grid};
use super::number::{mgas_per_s, three_digits};
use super::table::Layout;
use super::text::line;
use crate::recorded::judgement::JudgedSchedule;

/// The answer to `propose --method`.
#[derive(Clone, Debug, Serialize)]
pub struct Methods {
    /// The schedule's title.
    pub schedule: String,
    /// Where it was read from.
    pub file: String,
    /// The folder or file.
    pub runs: String,
    /// The methods, in the columns' order.
    pub methods: Vec<Method>,
    /// The parameters that may move.
    pub parameters: Vec<String>,
    /// Their prices today.
    pub current: Vec<f64>,
}

/// One method.
#[derive(Clone, Debug, Serialize)]
pub struct Method {
    /// `ratio`, `regression` or `program`.
    pub name: &'static str,
    /// What it does.
    pub meaning: &'static str,
    /// By parameter; absent where it has nothing to say.
    pub prices: Vec<Option<f64>>,
    /// What its prices are worth on the same blocks; absent where there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub judged: Option<JudgedSchedule>,
}

/// A figure of a judgement, as text.
type Figure = fn(&JudgedSchedule) -> String;

/// Prices by method, and how each is judged.
pub fn table(methods: &Methods, layout: Layout) -> String {
    let mut out = format!("{} ({})\n", methods.schedule, methods.file);
    line(&mut out, format!("  runs      {}", methods.runs));
    for method in &methods.methods {
        line(&mut out, format!("  {:<10}{}", method.name, method.meaning));
    }
    out.push('\n');
    let mut heads = vec![(Align::Left, "gas parameter"), (Align::Right, "current")];
    heads.extend(methods.methods.iter().map(|m| (Align::Right, m.name)));
    let mut grid = Grid::new(heads);
    for (at, name) in methods.parameters.iter().enumerate() {
        let mut cells = vec![name.clone(), three_digits(methods.current[at])];
        let price = |m: &Method| m.prices[at].map_or_else(|| "-".into(), three_digits);
        cells.extend(methods.methods.iter().map(price));
        grid.row(cells);
    }
    let figures: [(&str, Figure); 5] = [
        ("blocks below", |j| format!("{} of {}", j.below, j.blocks)),
        ("worst Mgas/s", |j| mgas_per_s(j.worst_rate)),
        ("overshoot, median", |j| {
            format!("{}x", three_digits(j.overshoot_median))
        }),
        ("overshoot, 95 %", |j| {
            format!("{}x", three_digits(j.overshoot_p95))
        }),
        ("distortion", |j| format!("{}x", three_digits(j.distortion))),
    ];
    for (name, figure) in figures {
        let mut cells = vec![name.to_owned(), String::new()];
        let judged = |m: &Method| m.judged.as_ref().map_or_else(|| "-".into(), figure);
        cells.extend(methods.methods.iter().map(judged));
        grid.row(cells);
    }
    out.push_str(&grid.render(layout.width));
    line(
        &mut out,
        "below, overshoot, distortion: on the same blocks as they were measured; - nothing to say",
    );
    out
}
