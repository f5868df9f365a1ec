//! Reading and writing result folders, on shapes written out here and on the published set where it lies beside the
//! checkout.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use proptest::prelude::*;

use std::collections::BTreeMap;

use super::*;
use crate::{
    lang::osaka,
    prove::{CostVector, Source},
};

fn data(path: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared/data")
        .join(path);
    if !path.exists() {
        std::eprintln!("skipped: no {}", path.display());
        return None;
    }
    Some(path)
}

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    root
}

const PROVEN: &str = r#"{"name": "test_a.py::test_b[opcode_MUL-benchmark-gas-value_10M]",
    "timestamp_completed": "2026-03-31T04:57:15Z", "metadata": {"block_used_gas": 9999000},
    "proving": {"success": {"proof_size": 7, "proving_time_ms": 7100, "verification_time_ms": 3}}}"#;

#[test]
fn every_shape_is_read() {
    let root = folder(&[
        (
            "m/hardware.json",
            r#"{"cpu_model": "c", "gpus": [{"model": "G"}, {"model": "G"}]}"#,
        ),
        ("m/reth-v1/zisk-v2/a.json", PROVEN),
        ("m/reth-v1/zisk-v2/empty.json", ""),
        ("m/reth-v1/zisk-v2/notes.txt", "no result"),
        (
            "m/zisk-v2/a_90M.json",
            r#"{"proving": {"crashed": {"reason": "Operation timed out after 900s"}}}"#,
        ),
        (
            "new/sp1-v6/sha.json",
            r#"{"name": "sha", "execution": {"crashed": {"reason": "OOM killed"}}}"#,
        ),
        (
            "new/reth-v2/sp1-v6/c.json",
            r#"{"name": "eest__x__block0", "metadata": {"original_test_name":
            "tests/foo.py::test_case[p]", "block_used_gas": null, "opcode_count": {"PUSH1": 5}, "target_opcode": "MCOPY"},
            "execution": {"success": {"total_num_cycles": 4, "execution_duration": {"secs": 1, "nanos": 500000000}}},
            "verification": {"success": {"proof_size": 1, "verification_time_ms": 2}}}"#,
        ),
    ]);
    let recorded = read(root.path()).unwrap();
    assert_eq!(recorded.refused, []);
    assert_eq!(
        recorded.empty,
        [PathBuf::from("m/reth-v1/zisk-v2/empty.json")]
    );
    let [a, crashed, new, killed] = recorded.runs.as_slice() else {
        panic!("{:?}", recorded.runs);
    };
    assert_eq!(a.source.to_string(), "zisk-v2 with reth-v1 on 2x G");
    assert_eq!((a.level(), a.gas_used), (Some(10_000_000), Some(9_999_000)));
    assert!((a.proving.clone().unwrap().unwrap().proving_s - 7.1).abs() < 1e-12);
    assert_eq!(crashed.level(), Some(90_000_000));
    assert_eq!(
        crashed.proving.clone().unwrap().unwrap_err().class,
        CrashClass::Timeout
    );
    assert_eq!(new.test.scenario(), "case[p]");
    assert_eq!(new.opcode_count.as_ref().unwrap()["PUSH1"], 5);
    assert_eq!(
        new.execution.clone().unwrap().unwrap().duration_s,
        Some(1.5)
    );
    assert_eq!(
        killed.execution.clone().unwrap().unwrap_err().class,
        CrashClass::OutOfMemory
    );
}

