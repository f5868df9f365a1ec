//! What blocks cost, whose blocks they are, and what a cost is worth.

use super::{Case, case, check};

fn checked(folder: &str, cases: &[(&str, &[&str])]) {
    let cases: Vec<Case> = cases
        .iter()
        .map(|(name, arguments)| case(name, arguments))
        .collect();
    check(folder, &cases);
}

const GOOD: &str = "fixtures/calibration/good";

#[test]
fn calibrate() {
    checked(
        "calibrate",
        &[
            ("good", &["calibrate", GOOD]),
            ("good-json", &["calibrate", GOOD, "--format", "json"]),
            (
                "another-version",
                &["calibrate", "fixtures/calibration/another-version", GOOD],
            ),
            ("excluded", &["calibrate", GOOD, "--exclude", "sha"]),
            ("not-counted", &["calibrate", GOOD, "--weigh", "prover_gas"]),
            ("no-cost", &["calibrate", GOOD, "--weigh", "steps"]),
            (
                "only-times",
                &[
                    "calibrate",
                    "fixtures/calibration/no-costs",
                    "--times",
                    GOOD,
                ],
            ),
            ("other-zkvm", &["calibrate", GOOD, "--on", "zisk"]),
            (
                "no-overlap",
                &["calibrate", "fixtures/calibration/no-overlap"],
            ),
            (
                "one-family",
                &["calibrate", "fixtures/calibration/one-family"],
            ),
            ("no-costs", &["calibrate", "fixtures/calibration/no-costs"]),
            ("negative", &["calibrate", "fixtures/calibration/negative"]),
            (
                "never-proven",
                &["ratios", "--runs", "fixtures/calibration/never-proven"],
            ),
            ("nothing", &["calibrate", "fixtures/schedules"]),
            ("no-folder", &["calibrate", "fixtures/nowhere"]),
        ],
    );
}

#[test]
fn fixture_blocks() {
    checked(
        "fixture-blocks",
        &[
            ("measured", &["measure", "--fixtures", "fixtures/eest"]),
            (
                "chosen-json",
                &[
                    "measure",
                    "--fixtures",
                    "fixtures/eest/chain.json",
                    "fixtures/eest/guest.json",
                    "--format",
                    "json",
                ],
            ),
            (
                "second-half-costs",
                &[
                    "measure",
                    "--fixtures",
                    "fixtures/eest/chain.json",
                    "fixtures/eest/guest.json",
                    "--shard",
                    "2/2",
                    "--costs",
                ],
            ),
            (
                "none-chosen",
                &[
                    "measure",
                    "--fixtures",
                    "fixtures/eest",
                    "--include",
                    "no such test",
                ],
            ),
            ("no-path", &["measure", "--fixtures", "fixtures/nowhere"]),
            ("no-json", &["measure", "--fixtures", "fixtures/scenarios"]),
            (
                "no-prover",
                &["measure", "--fixtures", "fixtures/eest", "--on", "zisk"],
            ),
            ("both", &["measure", "osaka", "--fixtures", "fixtures/eest"]),
            ("neither", &["measure"]),
        ],
    );
}

#[test]
fn costs() {
    checked(
        "costs",
        &[
            (
                "measured",
                &[
                    "measure",
                    "osaka",
                    "--costs",
                    "--scenario",
                    "keccak256/*",
                    "--scenario",
                    "ecrecover/*",
                ],
            ),
            ("scenario", &["explain", "keccak256/32-bytes"]),
        ],
    );
}
