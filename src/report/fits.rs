//! Fits as text.

use super::grid::{Align, Grid};
use super::number::{count, mgas_per_s, percent, three_digits};
use super::ratios::left_out;
use super::table::Layout;
use super::text::line;
use crate::{
    fit::real,
    prove::ProverId,
    recorded::fits::{Fits, Flag, JointFit, ScenarioLine, medians},
};

/// Which parts are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FitParts {
    /// Lines per scenario.
    pub lines: bool,
    /// Regressions per operation.
    pub regressions: bool,
    /// All at once.
    pub joint: bool,
}

/// Rows shown where not all are asked for.
const SHOWN: usize = 20;

/// Header and the chosen parts.
pub fn table(fits: &Fits, parts: FitParts, layout: Layout) -> String {
    let mut out = format!("Fits of {}\n", fits.runs);
    for prover in &fits.provers {
        line(
            &mut out,
            format!(
                "  prover    {}: {} s before the first opcode; a second is worth {} Mgas",
                prover.name,
                three_digits(prover.fixed_s),
                mgas_per_s(prover.rate)
            ),
        );
    }
    let target = fits.target;
    line(
        &mut out,
        format!(
            "  target    {} Mgas within {} s",
            mgas_per_s(real(target.gas)),
            three_digits(target.within_s)
        ),
    );
    if parts.lines {
        out.push_str(&lines(&fits.lines, shown(fits.lines.len(), layout), layout));
    }
    if parts.regressions && !fits.regressions.is_empty() {
        out.push_str(&regressions(fits, layout));
    }
    if parts.joint {
        for one in &fits.joint {
            out.push_str(&joint(one, shown(one.directions.len(), layout), layout));
        }
    }
    out.push('\n');
    out.push_str(&left_out(&fits.crashes, &fits.stalls, layout));
    out
}

fn shown(all: usize, layout: Layout) -> usize {
    if layout.all { all } else { SHOWN.min(all) }
}

/// What a table leaves out.
fn folded(out: &mut String, all: usize, shown: usize, what: &str) {
    if shown < all {
        line(
            out,
            format!("and {} more (--all shows them)", count(all - shown, what)),
        );
    }
}

fn lines(rows: &[ScenarioLine], shown: usize, layout: Layout) -> String {
    let mut out = String::from(
        "\nA line per scenario and prover: seconds = begin + slope * Mgas (Theil-Sen)\n",
    );
    let mut grid = Grid::new([
        (Align::Left, "operation"),
        (Align::Left, "scenario"),
        (Align::Left, "guest"),
        (Align::Right, "levels"),
        (Align::Right, "begin s"),
        (Align::Right, "s/Mgas"),
        (Align::Right, "95 %"),
        (Align::Right, "R2"),
        (Align::Left, "growth"),
    ]);
    for row in &rows[..shown] {
        let (low, high) = row.slope_interval;
        let crashed = if row.crashes > 0 {
            format!(", {} crashed", row.crashes)
        } else {
            String::new()
        };
        grid.row([
            row.operation.clone(),
            row.scenario.clone(),
            guest(&row.prover),
            row.points.to_string(),
            three_digits(row.intercept_s),
            three_digits(row.slope_s_per_mgas),
            format!("{}..{}", three_digits(low), three_digits(high)),
            format!("{:.3}", row.r_squared),
            format!("{}{crashed}", row.class.unwrap_or("too few levels")),
        ]);
    }
    out.push_str(&grid.render(layout.width));
    folded(&mut out, rows.len(), shown, "line");
    let classes = ["linear", "superlinear", "sublinear", "flat"].map(|class| {
        let n = rows.iter().filter(|row| row.class == Some(class)).count();
        format!("{n} {class}")
    });
    let (slope, r_squared) = medians(rows);
    line(
        &mut out,
        format!(
            "{}; median slope {} s/Mgas, median R2 {r_squared:.3}",
            classes.join(", "),
            three_digits(slope),
        ),
    );
    out
}

/// The guest, or the zkVM where no guest is known: a table has no room for both.
fn guest(prover: &ProverId) -> String {
    prover.guest.as_ref().unwrap_or(&prover.zkvm).clone()
}

