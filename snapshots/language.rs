//! What is done with schedules without measuring anything: findings in every format, repairs, formatting, comparison,
//! import and export.

use std::fs;

use super::{Case, case, check, root};

const fn piped<'a>(name: &'a str, arguments: &'a [&'a str], input: &'a str) -> Case<'a> {
    Case {
        input,
        ..case(name, arguments)
    }
}

#[test]
fn fmt() {
    const UNTIDY: &str = "schedule \"T\"   extends osaka\nopcode   ADD=4 # why\n";
    check(
        "fmt",
        &[
            case(
                "check",
                &[
                    "fmt",
                    "--check",
                    "fixtures/untidy.gas",
                    "schedules/osaka.gas",
                ],
            ),
            case("diff", &["fmt", "--diff", "fixtures/untidy.gas"]),
            case("tidy", &["fmt", "--check", "schedules/osaka.gas"]),
            case(
                "syntax",
                &[
                    "fmt",
                    "--check",
                    "fixtures/errors/missing-price.gas",
                    "fixtures/errors/syntax.gas",
                ],
            ),
            case("missing", &["fmt", "nowhere.gas"]),
            case("built-in", &["fmt", "osaka"]),
            piped("stdin", &["fmt", "-"], UNTIDY),
            piped("stdin-check", &["fmt", "--check", "-"], UNTIDY),
            piped("stdin-syntax", &["fmt", "-"], "opcode ADD 4\n"),
        ],
    );
}

/// The same findings with every face: an error with a fix, one with notes, one in two files, a warning.
#[test]
fn message_formats() {
    const FILES: [&str; 3] = [
        "fixtures/errors/unknown-name.gas",
        "fixtures/errors/indirect-price.gas",
        "fixtures/errors/unused-binding.gas",
    ];
    let arguments = |format| {
        let mut all = vec!["check", "--message-format", format];
        all.extend(FILES);
        all
    };
    let names = ["full", "short", "plain", "json", "github", "sarif"];
    let all = names.map(arguments);
    let mut cases: Vec<Case> = names
        .iter()
        .zip(&all)
        .map(|(name, arguments)| case(name, arguments))
        .collect();
    cases.extend([
        case(
            "json-nothing",
            &["check", "--message-format", "json", "osaka"],
        ),
        case(
            "short-on-the-way",
            &[
                "compare",
                "osaka",
                "fixtures/errors/priced-twice.gas",
                "--message-format",
                "short",
            ],
        ),
    ]);
    check("message-formats", &cases);
}

#[test]
fn fixes() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("fixable.gas");
    fs::copy(root().join("fixtures/fixable.gas"), &file).unwrap();
    let inside = |name, arguments| Case {
        folder: folder.path().to_str().unwrap(),
        ..case(name, arguments)
    };
    check(
        "fix",
        &[
            inside(
                "before",
                &["check", "--message-format", "short", "fixable.gas"],
            ),
            inside(
                "fix",
                &["check", "--message-format", "short", "--fix", "fixable.gas"],
            ),
            inside("after", &["fmt", "--diff", "fixable.gas"]),
            inside("built-in", &["check", "--fix", "osaka"]),
        ],
    );
    assert_eq!(
        fs::read_to_string(file).unwrap(),
        "# Slips of the hand, each with one way to mend it.
schedule \"Fixable\" extends osaka

let k = 3

opcode {
  MULMOD    = k * current
  KECCAK256      = 30 + 6 * words
  DIV       = 2 * current
  ADDMODE   = 9
}
target prove 60 Mgas within 10 s on sp1
"
    );
}

