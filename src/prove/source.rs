//! Who made a result.

use std::fmt;

use super::ProverId;

/// Guest, zkVM and hardware of a result.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Source {
    /// The guest program with its version, such as `reth-v1.11.0`; older sets do not say.
    pub guest: Option<String>,
    /// The zkVM with its version, such as `zisk-v0.16.1`.
    pub zkvm: String,
    /// The machine, such as `8x NVIDIA GeForce RTX 5090`.
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
