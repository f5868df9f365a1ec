//! Blocks taken apart: what is printed, what is refused, and the file of stacks.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use serde_json::Value;

use super::{case, check};

#[test]
fn profiles() {
    check(
        "profile",
        &[
            case(
                "operation",
                &["profile", "mulmod/255-bit", "--gas", "60_000"],
            ),
            case(
                "no-instruction",
                &["profile", "tx-data-zero-byte/*", "--iterations", "1"],
            ),
            case("fixture", &["profile", "fixtures/eest/stateless.json"]),
            case(
                "fixtures",
                &[
                    "profile",
                    "fixtures/eest/chain.json",
                    "--include",
                    "nothing has it",
                ],
            ),
            case(
                "fixture-with-gas",
                &["profile", "fixtures/eest/chain.json", "--gas", "60_000"],
            ),
            case(
                "fixture-with-constants",
                &["profile", "fixtures/eest/chain.json", "--set", "a=1"],
            ),
            case(
                "fixture-not-there",
                &["profile", "fixtures/eest/nowhere.json"],
            ),
            case(
                "scenario-with-include",
                &["profile", "mulmod/255-bit", "--include", "mulmod"],
            ),
            case("unknown", &["profile", "mulmodd/255-bit"]),
            case("several", &["profile", "sload/*"]),
            case("later-fork", &["profile", "clz/*", "prague"]),
            case("bad-gas", &["profile", "mulmod/255-bit", "--gas", "300k"]),
            case(
                "two-sizes",
                &[
                    "profile",
                    "mulmod/255-bit",
                    "--gas",
                    "1",
                    "--iterations",
                    "1",
                ],
            ),
            case(
                "unit-of-nothing",
                &["profile", "mulmod/255-bit", "--by", "gas"],
            ),
            case(
                "folded-nowhere",
                &["profile", "mulmod/255-bit", "--folded", "nowhere/a.folded"],
            ),
            case(
                "folded-onto-the-schedule",
                &[
                    "profile",
                    "mulmod/255-bit",
                    "fixtures/schedules/recorded.gas",
                    "--folded",
                    "fixtures/schedules/recorded.gas",
                ],
            ),
        ],
    );
}

fn reprice(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_reprice"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("HOME", folder)
        .output()
        .unwrap()
}

/// The stacks and each table of the document add up to the block.
#[test]
fn everything_adds_up() {
    let place = tempfile::tempdir().unwrap();
    let arguments = [
        "profile",
        "keccak256/32-bytes",
        "--iterations",
        "1",
        "--folded",
        "a.folded",
        "--format",
        "json",
    ];
    let output = reprice(place.path(), &arguments);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(output.stderr, b"wrote a.folded\n");
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["kind"], "profile");
    let cycles = |line: &Value| line["cycles"].as_u64().unwrap();
    let sum = |lines: &Value| lines.as_array().unwrap().iter().map(cycles).sum::<u64>();
    let total = cycles(&report["total"]);
    assert_eq!(sum(&report["parts"]), total);
    assert_eq!(sum(&report["phases"]), total);
    let around = cycles(&report["dispatch"]) + cycles(&report["outside"]);
    assert_eq!(sum(&report["operations"]) + around, total);

    let stacks = fs::read_to_string(place.path().join("a.folded")).unwrap();
    let figure = |line: &str| line.rsplit_once(' ').unwrap().1.parse::<u64>().unwrap();
    assert_eq!(stacks.lines().map(figure).sum::<u64>(), total);
    let keccak = stacks.lines().any(|line| {
        line.starts_with("_start;")
            && line.contains(";KECCAK256;")
            && line.contains(";KECCAK_PERMUTE ")
    });
    assert!(keccak, "{stacks}");
}
