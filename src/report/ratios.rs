//! How far operations are from a target, as text.

use std::collections::BTreeMap;

use super::{
    csv,
    grid::{Align, Grid},
    number::{count, mgas_per_s, three_digits},
    table::Layout,
    text::line,
};
use crate::fit::real;
use crate::recorded::{
    left_out::{CrashedBlock, StalledBlock},
    ratios::{ComparedProver, Ratio, Ratios, ScenarioRatios},
};

/// Rows shown where not all are asked for.
const SHOWN: usize = 30;

/// Header, one row per operation (or scenario), what was left out.
pub fn table(ratios: &Ratios, by_scenario: bool, layout: Layout) -> String {
    let mut out = format!("Ratios of {}\n", ratios.runs);
    let target = ratios.target;
    line(
        &mut out,
        format!(
            "  target    {} Mgas within {} s: anchor rate {} Mgas/s",
            mgas_per_s(real(target.gas)),
            three_digits(target.within_s),
            mgas_per_s(target.anchor_rate())
        ),
    );
    line(&mut out, format!("  ratio     {}", ratios.mode.meaning()));
    for prover in &ratios.provers {
        line(&mut out, prover_text(prover));
    }
    out.push('\n');
    let rows = if by_scenario {
        &ratios.scenarios
    } else {
        &ratios.operations
    };
    let shown = if layout.all {
        rows.len()
    } else {
        SHOWN.min(rows.len())
    };
    out.push_str(&grid(ratios, &rows[..shown], by_scenario).render(layout.width));
    if shown < rows.len() {
        line(
            &mut out,
            format!("and {} more (--all shows them)", rows.len() - shown),
        );
    }
    line(
        &mut out,
        "> a larger block of it crashed: the ratio is at least this",
    );
    out.push_str(&left_out(&ratios.crashes, &ratios.stalls, layout));
    out
}

fn prover_text(prover: &ComparedProver) -> String {
    let rate = match prover.effective_rate {
        Some(rate) => format!("effective rate {} Mgas/s", mgas_per_s(rate)),
        None => "no price holds the target".into(),
    };
    format!(
        "  prover    {}: {} s before the first opcode, {rate}; {}, median ratio {}, {} above 1",
        prover.name,
        three_digits(prover.fixed_s),
        count(prover.scenarios, "scenario"),
        three_digits(prover.median),
        prover.above
    )
}

fn grid(ratios: &Ratios, rows: &[ScenarioRatios], by_scenario: bool) -> Grid {
    let mut heads = vec![(Align::Left, "operation".to_owned())];
    heads.push((
        Align::Left,
        if by_scenario {
            "scenario"
        } else {
            "worst scenario"
        }
        .into(),
    ));
    heads.extend(
        ratios
            .provers
            .iter()
            .map(|p| (Align::Right, p.short.clone())),
    );
    heads.push((Align::Right, "worst".into()));
    if let Some(k) = ratios.at_least {
        heads.push((Align::Right, format!("{k} of {}", ratios.provers.len())));
    }
    let mut grid = Grid::new(heads);
    for row in rows {
        let mut cells = vec![row.operation.clone(), row.scenario.clone()];
        cells.extend(row.ratios.iter().map(|ratio| ratio_text(*ratio)));
        cells.push(three_digits(row.worst));
        if ratios.at_least.is_some() {
            cells.push(row.counted.map_or_else(|| "-".into(), three_digits));
        }
        grid.row(cells);
    }
    grid
}

fn ratio_text(ratio: Option<Ratio>) -> String {
    match ratio {
        None => "-".into(),
        Some(ratio) if ratio.at_least => format!(">{}", three_digits(ratio.value)),
        Some(ratio) => three_digits(ratio.value),
    }
}

/// What did not come back, and what was left out as a stall.
pub fn left_out(crashes: &[CrashedBlock], stalls: &[StalledBlock], layout: Layout) -> String {
    let mut out = String::new();
    let mut classes: BTreeMap<&str, usize> = BTreeMap::new();
    for crash in crashes {
        *classes.entry(&crash.class).or_default() += 1;
    }
    if !crashes.is_empty() {
        let classes: Vec<String> = classes
            .iter()
            .map(|(class, n)| format!("{n} {class}"))
            .collect();
        let all = if layout.all {
            ":"
        } else {
            " (--all lists them)"
        };
        line(
            &mut out,
            format!(
                "{} did not come back: {}{all}",
                count(crashes.len(), "block"),
                classes.join(", ")
            ),
        );
    }
    if layout.all {
        for crash in crashes {
            let level = crash
                .level
                .map_or_else(|| "?".into(), |gas| mgas_per_s(real(gas)));
            line(
                &mut out,
                format!(
                    "  {} at {level} Mgas on {}: {}",
                    crash.scenario, crash.prover, crash.class
                ),
            );
        }
    }
    if !stalls.is_empty() {
        line(
            &mut out,
            format!("{} left out as a stall:", count(stalls.len(), "block")),
        );
    }
    for stall in stalls {
        line(
            &mut out,
            format!(
                "  {} at {} Mgas on {}: {} s where the other levels say {} s",
                stall.scenario,
                mgas_per_s(real(stall.level)),
                stall.prover,
                three_digits(stall.seconds),
                three_digits(stall.expected_s)
            ),
        );
    }
    out
}

/// Comma-separated values: one line per scenario and prover.
pub fn csv(ratios: &Ratios) -> String {
    let mut out = String::from("operation,scenario,prover,ratio,at_least\n");
    for row in &ratios.scenarios {
        for (prover, ratio) in ratios.provers.iter().zip(&row.ratios) {
            if let Some(ratio) = ratio {
                let cells = [
                    csv::cell(&row.operation),
                    csv::cell(&row.scenario),
                    csv::cell(&prover.name),
                    ratio.value.to_string(),
                    ratio.at_least.to_string(),
                ];
                line(&mut out, cells.join(","));
            }
        }
    }
    out
}
