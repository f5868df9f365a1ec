//! What costs are worth, as text and as a plot.

use super::grid::{Align, Grid};
use super::number::{count, percent, three_digits};
use super::svg::{colour, image, text};
use super::table::Layout;
use super::text::line;
use crate::recorded::calibrated::{Calibrated, Errors, Family, Model, PredictedTime};

/// Crashed blocks and stalls named one by one.
const NAMED: usize = 5;
/// Families in the table unless all are asked for: the worst at either end.
const SHOWN: usize = 16;

/// Every model: its numbers, how far it is off, and by family.
pub fn table(answer: &Calibrated, layout: Layout) -> String {
    let mut out = format!("Calibration ({})\n", answer.runs);
    for model in &answer.models {
        out.push('\n');
        head(&mut out, model);
        out.push('\n');
        out.push_str(&families(model, layout));
    }
    out
}

fn head(out: &mut String, model: &Model) {
    let mut entry = |name: &str, text: String| line(out, format!("  {name:<10}{text}"));
    entry("times", model.times_of.to_string());
    entry("costs", model.costs_of.to_string());
    for doubt in &model.doubts {
        entry("warning", doubt.clone());
    }
    entry(
        "joined",
        format!(
            "{} by name; {} without a time, {} without costs",
            count(model.joined, "fixture"),
            model.without_time,
            model.without_costs
        ),
    );
    for (operation, blocks) in &model.repriced {
        entry(
            "repriced",
            format!(
                "{} of {operation}, which the forks of costs and times price differently: no two blocks are the same",
                count(*blocks, "fixture")
            ),
        );
    }
    if !model.crashed.is_empty() {
        let blocks = count(model.crashed.len(), "block");
        entry(
            "crashed",
            format!("{blocks} as lower bounds: {}", some(&model.crashed)),
        );
    }
    for stall in model.stalls.iter().take(NAMED) {
        let (real, expected) = (three_digits(stall.real_s), three_digits(stall.expected_s));
        entry(
            "stall",
            format!("{}: {real} s, {expected} s expected; left out", stall.test),
        );
    }
    if model.stalls.len() > NAMED {
        entry("stall", format!("and {} more", model.stalls.len() - NAMED));
    }
    let weights = model.s_per_million.iter();
    let weights = weights.map(|(name, s)| format!(" + {} s per million {name}", three_digits(*s)));
    let weights: String = weights.collect();
    entry(
        "model",
        format!("{} s{weights}", three_digits(model.fixed_s)),
    );
    entry("error", errors(&model.errors));
    entry(
        "left out",
        format!(
            "{}, each family predicted from the others",
            errors(&model.left_out)
        ),
    );
    for one in &model.ranks {
        let level = one
            .level_mgas
            .map_or_else(String::new, |mgas| format!(" at {mgas} Mgas"));
        entry(
            "order",
            format!(
                "rank correlation {:.3}{level} ({}), {:.3} of families' longest",
                one.by_block,
                count(one.blocks, "block"),
                one.by_family
            ),
        );
    }
    if !model.not_covered.is_empty() {
        entry("uncovered", model.not_covered.join(", "));
    }
}

fn errors(errors: &Errors) -> String {
    format!(
        "mean {}, median {}, nine of ten below {}, {} of blocks within 10 %",
        percent(errors.mean),
        percent(errors.median),
        percent(errors.p90),
        percent(errors.within_10_percent)
    )
}

fn some(names: &[String]) -> String {
    let first: Vec<&str> = names.iter().take(NAMED).map(String::as_str).collect();
    let more = match names.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    first.join(", ") + &more
}

fn families(model: &Model, layout: Layout) -> String {
    let mut grid = Grid::new([
        (Align::Left, "family"),
        (Align::Right, "blocks"),
        (Align::Right, "predicted/real"),
        (Align::Right, "lowest"),
        (Align::Right, "highest"),
        (Align::Right, "within 10 %"),
        (Align::Right, "left out"),
    ]);
    let all = &model.families;
    let folded = if layout.all {
        0
    } else {
        all.len().saturating_sub(SHOWN)
    };
    let (first, rest) = all.split_at(if folded > 0 { SHOWN / 2 } else { all.len() });
    for one in first.iter().chain(&rest[folded.min(rest.len())..]) {
        grid.row(row(one));
    }
    let mut out = grid.render(layout.width);
    if folded > 0 {
        line(&mut out, format!("{folded} families between these (--all)"));
    }
    line(
        &mut out,
        "predicted/real: the median of seconds predicted by seconds taken; left out: the same without its family in the fit",
    );
    out
}

