//! No input makes reading panic, hang or exhaust the stack. `PROPTEST_CASES=100000` tries more than a test run does.

use proptest::prelude::*;
use std::{collections::BTreeMap, time::Instant};

use super::{Folder, Memory, findings, words::WORDS};
use crate::{
    diag::Severity,
    gas::GasParam,
    lang::{Loaded, Options, format, load},
};

/// Reads a text and checks what must hold for any.
fn read(text: &str) -> Loaded {
    let files = Memory(BTreeMap::from([("test.gas".to_owned(), text.to_owned())]));
    let loaded = load("test.gas", &files, &Options::default());
    // Looks at every place, too.
    let found = findings(&loaded);
    let failed = loaded
        .diagnostics
        .iter()
        .any(|d| d.severity == Severity::Error);
    assert_eq!(loaded.plan.is_none(), failed, "{found:#?}");
    for fix in loaded.diagnostics.iter().filter_map(|d| d.fix.as_ref()) {
        let file = loaded
            .sources
            .get(fix.file)
            .expect("fixes are for known files");
        assert!(file.text.get(fix.span.clone()).is_some());
    }
    loaded
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases.max(400)))]

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        read(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn any_characters(text in "\\PC*") {
        read(&text);
    }

    #[test]
    fn any_words(words in prop::collection::vec(prop::sample::select(WORDS), 0..120), header in any::<bool>()) {
        let text = words.join(" ");
        read(&if header { format!("schedule \"t\" extends osaka\n{text}") } else { text });
    }

    #[test]
    fn any_statements(
        parts in prop::collection::vec((0_usize..8, prop::collection::vec(prop::sample::select(WORDS), 1..8)), 0..30)
    ) {
        const STARTS: [&str; 8] = [
            "opcode ADD = ", "opcode KECCAK256 = ", "let k = ", "group g = ", "solve { require ", "solve { vary ",
            "target prove ", "new opcode X = ",
        ];
        let mut text = String::from("schedule \"t\" extends osaka\n");
        for (start, words) in parts {
            text.push_str(STARTS[start]);
            text.push_str(&words.join(" "));
            if STARTS[start].contains('{') {
                text.push_str(" }");
            }
            text.push('\n');
        }
        read(&text);
    }

    /// A valid file with one character changed.
    #[test]
    fn any_slip(at in any::<prop::sample::Index>(), to in prop::sample::select(vec!["", " ", "x", "{", "}", "\n", "0", "*", "("])) {
        let text = super::text("zk-proving-two-provers.gas");
        let boundary: Vec<usize> = text.char_indices().map(|(i, _)| i).collect();
        let at = boundary[at.index(boundary.len() - 1)];
        let next = at + text[at..].chars().next().map_or(0, char::len_utf8);
        read(&format!("{}{to}{}", &text[..at], &text[next..]));
    }
}

/// What takes so many seconds hangs, on however busy a machine; how fast reading is, `cargo bench --bench speed` measures.
const HANGS_S: u64 = 120;

/// Reads a text that is meant to be costly; it must have some finding, and come to an end.
fn costly(name: &str, text: &str) {
    let start = Instant::now();
    let loaded = read(text);
    // Nor may formatting it.
    let _ = format("test.gas", text);
    let found = findings(&loaded);
    println!(
        "{name}: {:?}, {:?}",
        start.elapsed(),
        found
            .first()
            .map(|f| f.chars().take(100).collect::<String>())
    );
    assert!(!found.is_empty(), "{name}");
    assert!(
        start.elapsed().as_secs() < HANGS_S,
        "{name} took {:?}: {:?}",
        start.elapsed(),
        found.first()
    );
}

const HEADER: &str = "schedule \"t\" extends osaka\ntarget prove 1 Mgas within 1 s on a\n";

