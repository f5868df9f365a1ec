//! A proposal as a table for people.

use super::grid::{Align, Grid};
use super::number::{count, mgas_per_s, multiplier, percent, three_digits};
use super::proposal::{
    AnchorRateLine, BlockLine, Crash, MeterLine, PriceRow, ProposalReport, ProverLine, TargetLine,
    Unmeasured, Verdict,
};
use super::text::line;
use crate::{
    fit::{self, real},
    gas::{Meter, grouped},
    prove::Measured,
};

/// How much of the proposal to print, and how wide.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    /// Unchanged and unmeasured parameters too.
    pub all: bool,
    /// Columns of the terminal.
    pub width: usize,
}

/// Blocks that miss the target, printed before the rest is folded.
const MISSES_SHOWN: usize = 10;

/// The proposal: header, one row per price, totals, verdict.
pub fn proposal(report: &ProposalReport, layout: Layout) -> String {
    let mut out = String::new();
    header(&mut out, report);
    out.push('\n');
    // Where nothing can be proposed, a table of prices that stay would say the opposite.
    if !matches!(report.verdict, Verdict::Infeasible { .. }) {
        prices(&mut out, report, layout);
        out.push('\n');
        totals(&mut out, report);
    }
    verdict(&mut out, report, layout);
    out
}

fn header(out: &mut String, report: &ProposalReport) {
    line(out, format!("{} ({})", report.schedule, report.file));
    for target in &report.targets {
        line(out, format!("  target    {}", target_text(target)));
    }
    for prover in &report.provers {
        for (head, text) in prover_text(prover, true) {
            line(out, format!("  {head:<8}  {text}"));
        }
    }
    meters(out, &report.meters, report.blocks.len());
    let blocks = count(report.blocks.len(), "block");
    let history = match (&report.recorded, report.rounds, &report.verdict) {
        (Some(runs), ..) => format!("recorded in {runs}, priced again and not run again"),
        (None, 0 | 1, _) => "regenerated and run".to_owned(),
        (None, rounds, Verdict::Holds) => {
            format!("regenerated and run again in {rounds} rounds until every one held")
        }
        (None, rounds, _) => format!("regenerated and run again in {rounds} rounds"),
    };
    line(out, format!("  blocks    {blocks}, {history}"));
}

/// A target with its anchor rate.
pub fn target_text(target: &TargetLine) -> String {
    let on = match (&target.at_least, target.on.as_slice()) {
        (_, []) => String::new(),
        (Some(k), on) => format!(" on {k} of {}", on.join(", ")),
        (None, on) => format!(" on {}", on.join(", ")),
    };
    let (limit, rate) = match &target.anchor {
        Some(anchor) => (
            format!("at {}", anchor_words(&anchor.of, anchor.times)),
            anchor_rates(&anchor.rates),
        ),
        None => (
            format!(
                "within {} s",
                target.within_s.map_or_else(|| "-".into(), three_digits)
            ),
            format!(
                "{} Mgas/s",
                target.anchor_rate.map_or_else(|| "-".into(), mgas_per_s)
            ),
        ),
    };
    let margin = if target.margin > 0.0 {
        format!(", by {}", percent(target.margin))
    } else {
        String::new()
    };
    format!(
        "{} {} Mgas {limit}{on}{margin}: anchor rate {rate}",
        target.verb,
        mgas_per_s(real(target.gas)),
    )
}

/// `2x the rate of ADD`.
pub fn anchor_words(of: &str, times: f64) -> String {
    #[expect(
        clippy::float_cmp,
        reason = "1 is what a schedule without a factor has"
    )]
    let times = if times == 1.0 {
        String::new()
    } else {
        format!("{}x ", three_digits(times))
    };
    format!("{times}the rate of {of}")
}

/// `0.12 Mgas/s of work, ADD's worst block, add/chain`, for each prover.
fn anchor_rates(rates: &[AnchorRateLine]) -> String {
    let one = |rate: &AnchorRateLine| {
        let on = if rates.len() > 1 {
            format!(" on {}", rate.prover)
        } else {
            String::new()
        };
        let (rate, operation, scenario) =
            (mgas_per_s(rate.gas_per_s), &rate.operation, &rate.scenario);
        format!("{rate} Mgas/s of work{on}, {operation}'s worst block, {scenario}")
    };
    let all: Vec<String> = rates.iter().map(one).collect();
    all.join("; ")
}

