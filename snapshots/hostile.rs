//! What others wrote is shown as text: no name, error or table of theirs moves the cursor or prints a line of its own.

use std::{fs, path::Path, process::Command};

/// A name that forges a line, and what would colour it.
const NAME: &str = "x\nerror: forged \u{1b}[31m\u{9b}2J\r\u{202e}";

/// Runs a command in `folder`; all it prints is harmless, and says so much of the name.
fn shows(folder: &Path, arguments: &[&str]) {
    let output = Command::new(env!("CARGO_BIN_EXE_reprice"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("HOME", folder)
        .env("CLICOLOR_FORCE", "1")
        .output()
        .unwrap();
    let mut seen = false;
    for stream in [output.stdout, output.stderr] {
        let text = String::from_utf8(stream).unwrap();
        seen |= text.contains("forged");
        for line in text.lines() {
            assert!(!line.starts_with("error: forged"), "{arguments:?}: {text}");
        }
        // Our own colours are around findings.
        let ours = text.replace("\u{1b}[", "").replace(['\n', '\t'], "");
        let harmful = |c: char| c.is_control() || c == '\u{202e}';
        assert!(!ours.contains(harmful), "{arguments:?}: {text:?}");
        assert!(
            !text.contains("\u{1b}[31m\u{9b}"),
            "{arguments:?}: {text:?}"
        );
    }
    assert!(seen, "{arguments:?} tells nothing of it");
}

#[test]
fn names_of_others_are_text() {
    let place = tempfile::tempdir().unwrap();
    let inside = |name: &str| place.path().join(name);
    let quoted = serde_json::to_string(NAME).unwrap();

    let broken = format!("{{ {quoted}: {{ \"network\": {quoted}, \"blocks\": 7 }} }}");
    fs::create_dir(inside("fixtures")).unwrap();
    fs::write(inside("fixtures/a.json"), &broken).unwrap();
    fs::write(inside("fixtures").join(format!("{NAME}.json")), "{").unwrap();
    shows(place.path(), &["fixtures", "check", "fixtures"]);
    shows(
        place.path(),
        &["fixtures", "check", "fixtures", "--format", "json"],
    );
    shows(place.path(), &["fixtures", "usage", "fixtures"]);
    std::os::unix::fs::symlink(".", inside("fixtures").join(NAME)).unwrap();
    shows(place.path(), &["fixtures", "check", "fixtures"]);

    let runs = inside("runs/guest-1/sp1-1");
    fs::create_dir_all(&runs).unwrap();
    for mgas in [5, 10, 20] {
        let test = format!("t.py::test_add[{NAME}-opcode_ADD-benchmark-gas-value_{mgas}M]");
        let run = serde_json::json!({
            "name": test,
            "metadata": { "block_used_gas": mgas * 1_000_000, "target_opcode": "ADD" },
            "proving": { "success": { "proof_size": 1, "proving_time_ms": mgas * 1_000 } },
        });
        fs::write(runs.join(format!("{mgas}.json")), run.to_string()).unwrap();
    }
    fs::write(runs.join(format!("{NAME}.json")), "{").unwrap();
    fs::write(runs.join(format!("{NAME} empty.json")), "").unwrap();
    let machine = format!("{{ \"cpu_model\": {quoted}, \"total_ram_gib\": 1, \"gpus\": [] }}");
    fs::write(inside("runs/hardware.json"), machine).unwrap();
    let target = ["--target", "20Mgas/15s"];
    for format in ["table", "csv", "json"] {
        let arguments = [
            "ratios", "--runs", "runs", "--by", "scenario", "--format", format,
        ];
        shows(place.path(), &[&arguments[..], &target].concat());
    }
    shows(
        place.path(),
        &[&["fit", "--runs", "runs"][..], &target].concat(),
    );

    let cell = NAME.replace('"', "\"\"");
    let table = format!(
        "test_title,client_name,run_duration_ms,opcount\n\"=t.py::test_add[{cell}-opcode_ADD-benchmark-gas-value_5M]\",\"g-1__{cell}-1\",\"{cell}\",7\n"
    );
    fs::write(inside("bench.csv"), table).unwrap();
    shows(place.path(), &["ratios", "--bench-csv", "bench.csv"]);

    let schedule = inside(&format!("{NAME}.gas"));
    fs::write(
        &schedule,
        "schedule   \"x\" extends osaka // forged\u{1b}[31m\nopcode NO\u{1b}[31m = 1\n",
    )
    .unwrap();
    let schedule = schedule.to_str().unwrap();
    shows(place.path(), &["fmt", "--diff", schedule]);
    for face in ["full", "short", "plain", "json", "github", "sarif"] {
        shows(place.path(), &["check", schedule, "--message-format", face]);
    }
    fs::write(inside("prices.json"), format!("{{ {quoted}: {quoted} }}")).unwrap();
    shows(place.path(), &["import", "prices.json", "--from", "eels"]);

    fs::write(
        inside("reprice.toml"),
        format!("{quoted} = 1\n").replace("\\u", "\\u"),
    )
    .unwrap();
    shows(place.path(), &["prover", "list"]);
}

/// Pipes that nobody writes to and devices without end are refused by every command that reads files, and at once.
#[test]
fn what_is_no_file_is_not_read() {
    let place = tempfile::tempdir().unwrap();
    let pipe = place.path().join("pipe");
    let made = Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    for file in [pipe.to_str().unwrap(), "/dev/zero"] {
        for arguments in [
            &["check", file][..],
            &["fmt", file],
            &["compare", "osaka", file, "--config", file],
            &["prover", "list", "--config", file],
            &["import", file, "--from", "eels"],
            &["fixtures", "check", file],
            &["fixtures", "usage", file],
            &["ratios", "--bench-csv", file],
            &["measure", "osaka", "--scenarios", file],
            &["fixtures", "check", "--schedule", file, file],
        ] {
            let output = Command::new("timeout")
                .args(["20", env!("CARGO_BIN_EXE_reprice")])
                .args(arguments)
                .current_dir(place.path())
                .env_clear()
                .env("HOME", place.path())
                .output()
                .unwrap();
            let text = [output.stdout, output.stderr].concat();
            let text = String::from_utf8(text).unwrap();
            assert!(
                matches!(output.status.code(), Some(1 | 2)),
                "{arguments:?}: {text}"
            );
            assert!(
                text.contains("it is no regular file"),
                "{arguments:?}: {text}"
            );
        }
    }
}