#[test]
fn a_mistake_names_file_and_field() {
    for (text, what) in [
        ("{", "no JSON"),
        (
            "7",
            "`the document` is a number that does not fit, not object",
        ),
        (
            r#"{"name": 5, "proving": {"crashed": {}}}"#,
            "`name` is a number that does not fit, not a text",
        ),
        (
            r#"{"proving": {"success": {}}}"#,
            "`proving.success` has no `proving_time_ms`",
        ),
        (
            r#"{"proving": {"success": {"proving_time_ms": -1}}}"#,
            "`proving.success.proving_time_ms` is",
        ),
        (
            r#"{"proving": {"failed": 1}}"#,
            "`proving` has neither `success` nor `crashed`",
        ),
        (
            r#"{"proving": {"crashed": {}}, "metadata": {"opcode_count": {"ADD": "x"}}}"#,
            "`metadata.opcode_count.ADD` is a text",
        ),
        (r#"{"unrelated": true}"#, "it holds no result"),
    ] {
        let root = folder(&[("reth/zisk/x.json", text)]);
        let recorded = read(root.path()).unwrap();
        assert_eq!(recorded.refused[0].file, PathBuf::from("reth/zisk/x.json"));
        assert!(
            recorded.refused[0].what.starts_with(what),
            "{}",
            recorded.refused[0].what
        );
    }
    assert!(read(Path::new("/nowhere/at/all")).is_err());
}

/// Links to devices and pipes that nobody writes to neither hang nor fill the memory.
#[test]
fn what_is_no_file_is_refused() {
    let root = folder(&[("reth/zisk/good.json", PROVEN)]);
    let inside = root.path().join("reth/zisk");
    std::os::unix::fs::symlink("/dev/zero", inside.join("endless.json")).unwrap();
    let pipe = std::process::Command::new("mkfifo")
        .arg(inside.join("pipe.json"))
        .status();
    assert!(pipe.unwrap().success());
    let recorded = read(root.path()).unwrap();
    assert_eq!(recorded.runs.len(), 1);
    let mut refused: Vec<_> = recorded.refused.iter().collect();
    refused.sort_by(|a, b| a.file.cmp(&b.file));
    let refused: Vec<_> = refused
        .iter()
        .map(|one| (one.file.to_str().unwrap(), &*one.what))
        .collect();
    assert_eq!(
        refused,
        [
            ("reth/zisk/endless.json", "it is a link out of the folder"),
            ("reth/zisk/pipe.json", "it is no regular file")
        ]
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 200 } else { 2_000 }))]

    /// Damage anywhere in a good file: it is read, or refused in words, and never more.
    #[test]
    fn no_damage_makes_it_panic(at in 0usize..400, with in any::<[u8; 3]>(), cut in any::<bool>()) {
        let mut bytes = PROVEN.as_bytes().to_vec();
        let at = at % bytes.len();
        if cut {
            bytes.truncate(at);
        } else {
            bytes.splice(at..(at + 1).min(bytes.len()), with);
        }
        if let Ok(text) = String::from_utf8(bytes)
            && let Err(what) = result_file::record(&text)
        {
            prop_assert!(!what.is_empty());
        }
    }

    #[test]
    fn every_name_has_a_meaning(name in "\\PC{0,80}") {
        let test = Test::parse(&name);
        let _ = (test.scenario(), test.operation(&|_| true), test.operation(&|_| false));
    }

    #[test]
    fn no_table_makes_it_panic(text in "[a-z_,\"\n0-9.]{0,200}") {
        let _ = bench_csv(&format!("test_title,client_name,run_duration_ms\n{text}"));
        let _ = OpcodeCounts::parse(&format!("test_title,opcount,ADD\n{text}"));
    }
}

/// It was some other level, or a panic where overflows are looked for.
#[test]
fn a_level_beyond_all_gas_is_none() {
    let all = u64::MAX;
    let table = format!(
        "test_title,client_name,run_duration_ms,block_limit_million\n\
         test_a[benchmark-gas-value_{all}M],zk,1,\ntest_b,zk,1,9e15\ntest_c,zk,1,7\n"
    );
    let runs = bench_csv(&table).unwrap().runs;
    let levels: Vec<_> = runs.iter().map(|run| (run.gas_used, run.level())).collect();
    assert_eq!(
        levels,
        [
            (None, None),
            (None, None),
            (Some(7_000_000), Some(7_000_000))
        ]
    );
    let text = format!(
        r#"{{"name": "test_a", "metadata": {{"block_used_gas": {all}}}, "proving": {{"success": {{"proving_time_ms": 1}}}}}}"#
    );
    let source = Arc::new(Source::default());
    let run = result(Path::new("a.json"), &text, &source).unwrap();
    assert_eq!((run.gas_used, run.level()), (Some(all), None));
}