fn regressions(fits: &Fits, layout: Layout) -> String {
    let mut out = String::from(
        "\nA regression per operation, prover and test: ms = intercept + sum of cost * executions\n",
    );
    let mut grid = Grid::new([
        (Align::Left, "parameter"),
        (Align::Left, "guest"),
        (Align::Left, "test"),
        (Align::Right, "n"),
        (Align::Right, "intercept ms"),
        (Align::Right, "ms each"),
        (Align::Right, "95 %"),
        (Align::Right, "R2"),
        (Align::Right, "gas"),
    ]);
    for row in &fits.regressions {
        for (at, coefficient) in row.coefficients.iter().enumerate() {
            let first = |text: String| if at == 0 { text } else { String::new() };
            let (low, high) = coefficient.interval_ms;
            grid.row([
                coefficient.parameter.clone(),
                guest(&row.prover),
                first(row.test.clone()),
                first(row.nobs.to_string()),
                first(format!("{:.2}", row.intercept_ms)),
                format!("{:.8}", coefficient.ms),
                format!("{}..{}", three_digits(low), three_digits(high)),
                first(format!("{:.3}", row.r_squared)),
                three_digits(coefficient.price),
            ]);
        }
    }
    out.push_str(&grid.render(layout.width));
    out.push_str("\nThe worst of each parameter, and where it misleads\n");
    for worst in &fits.worst {
        let (low, high) = worst.interval;
        line(
            &mut out,
            format!(
                "  {}: {} gas ({}..{} for all at once), worst of {}, {} on {}",
                worst.parameter,
                three_digits(worst.price),
                three_digits(low),
                three_digits(high),
                count(worst.fits, "fit"),
                worst.test,
                worst.prover
            ),
        );
        for flag in &worst.flags {
            line(&mut out, format!("      {}", flag_text(flag)));
        }
    }
    out
}

/// A flag in words.
fn flag_text(flag: &Flag) -> String {
    match flag {
        Flag::OneSize { parameters } => format!(
            "one size only: {} are not told apart, and only their sum at that size is known",
            parameters.join(" and ")
        ),
        Flag::Unit {
            measured,
            priced,
            factor,
        } => format!(
            "measured per {measured}, priced per {priced}: times {factor}, not divided by it"
        ),
        Flag::Pooled {
            factor,
            worst_ms,
            scenario,
        } => format!(
            "pools scenarios that differ {}x: {scenario} alone takes {} ms",
            three_digits(*factor),
            three_digits(*worst_ms)
        ),
        Flag::PoorFit { r_squared } => format!("explains {:.0} % only", r_squared * 100.0),
        Flag::Intercept { fitted_s, fixed_s } => format!(
            "begins at {} s where an empty block takes {} s",
            three_digits(*fitted_s),
            three_digits(*fixed_s)
        ),
        Flag::AtBound => "at its bound of 0: see the interval".into(),
        Flag::Collinear { condition_index } => {
            format!(
                "columns nearly in proportion (condition index {})",
                three_digits(*condition_index)
            )
        }
        Flag::WinnersCurse { rivals, excess_ms } => format!(
            "worst of {rivals} that noise could have ordered: about {} ms of it is luck",
            three_digits(*excess_ms)
        ),
    }
}

fn joint(fit: &JointFit, shown: usize, layout: Layout) -> String {
    let mut out = String::new();
    out.push('\n');
    line(
        &mut out,
        format!(
            "All of {} at once: {} blocks, R2 {:.3}, median error {}, condition index {} ({} before merging)",
            fit.prover,
            fit.blocks,
            fit.r_squared,
            percent(fit.median_error),
            three_digits(fit.condition_index),
            three_digits(fit.condition_before),
        ),
    );
    let mut grid = Grid::new([
        (Align::Left, "parameter"),
        (Align::Right, "blocks"),
        (Align::Right, "us each"),
        (Align::Right, "95 %"),
        (Align::Right, "all at once"),
        (Align::Right, "inflation"),
        (Align::Right, "gas"),
        (Align::Left, "known"),
    ]);
    let interval =
        |(low, high): (f64, f64)| format!("{}..{}", three_digits(low), three_digits(high));
    for row in &fit.directions[..shown] {
        let merged = row.parameters.len() > 1;
        grid.row([
            row.parameters.join(" + "),
            row.blocks.to_string(),
            three_digits(row.cost_us),
            interval(row.interval_us),
            interval(row.simultaneous_us),
            three_digits(row.inflation),
            if merged {
                format!("{}x", three_digits(row.price))
            } else {
                three_digits(row.price)
            },
            if merged {
                "their sum only"
            } else if row.cost_us == 0.0 {
                "at its bound"
            } else {
                ""
            }
            .into(),
        ]);
    }
    out.push_str(&grid.render(layout.width));
    folded(&mut out, fit.directions.len(), shown, "parameter");
    out.push_str("a mean over what was measured: an operation's worst scenario can cost several times as much\n");
    out
}