/// A meter, and what a block may come to on it.
pub fn meter_text(meter: &Meter) -> String {
    let limit = mgas_per_s(real(meter.limit));
    format!("{} within {limit} Mgas", meter.name)
}

/// A line for each meter: how many of `all` blocks it ends.
pub(super) fn meters(out: &mut String, meters: &[MeterLine], all: usize) {
    for MeterLine { text, ends } in meters {
        line(
            out,
            format!("  meter     {text}, ends {ends} of {}", count(all, "block")),
        );
    }
}

/// A prover's lines: what the work has to hold where there is a `target`, and what a second means.
pub fn prover_text(prover: &ProverLine, target: bool) -> Vec<(String, String)> {
    let fixed = three_digits(prover.fixed_s);
    let rate = match prover.effective_rate {
        Some(rate) if prover.anchored => format!(
            "effective rate {} Mgas/s of work; {fixed} s before the first opcode play no part",
            mgas_per_s(rate)
        ),
        Some(rate) => format!(
            "effective rate {} Mgas/s, for {fixed} s pass before the first opcode",
            mgas_per_s(rate)
        ),
        None if target => {
            format!("{fixed} s pass before the first opcode: no price holds the target")
        }
        None => format!("{fixed} s pass before the first opcode"),
    };
    let time = if prover.modelled {
        let error = prover.error.map_or_else(
            || "by how much it errs is not known".into(),
            |error| format!("±{}", percent(error)),
        );
        format!("{fixed} s{}, modelled: {error}", weights(prover))
    } else {
        format!("measured; {fixed} s for an empty block")
    };
    let mut lines = vec![
        (prover.name.clone(), rate),
        ("  time".into(), time),
        (
            "  fit".into(),
            format!("{}: {}", prover.calibration, prover.source),
        ),
        ("  runs".into(), prover.version.clone()),
    ];
    lines.extend(
        prover
            .doubts
            .iter()
            .map(|doubt| ("  but".into(), doubt.clone())),
    );
    if !prover.not_covered.is_empty() {
        let families = prover.not_covered.join(", ");
        lines.push((
            "  but".into(),
            format!("seconds of these are off by more than half: {families}"),
        ));
    }
    lines
}

/// What a model adds to the fixed part.
fn weights(prover: &ProverLine) -> String {
    let term = |(name, s): (&String, &f64)| {
        let name = match name.as_str() {
            "prover_gas" => "prover gas".into(),
            name => name.replace("syscall.", "calls of "),
        };
        format!(" + {} s per million {name}", three_digits(*s))
    };
    prover.s_per_million.iter().map(term).collect()
}

fn prices(out: &mut String, report: &ProposalReport, layout: Layout) {
    let provers = report.provers.len() > 1;
    let shown = |row: &&PriceRow| layout.all || row.changed();
    let rows: Vec<&PriceRow> = report.rows.iter().filter(shown).collect();
    // Computed costs have none.
    let intervals = rows.iter().any(|row| row.interval().is_some());
    let mut columns = vec![
        (Align::Left, "gas parameter"),
        (Align::Right, "current"),
        (Align::Right, "proposed"),
        (Align::Right, "change"),
        (Align::Left, "worst scenario"),
        (Align::Right, "before"),
        (Align::Right, "after"),
        (Align::Left, "why"),
    ];
    if intervals {
        columns.insert(3, (Align::Right, "interval"));
    }
    let mut grid = Grid::new(columns);
    for row in &rows {
        let mut cells = price_cells(row, provers).to_vec();
        if intervals {
            cells.insert(3, interval(row));
        }
        grid.row(cells);
    }
    if rows.is_empty() {
        line(out, "no price has to change");
    } else {
        out.push_str(&grid.render(layout.width));
        let relative = rows.iter().any(|row| row.worst.of_asked.is_some());
        let unit = if relative {
            "times the rate asked of the work"
        } else {
            "Mgas/s"
        };
        let mark = match report.recorded {
            Some(_) => "predicted from the same work under other prices",
            None => "extrapolated from smaller blocks",
        };
        line(
            out,
            format!("before, after: {unit} of a full block of the worst scenario; ~ {mark}"),
        );
    }
    if intervals {
        line(
            out,
            "interval: the price for the cost of the block that holds it at the ends of its 95 % interval",
        );
    }
    fold(out, report, layout);
}

