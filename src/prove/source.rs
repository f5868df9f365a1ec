//! Who made a result.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::ProverId;

/// Guest, zkVM and hardware of a result.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The guest program with its version, such as `reth-v1.11.0`; older sets do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guest: Option<String>,
    /// The zkVM with its version, such as `zisk-v0.16.1`.
    pub zkvm: String,
    /// The machine, such as `8x NVIDIA GeForce RTX 5090`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hardware: Option<String>,
}

impl Source {
    /// The zkVM without its version: what targets name.
    pub fn zkvm_name(&self) -> &str {
        unversioned(&self.zkvm)
    }

    /// The guest without its version.
    pub fn guest_name(&self) -> Option<&str> {
        self.guest.as_deref().map(unversioned)
    }

    /// The instruction set that its guests are compiled to, where that is known: cycles of one are not those of another.
    pub fn instruction_set(&self) -> Option<&'static str> {
        let version = self.zkvm.split_once('-').map_or("", |(_, version)| version);
        let major = version.trim_start_matches('v').split('.').next();
        match (
            self.zkvm_name(),
            major.and_then(|major| major.parse::<u32>().ok()),
        ) {
            // SP1 changed with version 6.
            ("sp1", Some(..6)) | ("risc0" | "openvm", _) => Some("riscv32"),
            ("sp1", Some(_)) | ("zisk", _) => Some("riscv64"),
            _ => None,
        }
    }

    /// The prover as rows call it: the zkVM without its version, and the guest with its.
    pub fn prover(&self) -> ProverId {
        ProverId {
            zkvm: self.zkvm_name().to_owned(),
            guest: self.guest.clone(),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.zkvm)?;
        if let Some(guest) = &self.guest {
            write!(f, " with {guest}")?;
        }
        if let Some(hardware) = &self.hardware {
            write!(f, " on {hardware}")?;
        }
        Ok(())
    }
}

/// `zisk` of `zisk-v0.16.1`, `ethrex` of `ethrex-33695e2`.
fn unversioned(name: &str) -> &str {
    name.split_once('-').map_or(name, |(head, _)| head)
}
