//! A folder to run `reprice` in, with a configuration and a cache of its own.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::OnceLock,
    thread,
    time::{Duration, Instant},
};

pub const IMAGE: &str = "reprice-server-test";

pub const CALIBRATION: &str = "[calibration.sp1]\nhardware = \"test\"\nfixed_s = 1.0\ns_per_million = { cycles = 0.1 }\nsource = \"test\"\n";

/// The image, built once; `None` where there is no engine.
pub fn docker() -> bool {
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
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("image.sh");
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

/// The program under test: it lies beside the server that cargo builds for this target.
fn reprice() -> PathBuf {
    let program = Path::new(env!("CARGO_BIN_EXE_reprice-server")).with_file_name("reprice");
    assert!(
        program.exists(),
        "`reprice` is not built: run `cargo build` with this profile first"
    );
    program
}

/// The folder.
pub struct Place(pub tempfile::TempDir);

impl Place {
    /// `prover` is what `[prover.sp1]` says besides its image.
    pub fn new(prover: &str) -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        place.configure(prover);
        place
    }

    /// What tells this folder's containers from those of others, in their environment.
    pub fn mark(&self) -> String {
        format!("PLACE={}", self.0.path().display())
    }

    pub fn configure(&self, prover: &str) {
        let place = self.0.path().display();
        let text = format!(
            "{CALIBRATION}\n[prover.sp1]\nimage = \"{IMAGE}\"\nenv.PLACE = \"{place}\"\n{prover}\n"
        );
        fs::write(self.0.path().join("reprice.toml"), text).unwrap();
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(reprice());
        command
            .args(arguments)
            .current_dir(self.0.path())
            .env("REPRICE_CACHE_DIR", self.0.path().join("cache"))
            // Locks of runs live in here, as those of another user would.
            .env("XDG_STATE_HOME", self.0.path());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// The blocks of a measurement of a few scenarios, and the exit status.
    pub fn measure(&self) -> (serde_json::Value, Option<i32>, String) {
        let output = self.run(MEASURE);
        let stderr = String::from_utf8(output.stderr).unwrap();
        let report = serde_json::from_slice(&output.stdout).unwrap_or_default();
        (report, output.status.code(), stderr)
    }

    /// Starts a measurement.
    pub fn start(&self) -> Child {
        self.command(MEASURE)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    /// Waits until so many containers run.
    pub fn until(&self, containers: usize) {
        let deadline = Instant::now() + Duration::from_mins(1);
        while self.containers().lines().count() < containers {
            assert!(Instant::now() < deadline, "there are not enough containers");
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// Kills every container from outside.
    pub fn kill_containers(&self) {
        for name in self.containers().lines() {
            docker_says(&["kill", name]);
        }
    }

    /// The names of its containers, one a line.
    pub fn containers(&self) -> String {
        let filter = format!("ancestor={IMAGE}");
        let all = docker_says(&["ps", "--all", "--quiet", "--filter", &filter]);
        let format = "{{.Name}} {{.Config.Env}}";
        let mut inspect = vec!["inspect", "--format", format];
        inspect.extend(all.lines());
        let all = docker_says(&inspect);
        let mark = self.mark();
        let mine: Vec<&str> = all
            .lines()
            .filter(|line| line.contains(&mark))
            .filter_map(|line| line.trim_start_matches('/').split(' ').next())
            .collect();
        mine.join("\n")
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        for name in self.containers().lines() {
            docker_says(&["rm", "--force", name]);
        }
    }
}

/// What `docker` prints.
pub fn docker_says(arguments: &[&str]) -> String {
    let output = Command::new("docker").args(arguments).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

pub const MEASURE: &[&str] = &[
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

pub const EXECUTE: &str = "mode = \"execute\"\n";

/// A test double that meets these faults. Its limit is one that no busy machine exceeds.
pub fn double(faults: &str, more: &str) -> String {
    let faults = if faults.is_empty() {
        String::new()
    } else {
        format!(" --faults {faults}")
    };
    format!("resource = \"double{faults}\"\nretries = 0\nblock_limit_s = 60\n{more}")
}

/// The report without what names the prover.
pub fn blocks(report: &serde_json::Value) -> serde_json::Value {
    report["blocks"].clone()
}

pub fn note(report: &serde_json::Value) -> String {
    report["blocks"][0]["note"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}
