//! The language from the outside.

mod catalogue;
mod dimensions;
mod eips;
mod formatted;
mod imported;
mod metered;
mod meters;
mod price_table;
mod robust;
mod rows;
mod shipped;
mod words;
mod written;

use std::{collections::BTreeMap, path::Path};

use super::*;
use crate::{
    diag::Severity,
    gas::{CostFormula, Gas, GasParam},
};

/// Files of a folder.
struct Folder(&'static str);

impl Files for Folder {
    fn read(&self, path: &str) -> Result<String, String> {
        std::fs::read_to_string(
            Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
                .join(self.0)
                .join(path),
        )
        .map_err(|_| "no such file".to_owned())
    }
}

/// Files made up here.
struct Memory(BTreeMap<String, String>);

impl Files for Memory {
    fn read(&self, path: &str) -> Result<String, String> {
        self.0
            .get(path)
            .cloned()
            .ok_or_else(|| "no such file".to_owned())
    }
}

/// A shipped schedule's text.
fn text(name: &str) -> String {
    Folder("schedules").read(name).expect("it is shipped")
}

/// Codes found, each as `severity code "the words to blame"`.
fn findings(loaded: &Loaded) -> Vec<String> {
    let line = |d: &crate::diag::Diagnostic| {
        let place = d.place().map_or("-", |label| {
            let file = loaded
                .sources
                .get(label.file)
                .expect("labels are in known files");
            file.text
                .get(label.span.clone())
                .expect("spans are on character boundaries")
        });
        format!("{} `{place}`: {}", d.code, d.message)
    };
    loaded.diagnostics.iter().map(line).collect()
}

fn plan(loaded: Loaded) -> Plan {
    let found = findings(&loaded);
    loaded.plan.unwrap_or_else(|| panic!("no plan: {found:#?}"))
}

fn read(name: &str, options: &Options) -> Plan {
    let loaded = load(name, &Folder("schedules"), options);
    assert!(loaded.diagnostics.is_empty(), "{:#?}", findings(&loaded));
    plan(loaded)
}

fn param(text: &str) -> GasParam {
    text.parse().expect("a parameter's name")
}

fn price(plan: &Plan, name: &str) -> Gas {
    plan.schedule.price(&param(name)).expect("it has a price")
}

fn formula(plan: &Plan, name: &str) -> CostFormula {
    plan.schedule.formula(name).expect("it has a formula")
}

/// Every file in `fixtures/errors`, without the ending.
fn fixtures() -> Vec<String> {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).join("fixtures/errors");
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .expect("the folder is there")
        .map(|entry| {
            entry
                .expect("it can be read")
                .file_name()
                .into_string()
                .expect("plain names")
        })
        .filter_map(|name| name.strip_suffix(".gas").map(str::to_owned))
        .collect();
    names.sort();
    names
}

#[test]
fn every_code_has_an_explanation_and_a_fixture() {
    let mut known: Vec<&str> = codes().collect();
    assert!(known.is_sorted());
    for name in fixtures() {
        let path = format!("{name}.gas");
        let loaded = load(&path, &Folder("fixtures/errors"), &Options::default());
        let found = findings(&loaded);
        println!("\n{name}\n  {}", found.join("\n  "));
        for diagnostic in &loaded.diagnostics {
            assert!(
                explain(diagnostic.code).is_some(),
                "`{}` has no explanation",
                diagnostic.code
            );
            let message = &diagnostic.message;
            assert!(
                !message.ends_with('.') && !message.starts_with(char::is_uppercase),
                "{message}"
            );
            let texts = diagnostic.notes.iter().chain(&diagnostic.helps);
            assert!(
                texts
                    .into_iter()
                    .all(|t| !t.ends_with('.') || t.ends_with("...")),
                "{found:#?}"
            );
        }
        let failed = loaded
            .diagnostics
            .iter()
            .any(|d| d.severity == Severity::Error);
        assert_eq!(loaded.plan.is_none(), failed);
        if name == "six-mistakes" {
            assert_eq!(loaded.diagnostics.len(), 6, "{found:#?}");
            continue;
        }
        // Which operations have scenarios is known above the language.
        if name == "anchor-unmeasured" {
            known.retain(|code| *code != name);
            continue;
        }
        assert!(
            loaded.diagnostics.iter().any(|d| d.code == name),
            "`{name}` is not among {found:#?}"
        );
        known.retain(|code| *code != name);
    }
    assert!(known.is_empty(), "without a fixture: {known:?}");
}

#[test]
fn the_reference_is_right() {
    let text = std::fs::read_to_string(
        Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).join("grammar/README.md"),
    )
    .expect("it is beside the grammar");
    let examples: Vec<&str> = text
        .split("```gas\n")
        .skip(1)
        .filter_map(|e| e.split("```").next())
        .collect();
    assert!(examples.len() >= 5);
    for example in examples {
        let header = if example.contains("schedule \"") {
            ""
        } else {
            "schedule \"Example\" extends osaka\n"
        };
        let files = Memory(BTreeMap::from([(
            "example.gas".to_owned(),
            format!("{header}{example}"),
        )]));
        let loaded = load("example.gas", &files, &Options::default());
        assert!(loaded.plan.is_some(), "{example}\n{:#?}", findings(&loaded));
        assert!(
            loaded.diagnostics.is_empty(),
            "{example}\n{:#?}",
            findings(&loaded)
        );
    }
    // Bad examples name the finding that they show.
    let bad: Vec<(&str, &str)> = text
        .split("```gas error=")
        .skip(1)
        .filter_map(|e| e.split("```").next()?.split_once('\n'))
        .collect();
    assert!(bad.len() >= 5);
    for (code, example) in bad {
        let text = format!("schedule \"Example\" extends osaka\n{example}");
        let files = Memory(BTreeMap::from([("example.gas".to_owned(), text)]));
        let loaded = load("example.gas", &files, &Options::default());
        let codes: Vec<&str> = loaded.diagnostics.iter().map(|d| d.code).collect();
        assert_eq!(codes, [code], "{example}");
    }
    let rejected = text
        .split("## Rejected")
        .nth(1)
        .expect("it says what was rejected");
    for what in [
        "Loops",
        "`if`",
        "Imports",
        "Solver holes",
        "Strings",
        "units",
    ] {
        assert!(rejected.contains(what), "{what}");
    }
}

