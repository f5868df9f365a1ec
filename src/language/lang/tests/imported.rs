//! Other projects' price lists, read as schedules.

use proptest::prelude::*;
use std::{collections::BTreeMap, path::Path};

use super::{Memory, param};
use crate::{
    diag::Severity,
    gas::Schedule,
    lang::{ImportFormat, Imported, Options, import, load, osaka, write},
};

fn read(text: &str, format: ImportFormat) -> Imported {
    let imported = import("list", text, format);
    for diagnostic in &imported.diagnostics {
        let place = diagnostic.place().expect("every finding has a place");
        let source = imported.sources.get(place.file).expect("a known file");
        assert!(
            source.text.get(place.span.clone()).is_some(),
            "{diagnostic:?}"
        );
    }
    imported
}

fn findings(imported: &Imported) -> Vec<String> {
    let text = |d: &crate::diag::Diagnostic| {
        let fix = d.fix.as_ref().map_or("", |fix| &fix.replacement);
        format!("{}: {} [{fix}]", d.code, d.message)
    };
    imported.diagnostics.iter().map(text).collect()
}

fn good(text: &str, format: ImportFormat) -> Schedule {
    let imported = read(text, format);
    let found = findings(&imported);
    imported.schedule.unwrap_or_else(|| panic!("{found:#?}"))
}

fn price(schedule: &Schedule, name: &str) -> u64 {
    schedule.price(&param(name)).expect("it has a price")
}

#[test]
fn eels_configuration() {
    let text = r#"{"Osaka": {"OPCODE_DIV": 15, "GAS_OPCODE_MULMOD": 11, "OPCODE_KECCAK256_BASE": 45, "VERY_LOW": 4,
        "PRECOMPILE_BLAKE2F_PER_ROUND": 2, "PRECOMPILE_BLS_G1MUL": 13000, "COLD_STORAGE_WRITE": 6000,
        "COLD_STORAGE_ACCESS": 2500, "OPCODE_CREATE_BASE": 33000, "OPCODE_LOG_TOPIC": 400}}"#;
    let schedule = good(text, ImportFormat::Eels);
    for (name, gas) in [
        ("DIV", 15),
        ("MULMOD", 11),
        ("KECCAK256.base", 45),
        ("KECCAK256.per_word", 6),
        ("ADD", 4),
        ("BLAKE2F.per_round", 2),
        ("STORAGE_RESET", 3_500),
        ("COLD_STORAGE_ACCESS", 2_500),
        ("CREATE.base", 33_000),
        ("CREATE2.base", 33_000),
        ("LOG.per_topic", 400),
        ("SMOD", 5),
    ] {
        assert_eq!(price(&schedule, name), gas, "{name}");
    }
    let msm = schedule.formula("BLS_G1MSM").expect("it has one");
    assert_eq!(
        msm.cost(|v| if v.unit() == "per mille" { 1_000 } else { 1 }),
        Some(13_000)
    );
    // Written out, it reads back.
    let text = write(&schedule, "osaka", &osaka(), "Imported", &BTreeMap::new());
    let files = Memory(BTreeMap::from([("new.gas".to_owned(), text)]));
    let again = load("new.gas", &files, &Options::default())
        .plan
        .expect("it can be read");
    for entry in schedule.entries() {
        assert_eq!(
            schedule.formula(&entry.name),
            again.schedule.formula(&entry.name),
            "{}",
            entry.name
        );
    }
}

