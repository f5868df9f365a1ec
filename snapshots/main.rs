//! Runs the real `reprice` and compares all it prints, and its exit status, with the files beside this one.
//!
//! One file per case, in one folder per group. To accept new output: `INSTA_UPDATE=always cargo test --test snapshots`.

#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
#![expect(clippy::print_stderr, reason = "a skipped test says so")]

mod attacks;
mod campaigns;
mod costs;
mod files;
mod held;
mod hostile;
mod language;
mod outputs;
mod profiles;
mod relative;
mod small_disk;

use std::{
    collections::BTreeSet,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// A command line, run in `folder` of the repository.
struct Case<'a> {
    name: &'a str,
    folder: &'a str,
    arguments: &'a [&'a str],
    /// What stdin says.
    input: &'a str,
}

const fn case<'a>(name: &'a str, arguments: &'a [&'a str]) -> Case<'a> {
    Case {
        name,
        folder: ".",
        arguments,
        input: "",
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// What the command printed, and how it ended. What it measures is kept in `cache`, for the cases that measure the same.
fn transcript(case: &Case, cache: &Path) -> String {
    let home = tempfile::tempdir().unwrap();
    let mut running = Command::new(env!("CARGO_BIN_EXE_reprice"))
        .args(case.arguments)
        .current_dir(root().join(case.folder))
        // Nothing of the machine may show: no colours asked for, no cache and no configuration of the user's.
        .env_clear()
        .env("HOME", home.path())
        .env("REPRICE_CACHE_DIR", cache)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Who does not read it may be gone already.
    let _ = running
        .stdin
        .take()
        .unwrap()
        .write_all(case.input.as_bytes());
    let output = running.wait_with_output().unwrap();
    let quoted: Vec<String> = case
        .arguments
        .iter()
        .map(|argument| quoted(argument))
        .collect();
    format!(
        "$ reprice {}\n---- stdout\n{}---- stderr\n{}---- status {}\n",
        quoted.join(" "),
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
        output
            .status
            .code()
            .map_or_else(|| "none".into(), |code| code.to_string()),
    )
}

fn quoted(argument: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=,".contains(c);
    if argument.chars().all(plain) {
        argument.into()
    } else {
        format!("'{argument}'")
    }
}

/// Without what another build prints otherwise: the tool's version, and the guest program's hash, for one with the same
/// cycles is no other answer.
fn without_build(transcript: &str) -> String {
    const HASH: usize = 16;
    let version = concat!("reprice ", env!("CARGO_PKG_VERSION"));
    let mut parts = transcript.split("guest ");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part.chars().take_while(char::is_ascii_hexdigit).count();
        let (shown, rest) = if digits == HASH {
            ("[hash]", &part[HASH..])
        } else {
            ("", part)
        };
        text.push_str("guest ");
        text.push_str(shown);
        text.push_str(rest);
    }
    text.replace(version, "reprice [version]")
}

/// Every case against `snapshots/<group>/<name>.snap`, and no file there without a case.
fn check(group: &str, cases: &[Case]) {
    let mut settings = insta::Settings::new();
    settings.set_snapshot_path(root().join("snapshots").join(group));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let cache = tempfile::tempdir().unwrap();
    settings.bind(|| {
        for case in cases {
            let transcript = transcript(case, cache.path());
            insta::assert_snapshot!(case.name, without_build(&transcript));
        }
    });
    let names: BTreeSet<&str> = cases.iter().map(|case| case.name).collect();
    for file in fs::read_dir(root().join("snapshots").join(group)).unwrap() {
        let path = file.unwrap().path();
        let stem = path.file_stem().unwrap().to_str().unwrap();
        assert!(names.contains(stem), "no case makes {}", path.display());
    }
}

