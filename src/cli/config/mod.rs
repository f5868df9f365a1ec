//! `reprice.toml`: what this machine and its provers are. What a schedule asks for stands in the schedule.

mod container_prover;

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
};

use serde::Deserialize;

use super::exit::Failure;
use crate::{
    input_file,
    prove::{Calibration, docker::Host},
};
pub use container_prover::{ContainerProver, InputName, ModeName};

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
        let Some(path) = Self::file(path, from) else {
            return Ok(Self::default());
        };
        let text = input_file::text(&path, input_file::CONFIGURATION)
            .map_err(|error| unreadable(&path, &error))?;
        Self::parse(&path, &text)
    }

    /// The file that [`Self::find`] reads.
    pub fn file(path: Option<&Path>, from: &Path) -> Option<PathBuf> {
        let above = || from.ancestors().map(|folder| folder.join(FILE));
        // One that cannot be looked at is not passed over.
        let found = || above().find(|path| path.try_exists().unwrap_or(true));
        path.map(Path::to_owned).or_else(found)
    }

    fn parse(path: &Path, text: &str) -> Result<Self, Failure> {
        let bad = |what: String| Failure::start(format!("`{}` {what}", path.display()));
        let file: File = toml::from_str(text)
            .map_err(|error| bad("is not a configuration".into()).excerpt(error.to_string()))?;
        for (prover, calibration) in &file.calibration {
            calibration
                .check()
                .map_err(|what| bad(format!("in `calibration.{prover}`: {what}")))?;
        }
        for (name, host) in &file.host {
            host.check()
                .map_err(|what| bad(format!("in `host.{name}`: {what}")))?;
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
    use std::fs;

    use super::*;

    const GOOD: &str = r#"
        cache = "measurements"
        [calibration.sp1]
        hardware = "SP1 6.0 on 8x NVIDIA RTX 5090"
        fixed_s = 3.5
        s_per_million = { cycles = 0.02 }
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
    fn mistakes_name_the_file() {
        for (text, part) in [
            (GOOD.replace("fixed_s", "fixed"), "unknown field `fixed`"),
            (
                GOOD.replace("3.5", "-3.5"),
                "in `calibration.sp1`: `fixed_s` is -3.5",
            ),
            (
                GOOD.replace("0.02", "nan"),
                "in `calibration.sp1`: `s_per_million` of `cycles` is NaN",
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
            (
                "[prover.zisk]\nimage = \"x\"\ngpus = [\"0\", \"1\", \"2\"]\ngpus_per_server = 2"
                    .into(),
                "servers of 1 and of 2 GPUs, whose times do not compare",
            ),
            (
                "[prover.zisk]\nimage = \"x\"\ngpus = [\"0\"]\nservers = 2".into(),
                "use `gpus_per_server`",
            ),
            (
                "[host.rig]\nurl = \"tcp://rig:2376\"".into(),
                "in `host.rig`: its servers have no address",
            ),
            (
                "[prover.zisk]\nimage = \"x\"\ndigest = \"sha256:12\"".into(),
                "`digest` is `sha256:12`, expected `sha256:` and 64",
            ),
            (
                "[prover.zisk]\nimage = \"x\"\npids_limit = 0".into(),
                "at least one process",
            ),
        ] {
            let failure = Config::parse(Path::new("x/reprice.toml"), &text).unwrap_err();
            assert!(failure.to_string().contains(part), "{failure}");
            assert!(
                failure.message.starts_with("`x/reprice.toml`"),
                "{}",
                failure.message
            );
        }
    }
}