/// The editor's colours know every word that the grammar and the vocabulary know.
#[test]
fn the_editor_knows_every_word() {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let read = |name: &str| std::fs::read_to_string(root.join(name)).expect("it is there");
    let grammar = read("grammar/gas.pest");
    let colours = read("grammar/gas.tmLanguage.json");
    let _: serde_json::Value = serde_json::from_str(&colours).expect("it is JSON");
    let known = |word: &str| {
        let ends = |c: char| !c.is_ascii_alphanumeric();
        colours
            .split(ends)
            .any(|known| known.trim_start_matches('b') == word || known == word)
    };
    let keywords = grammar
        .lines()
        .filter(|line| line.contains("_kw") && line.contains("= @{"))
        .filter_map(|line| line.split('"').nth(1));
    let variables = crate::gas::Variable::ALL.iter().map(|v| v.name());
    let all: Vec<&str> = keywords
        .chain(variables)
        .chain(["together", "current", "guest", "resource"])
        .chain(Verb::ALL.iter().map(|verb| verb.name()))
        .collect();
    assert!(all.len() > 35, "{all:?}");
    for word in all {
        assert!(known(word), "{word}");
    }
}

#[test]
fn a_proposal_written_out_warns_once() {
    let parent = read("zk-proving.gas", &Options::default());
    let mut schedule = parent.schedule.clone();
    for name in [
        "DIV",
        "SDIV",
        "MOD",
        "SMOD",
        "ADDMOD",
        "MULMOD",
        "SHA256.per_word",
        "EXP.per_byte",
    ] {
        schedule.set(&param(name), 500).expect("it exists");
    }
    let child = write(
        &schedule,
        "\"zk-proving.gas\"",
        &parent.schedule,
        "Solved",
        &BTreeMap::new(),
    );
    let files = [
        ("zk-proving.gas", text("zk-proving.gas")),
        ("solved.gas", child),
    ];
    let files = Memory(files.map(|(name, text)| (name.to_owned(), text)).into());
    let loaded = load("solved.gas", &files, &Options::default());
    assert_eq!(
        findings(&loaded),
        ["price-not-kept `DIV`: the solver may move 8 prices set here"]
    );
    let solved = plan(loaded);
    assert_eq!(price(&solved, "MULMOD"), 500);
    assert_eq!(solved.baseline, parent.schedule);
    assert!(solved.solve.is_some(), "it can be solved again");
}

/// A price per byte is no price per word, whichever way it gets there.
#[test]
fn bytes_and_words_do_not_mix() {
    let found = |statement: &str| {
        let text = format!("schedule \"t\" extends osaka\n{statement}\n");
        let files = Memory(BTreeMap::from([("t.gas".to_owned(), text)]));
        findings(&load("t.gas", &files, &Options::default()))
    };
    for wrong in [
        "opcode LOG = 375 + 375 * topics + KECCAK256.per_word * bytes",
        "opcode LOG = 375 + 375 * topics + bytes * COPY_PER_WORD",
        "opcode LOG.per_byte = KECCAK256.per_word",
        "opcode KECCAK256 = 30 + CODE_DEPOSIT_PER_BYTE * words",
        "opcode KECCAK256.per_word = 6 + LOG.per_byte",
        "opcode LOG = 375 + 375 * topics + 2 * KECCAK256.per_word * bytes",
        "opcode KECCAK256.per_word = 2 * LOG.per_byte",
    ] {
        let found = found(wrong);
        assert!(
            found.iter().any(|f| f.contains("unit-mismatch")),
            "{wrong}: {found:?}"
        );
        assert_eq!(found.len(), 1, "{wrong}: {found:?}");
    }
    for right in [
        "opcode LOG = 375 + 375 * topics + KECCAK256.per_word / 32 * bytes",
        "opcode KECCAK256.per_word = 32 * LOG.per_byte",
        "opcode KECCAK256 = 30 + SHA256.per_word * words",
        "opcode LOG.per_byte = EXP.per_byte",
        "opcode KECCAK256 = 30 + LOG.per_byte * 32 * words",
    ] {
        assert_eq!(found(right), [""; 0], "{right}");
    }
}

#[test]
fn rounding_to_nothing_is_none() {
    for (to, expected) in [
        ("0", "a whole amount of gas"),
        ("0 digits", "1 to 13 digits"),
        ("14 digits", "1 to 13 digits"),
        ("1.5 digits", "1 to 13 digits"),
    ] {
        let text = format!(
            "schedule \"Round\" extends osaka\nsolve {{\n  vary ADD\n  round up to {to}\n}}\n"
        );
        let files = Memory(BTreeMap::from([("round.gas".to_owned(), text)]));
        let loaded = load("round.gas", &files, &Options::default());
        let messages: Vec<&str> = loaded
            .diagnostics
            .iter()
            .map(|d| d.message.as_str())
            .collect();
        assert!(
            messages.iter().any(|m| m.contains(expected)),
            "{to}: {messages:?}"
        );
    }
}
