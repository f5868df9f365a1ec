//! What checking fixtures found.

use std::collections::BTreeMap;

use serde::Serialize;

use super::number::{count, multiplier};
use super::text::line;
use crate::fit::real;
use crate::gas::grouped;

/// The whole answer to `fixtures check`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct FixturesReport {
    /// Files read.
    pub files: usize,
    /// Tests in them.
    pub tests: usize,
    /// Blocks of those.
    pub blocks: usize,
    /// Blocks that came out as their fixture says.
    pub reproduced: usize,
    /// How many of those are invalid, and were refused for the reason that their fixture names.
    pub refused: usize,
    /// Canonical guest inputs in them that encode to the same bytes again, with the same output.
    pub guest_inputs: usize,
    /// What their last blocks do under another schedule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub regenerated: Option<Regenerated>,
    /// Everything that is not as it should be, in the order of files, tests and blocks.
    pub findings: Vec<Finding>,
    /// What could not be executed, and why.
    pub not_run: Vec<NotRun>,
    /// What could not be checked for lack of data.
    pub unchecked: Vec<Finding>,
}

/// Something that is not as it should be.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// The file.
    pub file: String,
    /// The test's id; `None` if the file as a whole is wrong.
    pub test: Option<String>,
    /// The block's position in the test, from 0.
    pub block: Option<usize>,
    /// What.
    pub what: String,
}

/// Tests that could not be executed, all for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NotRun {
    /// The reason.
    pub why: String,
    /// How many tests.
    pub tests: usize,
    /// Blocks of those.
    pub blocks: usize,
}

/// The fixtures' last blocks under another schedule.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Regenerated {
    /// The schedule's title.
    pub schedule: String,
    /// One per test, in order.
    pub tests: Vec<RegeneratedTest>,
}

/// A fixture's last block under the prices of its fork, and under others.
#[derive(Clone, Debug, Serialize)]
pub struct RegeneratedTest {
    /// The file.
    pub file: String,
    /// The test's id.
    pub test: String,
    /// Gas used.
    pub gas_used: [u64; 2],
    /// Opcodes that ran.
    pub operations: [u64; 2],
    /// Why there is no block under the schedule's prices; the figures are 0 then.
    pub refused: Option<String>,
}

impl FixturesReport {
    /// Adds tests that could not be executed.
    pub fn not_run(&mut self, why: String, blocks: usize) {
        let same = self.not_run.iter_mut().find(|other| other.why == why);
        if let Some(same) = same {
            same.tests += 1;
            same.blocks += blocks;
        } else {
            let tests = 1;
            self.not_run.push(NotRun { why, tests, blocks });
        }
    }

    /// Whether every block came out as its fixture says.
    pub fn holds(&self) -> bool {
        self.findings.is_empty() && self.reproduced == self.blocks
    }
}

/// One line per regenerated test and finding, what was not run, and the verdict.
pub fn text(report: &FixturesReport) -> String {
    let mut out = String::new();
    if let Some(regenerated) = &report.regenerated {
        out.push_str(&regenerated_text(regenerated));
    }
    for finding in &report.findings {
        line(&mut out, finding_text(finding));
    }
    let mut notes: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in &report.unchecked {
        *notes.entry(&finding.what).or_default() += 1;
    }
    for (what, blocks) in notes {
        line(
            &mut out,
            format!("note: {}: {what}", count(blocks, "block")),
        );
    }
    for NotRun { why, tests, blocks } in &report.not_run {
        let (tests, blocks) = (count(*tests, "test"), count(*blocks, "block"));
        line(&mut out, format!("not run: {tests}, {blocks}: {why}"));
    }
    let (files, tests) = (count(report.files, "file"), count(report.tests, "test"));
    let refused = match report.refused {
        0 => String::new(),
        refused => format!(
            "; {} refused for the right reason",
            count(refused, "invalid block")
        ),
    };
    let guests = match report.guest_inputs {
        0 => String::new(),
        inputs => format!(
            "; {} re-encoded to the same bytes, same output",
            count(inputs, "guest input")
        ),
    };
    line(&mut out, format!("{files}, {tests}{refused}{guests}"));
    line(
        &mut out,
        format!(
            "{} of {} reproduced",
            grouped(report.reproduced as i128),
            count(report.blocks, "block")
        ),
    );
    out
}

fn regenerated_text(regenerated: &Regenerated) -> String {
    let mut out = String::new();
    line(
        &mut out,
        format!("under {}: operations, gas", regenerated.schedule),
    );
    for test in &regenerated.tests {
        if let Some(why) = &test.refused {
            line(&mut out, format!("       -  {}: {why}", test.test));
            continue;
        }
        let [before, after] = test.operations;
        let change = multiplier(real(before), real(after));
        let shown = |[before, after]: [u64; 2]| {
            format!("{} -> {}", grouped(before.into()), grouped(after.into()))
        };
        let (operations, gas) = (shown(test.operations), shown(test.gas_used));
        line(
            &mut out,
            format!("{change:>8}  {operations}, {gas} gas  {}", test.test),
        );
    }
    out.push('\n');
    out
}

fn finding_text(finding: &Finding) -> String {
    let test = finding.test.as_ref();
    let test = test
        .map(|test| format!("test `{test}`: "))
        .unwrap_or_default();
    let block = finding.block.map(|block| format!("block {block}: "));
    format!(
        "{}: {test}{}{}",
        finding.file,
        block.unwrap_or_default(),
        finding.what
    )
}