/// `count` lines.
fn many(count: usize, line: &dyn Fn(usize) -> String) -> String {
    (0..count).map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn deep_and_long() {
    let header = HEADER;
    for (name, text) in [
        (
            "parentheses",
            format!("{header}opcode ADD = {}", "(".repeat(100_000)),
        ),
        (
            "balanced parentheses",
            format!(
                "{header}opcode ADD = {}1{}",
                "(".repeat(50_000),
                ")".repeat(50_000)
            ),
        ),
        (
            "calls",
            format!("{header}opcode ADD = {}", "min(".repeat(50_000)),
        ),
        (
            "minuses",
            format!("{header}opcode ADD = {}1", "-".repeat(100_000)),
        ),
        (
            "sums",
            format!("{header}opcode ADD = 1{}", " + 1".repeat(50_000)),
        ),
        (
            "powers",
            format!("{header}opcode ADD = 9{}", " ** 9".repeat(90)),
        ),
        ("braces", "opcode {".repeat(20_000)),
        (
            "open blocks",
            format!("{header}{}", "opcode {\n".repeat(20_000)),
        ),
        ("nonsense", "?\n".repeat(100_000)),
        ("one long line", "a".repeat(200_000)),
        (
            "a long name",
            format!("{header}opcode {} = 3", "A".repeat(200_000)),
        ),
    ] {
        costly(name, &text);
    }
}

/// As long as a file may be, and longer.
#[test]
fn large() {
    let header = HEADER;
    for (name, text) in [
        (
            "10 MB of parentheses",
            format!("{header}opcode ADD = {}", "(".repeat(10_000_000)),
        ),
        (
            "a million entries",
            format!(
                "{header}{}",
                many(1_000_000, &|i| format!("new param P{i} = {i}"))
            ),
        ),
        ("too long", "#".repeat(5_000_000)),
        (
            "10 MB of balanced parentheses",
            format!(
                "{header}opcode ADD = {}1{}",
                "(".repeat(5_000_000),
                ")".repeat(5_000_000)
            ),
        ),
        (
            "as many parentheses as a file may have",
            format!("{header}opcode ADD = {}", "(".repeat(4_000_000)),
        ),
        (
            "names that are almost others",
            format!(
                "{header}{}\n{}",
                many(50_000, &|i| format!("new param P{i} = {i}")),
                many(50_000, &|i| format!("param Q{i} = {i}"))
            ),
        ),
        (
            "patterns of many names",
            format!(
                "{header}{}\n{}",
                many(50_000, &|i| format!("new param P{i} = {i}")),
                many(50_000, &|_| "param P* = 1".to_owned())
            ),
        ),
        (
            "meters of many names",
            format!(
                "{header}{}\n{}",
                many(20_000, &|i| format!("new opcode P{i} = {i} + 2")),
                many(17, &|i| format!(
                    "meter m{i} within 1 gas {{ opcode P* = 2 * current }}"
                ))
            ),
        ),
        (
            "lines that are none",
            format!("{header}{}", many(400_000, &|_| "opcode =".to_owned())),
        ),
    ] {
        costly(name, &text);
    }
}

#[test]
fn wide() {
    let header = HEADER;
    for (name, text) in [
        (
            "patterns",
            format!(
                "{header}{}",
                many(10_000, &|_| "opcode * = 2 * current".to_owned())
            ),
        ),
        (
            "picks",
            format!("{header}opcode {} = 1", vec!["*"; 50_000].join(",")),
        ),
        (
            "doubling groups",
            format!(
                "{header}group g0 = *\n{}",
                many(2_000, &|i| format!("group g{} = g{i}, g{i}", i + 1))
            ),
        ),
        (
            "doubling prices",
            format!(
                "{header}{}\nnew param P40 = 1",
                many(40, &|i| format!("new param P{i} = P{0} + P{0}", i + 1))
            ),
        ),
        (
            "a long chain",
            format!(
                "{header}{}\nnew param P5000 = 1",
                many(5_000, &|i| format!("new param P{i} = P{}", i + 1))
            ),
        ),
        (
            "a circle",
            format!(
                "{header}{}\nnew param P9 = P0",
                many(9, &|i| format!("new param P{i} = P{}", i + 1))
            ),
        ),
        (
            "clauses",
            format!(
                "{header}solve {{\n{}\n}}",
                many(8_000, &|_| "require * in 1x .. 2x".to_owned())
            ),
        ),
        (
            "relations",
            format!(
                "{header}solve {{\nvary opcode *\n{}\n}}\n?",
                many(999, &|_| format!(
                    "require ADD >= {} MUL",
                    "MUL + ".repeat(30)
                ))
            ),
        ),
        (
            "strings",
            format!(
                "{header}prover a {{ guest = \"{}\" }}\n?",
                "x".repeat(100_000)
            ),
        ),
    ] {
        costly(name, &text);
    }
}

/// A hundred thousand prices are a schedule like any other.
#[test]
fn a_hundred_thousand_entries() {
    let entries = many(100_000, &|i| format!("new param P{i} = {i} + 2"));
    let text = format!("schedule \"t\" extends osaka\n{entries}\n");
    let start = Instant::now();
    let loaded = read(&text);
    println!("100,000 entries: {:?}", start.elapsed());
    assert!(start.elapsed().as_secs() < HANGS_S, "{:?}", start.elapsed());
    let plan = loaded.plan.expect("nothing is wrong with it");
    let last = GasParam::whole("P99999");
    assert_eq!(plan.schedule.price(&last), Ok(100_001));
    let formatted = format("test.gas", &text).expect("it can be formatted");
    assert_eq!(formatted.lines().count(), text.lines().count());
}

#[test]
fn formulas_that_grow_along_a_chain_of_files() {
    let current = vec!["current"; 90].join(" * ");
    let mut files = BTreeMap::new();
    for i in 0..20 {
        let parent = if i == 0 {
            "osaka".to_owned()
        } else {
            format!("\"f{}.gas\"", i - 1)
        };
        let text = format!("schedule \"f{i}\" extends {parent}\nprecompile MODEXP = {current}\n");
        files.insert(format!("f{i}.gas"), text);
    }
    let loaded = load("f19.gas", &Memory(files), &Options::default());
    assert!(loaded.plan.is_none());
    assert!(
        loaded.diagnostics.iter().any(|d| d.code == "too-complex"),
        "{:#?}",
        findings(&loaded)
    );
}

#[test]
fn a_file_that_extends_itself() {
    for name in [
        "extends-cycle.gas",
        "./extends-cycle.gas",
        "cycle/egg.gas",
        "cycle/../extends-cycle.gas",
    ] {
        let loaded = load(name, &Folder("fixtures/errors"), &Options::default());
        assert!(loaded.plan.is_none());
        assert!(
            loaded.diagnostics.iter().any(|d| d.code == "extends-cycle"),
            "{name}: {:#?}",
            findings(&loaded)
        );
    }
}
