//! Provers in containers, for real: the image is built from this checkout, campaigns run on it, and containers are killed,
//! starved and lied to.
//!
//! Skipped, with a word, where no Docker engine answers; an error where `REPRICE_REQUIRE_DOCKER` is set.

#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]
#![expect(clippy::print_stderr, reason = "a skipped test says so")]

use std::{
    env, fs,
    path::Path,
    process::{Command, Output, Stdio},
    sync::OnceLock,
    thread,
    time::Duration,
};

const IMAGE: &str = "reprice-server-test";

const CALIBRATION: &str = "[calibration.sp1]\nhardware = \"test\"\nfixed_s = 1.0\ns_per_million_cycles = 0.1\nsource = \"test\"\n";

/// The image, built once; `None` where there is no engine.
fn docker() -> bool {
    static BUILT: OnceLock<bool> = OnceLock::new();
    *BUILT.get_or_init(|| {
        let answers = Command::new("docker")
            .args(["info", "--format", "x"])
            .output();
        if !answers.is_ok_and(|output| output.status.success()) {
            assert!(
                env::var_os("REPRICE_REQUIRE_DOCKER").is_none(),
                "no Docker engine answers"
            );
            eprintln!("skipped: no Docker engine answers");
            return false;
        }
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("server/image.sh");
        let server = env!("CARGO_BIN_EXE_reprice-server");
        let built = Command::new(script).args([IMAGE, server]).output().unwrap();
        assert!(
            built.status.success(),
            "{}",
            String::from_utf8_lossy(&built.stderr)
        );
        true
    })
}

/// A folder with a configuration, and a cache of its own.
struct Place(tempfile::TempDir);

impl Place {
    /// `prover` is what `[prover.sp1]` says besides its image.
    fn new(prover: &str) -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        place.configure(prover);
        place
    }

    fn configure(&self, prover: &str) {
        let text = format!("{CALIBRATION}\n[prover.sp1]\nimage = \"{IMAGE}\"\n{prover}\n");
        fs::write(self.0.path().join("reprice.toml"), text).unwrap();
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_reprice"));
        command
            .args(arguments)
            .current_dir(self.0.path())
            .env("REPRICE_CACHE_DIR", self.0.path().join("cache"))
            // Locks of runs live in here, so that tests do not take each other's containers for orphans.
            .env("TMPDIR", self.0.path());
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// The blocks of a measurement of a few scenarios, and the exit status.
    fn measure(&self) -> (serde_json::Value, Option<i32>, String) {
        let output = self.run(MEASURE);
        let stderr = String::from_utf8(output.stderr).unwrap();
        let report = serde_json::from_slice(&output.stdout).unwrap_or_default();
        (report, output.status.code(), stderr)
    }

    fn containers(&self) -> String {
        let output = Command::new("docker")
            .args([
                "ps",
                "--all",
                "--format",
                "{{.Names}} {{.Label \"reprice.lock\"}}",
            ])
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let folder = self.0.path().display().to_string();
        let mine: Vec<&str> = text.lines().filter(|line| line.contains(&folder)).collect();
        mine.join("\n")
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        for line in self.containers().lines() {
            let name = line.split(' ').next().unwrap_or_default();
            let _ = Command::new("docker")
                .args(["rm", "--force", name])
                .output();
        }
    }
}

const MEASURE: &[&str] = &[
    "measure",
    "osaka",
    "--limit",
    "1_000_000",
    "--format",
    "json",
    "--scenario",
    "mulmod/255-bit",
    "--scenario",
    "add/*",
    "--scenario",
    "push/32",
];

const EXECUTE: &str = "mode = \"execute\"\n";

fn double(faults: &str, more: &str) -> String {
    let faults = if faults.is_empty() {
        String::new()
    } else {
        format!(" --faults {faults}")
    };
    format!("resource = \"double{faults}\"\nretries = 0\nblock_limit_s = 3\n{more}")
}

/// The report without what names the prover.
fn blocks(report: &serde_json::Value) -> serde_json::Value {
    report["blocks"].clone()
}

