//! How prices follow a target, and which prover they hang on: as text, and as a plot.

use super::grid::{Align, Grid};
use super::number::{count, percent, three_digits};
use super::svg::{colour, image, text};
use super::table::Layout;
use super::text::line;
use crate::recorded::sweep::{Sweep, SweepPoint};

/// Prices by value, verdicts, sensitivities.
pub fn table(sweep: &Sweep, layout: Layout) -> String {
    let mut out = format!("{} ({})\n", sweep.schedule, sweep.file);
    line(&mut out, format!("  runs      {}", sweep.runs));
    line(&mut out, format!("  varied    {}", sweep.axis));
    out.push('\n');
    let mut heads = vec![
        (Align::Left, "gas parameter".to_owned()),
        (Align::Right, "current".into()),
    ];
    heads.extend(
        sweep
            .points
            .iter()
            .map(|p| (Align::Right, three_digits(p.value))),
    );
    let mut grid = Grid::new(heads);
    for (at, name) in sweep.parameters.iter().enumerate() {
        let mut cells = vec![name.clone(), three_digits(sweep.current[at])];
        let cell = |p: &SweepPoint| {
            p.prices
                .as_ref()
                .map_or_else(|| "-".into(), |all| three_digits(all[at]))
        };
        cells.extend(sweep.points.iter().map(cell));
        grid.row(cells);
    }
    let mut cells = vec!["total change".to_owned(), String::new()];
    cells.extend(sweep.points.iter().map(|p| match p.prices {
        Some(_) => percent(p.total_change),
        None => "no".into(),
    }));
    grid.row(cells);
    out.push_str(&grid.render(layout.width));
    for point in &sweep.points {
        if let Some(reason) = &point.reason {
            line(
                &mut out,
                format!("no at {}: {reason}", three_digits(point.value)),
            );
        }
    }
    if !sweep.sensitivities.is_empty() {
        out.push_str("\nWhat one percent of speed is worth, at the value in the middle\n");
        out.push_str(&sensitivities(sweep, layout));
    }
    out
}

fn sensitivities(sweep: &Sweep, layout: Layout) -> String {
    let mut grid = Grid::new([
        (Align::Left, "gas parameter"),
        (Align::Right, "price"),
        (Align::Left, "held by"),
        (Align::Left, "block"),
        (Align::Right, "gas per 1 %"),
    ]);
    for one in &sweep.sensitivities {
        grid.row([
            one.parameter.clone(),
            three_digits(one.price),
            one.prover.to_string(),
            one.scenario.clone(),
            three_digits(one.gas_per_percent),
        ]);
    }
    let mut out = grid.render(layout.width);
    let mut provers: Vec<_> = sweep.sensitivities.iter().map(|s| &s.prover).collect();
    provers.sort_unstable();
    provers.dedup();
    for prover in provers {
        let held = sweep
            .sensitivities
            .iter()
            .filter(|s| s.prover == *prover)
            .count();
        line(&mut out, format!("{prover} holds {}", count(held, "price")));
    }
    out
}

/// Inner size of the plot.
const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 420.0;
/// Room around it: for figures on the left and below, for names on the right.
const MARGIN: (f64, f64, f64, f64) = (60.0, 30.0, 190.0, 40.0);
/// Where figures are on the plot.
struct Scale<'a> {
    sweep: &'a Sweep,
    low: f64,
    high: f64,
    /// Powers of ten on the vertical axis.
    decades: u32,
}

/// Prices as multiples of today's over the axis, on a logarithmic scale, as an SVG image.
pub fn svg(sweep: &Sweep) -> String {
    let (left, top, right, bottom) = MARGIN;
    let (width, height) = (left + WIDTH + right, top + HEIGHT + bottom);
    let scale = Scale::of(sweep);
    let mut out = String::new();
    scale.axes(&mut out);
    scale.lines(&mut out);
    image((width, height), &out)
}

