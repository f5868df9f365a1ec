//! What a search over programs finds, and what becomes of a proposal that it attacks.

use super::{case, check};

/// As many programs as there is time for in a test; the time given is never up.
#[test]
fn attacks() {
    const SOME: &[&str] = &["--scenario", "mstore/*", "--scenario", "ecadd/*"];
    let with = |arguments: &[&'static str]| [arguments, SOME].concat();
    let beat = with(&["search", "osaka", "--beat", "1h", "--tries", "32"]);
    let target = with(&[
        "search",
        "fixtures/targets/attacked.gas",
        "--beat",
        "1h",
        "--tries",
        "32",
    ]);
    let found = [
        "search",
        "osaka",
        "--beat",
        "1h",
        "--tries",
        "8",
        "--scenario",
        "returndatasize/*",
    ];
    let json = [&found[..], &["--format", "json"]].concat();
    let propose = [
        "propose",
        "fixtures/targets/attacked.gas",
        "--adversary=1h",
        "--adversary-tries",
        "32",
        "--scenario",
        "ecadd/*",
    ];
    check(
        "attacks",
        &[
            case("search", &found),
            case("search-json", &json),
            case("search-target", &target),
            case("search-nothing", &beat),
            case("propose", &propose),
            case(
                "two-schedules",
                &["search", "osaka", "prague", "--beat", "1s"],
            ),
            case("no-time", &["search", "osaka", "--beat", "60"]),
            case("no-beat", &["search", "osaka"]),
            case(
                "no-beat-scenario",
                &["search", "add/*", "--scenario", "add/*"],
            ),
            case(
                "to-without-beat",
                &["search", "add/*", "--to", "found.toml"],
            ),
            case(
                "scenarios-missing",
                &["measure", "osaka", "--scenarios", "fixtures/none.toml"],
            ),
            case(
                "scenarios-taken",
                &[
                    "measure",
                    "osaka",
                    "--scenarios",
                    "fixtures/scenarios/memory.toml",
                ],
            ),
            case(
                "scenarios-other",
                &["measure", "osaka", "--scenarios", "fixtures/uncertain.toml"],
            ),
        ],
    );
}