fn note(report: &serde_json::Value) -> String {
    report["blocks"][0]["note"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

#[test]
fn a_container_counts_what_the_embedded_prover_counts() {
    if !docker() {
        return;
    }
    let place = Place::new(EXECUTE);
    let (contained, status, stderr) = place.measure();
    assert_eq!(status, Some(0), "{stderr}");
    fs::write(place.0.path().join("reprice.toml"), CALIBRATION).unwrap();
    let (embedded, status, _) = place.measure();
    assert_eq!(status, Some(0));
    assert!(
        blocks(&contained)
            .as_array()
            .is_some_and(|all| all.len() >= 3),
        "{contained}"
    );
    assert_eq!(blocks(&contained), blocks(&embedded));
    assert_eq!(place.containers(), "", "containers are removed");
}

#[test]
fn prover_check_runs_a_block() {
    if !docker() {
        return;
    }
    let output = Place::new(EXECUTE).run(&["prover", "check", "sp1"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.starts_with("sp1  works: ") && text.contains("ere-server 0.1.0, sp1 6."),
        "{text}"
    );
}

#[test]
fn proofs_are_timed_in_both_generations() {
    if !docker() {
        return;
    }
    for generation in ["", " --new-api"] {
        let place = Place::new(&format!(
            "resource = \"double --proving-ms 30{generation}\"\n"
        ));
        let (report, status, stderr) = place.measure();
        assert_eq!(status, Some(0), "{stderr}");
        let prover = &report["provers"][0];
        assert_eq!(
            (&prover["modelled"], &prover["fixed_s"]),
            (&false.into(), &0.03.into()),
            "{report}"
        );
        assert_eq!(report["blocks"][0]["proving_s"], 0.03, "{report}");
    }
}

/// What a block does to its prover is a result, and each kind has its name.
#[test]
fn faults_of_the_block_are_results() {
    if !docker() {
        return;
    }
    for (faults, more, name) in [
        (
            "error,error,error,error,error,error,error,error",
            "",
            "crashed: the double was told to fail",
        ),
        (
            "exit",
            "",
            "crashed: the server left with exit code 101: the double was told to leave",
        ),
        ("hang", "", "not done within 3 s"),
        ("out-of-memory", "memory_mib = 400\n", "out of memory"),
    ] {
        let place = Place::new(&double(faults, &format!("mode = \"execute\"\n{more}")));
        let (report, status, stderr) = place.measure();
        assert_eq!(status, Some(0), "{faults}: {stderr}");
        assert_eq!(note(&report), name, "{faults}");
        assert_eq!(place.containers(), "", "{faults}");
    }
}

/// What is no answer says nothing of the block: nothing is kept, and the run says so.
#[test]
fn faults_of_the_connection_are_none() {
    if !docker() {
        return;
    }
    for (fault, part) in [
        ("garbage", "not the expected message"),
        ("html", "content type `text/html`"),
        ("status", "HTTP status 500"),
        ("huge", "an answer of more than 256 MiB"),
    ] {
        let place = Place::new(&double(fault, "mode = \"execute\"\n"));
        let (_, status, stderr) = place.measure();
        assert_eq!(status, Some(3), "{fault}: {stderr}");
        assert!(
            stderr.contains(part) && stderr.contains("run it again"),
            "{fault}: {stderr}"
        );
        place.configure(EXECUTE);
        assert_eq!(place.measure().1, Some(0), "{fault}");
    }
}

#[test]
fn what_is_not_there_is_said() {
    if !docker() {
        return;
    }
    let place = Place::new("gpus = [\"0\"]\nretries = 0\n");
    let (_, status, stderr) = place.measure();
    assert_eq!(status, Some(3));
    assert!(
        stderr.contains("could not select device driver"),
        "{stderr}"
    );
    let text = fs::read_to_string(place.0.path().join("reprice.toml")).unwrap();
    fs::write(
        place.0.path().join("reprice.toml"),
        text.replace(IMAGE, "localhost:1/no-such-image"),
    )
    .unwrap();
    let (_, status, stderr) = place.measure();
    assert_eq!(status, Some(3));
    assert!(
        stderr.contains("image `localhost:1/no-such-image` is not here and cannot be pulled"),
        "{stderr}"
    );
}

/// A container killed from outside is started again, and the block is tried again.
#[test]
fn killed_containers_cost_nothing() {
    if !docker() {
        return;
    }
    let place = Place::new(
        &double("", "")
            .replace("retries = 0", "retries = 3")
            .replace("double", "double --proving-ms 800"),
    );
    let mut child = place
        .command(MEASURE)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    for _ in 0..2 {
        thread::sleep(Duration::from_millis(1_500));
        for line in place.containers().lines() {
            let name = line.split(' ').next().unwrap();
            let _ = Command::new("docker").args(["kill", name]).output();
        }
    }
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

/// kill -9 at any moment: the next run goes on, ends as an undisturbed one does, and takes the dead one's containers away.
#[test]
fn killed_runs_go_on() {
    if !docker() {
        return;
    }
    let quiet = Place::new(&double("", "mode = \"execute\"\n"));
    let (undisturbed, ..) = quiet.measure();
    let place = Place::new(&double("", "mode = \"execute\"\n"));
    for round in 0..20 {
        let mut child = place
            .command(MEASURE)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        thread::sleep(Duration::from_millis(100 + round * 97 % 1_700));
        let _ = child.kill();
        child.wait().unwrap();
    }
    let (report, status, stderr) = place.measure();
    assert_eq!(status, Some(0), "{stderr}");
    assert_eq!(blocks(&report), blocks(&undisturbed));
    assert_eq!(place.containers(), "");
}
