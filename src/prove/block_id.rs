//! Which block is meant, wherever one is spoken of.

use std::{convert::Infallible, fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Who proves: `zisk`, or `zisk/reth-v1.11.0` where the guest matters.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProverId {
    /// The zkVM without its version, as targets name it.
    pub zkvm: String,
    /// The guest program; `None` where one of a zkVM's guests is as good as another.
    pub guest: Option<String>,
}

impl ProverId {
    /// A zkVM, whatever its guest.
    pub fn of(zkvm: impl Into<String>) -> Self {
        Self {
            zkvm: zkvm.into(),
            guest: None,
        }
    }
}

impl fmt::Display for ProverId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.guest {
            Some(guest) => f.pad(&format!("{}/{guest}", self.zkvm)),
            None => f.pad(&self.zkvm),
        }
    }
}

impl FromStr for ProverId {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match text.split_once('/') {
            Some((zkvm, guest)) => Self {
                zkvm: zkvm.to_owned(),
                guest: Some(guest.to_owned()),
            },
            None => Self::of(text),
        })
    }
}

impl Serialize for ProverId {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ProverId {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let Ok(id) = String::deserialize(from)?.parse();
        Ok(id)
    }
}

/// A scenario's full block on a prover.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct BlockId {
    /// The scenario, such as `mulmod/255-bit`; of a recorded block with its gas level.
    pub scenario: String,
    /// The operation or parameter that the scenario stresses.
    pub operation: String,
    /// Who proves it.
    pub prover: ProverId,
}

impl fmt::Display for BlockId {
    /// As messages name it: scenario and prover, in backticks.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` on `{}`", self.scenario, self.prover)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prover_reads_as_it_is_written() {
        for (text, zkvm, guest) in [
            ("sp1", "sp1", None),
            ("zisk/reth-v1.11.0", "zisk", Some("reth-v1.11.0")),
        ] {
            let Ok(id) = text.parse::<ProverId>();
            assert_eq!((&*id.zkvm, id.guest.as_deref()), (zkvm, guest));
            assert_eq!(id.to_string(), text);
            let json = serde_json::to_string(&id).unwrap();
            assert_eq!(json, format!("\"{text}\""));
            assert_eq!(serde_json::from_str::<ProverId>(&json).unwrap(), id);
        }
    }
}
