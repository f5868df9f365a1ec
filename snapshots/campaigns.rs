//! Campaigns on this machine alone: what a damaged cache, a full disk and shards do to them, and blocks that are executed.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use crate::{files::files, small_disk::Small};

const MEASURE: &[&str] = &[
    "measure",
    "osaka",
    "--limit",
    "1_000_000",
    "--scenario",
    "mulmod/*",
    "--scenario",
    "add/*",
];

fn reprice(arguments: &[&str], cache: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_reprice"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env_clear()
        .env("HOME", cache)
        .env("REPRICE_CACHE_DIR", cache)
        .output()
        .unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Every file damaged in some way: the same result, and a warning.
#[test]
fn a_damaged_cache_is_measured_again() {
    let cache = tempfile::tempdir().unwrap();
    let first = reprice(MEASURE, cache.path());
    assert_eq!(first.status.code(), Some(0));
    let all = files(cache.path());
    for (at, file) in all.iter().enumerate() {
        let whole = fs::read(file).unwrap();
        let half = &whole[..whole.len() / 2];
        let flipped = whole.iter().map(|b| if *b == b'1' { b'2' } else { *b });
        let flipped: Vec<u8> = flipped.collect();
        let damages: [&[u8]; 4] = [half, &flipped, b"", &[0xff; 99]];
        fs::write(file, damages[at % 4]).unwrap();
    }
    let second = reprice(MEASURE, cache.path());
    assert_eq!(second.status.code(), Some(0));
    assert_eq!(first.stdout, second.stdout);
    assert!(stderr(&second).contains(" damaged files in the cache"));
    let third = reprice(MEASURE, cache.path());
    assert_eq!(stderr(&third), "", "what was measured again is kept");
    assert_eq!(files(cache.path()), all);
}

/// A full or read-only disk costs what would have been kept, and says so once. With room again, the next run keeps the rest.
#[test]
fn a_cache_that_cannot_be_written_ends_no_run() {
    let Some(small) = Small::mounted("size=64k") else {
        return;
    };
    let elsewhere = tempfile::tempdir().unwrap();
    let undisturbed = reprice(MEASURE, elsewhere.path());
    let goes_on = |why: &str| {
        let output = reprice(MEASURE, small.path());
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(0), "{said}");
        assert_eq!(output.stdout, undisturbed.stdout);
        let warnings = said.matches("warning: cannot write the cache: ").count();
        assert_eq!(warnings, 1, "{said}");
        assert!(
            said.contains(why) && said.contains("`--no-cache`"),
            "{said}"
        );
    };
    goes_on("No space left on device");
    let before = files(small.path());
    assert!(!before.is_empty() && before.iter().all(|file| file.extension().is_none()));
    assert!(small.mount("remount,ro"));
    goes_on("Read-only file system");
    assert!(small.mount("remount,rw,size=16m"));
    let output = reprice(MEASURE, small.path());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(stderr(&output), "");
    assert_eq!(output.stdout, undisturbed.stdout);
    let after = files(small.path());
    assert!(before.iter().all(|file| after.contains(file)));
}

/// Two shards, copied together: the undisturbed result, and no new file.
#[test]
fn shards_become_one_by_copying() {
    let [whole, one, two] = [(); 3].map(|()| tempfile::tempdir().unwrap());
    let undisturbed = reprice(MEASURE, whole.path());
    let shard = |name: &'static str| [MEASURE, &["--shard", name]].concat();
    for (name, cache) in [("1/2", &one), ("2/2", &two)] {
        let output = reprice(&shard(name), cache.path());
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        assert_ne!(output.stdout, undisturbed.stdout);
    }
    for file in files(two.path()) {
        let to = one.path().join(file.strip_prefix(two.path()).unwrap());
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(file, to).unwrap();
    }
    let before = files(one.path());
    let merged = reprice(MEASURE, one.path());
    assert_eq!(merged.stdout, undisturbed.stdout);
    assert_eq!(files(one.path()), before);
}

/// A target to execute is measured with revm on this machine, beside one to prove.
#[test]
fn blocks_are_executed_natively() {
    let cache = tempfile::tempdir().unwrap();
    let arguments = [
        "measure",
        "schedules/eip-7904.gas",
        "--limit",
        "1_000_000",
        "--scenario",
        "mulmod/*",
        "--format",
        "json",
    ];
    let output = reprice(&arguments, cache.path());
    assert!(output.status.code() < Some(2), "{}", stderr(&output));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let prover = &report["provers"][0];
    assert_eq!(prover["name"], "revm");
    assert_eq!(prover["modelled"], false);
    assert!(prover["version"].as_str().unwrap().starts_with("revm 43."));
    for block in report["blocks"].as_array().unwrap() {
        let seconds = block["proving_s"].as_f64().unwrap();
        assert!((1e-6..1.0).contains(&seconds), "{block}");
        assert!(block["throughput"].as_f64().unwrap() > 1e6, "{block}");
    }
    // What was timed is kept: the same figures again.
    assert_eq!(reprice(&arguments, cache.path()).stdout, output.stdout);
}

/// One proposal for both: every block is executed and proven in time.
#[test]
fn execution_and_proving_are_held_side_by_side() {
    let cache = tempfile::tempdir().unwrap();
    let file = cache.path().join("both.gas");
    let text = "schedule \"Both\" extends osaka\n\
        target execute 1 Mgas within 10 s\n\
        target prove 1 Mgas within 50 s on sp1\n\
        solve {\n  vary opcode MULMOD\n  require MULMOD in 1x .. 200x\n}\n";
    fs::write(&file, text).unwrap();
    let file = file.to_str().unwrap();
    let arguments = [
        "propose",
        file,
        "--scenario",
        "mulmod/255-bit",
        "--format",
        "json",
    ];
    let output = reprice(&arguments, cache.path());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let names = |list: &str, key: &str| -> Vec<String> {
        let all = report[list].as_array().unwrap().iter();
        all.map(|one| one[key].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(names("targets", "verb"), ["execute", "prove"]);
    assert_eq!(names("provers", "name"), ["revm", "sp1"]);
    let mut blocks = names("blocks", "prover");
    blocks.sort();
    assert_eq!(blocks, ["revm", "sp1"]);
}
