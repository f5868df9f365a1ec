//! `[prover.NAME]`.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use serde::Deserialize;

use crate::prove::{docker::Host, remote::Place};

/// What the engine is called that no `[host.NAME]` describes.
const LOCAL: &str = "local";

/// `[prover.NAME]`: a zkVM behind ere-server.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContainerProver {
    /// Image, such as `ghcr.io/eth-act/ere/ere-server-zisk:0.16.2-cuda`.
    pub image: String,
    /// What the image has to be: `sha256:` and 64 digits, as its registry or `reprice prover check` tells.
    pub digest: Option<String>,
    /// What it runs on, as ere-server's last argument: `cpu`, `gpu`.
    #[serde(default = "cpu")]
    pub resource: String,
    /// `prove`: proofs are made and timed. `execute`: cycles only, and `[calibration.NAME]` says what they are worth.
    #[serde(default)]
    pub mode: ModeName,
    /// Which `[host.NAME]` its containers run on, one or several; the local engine where absent.
    #[serde(default, rename = "host")]
    pub hosts: OneOrMany,
    /// Device ids of its GPUs on each host; the host's where absent and `resource` is `gpu`.
    #[serde(default)]
    pub gpus: Vec<String>,
    /// GPUs of each server; all of them where absent.
    pub gpus_per_server: Option<usize>,
    /// Servers side by side on each host, for a prover without GPUs.
    #[serde(default = "one")]
    pub servers: usize,
    /// The guest program's file; reprice's own where absent.
    pub elf: Option<PathBuf>,
    /// The guest's name and version.
    #[serde(default = "own_guest")]
    pub guest: String,
    /// What the guest reads.
    #[serde(default)]
    pub input: InputName,
    /// Whether its input follows its own length.
    #[serde(default)]
    pub length_prefix: bool,
    /// The machines, in words: `8x RTX 5090`. Part of what a measurement depends on.
    pub hardware: Option<String>,
    /// Environment of the container.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// Shared memory, GiB.
    pub shm_gib: Option<u32>,
    /// The most memory of a container, MiB; seven eighths of its machine's where absent, shared among the servers there.
    pub memory_mib: Option<u32>,
    /// The most processes and threads of a container.
    #[serde(default = "pids")]
    pub pids_limit: u32,
    /// Capabilities that a container keeps, such as `IPC_LOCK`; none where absent.
    #[serde(default)]
    pub capabilities: Vec<String>,
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

/// What a guest reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum InputName {
    /// reprice's own input, with the schedule.
    #[default]
    Reprice,
    /// The canonical stateless input as clients' guests read it from 2026-07.
    Current,
    /// The same as they read it since.
    Later,
}

/// A name, or a list of them.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum OneOrMany {
    /// One.
    One(String),
    /// Several.
    Many(Vec<String>),
}

impl Default for OneOrMany {
    fn default() -> Self {
        Self::Many(Vec::new())
    }
}

impl OneOrMany {
    /// All of them.
    pub fn names(&self) -> &[String] {
        match self {
            Self::One(name) => std::slice::from_ref(name),
            Self::Many(names) => names,
        }
    }
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

/// What no prover comes near to, and a fork bomb is stopped by.
const fn pids() -> u32 {
    4_096
}

const fn retries() -> u32 {
    2
}

fn is_digest(text: &str) -> bool {
    let digits = text.strip_prefix("sha256:").unwrap_or_default();
    digits.len() == 64
        && digits
            .bytes()
            .all(|digit| b"0123456789abcdef".contains(&digit))
}

impl ContainerProver {
    /// Whether the settings make sense together.
    pub(super) fn check(&self, hosts: &BTreeMap<String, Host>) -> Result<(), String> {
        if let Some(host) = self
            .hosts
            .names()
            .iter()
            .find(|host| !hosts.contains_key(*host))
        {
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
        if let Some(digest) = &self.digest
            && !is_digest(digest)
        {
            return Err(format!(
                "`digest` is `{digest}`, expected `sha256:` and 64 hexadecimal digits"
            ));
        }
        if self.pids_limit == 0 {
            return Err("a container needs at least one process".into());
        }
        if self.servers == 0 || self.gpus_per_server == Some(0) {
            return Err("a prover needs at least one server, and a server one GPU".into());
        }
        let (_, places) = self.places(hosts);
        let gpus: BTreeSet<usize> = places.iter().map(|place| place.gpus.len()).collect();
        if gpus.iter().any(|count| *count > 0) && self.servers > 1 {
            return Err("`servers` is for provers without GPUs; use `gpus_per_server`".into());
        }
        if gpus.len() > 1 {
            let counts: Vec<String> = gpus.iter().map(usize::to_string).collect();
            let counts = counts.join(" and of ");
            return Err(format!(
                "there would be servers of {counts} GPUs, whose times do not compare; use `gpus_per_server`"
            ));
        }
        Ok(())
    }

    /// Its hosts, and one place for each server on them.
    pub fn places(&self, known: &BTreeMap<String, Host>) -> (Vec<(String, Host)>, Vec<Place>) {
        let named = self.hosts.names().iter();
        let mut hosts: Vec<(String, Host)> = named
            .map(|name| (name.clone(), known.get(name).cloned().unwrap_or_default()))
            .collect();
        if hosts.is_empty() {
            hosts.push((LOCAL.into(), Host::default()));
        }
        let mut places = Vec::new();
        for (host, (name, settings)) in hosts.iter().enumerate() {
            let on_gpus = self.resource.split_whitespace().next() == Some("gpu");
            let gpus = match (self.gpus.as_slice(), on_gpus) {
                ([], true) => &settings.gpus[..],
                (own, _) => own,
            };
            for set in gpus.chunks(self.gpus_per_server.unwrap_or(gpus.len().max(1))) {
                places.push(Place {
                    name: format!("{name} gpu {}", set.join(",")),
                    host,
                    gpus: set.to_vec(),
                });
            }
            for number in (0..self.servers).filter(|_| gpus.is_empty()) {
                let number = match self.servers {
                    1 => String::new(),
                    _ => format!(" {}", number + 1),
                };
                places.push(Place {
                    name: format!("{name}{number}"),
                    host,
                    gpus: Vec::new(),
                });
            }
        }
        (hosts, places)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::Config;
    use super::*;

    #[test]
    fn servers_are_dealt_to_hosts_and_gpus() {
        let of = |text: &str| {
            let hosts = "[host.a]\n[host.b]\ngpus = [\"7\", \"8\"]\n";
            let text = format!("{hosts}[prover.x]\nimage = \"x\"\n{text}");
            let config = Config::parse(Path::new("reprice.toml"), &text).unwrap();
            let (hosts, places) = config.provers["x"].places(&config.hosts);
            let place = |place: &Place| format!("{}: {}", hosts[place.host].0, place.name);
            places.iter().map(place).collect::<Vec<_>>()
        };
        assert_eq!(of(""), ["local: local"]);
        assert_eq!(of("servers = 2"), ["local: local 1", "local: local 2"]);
        assert_eq!(of("gpus = [\"0\", \"1\"]"), ["local: local gpu 0,1"]);
        assert_eq!(
            of("host = [\"a\", \"b\"]\ngpus = [\"0\", \"1\"]\ngpus_per_server = 1"),
            ["a: a gpu 0", "a: a gpu 1", "b: b gpu 0", "b: b gpu 1"]
        );
        assert_eq!(of("host = \"b\"\nresource = \"gpu\""), ["b: b gpu 7,8"]);
        assert_eq!(of("host = \"b\""), ["b: b"], "nothing runs on GPUs unasked");
    }
}
