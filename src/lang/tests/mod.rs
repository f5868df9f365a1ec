//! The language from the outside.

mod catalogue;
mod robust;
mod written;

use std::{collections::BTreeMap, path::Path};

use super::*;
use crate::{
    diag::Severity,
    gas::{CostFormula, Gas, GasParam},
};

/// Files of a folder.
/// x
struct Folder(&'static str);

impl Files for Folder {
    fn read(&self, path: &str) -> Result<String, String> {
        std::fs::read_to_string(
            Path::new(env!("CARGO_MANIFEST_DIR"))
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

fn shipped(name: &str, options: &Options) -> Plan {
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

#[test]
fn osaka_is_complete_and_clean() {
    let loaded = load("osaka", &NoFiles, &Options::default());
    assert!(loaded.diagnostics.is_empty(), "{:#?}", findings(&loaded));
    let osaka = plan(loaded);
    assert_eq!(osaka.parent, None);
    assert_eq!(osaka.schedule, osaka.baseline);
    assert_eq!(price(&osaka, "MULMOD"), 8);
    assert_eq!(price(&osaka, "KECCAK256.per_word"), 6);
    assert_eq!(price(&osaka, "REFUND_STORAGE_RESTORE_SET"), 19_900);
    assert_eq!(super::osaka(), osaka.schedule);
}

#[test]
fn a_root_can_be_read_from_a_file() {
    let plan = shipped("osaka.gas", &Options::default());
    assert_eq!(plan.schedule.entries().len(), osaka().entries().len());
}

#[test]
fn eip_7904() {
    let plan = shipped("eip-7904.gas", &Options::default());
    assert_eq!(plan.name, "EIP-7904: compute gas cost increase");
    assert_eq!(plan.parent.as_deref(), Some("osaka"));
    for (name, gas) in [
        ("DIV", 15),
        ("MULMOD", 11),
        ("KECCAK256.base", 45),
        ("KECCAK256.per_word", 6),
        ("BLAKE2F.base", 170),
        ("ECPAIRING.per_point", 34_103),
        ("POINT_EVALUATION", 89_363),
        ("SMOD", 5),
    ] {
        assert_eq!(price(&plan, name), gas, "{name}");
    }
    let reason = |name: &str| plan.schedule.entry(name).and_then(|e| e.reason.clone());
    assert_eq!(
        reason("DIV").as_deref(),
        Some("Long division dominates in three of the five clients.")
    );
    assert_eq!(reason("SDIV"), None);
    let source = &plan.schedule.entry("MULMOD").expect("it is priced").source;
    assert_eq!((source.file.as_str(), source.line), ("eip-7904.gas", 12));
    let [target] = plan.targets.as_slice() else {
        panic!("one target")
    };
    assert_eq!((target.verb, target.gas), (Verb::Execute, 100_000_000));
    assert!((target.anchor_rate() - 1e8).abs() < 1.0);
    assert!(plan.solve.is_none() && plan.provers.is_empty());
}

#[test]
fn two_provers() {
    let plan = shipped("zk-proving-two-provers.gas", &Options::default());
    let [target] = plan.targets.as_slice() else {
        panic!("one target")
    };
    assert_eq!(target.on, ["zisk", "sp1"]);
    assert!((target.anchor_rate() - 6e6).abs() < 1.0);
    let zisk = &plan.provers[0];
    assert_eq!(
        (zisk.name.as_str(), zisk.resource.as_deref()),
        ("zisk", Some("gpu"))
    );
    assert_eq!(zisk.guests, ["reth", "ethrex"]);
    let solve = plan.solve.expect("it has a solve block");
    let [all, modular] = solve.vary.as_slice() else {
        panic!("two vary clauses")
    };
    let contains = |s: &Selection, name: &str| s.params.contains(&param(name));
    assert!(
        contains(all, "KECCAK256.per_word")
            && contains(all, "MODEXP")
            && contains(all, "CREATE2.base")
    );
    // What opcodes merely refer to is not theirs to vary.
    assert!(!contains(all, "COLD_ACCOUNT_ACCESS") && !contains(all, "CREATE2.per_word"));
    assert!(modular.together && modular.params.len() == 6);
    assert!(
        contains(&solve.keep[0], "PUSH0")
            && contains(&solve.keep[0], "PUSH")
            && contains(&solve.keep[0], "DUP")
    );
    assert_eq!(solve.round, Rounding { up: true, to: 5 });
    let bounds = |name: &str| -> Vec<_> {
        let own = solve.bounds.iter().filter(|b| b.param == param(name));
        own.map(|b| (b.low.expect("a low end"), b.high.expect("a high end")))
            .collect()
    };
    assert_eq!(bounds("MULMOD"), [(8.0, 1_600.0)]);
    assert_eq!(bounds("KECCAK256.per_word"), [(6.0, 1_200.0), (6.0, 60.0)]);
    assert_eq!(bounds("MODEXP"), [(1.0, 200.0)]);
    assert!(
        bounds("TX_BASE").is_empty(),
        "only what varies is bounded by a pattern"
    );
    let [relation] = solve.relations.as_slice() else {
        panic!("one relation")
    };
    assert_eq!(relation.terms, [(param("DIV"), -1.0), (param("SDIV"), 1.0)]);
    assert_eq!((relation.constant, relation.compare), (0.0, Compare::Ge));
}

#[test]
fn one_prover() {
    let plan = shipped("zk-proving.gas", &Options::default());
    assert_eq!(plan.targets[0].on, ["sp1"]);
    assert_eq!(plan.provers.len(), 1);
    assert!(plan.solve.is_some());
}

#[test]
fn multiplier_with_variants_and_settings() {
    let option = |variant: Option<&str>, set: &[(&str, &str)]| Options {
        variant: variant.map(str::to_owned),
        set: set
            .iter()
            .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()))
            .collect(),
    };
    for (options, k) in [
        (option(None, &[]), 3),
        (option(Some("mild"), &[]), 2),
        (option(Some("strong"), &[]), 8),
        (option(Some("strong"), &[("k", "5")]), 5),
        (option(None, &[("k", "2 * 2")]), 4),
    ] {
        let plan = shipped("compute-multiplier.gas", &options);
        assert_eq!(price(&plan, "ADD"), 3 * k);
        assert_eq!(price(&plan, "EXP.per_byte"), 50 * k);
        assert_eq!(price(&plan, "KECCAK256.base"), 30 * k.min(4));
        assert_eq!(price(&plan, "SHA256.per_word"), 12 * k.div_ceil(2));
        assert_eq!(price(&plan, "ECPAIRING.per_point"), 34_000 * k);
        assert_eq!(price(&plan, "ECPAIRING.base"), 45_000);
        assert_eq!(formula(&plan, "MODEXP").cost(|_| 1), Some(500 * k));
        assert_eq!(formula(&plan, "MODEXP").cost(|_| 100), Some(10_000 * k));
    }
    let loaded = load(
        "compute-multiplier.gas",
        &Folder("schedules"),
        &option(Some("weak"), &[("q", "1"), ("k", "1 +")]),
    );
    assert!(loaded.plan.is_none());
    assert_eq!(
        findings(&loaded),
        [
            "unknown-name `schedule \"Compute times k\" extends osaka`: no variant is called `weak`",
            "unknown-name `1`: no constant is called `q`",
            "syntax ``: expected a formula",
        ]
    );
}

#[test]
fn what_if_extends_a_file() {
    let plan = shipped("what-if-modexp.gas", &Options::default());
    assert_eq!(
        plan.parent.as_deref(),
        Some("\"zk-proving-two-provers.gas\"")
    );
    assert_eq!(plan.targets[0].gas, 100_000_000);
    assert_eq!(plan.targets[0].on, ["zisk"]);
    assert_eq!(price(&plan, "KECCAK256.per_word"), 9);
    assert_eq!(price(&plan, "POSEIDON2.per_word"), 12);
    assert_eq!(formula(&plan, "MODEXP").cost(|_| 1), Some(1_000));
    let solve = plan.solve.expect("it inherits one");
    assert_eq!(
        (solve.vary.len(), solve.keep.len(), solve.relations.len()),
        (2, 2, 2)
    );
    assert!(
        solve
            .vary
            .iter()
            .all(|s| s.params.iter().all(|p| p.operation != "POSEIDON2"))
    );
    assert_eq!(solve.round.to, 5);
}

/// Every file in `fixtures/errors`, without the ending.
fn fixtures() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/errors");
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
    let text =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("grammar/README.md"))
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

#[test]
fn a_proposal_written_out_warns_once() {
    let parent = shipped("zk-proving.gas", &Options::default());
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