#[test]
fn what_is_written_is_read_back() {
    let root = tempfile::tempdir().unwrap();
    let source = Source {
        guest: Some("reprice-guest-0.1".into()),
        zkvm: "sp1-6.10.0".into(),
        hardware: Some("here".into()),
    };
    let finished = |scenario: &str, proven, outcome| Finished {
        scenario: scenario.into(),
        operation: Some("MULMOD".into()),
        gas_used: 9_990_000,
        completed: None,
        usage: [("MULMOD".to_owned(), 7)].into(),
        opcodes: BTreeMap::new(),
        proven,
        outcome,
    };
    let success = Success {
        costs: CostVector::cycles(12),
        time_ms: Some(1_500.2),
        ..Success::default()
    };
    let all = [
        finished("mulmod/255-bit", false, Ok(success.clone())),
        finished("mulmod/63-bit", false, Err("out of memory".into())),
        finished("mulmod/7-bit", true, Ok(success)),
    ];
    let mut files = result_files(&source, &all).unwrap();
    assert_eq!(files.len(), 3);
    files.push((HARDWARE.into(), hardware_text(&source).unwrap()));
    for (path, text) in files {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let recorded = read(root.path()).unwrap();
    assert!(recorded.refused.is_empty() && recorded.runs.len() == 3);
    assert_eq!(*recorded.runs[0].source, source);
    assert_eq!(recorded.runs[0].target_opcode.as_deref(), Some("MULMOD"));
    let cycles = recorded.runs[0].execution.clone().unwrap().unwrap();
    assert_eq!(cycles.total_num_cycles, Some(12));
    let crash = recorded.runs[1].execution.clone().unwrap().unwrap_err();
    assert_eq!(crash.class, CrashClass::OutOfMemory);
    assert!(recorded.runs[2].execution.is_none());
    let proven = recorded.runs[2].proving.clone().unwrap().unwrap();
    assert!((proven.proving_s - 1.5).abs() < 1e-9);
}

/// The largest published set: all of it, in the time it takes to say so.
#[test]
fn the_published_set_is_read() {
    let Some(archive) = data("runs/runs-8x5090-fd1dd63.tar.xz") else {
        return;
    };
    let root = tempfile::tempdir().unwrap();
    let status = std::process::Command::new("tar")
        .arg("-xJf")
        .arg(&archive)
        .arg("-C")
        .arg(root.path())
        .status()
        .unwrap();
    assert!(status.success());
    let recorded = read(root.path()).unwrap();
    assert_eq!(
        (
            recorded.runs.len(),
            recorded.refused.len(),
            recorded.empty.len()
        ),
        (11_594, 0, 0)
    );
    let crashes = recorded
        .runs
        .iter()
        .filter(|r| matches!(r.proving, Some(Err(_))));
    let mut classes = std::collections::BTreeMap::new();
    for crash in crashes.filter_map(|r| r.proving.clone()?.err()) {
        *classes.entry(crash.class.name()).or_insert(0) += 1;
    }
    assert_eq!(
        classes,
        [("crash", 41), ("timeout", 3), ("transport", 39)].into()
    );
    let panel = Panel::of(&recorded, &osaka());
    let scenarios: std::collections::BTreeSet<&str> =
        panel.series.iter().map(|s| s.scenario.as_str()).collect();
    assert_eq!(scenarios.len(), 1_054);
    for (source, fixed_s) in &panel.fixed_s {
        assert!((3.0..4.2).contains(fixed_s), "{source}: {fixed_s}");
    }
}