/// Every file with a mistake says what is wrong with it.
#[test]
fn errors() {
    let mut stems: Vec<String> = fs::read_dir(root().join("fixtures/errors"))
        .unwrap()
        .map(|file| file.unwrap().path())
        .filter(|path: &PathBuf| path.extension().is_some_and(|e| e == "gas"))
        .map(|path: PathBuf| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    stems.sort();
    let arguments: Vec<[String; 2]> = stems
        .iter()
        .map(|stem| ["check".to_owned(), format!("{stem}.gas")])
        .collect();
    let arguments: Vec<[&str; 2]> = arguments
        .iter()
        .map(|[a, b]| [a.as_str(), b.as_str()])
        .collect();
    let cases: Vec<Case> = stems
        .iter()
        .zip(&arguments)
        .map(|(name, arguments)| Case {
            name,
            folder: "fixtures/errors",
            arguments,
            input: "",
        })
        .collect();
    check("errors", &cases);
}

/// Help teaches: every subcommand's, and the whole.
#[test]
fn help() {
    check(
        "help",
        &[
            case("reprice", &["--help"]),
            case("reprice-short", &["-h"]),
            case("version", &["--version"]),
            case("check", &["check", "--help"]),
            case("compare", &["compare", "--help"]),
            case("explain", &["explain", "--help"]),
            case("fixtures", &["fixtures", "--help"]),
            case("fixtures-check", &["fixtures", "check", "--help"]),
            case("fixtures-coverage", &["fixtures", "coverage", "--help"]),
            case("fixtures-export", &["fixtures", "export", "--help"]),
            case("fixtures-usage", &["fixtures", "usage", "--help"]),
            case("completions", &["completions", "--help"]),
            case("export", &["export", "--help"]),
            case("fmt", &["fmt", "--help"]),
            case("import", &["import", "--help"]),
            case("measure", &["measure", "--help"]),
            case("prover", &["prover", "--help"]),
            case("prover-logs", &["prover", "logs", "--help"]),
            case("propose", &["propose", "--help"]),
            case("ratios", &["ratios", "--help"]),
            case("fit", &["fit", "--help"]),
            case("judge", &["judge", "--help"]),
            case("sweep", &["sweep", "--help"]),
            case("search", &["search", "--help"]),
            case("profile", &["profile", "--help"]),
        ],
    );
}

/// What recorded runs say: a crash, a stall, an empty and a damaged file among them.
#[test]
fn runs() {
    let runs = "fixtures/runs";
    let target = "20Mgas/15s";
    check(
        "runs",
        &[
            case("ratios", &["ratios", "--runs", runs, "--target", target]),
            case(
                "ratios-scenarios",
                &[
                    "ratios", "--runs", runs, "--target", target, "--by", "scenario", "--mode",
                    "absolute", "--all",
                ],
            ),
            case("ratios-csv", &["ratios", "--runs", runs, "--format", "csv"]),
            case("fit", &["fit", "--runs", runs, "--target", target]),
            case(
                "judge",
                &[
                    "judge",
                    "osaka",
                    "fixtures/schedules/recorded.gas",
                    "--runs",
                    runs,
                    "--target",
                    target,
                ],
            ),
            case(
                "propose",
                &["propose", "fixtures/schedules/recorded.gas", "--runs", runs],
            ),
            case(
                "propose-crashed",
                &[
                    "propose",
                    "fixtures/schedules/recorded-crashed.gas",
                    "--runs",
                    runs,
                ],
            ),
            case(
                "propose-untouched",
                &[
                    "propose",
                    "fixtures/schedules/recorded-untouched.gas",
                    "--runs",
                    runs,
                ],
            ),
            case(
                "propose-fewest",
                &["propose", "fixtures/schedules/fewest.gas", "--runs", runs],
            ),
            case(
                "propose-metered",
                &[
                    "propose",
                    "fixtures/schedules/recorded-metered.gas",
                    "--runs",
                    runs,
                ],
            ),
            case(
                "judge-metered",
                &[
                    "judge",
                    "fixtures/schedules/recorded.gas",
                    "fixtures/schedules/recorded-metered.gas",
                    "--runs",
                    runs,
                    "--target",
                    target,
                ],
            ),
            case(
                "methods",
                &[
                    "propose",
                    "fixtures/schedules/recorded.gas",
                    "--runs",
                    runs,
                    "--method",
                    "ratio,regression,program",
                ],
            ),
            case(
                "sweep",
                &[
                    "sweep",
                    "fixtures/schedules/recorded.gas",
                    "--runs",
                    runs,
                    "--within",
                    "3..18s",
                ],
            ),
            case("none-named", &["ratios"]),
            case("nothing-there", &["ratios", "--runs", "fixtures/errors"]),
        ],
    );
}

/// What cannot even start.
#[test]
fn usage() {
    check(
        "usage",
        &[
            case("nothing", &[]),
            case("unknown-subcommand", &["purpose", "osaka"]),
            case("check-nothing", &["check"]),
            case("check-missing-file", &["check", "nowhere/missing.gas"]),
            case("check-unknown-built-in", &["check", "osakka"]),
            case("check-folder", &["check", "schedules"]),
            case(
                "propose-methods-to-a-file",
                &[
                    "propose",
                    "fixtures/schedules/recorded.gas",
                    "--runs",
                    "fixtures/runs",
                    "--method",
                    "ratio,program",
                    "-o",
                    "never.gas",
                ],
            ),
            case("compare-one", &["compare", "osaka"]),
            case("bad-set", &["check", "osaka", "--set", "k"]),
            case(
                "bad-format",
                &["compare", "osaka", "osaka", "--format", "yaml"],
            ),
        ],
    );
}

/// Fixtures of ours, in order and not.
#[test]
fn fixtures() {
    let json = &["fixtures", "check", "eest/chain.json", "--format", "json"];
    let repriced = &[
        "fixtures",
        "check",
        "eest/chain.json",
        "eest/invalid.json",
        "--schedule",
        "../schedules/eip-7904.gas",
    ];
    let mut cases = vec![
        case("all", &["fixtures", "check", "eest"]),
        case("json", json),
        case(
            "witness",
            &["fixtures", "check", "eest/chain.json", "--witness"],
        ),
        case("repriced", repriced),
        case("coverage", &["fixtures", "coverage", "test_system.py"]),
        case(
            "usage-of-a-chain",
            &["fixtures", "usage", "eest/chain.json"],
        ),
        case("missing", &["fixtures", "check", "eest/nowhere.json"]),
        case("nothing", &["fixtures", "check", "scenarios"]),
        case(
            "foreign",
            &["fixtures", "check", "foreign", "foreign/inputs/input.bin"],
        ),
        case("foreign-folder", &["fixtures", "check", "foreign/inputs"]),
    ];
    for one in &mut cases {
        one.folder = "fixtures";
    }
    check("fixtures", &cases);
}

/// Schedules that ship with the tool are without findings.
#[test]
fn checks() {
    let mut files: Vec<String> = Vec::new();
    gas_files(
        &root().join("schedules"),
        Path::new("schedules"),
        &mut files,
    );
    files.sort();
    let mut all = vec!["check"];
    all.extend(files.iter().map(String::as_str));
    check(
        "check",
        &[
            case("shipped", &all),
            case("built-in", &["check", "osaka"]),
            case(
                "several",
                &[
                    "check",
                    "osaka",
                    "fixtures/errors/unknown-name.gas",
                    "fixtures/errors/syntax.gas",
                ],
            ),
        ],
    );
}

/// The main jobs, on a few scenarios: solved, measured again, and written out.
#[test]
fn jobs() {
    const SOME: &[&str] = &[
        "--scenario",
        "mulmod/*",
        "--scenario",
        "div/*",
        "--scenario",
        "push/32",
    ];
    let with = |arguments: &[&'static str]| [arguments, SOME].concat();
    let propose = with(&["propose", "schedules/zk-proving.gas"]);
    let all = with(&["propose", "schedules/zk-proving.gas", "--all"]);
    let json = with(&["propose", "schedules/zk-proving.gas", "--format", "json"]);
    let measure = with(&["measure", "schedules/zk-proving.gas"]);
    let measure_json = with(&[
        "measure",
        "osaka",
        "--limit",
        "1_000_000",
        "--format",
        "json",
    ]);
    let easy = with(&["propose", "fixtures/targets/easy.gas"]);
    let impossible = with(&["propose", "fixtures/targets/impossible.gas"]);
    let bounded = with(&["propose", "fixtures/targets/bounded.gas"]);
    let metered = with(&["propose", "fixtures/targets/metered.gas"]);
    let measure_metered = with(&["measure", "fixtures/targets/metered.gas"]);
    check(
        "jobs",
        &[
            case("propose", &propose),
            case("propose-all", &all),
            case("propose-json", &json),
            case("propose-nothing-to-do", &easy),
            case("propose-fixed-cost", &impossible),
            case("propose-bounded", &bounded),
            case("propose-meters", &metered),
            case("measure-meters", &measure_metered),
            case("propose-no-target", &["propose", "osaka"]),
            case(
                "propose-unconfigured-prover",
                &["propose", "schedules/zk-proving-two-provers.gas"],
            ),
            case("measure", &measure),
            case("measure-json", &measure_json),
            case(
                "search",
                &[
                    "search",
                    "div/64-bit",
                    "ecadd/chain",
                    "--tries",
                    "32",
                    "--gas",
                    "60_000",
                ],
            ),
            case("search-nothing", &["search", "div/65-bit"]),
            case(
                "measure-no-scenario",
                &["measure", "osaka", "--scenario", "mul"],
            ),
            case("compare", &["compare", "osaka", "schedules/eip-7904.gas"]),
            case(
                "compare-json",
                &[
                    "compare",
                    "osaka",
                    "schedules/eip-7904.gas",
                    "--format",
                    "json",
                ],
            ),
            case("explain-operation", &["explain", "MULMOD"]),
            case(
                "explain-part",
                &["explain", "KECCAK256.per_word", "schedules/eip-7904.gas"],
            ),
            case("explain-code", &["explain", "unknown-name"]),
            case("explain-nothing", &["explain", "MULMUD"]),
        ],
    );
}

fn gas_files(folder: &Path, shown: &Path, found: &mut Vec<String>) {
    for file in fs::read_dir(folder).unwrap() {
        let file = file.unwrap();
        let shown = shown.join(file.file_name());
        if file.path().is_dir() {
            gas_files(&file.path(), &shown, found);
        } else if shown.extension().is_some_and(|e| e == "gas") {
            found.push(shown.to_str().unwrap().into());
        }
    }
}
