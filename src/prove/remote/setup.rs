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
    /// What the server at this place is made of, whose host has so many bytes of memory.
    pub(super) fn spec_at(&self, place: &Place, memory: i64) -> Spec {
        let here = self.servers.iter().filter(|one| one.host == place.host);
        let servers = i64::try_from(here.count()).unwrap_or(i64::MAX);
        let share = memory / MEMORY.1 * MEMORY.0 / servers.max(1);
        Spec {
            gpus: place.gpus.clone(),
            memory_bytes: self.spec.memory_bytes.or(Some(share)),
            ..self.spec.clone()
        }
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

#[cfg(test)]
mod tests {
    use std::{collections::HashMap, sync::Arc};

    use super::*;

    fn place(host: usize, gpu: &str) -> Place {
        Place {
            name: format!("host {host} gpu {gpu}"),
            host,
            gpus: vec![gpu.into()],
        }
    }

    /// Three servers on the first host, one on the second.
    fn setup(memory_bytes: Option<i64>) -> Setup {
        Setup {
            hosts: Vec::new(),
            spec: Spec {
                prover: "zisk".into(),
                image: "zisk".into(),
                arguments: Vec::new(),
                elf: Arc::new([]),
                env: Vec::new(),
                gpus: Vec::new(),
                shm_bytes: None,
                memory_bytes,
                pids: 4_096,
                capabilities: Vec::new(),
                digest: None,
                memlock: false,
                start_limit: Duration::from_mins(5),
            },
            servers: vec![place(0, "0"), place(0, "1"), place(1, "0"), place(0, "2")],
            mode: Mode::Prove,
            form: InputForm::Own,
            length_prefix: false,
            guest: "reprice".into(),
            hardware: None,
            limit: Duration::from_mins(1),
            retries: 0,
            repeats: 1,
            warm_up: false,
        }
    }

    /// Memory of each server's container, where every host has 24 GiB.
    fn limits(setup: &Setup) -> Vec<Option<i64>> {
        let limit = |place: &Place| {
            let spec = setup.spec_at(place, 24 << 30);
            assert_eq!(spec.gpus, place.gpus);
            let body = spec.create_body([127, 0, 0, 1].into(), HashMap::new());
            let host = body.host_config.unwrap();
            assert_eq!(host.memory_swap, host.memory, "it may swap");
            host.memory
        };
        setup.servers.iter().map(limit).collect()
    }

    #[test]
    fn servers_share_seven_eighths_of_their_hosts_memory() {
        let (third, whole) = (Some(7 << 30), Some(21 << 30));
        assert_eq!(limits(&setup(None)), [third, third, whole, third]);
    }

    #[test]
    fn memory_that_is_set_is_each_servers() {
        assert_eq!(limits(&setup(Some(5 << 30))), [Some(5 << 30); 4]);
    }
}
