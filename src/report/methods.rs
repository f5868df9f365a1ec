//! Three ways to prices, side by side, as text.

use super::grid::{Align, Grid};
use super::number::{mgas_per_s, three_digits};
use super::table::Layout;
use super::text::line;
use crate::recorded::{
    judgement::JudgedSchedule,
    methods::{Method, Methods},
};

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
