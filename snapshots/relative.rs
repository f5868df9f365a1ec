//! Targets relative to an operation, and margins: measured, proposed, and from recorded runs.

use super::{Case, case, check};

const SOME: [&str; 6] = [
    "--scenario",
    "mulmod/*",
    "--scenario",
    "div/*",
    "--scenario",
    "push/32",
];
const RUNS: [&str; 2] = ["--runs", "fixtures/runs"];
const RELATIVE: &str = "fixtures/targets/relative.gas";
const RECORDED: &str = "fixtures/schedules/recorded-relative.gas";

/// `checked(folder, [(name, arguments, what all have in common)])`.
fn checked(folder: &str, cases: &[(&str, &[&str], &[&str])]) {
    let arguments: Vec<Vec<&str>> = cases
        .iter()
        .map(|(_, own, common)| [*own, *common].concat())
        .collect();
    let cases: Vec<Case> = cases
        .iter()
        .zip(&arguments)
        .map(|((name, ..), arguments)| case(name, arguments))
        .collect();
    check(folder, &cases);
}

#[test]
fn relative() {
    checked(
        "relative",
        &[
            ("propose", &["propose", RELATIVE], &SOME),
            (
                "propose-json",
                &["propose", RELATIVE, "--format", "json"],
                &SOME,
            ),
            (
                "propose-bounded",
                &["propose", "fixtures/targets/stricter.gas"],
                &SOME,
            ),
            ("measure", &["measure", RELATIVE], &SOME),
            (
                "unmeasured",
                &["measure", "fixtures/errors/anchor-unmeasured.gas"],
                &[],
            ),
            ("recorded", &["propose", RECORDED], &RUNS),
            (
                "recorded-methods",
                &["propose", RECORDED, "--method", "ratio,regression,program"],
                &RUNS,
            ),
            ("judge", &["judge", RECORDED, "--margin", "10%"], &RUNS),
            (
                "judge-json",
                &["judge", RECORDED, "--margin", "10%", "--format", "json"],
                &RUNS,
            ),
            ("sweep", &["sweep", RECORDED, "--rate", "0.5..1.5x"], &RUNS),
            (
                "sweep-seconds",
                &["sweep", RECORDED, "--within", "3..18s"],
                &RUNS,
            ),
            (
                "sweep-no-anchor",
                &[
                    "sweep",
                    "fixtures/schedules/recorded.gas",
                    "--rate",
                    "0.5..1.5x",
                ],
                &RUNS,
            ),
        ],
    );
}

#[test]
fn margins() {
    let easy = "fixtures/targets/easy.gas";
    let proving = "schedules/zk-proving.gas";
    let uncertain = "fixtures/uncertain.toml";
    let bounded = "fixtures/targets/bounded.gas";
    checked(
        "margins",
        &[
            ("propose", &["propose", proving, "--margin", "12%"], &SOME),
            (
                "propose-bounded",
                &["propose", bounded, "--margin", "30%"],
                &SOME,
            ),
            (
                "too-close",
                &["propose", proving, "--config", uncertain],
                &SOME,
            ),
            (
                "too-close-json",
                &[
                    "measure", proving, "--config", uncertain, "--format", "json",
                ],
                &SOME,
            ),
            (
                "by-the-error",
                &["propose", proving, "--config", uncertain, "--margin", "12%"],
                &SOME,
            ),
            ("measure", &["measure", easy, "--margin", "12%"], &SOME),
            ("no-per-cent", &["measure", easy, "--margin", "0.12"], &[]),
        ],
    );
}