#[test]
fn names_that_mean_nothing_are_errors() {
    let text = r#"{"Osaka": {"OPCODE_MULLMOD": 1, "GAS_EXPONENTIATION": 10, "PRECOMPILE_BLS_G3ADD": 1, "OPCODE_SLOAD": 9,
        "OPCODE_DIV": -1, "OPCODE_MOD": 2.5}}"#;
    let found = findings(&read(text, ImportFormat::Eels));
    for expected in [
        "unknown-name: nothing is called `OPCODE_MULLMOD` [OPCODE_MULMOD]",
        "unknown-name: nothing is called `GAS_EXPONENTIATION` [OPCODE_EXP_BASE]",
        "syntax: expected a whole number, found `-1` []",
        "syntax: expected a whole number, found `2.5` []",
    ] {
        assert!(
            found.contains(&expected.to_owned()),
            "{expected}\n{found:#?}"
        );
    }
    assert_eq!(found.len(), 6, "{found:#?}");
    assert_eq!(
        findings(&read(r#"{"Osakka": {}}"#, ImportFormat::Eels)),
        ["unknown-schedule: there is no schedule of the fork `Osakka` [osaka]"]
    );
    assert!(findings(&read("[1, 2", ImportFormat::Eels))[0].starts_with("syntax: expected forks"));
    assert!(
        findings(&read("{}", ImportFormat::Eels))[0]
            .starts_with("syntax: a schedule extends one fork")
    );
}

#[test]
fn pitstop_yaml() {
    let text = "\
# A draft.
name: \"EIP-7904 and more\"

constants:
  GAS_LOG: 400
gas_costs:
  opcodes:
    DIV: 15   # long division
    SHA3: 45
    DIFFICULTY: 3
    PUSH1: 4
    PUSH2: 4
    LOG0: $GAS_LOG
  precompiles:
    BLAKE2F:
      BASE: 170
      ROUND: 2
    BLS12_G1ADD:
      BASE: 643
    BLS12_G2MUL:
      BASE: 30000
    MODEXP:
      MIN_GAS: 600
  storage:
    COLD_SLOAD: 2_200
    SSTORE_RESET_COST: 5000
  calldata:
    TOKEN_PER_NON_ZERO_BYTE: 4
    COST_FLOOR_PER_TOKEN: 16
  memory:
    SHA3_WORD: 7
";
    let schedule = good(text, ImportFormat::Pitstop);
    assert_eq!(schedule.name, "EIP-7904 and more");
    for (name, gas) in [
        ("DIV", 15),
        ("KECCAK256.base", 45),
        ("KECCAK256.per_word", 7),
        ("PREVRANDAO", 3),
        ("PUSH", 4),
        ("LOG.base", 400),
        ("BLAKE2F.base", 170),
        ("BLAKE2F.per_round", 2),
        ("BLS_G1ADD", 643),
        ("MODEXP_MIN_GAS", 600),
        ("COLD_STORAGE_ACCESS", 2_200),
        ("STORAGE_RESET", 2_800),
        ("TX_DATA_TOKEN_FLOOR", 16),
    ] {
        assert_eq!(price(&schedule, name), gas, "{name}");
    }
}

#[test]
fn pitstop_mistakes() {
    let text = "\
name: x
gas_costs:
  opcodes:
    PUSH1: 4
    PUSH2: 5
    BALANCE: 700
    ADDD: 3
    SUB: $NOWHERE
  precompiles:
    SHA256:
      WORDS: 12
      BYTE: 1
  storage:
    COLD_SLOADS: 1
  colour: 3
nonsense
";
    let found = findings(&read(text, ImportFormat::Pitstop));
    for expected in [
        "priced-twice: `PUSH` is one price, and the list has two []",
        "unknown-part: `BALANCE` has no price of that kind []",
        "unknown-name: nothing is called `ADDD` [ADD]",
        "syntax: expected a whole number or a constant, found `$NOWHERE` []",
        "unknown-name: nothing is called `WORDS` here [WORD]",
        "unknown-part: `SHA256` has no price of that kind []",
        "unknown-name: nothing is called `COLD_SLOADS` here [COLD_SLOAD]",
        "syntax: expected `key: value` []",
    ] {
        assert!(
            found.contains(&expected.to_owned()),
            "{expected}\n{found:#?}"
        );
    }
}

#[test]
fn gasfit_table() {
    let text = "\
opcode,runtime_ms,client_name,test_name,new_gas,new_gas_rounded,param
DIV,0.04,a,t,500.0,500.0,constant
DIV,0.02,b,t,250.0,250.0,constant
BLAKE2F,0.01,a,t,125.0,125.0,num_rounds
KECCAK256,0.00044,a,t,0.171875,1.0,msg_size
";
    let imported = read(text, ImportFormat::Gasfit);
    let [warning] = imported.diagnostics.as_slice() else {
        panic!("{:#?}", findings(&imported));
    };
    assert_eq!(
        (warning.code, warning.severity),
        ("unit-mismatch", Severity::Warning)
    );
    assert_eq!(
        warning.helps,
        ["a word is 32 bytes: 176.00 gas, which makes KECCAK256.per_word = 176"]
    );
    let schedule = imported.schedule.expect("a warning is no error");
    assert_eq!(price(&schedule, "DIV"), 500, "the slowest client counts");
    assert_eq!(price(&schedule, "BLAKE2F.per_round"), 125);
    assert_eq!(price(&schedule, "KECCAK256.per_word"), 1);
    // Priced per byte as measured, there is nothing to flag.
    let right = text.replace("0.171875,1.0", "5.5,6.0");
    assert!(read(&right, ImportFormat::Gasfit).diagnostics.is_empty());
}

#[test]
fn the_published_proving_table() {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
        .join("../shared/data/repricing-proposal/new_gas.csv");
    let Ok(text) = std::fs::read_to_string(path) else {
        eprintln!("skipped: the published proving proposal is not beside this checkout");
        return;
    };
    let imported = read(&text, ImportFormat::Gasfit);
    let [inversion] = imported.diagnostics.as_slice() else {
        panic!("{:#?}", findings(&imported));
    };
    assert_eq!(inversion.code, "unit-mismatch");
    assert_eq!(
        inversion.helps,
        ["a word is 32 bytes: 174.25 gas, which makes KECCAK256.per_word = 175"]
    );
    let schedule = imported.schedule.expect("it can be imported");
    // The proposal's own summary of the table (2026-04-22).
    for (name, gas) in [
        ("ADDMOD", 717),
        ("BLAKE2F.base", 1_938),
        ("BLAKE2F.per_round", 662),
        ("BLS_G1ADD", 3_503),
        ("BLS_G2ADD", 4_913),
        ("DIV", 540),
        ("ECADD", 2_380),
        ("ECPAIRING.base", 10_945_568),
        ("ECPAIRING.per_point", 284_826),
        ("ECRECOVER", 43_432),
        ("KECCAK256.base", 422_029),
        ("KECCAK256.per_word", 1),
        ("MOD", 411),
        ("MULMOD", 2_045),
        ("POINT_EVALUATION", 3_223_243),
        ("SDIV", 531),
        ("SMOD", 419),
    ] {
        assert_eq!(price(&schedule, name), gas, "{name}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_list(
        words in prop::collection::vec(prop::sample::select(WORDS), 0..80),
        noise in prop::collection::vec(any::<u8>(), 0..40),
    ) {
        let text = format!("{}{}", words.concat(), String::from_utf8_lossy(&noise));
        for format in [ImportFormat::Eels, ImportFormat::Pitstop, ImportFormat::Gasfit] {
            let imported = read(&text, format);
            let failed = imported.diagnostics.iter().any(|d| d.severity == Severity::Error);
            prop_assert_eq!(imported.schedule.is_none(), failed);
        }
        crate::lang::weights("list", &text, &osaka());
    }
}

/// Pieces of lists, and near misses.
const WORDS: &[&str] = &[
    "{",
    "}",
    "\"",
    ":",
    ",",
    "\n",
    "  ",
    "    ",
    "\"Osaka\":",
    "\"OPCODE_DIV\":",
    "15",
    "-1",
    "1e99",
    "0.5",
    "gas_costs:\n",
    "  opcodes:\n",
    "    DIV: 15\n",
    "    PUSH1: 3\n",
    "  precompiles:\n",
    "    SHA256:\n",
    "      WORD: 12\n",
    "constants:\n",
    "  K: 3\n",
    "$K",
    "# c\n",
    "DIV,",
    "constant\n",
    "ADD,1200\n",
    "KECCAK256.per_word,5\n",
    "opcode,runtime_ms,client_name,test_name,new_gas,new_gas_rounded,param\n",
    "DIV,0.1,a,t,9.5,10.0,constant\n",
    "KECCAK256,0.1,a,t,9.5,10.0,msg_size\n",
    "é",
];

#[test]
fn long_lists_are_refused() {
    for format in [
        ImportFormat::Eels,
        ImportFormat::Pitstop,
        ImportFormat::Gasfit,
    ] {
        let start = std::time::Instant::now();
        assert!(read(&"[".repeat(10_000_000), format).schedule.is_none());
        assert!(read(&"[".repeat(1_000_000), format).schedule.is_none());
        assert!(start.elapsed().as_secs() < 120);
    }
}