impl<'a> Scale<'a> {
    fn of(sweep: &'a Sweep) -> Self {
        let values = || sweep.points.iter().map(|p| p.value);
        let mut scale = Self {
            sweep,
            low: values().fold(f64::INFINITY, f64::min),
            high: values().fold(f64::NEG_INFINITY, f64::max),
            decades: 1,
        };
        for prices in sweep.points.iter().filter_map(|p| p.prices.as_ref()) {
            for (at, price) in prices.iter().enumerate() {
                while scale.multiple(at, *price) > 10_f64.powf(f64::from(scale.decades)) {
                    scale.decades += 1;
                }
            }
        }
        scale
    }

    /// A price in times today's; where that is 0, in gas.
    fn multiple(&self, at: usize, price: f64) -> f64 {
        (price / self.sweep.current[at].max(1.0)).max(1.0)
    }

    fn x(&self, value: f64) -> f64 {
        let part = if self.high > self.low {
            (value - self.low) / (self.high - self.low)
        } else {
            0.5
        };
        MARGIN.0 + WIDTH * part
    }

    fn y(&self, multiple: f64) -> f64 {
        MARGIN.1 + HEIGHT * (1.0 - multiple.log10() / f64::from(self.decades))
    }

    fn axes(&self, out: &mut String) {
        let (left, top, ..) = MARGIN;
        let title = &self.sweep.schedule;
        text(
            out,
            (left, 18.0),
            "start",
            "#000",
            &format!("{title}: price, times today's"),
        );
        for decade in 0..=self.decades {
            let multiple = 10_f64.powf(f64::from(decade));
            let y = self.y(multiple);
            line(
                out,
                format!("<path d=\"M{left} {y:.1}h{WIDTH}\" stroke=\"#ddd\"/>"),
            );
            let figure = format!("{}x", three_digits(multiple));
            text(out, (left - 6.0, y + 4.0), "end", "#000", &figure);
        }
        for point in &self.sweep.points {
            let at = (self.x(point.value), top + HEIGHT + 16.0);
            text(out, at, "middle", "#000", &three_digits(point.value));
        }
        let at = (left + WIDTH / 2.0, top + HEIGHT + 33.0);
        text(out, at, "middle", "#000", &self.sweep.axis);
    }

    fn lines(&self, out: &mut String) {
        let mut ends: Vec<(f64, usize)> = Vec::new();
        for at in 0..self.sweep.parameters.len() {
            let mut path = Vec::new();
            for point in &self.sweep.points {
                if let Some(prices) = &point.prices {
                    path.push((self.x(point.value), self.y(self.multiple(at, prices[at]))));
                }
            }
            let Some((_, end)) = path.last() else {
                continue;
            };
            ends.push((*end, at));
            let path: Vec<String> = path.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
            line(
                out,
                format!(
                    "<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"1.5\"/>",
                    path.join(" "),
                    colour(at)
                ),
            );
        }
        // Names keep apart, in the order of their lines.
        ends.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut above = f64::NEG_INFINITY;
        for (end, at) in ends {
            above = end.max(above + 12.0);
            let name = &self.sweep.parameters[at];
            text(
                out,
                (MARGIN.0 + WIDTH + 6.0, above + 4.0),
                "start",
                colour(at),
                name,
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plot_has_a_line_per_price() {
        let point = |value, prices| SweepPoint {
            value,
            prices,
            total_change: 1.0,
            reason: None,
        };
        let sweep = Sweep {
            schedule: "A < B".into(),
            file: "a.gas".into(),
            runs: "runs".into(),
            axis: "Mgas".into(),
            parameters: vec!["MULMOD".into(), "BLAKE2F.base".into()],
            current: vec![8.0, 0.0],
            points: vec![
                point(20.0, Some(vec![80.0, 500.0])),
                point(60.0, Some(vec![240.0, 900.0])),
                point(120.0, None),
            ],
            sensitivities: vec![],
        };
        let plot = svg(&sweep);
        assert_eq!(plot.matches("<polyline").count(), 2);
        assert!(plot.contains("A &lt; B") && plot.ends_with("</svg>\n"));
        assert!(!plot.contains("NaN") && !plot.contains("inf"));
        let text = table(
            &sweep,
            Layout {
                all: false,
                width: 120,
            },
        );
        assert!(text.contains("total change") && text.contains("no"));
    }
}
