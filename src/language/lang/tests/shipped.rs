//! The schedules in `schedules/` mean what they say.

use std::collections::BTreeMap;

use super::{Folder, Memory, findings, formula, param, plan, price, read};
use crate::{
    gas::Fork,
    lang::{
        Compare, NoFiles, Options, Resource, Rounding, Selection, Step, Verb, fork_schedule, load,
        osaka,
    },
};

#[test]
fn osaka_is_complete_and_clean() {
    let loaded = load("osaka", &NoFiles, &Options::default());
    assert!(loaded.diagnostics.is_empty(), "{:#?}", findings(&loaded));
    let root = plan(loaded);
    assert_eq!(root.parent, None);
    assert_eq!(root.schedule, root.baseline);
    assert_eq!(price(&root, "MULMOD"), 8);
    assert_eq!(price(&root, "KECCAK256.per_word"), 6);
    assert_eq!(price(&root, "REFUND_STORAGE_RESTORE_SET"), 19_900);
    assert_eq!(osaka(), root.schedule);
}

#[test]
fn a_root_can_be_read_from_a_file_and_names_its_fork() {
    for fork in Fork::ALL {
        let plan = read(&format!("{}.gas", fork.name()), &Options::default());
        assert_eq!(plan.schedule.fork, *fork);
        let own = fork_schedule(*fork).entries().len();
        assert_eq!(plan.schedule.entries().len(), own);
    }
    let text = |fork: &str| format!("schedule \"t\" on {fork}\n");
    let found = |fork: &str| {
        let files = Memory(BTreeMap::from([("t.gas".to_owned(), text(fork))]));
        findings(&load("t.gas", &files, &Options::default()))
    };
    let unknown = "unknown-schedule `amsterdm`: there is no schedule of the fork `amsterdm`";
    assert_eq!(found("amsterdm"), [unknown]);
    assert!(found("prague")[0].starts_with("missing-price"));
}

#[test]
fn eip_7904() {
    let plan = read("eip-7904.gas", &Options::default());
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
    assert!((target.anchor_rate().unwrap() - 1e8).abs() < 1.0);
    assert!(plan.solve.is_none() && plan.provers.is_empty());
}

#[test]
fn two_provers() {
    let plan = read("zk-proving-two-provers.gas", &Options::default());
    let [target] = plan.targets.as_slice() else {
        panic!("one target")
    };
    assert_eq!(target.on, ["zisk", "sp1"]);
    assert!((target.anchor_rate().unwrap() - 6e6).abs() < 1.0);
    let zisk = &plan.provers[0];
    assert_eq!(
        (zisk.name.as_str(), zisk.resource),
        ("zisk", Some(Resource::Gpu))
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
    let round = Rounding {
        up: true,
        to: Step::Digits(2),
    };
    assert_eq!(solve.round, round);
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
    let plan = read("zk-proving.gas", &Options::default());
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
        let plan = read("compute-multiplier.gas", &options);
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
    let plan = read("what-if-modexp.gas", &Options::default());
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
    assert_eq!(solve.round.to, Step::Digits(2));
}
