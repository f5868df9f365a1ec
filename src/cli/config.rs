//! `reprice.toml`: what this machine and its provers are. What a schedule asks for stands in the schedule.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use serde::Deserialize;

use super::exit::Failure;
use crate::prove::{Calibration, docker::Host};

/// The file's name, looked for in the current directory and its parents; the closest wins.
pub const FILE: &str = "reprice.toml";

/// A configuration as it was read.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// Folder of the measurement store, if one is named.
    pub cache: Option<PathBuf>,
    /// What a cycle is worth, by prover.
    pub calibrations: BTreeMap<String, Calibration>,
    /// Provers in containers, by their names in schedules.
    pub provers: BTreeMap<String, ContainerProver>,
    /// Docker engines, by the names that provers call them by.
    pub hosts: BTreeMap<String, Host>,
}

/// `[prover.NAME]`: a zkVM behind ere-server.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContainerProver {
    /// Image, such as `ghcr.io/eth-act/ere/ere-server-zisk:0.16.2-cuda`.
    pub image: String,
    /// What it runs on, as ere-server's last argument: `cpu`, `gpu`.
    #[serde(default = "cpu")]
    pub resource: String,
    /// `prove`: proofs are made and timed. `execute`: cycles only, and `[calibration.NAME]` says what they are worth.
    #[serde(default)]
    pub mode: ModeName,
    /// Which `[host.NAME]` its containers run on; the local engine where absent.
    pub host: Option<String>,
    /// Device ids of its GPUs.
    #[serde(default)]
    pub gpus: Vec<String>,
    /// GPUs of each server; all of them where absent.
    pub gpus_per_server: Option<usize>,
    /// Servers side by side, for a prover without GPUs.
    #[serde(default = "one")]
    pub servers: usize,
    /// The guest program's file; reprice's own where absent.
    pub elf: Option<PathBuf>,
    /// The guest's name and version.
    #[serde(default = "own_guest")]
    pub guest: String,
    /// Environment of the container.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// Shared memory, GiB.
    pub shm_gib: Option<u32>,
    /// The most memory of a container, MiB.
    pub memory_mib: Option<u32>,
    /// Whether it may lock any amount of memory.
    #[serde(default)]
    pub memlock_unlimited: bool,
    /// Seconds until a server listens.
    #[serde(default = "start_limit")]
    pub start_limit_s: f64,
    /// Seconds for one block.
    #[serde(default = "block_limit")]
    pub block_limit_s: f64,
    /// How often a block is tried again after a fault of the connection or the engine.
    #[serde(default = "retries")]
    pub retries: u32,
    /// How often each block is proven; the median counts.
    #[serde(default = "one_proof")]
    pub repeats: u32,
    /// Whether the first block of a container is proven once more before it is timed.
    #[serde(default)]
    pub warm_up: bool,
}

/// What is asked of a prover.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ModeName {
    /// A proof.
    #[default]
    Prove,
    /// Cycles.
    Execute,
}

fn cpu() -> String {
    "cpu".into()
}

fn own_guest() -> String {
    "reprice-guest".into()
}

const fn one() -> usize {
    1
}

const fn one_proof() -> u32 {
    1
}

const fn start_limit() -> f64 {
    300.0
}

const fn block_limit() -> f64 {
    600.0
}

const fn retries() -> u32 {
    2
}

impl ContainerProver {
    /// Whether the settings make sense together.
    fn check(&self, hosts: &BTreeMap<String, Host>) -> Result<(), String> {
        if let Some(host) = self.host.as_ref().filter(|host| !hosts.contains_key(*host)) {
            return Err(format!("there is no `host.{host}`"));
        }
        for (name, value) in [
            ("start_limit_s", self.start_limit_s),
            ("block_limit_s", self.block_limit_s),
        ] {
            if !(value > 0.0 && value <= 1e6) {
                return Err(format!("`{name}` is {value}, expected seconds above 0"));
            }
        }
        if self.servers == 0 || self.gpus_per_server == Some(0) {
            return Err("a prover needs at least one server, and a server one GPU".into());
        }
        if !self.gpus.is_empty() && self.servers > 1 {
            return Err("`servers` is for provers without GPUs; use `gpus_per_server`".into());
        }
        Ok(())
    }

