//! What checking fixtures found.

use std::collections::{BTreeMap, BTreeSet};

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
    /// How many of those are of the operation that the test is a benchmark of, if it is known and ran.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<Target>,
    /// Why there is no block under the schedule's prices; the figures are 0 then.
    pub refused: Option<String>,
}

/// The operation that a test is a benchmark of.
#[derive(Clone, Debug, Serialize)]
pub struct Target {
    /// Its name in schedules.
    pub operation: String,
    /// How often it ran under the prices of the fork and the others; a precompile, how often it was called.
    pub counts: [u64; 2],
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

/// One line per regenerated test and cause of findings, what was not run, and the verdict.
pub fn text(report: &FixturesReport) -> String {
    let mut out = String::new();
    if let Some(regenerated) = &report.regenerated {
        out.push_str(&regenerated_text(regenerated));
    }
    findings_text(&mut out, &report.findings);
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
        format!(
            "under {}: operations, the test's own, gas",
            regenerated.schedule
        ),
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
        let target = test.target.as_ref().map_or_else(String::new, |target| {
            format!(", {} {}", target.operation, shown(target.counts))
        });
        line(
            &mut out,
            format!(
                "{change:>8}  {operations}{target}, {gas} gas  {}",
                test.test
            ),
        );
    }
    out.push('\n');
    out
}

/// Findings by cause, in the order in which each came up first: a single one as it is, several as their count and the first.
fn findings_text(out: &mut String, findings: &[Finding]) {
    let mut causes: Vec<String> = Vec::new();
    let mut grouped: BTreeMap<String, Vec<&Finding>> = BTreeMap::new();
    for finding in findings {
        let cause = cause(&finding.what);
        if !grouped.contains_key(&cause) {
            causes.push(cause.clone());
        }
        grouped.entry(cause).or_default().push(finding);
    }
    for cause in &causes {
        let same = &grouped[cause];
        let first = finding_text(same[0]);
        if same.len() == 1 {
            line(out, first);
            continue;
        }
        let files: BTreeSet<&str> = same.iter().map(|finding| &*finding.file).collect();
        let (findings, files) = (count(same.len(), "finding"), count(files.len(), "file"));
        line(out, format!("{findings} in {files}: {cause}"));
        line(out, format!("    the first: {first}"));
    }
    if causes.len() < findings.len() {
        line(out, "every finding: --format json");
    }
}

/// What findings have in common that differ in numbers, hashes and how many there are of them: `#` stands for each.
fn cause(what: &str) -> String {
    let mut cause = String::with_capacity(what.len());
    let mut rest = what;
    while let Some(next) = rest.chars().next() {
        // What is part of a word stays: `devnet-8`, `EIP-7928`, `for_osaka`.
        let apart = !cause.ends_with(|c: char| c.is_alphanumeric() || "-_.".contains(c));
        let number = if apart { number_length(rest) } else { 0 };
        let length = if number > 0 { number } else { next.len_utf8() };
        cause.push_str(if number > 0 { "#" } else { &rest[..length] });
        rest = &rest[length..];
    }
    while cause.contains("#, #") {
        cause = cause.replace("#, #", "#");
    }
    cause
}

/// Bytes of the number, decimal or with `0x`, that a text begins with; 0 where it begins with none.
fn number_length(text: &str) -> usize {
    let hex = text.strip_prefix("0x").map_or(0, |digits| {
        digits.bytes().take_while(u8::is_ascii_hexdigit).count()
    });
    if hex > 0 {
        return hex + 2;
    }
    if !text.starts_with(|c: char| c.is_ascii_digit()) {
        return 0;
    }
    let digit = |byte: &u8| byte.is_ascii_digit() || b"_.".contains(byte);
    let length = text.bytes().take_while(digit).count();
    text[..length].trim_end_matches('.').len()
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

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(file: &str, what: &str) -> Finding {
        Finding {
            file: file.into(),
            test: Some("t".into()),
            block: Some(0),
            what: what.into(),
        }
    }

    #[test]
    fn findings_of_one_cause_are_counted() {
        let root = |n: char| format!("is refused: the root is 0x{n} instead of 0xab");
        let findings = [
            finding("a.json", &root('1')),
            finding("b.json", "receipts: gas [21000, 42000] instead of [21000]"),
            finding("b.json", &root('2')),
            finding("b.json", &root('3')),
            finding("c.json", "is refused (devnet-8)"),
            finding("c.json", "receipts: gas [] instead of [21_000]"),
            finding("d.json", "receipts: gas [7] instead of [21000, 1, 2]"),
        ];
        let mut out = String::new();
        findings_text(&mut out, &findings);
        insta::assert_snapshot!(out, @r"
        3 findings in 2 files: is refused: the root is # instead of #
            the first: a.json: test `t`: block 0: is refused: the root is 0x1 instead of 0xab
        2 findings in 2 files: receipts: gas [#] instead of [#]
            the first: b.json: test `t`: block 0: receipts: gas [21000, 42000] instead of [21000]
        c.json: test `t`: block 0: is refused (devnet-8)
        c.json: test `t`: block 0: receipts: gas [] instead of [21_000]
        every finding: --format json
        ");
    }
}