fn row(family: &Family) -> [String; 7] {
    [
        family.name.clone(),
        family.blocks.to_string(),
        three_digits(family.ratio),
        three_digits(family.lowest),
        three_digits(family.highest),
        percent(family.within_10_percent),
        three_digits(family.left_out),
    ]
}

/// Inner size of a plot, and the room around it.
const SIZE: f64 = 460.0;
const LEFT: f64 = 60.0;
const TOP: f64 = 40.0;
const RIGHT: f64 = 200.0;
const BOTTOM: f64 = 45.0;

/// Predicted against real seconds, one plot a model, on logarithmic scales. Families that are not covered have their colours and
/// names, the others are grey.
pub fn svg(answer: &Calibrated) -> String {
    let (width, height) = (LEFT + SIZE + RIGHT, TOP + SIZE + BOTTOM);
    let mut inside = String::new();
    for (at, model) in answer.models.iter().enumerate() {
        let y = height * f64::from(u16::try_from(at).unwrap_or(u16::MAX));
        line(&mut inside, format!("<g transform=\"translate(0 {y})\">"));
        plot(&mut inside, model);
        line(&mut inside, "</g>");
    }
    let plots = f64::from(u16::try_from(answer.models.len()).unwrap_or(u16::MAX));
    image((width, height * plots), &inside)
}

fn plot(out: &mut String, model: &Model) {
    let ends = |pick: fn(f64, f64) -> f64, from: f64| {
        let figures = model.points.iter().flat_map(|p| [p.real_s, p.predicted_s]);
        figures.filter(|s| *s > 0.0).fold(from, pick)
    };
    let low = ends(f64::min, f64::INFINITY).log10().floor();
    let high = ends(f64::max, 0.0).log10().ceil().max(low + 1.0);
    let part = |s: f64| (s.log10() - low) / (high - low) * SIZE;
    let (x, y) = (|s: f64| LEFT + part(s), |s: f64| TOP + SIZE - part(s));
    let title = format!("{}, costs of {}", model.times_of, model.costs_of);
    text(out, (LEFT, 18.0), "start", "#000", &title);
    let mut decade = low;
    while decade <= high {
        let s = 10_f64.powf(decade);
        line(
            out,
            format!(
                "<path d=\"M{LEFT} {:.1}h{SIZE}M{:.1} {TOP}v{SIZE}\" stroke=\"#ddd\"/>",
                y(s),
                x(s)
            ),
        );
        let figure = format!("{} s", three_digits(s));
        text(out, (LEFT - 6.0, y(s) + 4.0), "end", "#000", &figure);
        text(out, (x(s), TOP + SIZE + 16.0), "middle", "#000", &figure);
        decade += 1.0;
    }
    let (near, far) = (10_f64.powf(low), 10_f64.powf(high));
    line(
        out,
        format!(
            "<path d=\"M{:.1} {:.1}L{:.1} {:.1}\" stroke=\"#888\"/>",
            x(near),
            y(near),
            x(far),
            y(far)
        ),
    );
    let middle = LEFT + SIZE / 2.0;
    text(
        out,
        (middle, TOP + SIZE + 34.0),
        "middle",
        "#000",
        "seconds taken",
    );
    text(out, (LEFT, TOP - 8.0), "start", "#000", "seconds predicted");
    let dot = |point: &PredictedTime, fill: &str| {
        format!(
            "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"2.5\" fill=\"{fill}\" fill-opacity=\"0.7\"/>",
            x(point.real_s),
            y(point.predicted_s.max(near))
        )
    };
    let missed = |point: &PredictedTime| {
        model
            .not_covered
            .iter()
            .position(|name| *name == point.family)
    };
    // Those with names last, so that they are seen.
    for point in model.points.iter().filter(|point| missed(point).is_none()) {
        line(out, dot(point, "#999"));
    }
    for point in &model.points {
        if let Some(at) = missed(point) {
            line(out, dot(point, colour(at)));
        }
    }
    for (at, family) in model.not_covered.iter().enumerate() {
        let down = TOP + 12.0 * f64::from(u16::try_from(at).unwrap_or(u16::MAX));
        text(out, (LEFT + SIZE + 10.0, down), "start", colour(at), family);
    }
}