    /// One entry per server: its GPUs.
    pub fn device_sets(&self) -> Vec<Vec<String>> {
        if self.gpus.is_empty() {
            return vec![Vec::new(); self.servers];
        }
        let each = self.gpus_per_server.unwrap_or(self.gpus.len());
        self.gpus.chunks(each).map(<[String]>::to_vec).collect()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    cache: Option<PathBuf>,
    #[serde(default)]
    calibration: BTreeMap<String, Calibration>,
    #[serde(default)]
    prover: BTreeMap<String, ContainerProver>,
    #[serde(default)]
    host: BTreeMap<String, Host>,
}

impl Config {
    /// The configuration at `path`, or the closest one above `from`, or none at all.
    ///
    /// # Errors
    /// A file that cannot be read, is not TOML, or holds keys or numbers that mean nothing here.
    pub fn find(path: Option<&Path>, from: &Path) -> Result<Self, Failure> {
        if let Some(path) = path {
            let text = fs::read_to_string(path).map_err(|error| unreadable(path, &error))?;
            return Self::parse(path, &text);
        }
        for folder in from.ancestors() {
            let path = folder.join(FILE);
            match fs::read_to_string(&path) {
                Ok(text) => return Self::parse(&path, &text),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(unreadable(&path, &error)),
            }
        }
        Ok(Self::default())
    }

    fn parse(path: &Path, text: &str) -> Result<Self, Failure> {
        let bad = |what: String| Failure::start(format!("`{}` {what}", path.display()));
        let file: File = toml::from_str(text).map_err(|error| {
            bad(format!(
                "is not a configuration\n{}",
                error.to_string().trim_end()
            ))
        })?;
        for (prover, calibration) in &file.calibration {
            calibration
                .check()
                .map_err(|what| bad(format!("in `calibration.{prover}`: {what}")))?;
        }
        for (name, prover) in &file.prover {
            prover
                .check(&file.host)
                .map_err(|what| bad(format!("in `prover.{name}`: {what}")))?;
        }
        // Paths are relative to the file that writes them.
        let folder = path.parent().unwrap_or_else(|| Path::new("."));
        let mut config = Self {
            cache: file.cache.map(|cache| folder.join(cache)),
            calibrations: file.calibration,
            provers: file.prover,
            hosts: file.host,
        };
        for prover in config.provers.values_mut() {
            prover.elf = prover.elf.take().map(|elf| folder.join(elf));
        }
        for host in config.hosts.values_mut() {
            host.certificates = host
                .certificates
                .take()
                .map(|certificates| folder.join(certificates));
        }
        Ok(config)
    }
}

fn unreadable(path: &Path, error: &io::Error) -> Failure {
    Failure::start(format!("cannot read `{}`: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
        cache = "measurements"
        [calibration.sp1]
        hardware = "SP1 6.0 on 8x NVIDIA RTX 5090"
        fixed_s = 3.5
        s_per_million_cycles = 0.02
        source = "our runs of 2026-11"
    "#;

    #[test]
    fn the_closest_file_wins() {
        let root = tempfile::tempdir().unwrap();
        let inner = root.path().join("a/b");
        fs::create_dir_all(&inner).unwrap();
        fs::write(root.path().join(FILE), GOOD).unwrap();
        let far = Config::find(None, &inner).unwrap();
        assert!((far.calibrations["sp1"].fixed_s - 3.5).abs() < 1e-12);
        assert_eq!(far.cache, Some(root.path().join("measurements")));
        fs::write(root.path().join("a").join(FILE), "").unwrap();
        assert!(Config::find(None, &inner).unwrap().calibrations.is_empty());
    }

    #[test]
    fn gpus_are_dealt_to_servers() {
        let of = |text: &str| {
            let text = format!("[prover.x]\nimage = \"x\"\n{text}");
            let config = Config::parse(Path::new("reprice.toml"), &text).unwrap();
            config.provers["x"].device_sets()
        };
        assert_eq!(of(""), [Vec::<String>::new()]);
        assert_eq!(of("servers = 2").len(), 2);
        assert_eq!(of("gpus = [\"0\", \"1\", \"2\"]"), [["0", "1", "2"]]);
        assert_eq!(
            of("gpus = [\"0\", \"1\"]\ngpus_per_server = 1"),
            [["0"], ["1"]]
        );
    }

    #[test]
    fn mistakes_name_the_file() {
        for (text, part) in [
            (GOOD.replace("fixed_s", "fixed"), "unknown field `fixed`"),
            (
                GOOD.replace("3.5", "-3.5"),
                "in `calibration.sp1`: `fixed_s` is -3.5",
            ),
            (
                GOOD.replace("0.02", "nan"),
                "in `calibration.sp1`: `s_per_million_cycles` is NaN",
            ),
            ("[calibration".into(), "is not a configuration"),
            (
                "[prover.zisk]\nimage = \"x\"\nhost = \"far\"".into(),
                "in `prover.zisk`: there is no `host.far`",
            ),
            (
                "[prover.zisk]\nimage = \"x\"\nblock_limit_s = -1".into(),
                "in `prover.zisk`: `block_limit_s` is -1",
            ),
            ("[prover.zisk]\nimages = 1".into(), "unknown field `images`"),
        ] {
            let failure = Config::parse(Path::new("x/reprice.toml"), &text).unwrap_err();
            assert!(failure.message.contains(part), "{}", failure.message);
            assert!(
                failure.message.starts_with("`x/reprice.toml`"),
                "{}",
                failure.message
            );
        }
    }
}
