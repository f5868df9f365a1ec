//! What a prover in containers is, and how it is named in records.

use std::{collections::BTreeSet, time::Duration};

use crate::prove::{
    InputForm, Source,
    docker::{Host, Spec},
    ere::ServerInfo,
};

/// What is asked of the server for each block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Cycles only: time is modelled from them.
    Execute,
    /// A proof, verified, and the time it took.
    Prove,
}

/// Where a server runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its name in progress and errors: `rig1 gpu 0,1`.
    pub name: String,
    /// Index of its host.
    pub host: usize,
    /// Device ids of the GPUs it gets.
    pub gpus: Vec<String>,
}

/// What a prover in containers is.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Where its containers run, by the names that the configuration has for them.
    pub hosts: Vec<(String, Host)>,
    /// What they are; GPUs are per server.
    pub spec: Spec,
    /// One server for each.
    pub servers: Vec<Place>,
    /// What is asked for each block.
    pub mode: Mode,
    /// What the guest reads.
    pub form: InputForm,
    /// Whether the input follows its own length, four bytes with the lowest first, as guests of some versions of ere expect.
    pub length_prefix: bool,
    /// The guest's name and version, for the record.
    pub guest: String,
    /// The machines in the user's words.
    pub hardware: Option<String>,
    /// How long one block may take.
    pub limit: Duration,
    /// How often a block is tried again after a fault that is not its own.
    pub retries: u32,
    /// How often each block is proven; the median counts.
    pub repeats: u32,
    /// Whether the first block of a container is proven once more, unmeasured, before.
    pub warm_up: bool,
}

/// The part of a machine's memory that its servers may have together; the rest keeps it alive.
const MEMORY: (i64, i64) = (7, 8);

impl Setup {
    /// The most memory of each server on the host at this index, which has so many bytes.
    pub(super) fn memory_share(&self, host: usize, bytes: i64) -> i64 {
        let here = self.servers.iter().filter(|place| place.host == host);
        let servers = i64::try_from(here.count()).unwrap_or(i64::MAX);
        bytes / MEMORY.1 * MEMORY.0 / servers.max(1)
    }

    /// GPUs of each server.
    fn gpus(&self) -> usize {
        self.servers.first().map_or(0, |place| place.gpus.len())
    }

    /// The machines: in the user's words, or what they have told so far.
    pub(super) fn machines(
        &self,
        machines: &BTreeSet<String>,
        gpu_models: &BTreeSet<String>,
    ) -> String {
        if let Some(told) = &self.hardware {
            return told.clone();
        }
        let or = |set: &BTreeSet<String>| {
            let all: Vec<&str> = set.iter().map(String::as_str).collect();
            all.join(" or ")
        };
        let gpus = match (self.gpus(), gpu_models.len()) {
            (0, _) => String::new(),
            (count, 0) => format!("{count}x GPU, "),
            (count, _) => format!("{count}x {}, ", or(gpu_models)),
        };
        format!("{gpus}{}", or(machines))
    }

    /// Everything that a measurement depends on besides the input.
    pub(super) fn version(&self, image_id: &str, machines: &BTreeSet<String>) -> String {
        let form = match self.form {
            InputForm::Own => "",
            InputForm::Canonical(_) => ", canonical input",
        };
        // What takes time takes it on a machine. Models of GPUs are known too late to tell results apart.
        let timed = match self.mode {
            Mode::Execute => String::new(),
            Mode::Prove => format!(
                ", {}, median of {}",
                self.machines(machines, &BTreeSet::new()),
                self.repeats
            ),
        };
        let elf = blake3::hash(&self.spec.elf).to_hex();
        format!(
            "{} {image_id} {}{form}{timed}, guest {} {}",
            self.spec.image,
            self.spec.arguments.join(" "),
            self.guest,
            &elf.as_str()[..16]
        )
    }

    /// The same as recorded runs have it: with the version that a server told, or the image's tag.
    pub(super) fn source(&self, hardware: String, told: Option<&ServerInfo>) -> Source {
        // `registry:5000/name:tag`
        let name = self.spec.image.rsplit('/').next();
        let tag = name.and_then(|name| name.split_once(':'));
        let tag = tag.map_or("latest", |(_, tag)| tag);
        let told = told.map(|info| info.zkvm_sdk_version.as_str());
        let version = told.filter(|version| !version.is_empty()).unwrap_or(tag);
        Source {
            guest: Some(self.guest.clone()),
            zkvm: format!("{}-{version}", self.spec.prover),
            hardware: Some(hardware),
        }
    }
}
