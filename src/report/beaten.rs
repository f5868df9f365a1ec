//! What an adversary found against a schedule.

use serde::Serialize;

use super::{
    grid::{Align, Grid},
    number::{count, three_digits},
    proposal::{ProverLine, TargetLine},
    table::{prover_text, target_text},
    text::line,
};
use crate::gas::{Gas, grouped};

/// The whole answer to `search SCHEDULE --beat TIME`.
#[derive(Clone, Debug, Serialize)]
pub struct BeatReport {
    /// The schedule's title.
    pub schedule: String,
    /// Where it was read from: a path, or a built-in's name.
    pub file: String,
    /// What every full block has to hold; may be empty.
    pub targets: Vec<TargetLine>,
    /// Who proves, and what its time means.
    pub provers: Vec<ProverLine>,
    /// What decided which programs were tried.
    pub seed: u64,
    /// Gas of the small blocks that they were tried in.
    pub tried_in: Gas,
    /// By prover, and target where there are several.
    pub attacks: Vec<AttackLine>,
}

/// What was found on one prover.
#[derive(Clone, Debug, Serialize)]
pub struct AttackLine {
    /// The prover.
    pub prover: String,
    /// Gas of a full block.
    pub gas: Gas,
    /// Programs tried: with as many, the same is found.
    pub tries: u64,
    /// How many of them made no block.
    pub refused: u64,
    /// Scenarios that were to be beaten.
    pub scenarios: usize,
    /// Operations that there were programs for.
    pub operations: usize,
    /// The dearest scenario of all by its gas; absent where none came through.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dearest: Option<KnownLine>,
    /// What was found that is dearer than any scenario of its operation, the worst against these first.
    pub found: Vec<FoundLine>,
}

/// A block that is known.
#[derive(Clone, Debug, Serialize)]
pub struct KnownLine {
    /// Its scenario.
    pub scenario: String,
    /// Seconds of work by a million gas, without an empty block's.
    pub s_per_mgas: f64,
}

/// A block that was found.
#[derive(Clone, Debug, Serialize)]
pub struct FoundLine {
    /// The operation that it is about.
    pub operation: String,
    /// Its name, as a scenario.
    pub scenario: String,
    /// What it repeats.
    pub program: String,
    /// Seconds of work by a million gas, without an empty block's.
    pub s_per_mgas: f64,
    /// The worst scenario of that operation.
    pub known: KnownLine,
    /// How many times that.
    pub ratio: f64,
    /// Whether it meets the target; absent where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meets: Option<bool>,
    /// Its entry in a file of scenarios.
    pub entry: String,
}

impl BeatReport {
    /// Whether nothing was found that is dearer than what is known.
    pub fn holds(&self) -> bool {
        self.attacks.iter().all(|attack| attack.found.is_empty())
    }

    /// Everything found, as a file of scenarios.
    pub fn scenarios(&self) -> String {
        let head = format!(
            "# Found against \"{}\", see `reprice search --help`.\n",
            self.schedule
        );
        let found = self.attacks.iter().flat_map(|attack| &attack.found);
        let entries = found.map(|one| format!("\n{}", one.entry));
        [head].into_iter().chain(entries).collect()
    }
}

/// A row per operation of which something dearer was found, then the programs, then the verdict.
pub fn table(report: &BeatReport, width: usize) -> String {
    let mut out = format!("{} ({})\n", report.schedule, report.file);
    for target in &report.targets {
        line(&mut out, format!("  target    {}", target_text(target)));
    }
    for prover in &report.provers {
        for (head, text) in prover_text(prover, !report.targets.is_empty()) {
            line(&mut out, format!("  {head:<8}  {text}"));
        }
    }
    for attack in &report.attacks {
        out.push('\n');
        one(&mut out, report, attack, width);
    }
    out
}

fn one(out: &mut String, report: &BeatReport, attack: &AttackLine, width: usize) {
    line(
        out,
        format!(
            "{}: {} tried from seed {} in blocks of {} gas, {} without a block; what did best again in large ones; known are full blocks of {} gas",
            attack.prover,
            count(
                usize::try_from(attack.tries).unwrap_or(usize::MAX),
                "program"
            ),
            report.seed,
            grouped(report.tried_in.into()),
            grouped(attack.refused.into()),
            grouped(attack.gas.into()),
        ),
    );
    let targets = !report.targets.is_empty();
    if !attack.found.is_empty() {
        let mut columns = vec![
            (Align::Left, "operation"),
            (Align::Right, "s/Mgas"),
            (Align::Right, "known"),
            (Align::Right, "ratio"),
            (Align::Left, "worst scenario"),
        ];
        columns.extend(targets.then_some((Align::Left, "target")));
        let mut grid = Grid::new(columns);
        for found in &attack.found {
            let mut row = vec![
                found.operation.clone(),
                three_digits(found.s_per_mgas),
                three_digits(found.known.s_per_mgas),
                format!("{:.3}x", found.ratio),
                found.known.scenario.clone(),
            ];
            row.extend(
                found
                    .meets
                    .map(|meets| if meets { "met" } else { "missed" }.to_owned()),
            );
            grid.row(row);
        }
        out.push_str(&grid.render(width));
        out.push('\n');
        for found in &attack.found {
            line(out, &found.operation);
            line(out, format!("  {}", found.program));
        }
        out.push('\n');
    }
    answer(out, attack, targets);
}

/// Whether anything is dearer, and what that means.
fn answer(out: &mut String, attack: &AttackLine, targets: bool) {
    let known = count(attack.scenarios, "scenario");
    let operations = count(attack.operations, "operation");
    let text = match attack.found.len() {
        0 => format!(
            "yes: nothing was found that is dearer by its gas than the worst of {known}, of {operations}"
        ),
        found => format!(
            "no: {} of {operations} can be made dearer than the worst of {known}",
            grouped(found as i128)
        ),
    };
    line(out, text);
    if let Some(dearest) = &attack.dearest {
        let s_per_mgas = |one: &FoundLine| one.s_per_mgas;
        let found = attack
            .found
            .iter()
            .max_by(|a, b| s_per_mgas(a).total_cmp(&s_per_mgas(b)));
        let above = found.filter(|one| one.s_per_mgas > dearest.s_per_mgas);
        let known = format!(
            "{} with {} s/Mgas",
            dearest.scenario,
            three_digits(dearest.s_per_mgas)
        );
        line(
            out,
            match above {
                Some(one) => format!(
                    "the dearest of all is {} with {} s/Mgas, found now; it was {known}",
                    one.scenario,
                    three_digits(one.s_per_mgas)
                ),
                None => format!("the dearest of all is still {known}"),
            },
        );
    }
    let missed = attack
        .found
        .iter()
        .filter(|one| one.meets == Some(false))
        .count();
    if targets {
        line(
            out,
            match missed {
                0 => "none of what was found misses the target".to_owned(),
                1 => "1 of what was found misses the target".to_owned(),
                missed => format!(
                    "{} of what was found miss the target",
                    grouped(missed as i128)
                ),
            },
        );
    }
}