#[test]
fn compare() {
    const DRAFT: &str = "schedules/eip-7904.gas";
    check(
        "compare",
        &[
            case("two", &["compare", "osaka", DRAFT]),
            case(
                "three",
                &["compare", "osaka", DRAFT, "fixtures/grandchild.gas"],
            ),
            case("same", &["compare", "osaka", "osaka"]),
            case(
                "blocks",
                &[
                    "compare",
                    "prague",
                    "osaka",
                    "amsterdam",
                    "--tolerance",
                    "900000%",
                    "--blocks",
                    "--limit",
                    "30_000_000",
                    "--scenario",
                    "modexp/*",
                    "--scenario",
                    "storage-set/*",
                    "--scenario",
                    "clz/*",
                ],
            ),
            case(
                "blocks-by-two-meters",
                &[
                    "compare",
                    "osaka",
                    "schedules/eips/taiko-zk-gas.gas",
                    "--tolerance",
                    "900000%",
                    "--blocks",
                    "--scenario",
                    "mulmod/255-bit",
                    "--scenario",
                    "sload/*",
                ],
            ),
            case(
                "blocks-unknown",
                &[
                    "compare",
                    "prague",
                    "osaka",
                    "--blocks",
                    "--scenario",
                    "dupn/*",
                ],
            ),
            case(
                "markdown",
                &["compare", "osaka", DRAFT, "--format", "markdown"],
            ),
            case(
                "markdown-three",
                &[
                    "compare",
                    "osaka",
                    DRAFT,
                    "fixtures/grandchild.gas",
                    "--format",
                    "markdown",
                ],
            ),
            case(
                "tolerance",
                &["compare", "osaka", DRAFT, "--tolerance", "50%"],
            ),
            case(
                "gate-no",
                &[
                    "compare",
                    "osaka",
                    DRAFT,
                    "--max-increase",
                    "2x",
                    "--tolerance",
                    "1000%",
                ],
            ),
            case(
                "gate-yes",
                &[
                    "compare",
                    DRAFT,
                    "fixtures/grandchild.gas",
                    "--max-increase",
                    "1.5x",
                ],
            ),
            case(
                "weights",
                &["compare", "osaka", DRAFT, "--weights", "fixtures/mix.csv"],
            ),
            case(
                "weights-unknown",
                &[
                    "compare",
                    "osaka",
                    DRAFT,
                    "--weights",
                    "fixtures/import/prices.json",
                ],
            ),
            case(
                "meters",
                &[
                    "compare",
                    "fixtures/targets/metered.gas",
                    "fixtures/schedules/metered-child.gas",
                ],
            ),
            case(
                "bad-tolerance",
                &["compare", "osaka", DRAFT, "--tolerance", "much"],
            ),
            case(
                "bad-factor",
                &["compare", "osaka", DRAFT, "--max-increase", "0x"],
            ),
        ],
    );
}

#[test]
fn explain() {
    check(
        "explain",
        &[
            case("built-in", &["explain", "MULMOD"]),
            case(
                "file-by-file",
                &["explain", "MULMOD", "fixtures/grandchild.gas"],
            ),
            case("parts", &["explain", "KECCAK256", "schedules/eip-7904.gas"]),
            case("curve", &["explain", "BLS_G1MSM"]),
            case(
                "metered",
                &["explain", "MULMOD", "schedules/eips/taiko-zk-gas.gas"],
            ),
            case(
                "meter",
                &["explain", "zk", "fixtures/schedules/metered-child.gas"],
            ),
            case("param", &["explain", "COLD_ACCOUNT_ACCESS"]),
            case("code", &["explain", "unknown-name"]),
            case("unknown", &["explain", "MULLMOD"]),
        ],
    );
}

#[test]
fn import() {
    let of = |file, format| ["import", file, "--from", format];
    check(
        "import",
        &[
            case("eels", &of("fixtures/import/prices.json", "eels")),
            case("eels-stale", &of("fixtures/import/stale.json", "eels")),
            case("pitstop", &of("fixtures/import/draft.yaml", "pitstop")),
            case("gasfit", &of("fixtures/import/new_gas.csv", "gasfit")),
            case("wrong-format", &of("fixtures/import/prices.json", "gasfit")),
            case("missing", &of("nowhere.json", "eels")),
        ],
    );
}

#[test]
fn export() {
    let forms = ["eels", "revm", "rust", "geth", "eip"];
    let all = forms.map(|form| ["export", "schedules/eip-7904.gas", "--to", form]);
    let mut cases: Vec<Case> = forms
        .iter()
        .zip(&all)
        .map(|(form, arguments)| case(form, arguments))
        .collect();
    cases.push(case(
        "nameless",
        &["export", "schedules/compute-multiplier.gas", "--to", "eels"],
    ));
    cases.push(case(
        "meters",
        &["export", "schedules/eips/taiko-zk-gas.gas", "--to", "geth"],
    ));
    let of = |name: &str| format!("fixtures/schedules/exports/{name}.gas");
    let names = ["own-prices", "warm-access", "create2", "beyond"];
    let files = names.map(of);
    let all: Vec<(String, [&str; 4])> = names
        .iter()
        .zip(&files)
        .flat_map(|(name, file)| {
            ["revm", "geth", "eels"].map(|form| {
                let arguments = ["export", file.as_str(), "--to", form];
                (format!("{name}-{form}"), arguments)
            })
        })
        .collect();
    cases.extend(all.iter().map(|(name, arguments)| case(name, arguments)));
    check("export", &cases);
}

/// Scripts are clap's; what is ours in them are the names.
#[test]
fn completions() {
    let cache = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = super::transcript(&case(shell, &["completions", shell]), cache.path());
        assert!(script.contains("max-increase"), "{shell}");
        assert!(script.ends_with("---- status 0\n"), "{shell}");
        // The others complete flags and commands alone.
        for name in ["KECCAK256.per_word", "MULMOD", "unknown-name"] {
            let known = script.contains(name);
            assert!(
                known || !matches!(shell, "bash" | "zsh"),
                "{shell} lacks {name}"
            );
        }
    }
}