/// `12 to 15`.
fn interval(row: &PriceRow) -> String {
    row.interval().map_or_else(String::new, |(low, high)| {
        format!("{} to {}", three_digits(low), three_digits(high))
    })
}

fn price_cells(row: &PriceRow, provers: bool) -> [String; 8] {
    let on = |scenario: &str, prover: &str| match prover {
        "" => scenario.to_owned(),
        prover if provers => format!("{scenario} on {prover}"),
        _ => scenario.to_owned(),
    };
    let mark = match row.worst.measured {
        Measured::FullBlock => "",
        Measured::Extrapolated | Measured::Predicted => "~",
    };
    let why = match &row.why {
        None => String::new(),
        // The worst scenario is what most prices are held up by: say it shortly.
        Some(why)
            if why.scenario == row.worst.scenario && why.prover == row.worst.prover.to_string() =>
        {
            "this block".into()
        }
        Some(why) => on(&why.scenario, &why.prover),
    };
    let worst = &row.worst;
    let (before, after) = match (worst.crash, worst.of_asked) {
        (Some(Crash::RuledOut), _) => ("crashed".into(), "ruled out".into()),
        (Some(Crash::Fits), _) => ("crashed".into(), "crashed".into()),
        (None, Some((before, after))) => (
            format!("{}x", three_digits(before)),
            format!("{mark}{}x", three_digits(after)),
        ),
        (None, None) => (
            mgas_per_s(worst.before),
            format!("{mark}{}", mgas_per_s(worst.after)),
        ),
    };
    [
        row.param.clone(),
        row.current.to_string(),
        row.proposed.to_string(),
        multiplier(row.current.value(), row.proposed.value()),
        on(&row.worst.scenario, &row.worst.prover.to_string()),
        before,
        after,
        why,
    ]
}

/// What the table leaves out, in a line each; or every reason with `--all`.
fn fold(out: &mut String, report: &ProposalReport, layout: Layout) {
    if !report.only_sums.is_empty() {
        line(
            out,
            format!(
                "only the sum of its parts is known, so another size may not hold: {}",
                report.only_sums.join(", ")
            ),
        );
    }
    let unchanged = report.rows.iter().filter(|row| !row.changed()).count();
    if unchanged > 0 && !layout.all {
        line(
            out,
            format!(
                "{} measured and unchanged (--all shows them)",
                count(unchanged, "price")
            ),
        );
    }
    if report.unmeasured.is_empty() {
        return;
    }
    let number = count(report.unmeasured.len(), "price");
    if !layout.all {
        line(
            out,
            format!("{number} without a scenario, kept as they are (--all says why)"),
        );
        return;
    }
    out.push('\n');
    line(
        out,
        format!("{number} without a scenario, kept as they are:"),
    );
    out.push_str(&reasons(&report.unmeasured, layout.width));
}

fn reasons(unmeasured: &[Unmeasured], width: usize) -> String {
    let mut grid = Grid::new([
        (Align::Left, "gas parameter"),
        (Align::Right, "current"),
        (Align::Left, "why there is no scenario"),
    ]);
    for one in unmeasured {
        grid.row([
            one.param.clone(),
            one.current.to_string(),
            one.reason.clone(),
        ]);
    }
    grid.render(width)
}

fn totals(out: &mut String, report: &ProposalReport) {
    let changed = report.rows.iter().filter(|row| row.changed()).count();
    let all = report.rows.len() + report.unmeasured.len();
    line(
        out,
        format!(
            "total change: {}, over {changed} of {all} prices (sum of |proposed - current| / current)",
            percent(report.total_change),
        ),
    );
    if let Some(mix) = &report.mix {
        let change = multiplier(mix.before, mix.after);
        let whole = |gas: f64| grouped(fit::count(gas.round()).into());
        let neutral = if mix.neutral {
            ", asked to take no more"
        } else {
            ""
        };
        line(
            out,
            format!(
                "mix: {} gas instead of {} for what {} does, {change}{neutral}; changes were weighed by it",
                whole(mix.after),
                whole(mix.before),
                mix.file
            ),
        );
    }
}

/// How many of the blocks are others'.
fn whose(report: &ProposalReport) -> String {
    let fixtures = report.fixtures.as_ref();
    fixtures.map_or_else(String::new, |fixtures| {
        let (held, without) = (fixtures.held, fixtures.without_block.len());
        let held = format!(", {held} of them fixtures,");
        if without == 0 {
            held
        } else {
            format!("{held} ({without} more have no block at these prices)")
        }
    })
}

fn verdict(out: &mut String, report: &ProposalReport, layout: Layout) {
    let closely = report.margin.text();
    match &report.verdict {
        Verdict::Holds => {
            let blocks = count(report.blocks.len(), "block");
            let whose = whose(report);
            line(
                out,
                format!(
                    "yes: every one of {blocks}{whose} meets the target under the proposed prices{closely}"
                ),
            );
            out.push_str(&report.margin.near());
            outside(out, report, layout);
            if let Some(adversary) = &report.adversary {
                line(out, adversary.text());
            }
        }
        Verdict::Misses { blocks } => {
            let number = count(*blocks, "block");
            let whose = whose(report);
            line(
                out,
                format!(
                    "no: {number} of {}{whose} miss the target under the proposed prices{closely}",
                    report.blocks.len()
                ),
            );
            let misses: Vec<&BlockLine> = report
                .blocks
                .iter()
                .filter(|block| block.meets == Some(false))
                .collect();
            let shown = if layout.all {
                misses.len()
            } else {
                MISSES_SHOWN.min(misses.len())
            };
            out.push_str(&block_table(&misses[..shown], layout.width));
            if shown < misses.len() {
                line(
                    out,
                    format!("and {} more (--all shows them)", misses.len() - shown),
                );
            }
            out.push_str(&report.margin.near());
            outside(out, report, layout);
        }
        Verdict::Infeasible {
            reason,
            relaxations,
        } => {
            for one in format!("no: {reason}").lines() {
                line(out, one);
            }
            for relaxation in relaxations {
                line(out, format!("  it would take: {relaxation}"));
            }
            outside(out, report, layout);
        }
    }
}

/// What the verdict says nothing about.
fn outside(out: &mut String, report: &ProposalReport, layout: Layout) {
    if report.left_out > 0 {
        let scenarios = count(report.left_out, "scenario");
        line(
            out,
            format!("not asked: {scenarios}, left out by --scenario"),
        );
    }
    let Some(slowest) = report.untouched.first() else {
        return;
    };
    let how = match slowest.of_asked {
        _ if slowest.proving_s.is_none() => "which crashed".into(),
        Some(reaches) => format!("at {}x the rate asked", three_digits(reaches)),
        None => format!("at {} Mgas/s", mgas_per_s(slowest.throughput)),
    };
    let blocks = count(report.untouched.len(), "block");
    line(
        out,
        format!(
            "below the target today, and not touched by this schedule: {blocks}, the slowest {} {how} (--strict judges them)",
            slowest.id
        ),
    );
    if layout.all {
        let blocks: Vec<&BlockLine> = report.untouched.iter().collect();
        out.push_str(&block_table(&blocks, layout.width));
    }
}

/// Where a block table says whether a block meets its target.
const MEETS: usize = 5;

/// Blocks with their times.
pub fn block_table(blocks: &[&BlockLine], width: usize) -> String {
    let relative = blocks.iter().any(|block| block.of_asked.is_some());
    let mut columns = vec![
        (Align::Left, "scenario"),
        (Align::Left, "prover"),
        (Align::Right, "gas used"),
        (Align::Right, "seconds"),
        (Align::Right, "Mgas/s"),
        (Align::Left, "meets"),
        (Align::Left, "note"),
    ];
    if relative {
        columns.insert(MEETS, (Align::Right, "of rate asked"));
    }
    let mut grid = Grid::new(columns);
    for block in blocks {
        let mark = match block.measured {
            Measured::Extrapolated => "~",
            // Its time was measured; what is predicted is its gas.
            Measured::FullBlock | Measured::Predicted => "",
        };
        let mut cells = vec![
            block.id.scenario.clone(),
            block.id.prover.to_string(),
            grouped(i128::from(block.gas_used)),
            block
                .proving_s
                .map_or_else(|| "-".into(), |s| format!("{mark}{}", three_digits(s))),
            mgas_per_s(block.throughput),
            block
                .meets
                .map_or("-", |meets| if meets { "yes" } else { "no" })
                .into(),
            block.note.clone().unwrap_or_default(),
        ];
        if relative {
            let reaches = block
                .of_asked
                .map(|reaches| format!("{}x", three_digits(reaches)));
            cells.insert(MEETS, reaches.unwrap_or_else(|| "-".into()));
        }
        grid.row(cells);
    }
    grid.render(width)
}
