//! What a campaign finds out about a scenario.

use serde::{Deserialize, Serialize};

use super::{BlockId, Cost, Failure};
use crate::{
    bench::BenchBlock,
    gas::{Gas, MeterFill, Usage},
};

/// One scenario's full block under one schedule, and what it costs one prover.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Measurement {
    /// Which block.
    #[serde(flatten)]
    pub id: BlockId,
    /// Iterations, over all transactions.
    pub iterations: u64,
    /// Gas the block used.
    pub gas_used: Gas,
    /// Why the block is not full.
    pub underfilled: Option<String>,
    /// The meter that it fills most, where the schedule has meters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meter: Option<MeterFill>,
    /// What it used, in the units that are priced.
    #[serde(with = "by_name")]
    pub usage: Usage,
    /// Its cost, or what happened instead: a result either way.
    pub cost: Result<Cost, Failure>,
}

impl Measurement {
    /// Of a block, or of a scenario that has none under these prices: then all its figures are 0.
    pub(super) fn of(id: BlockId, block: Option<BenchBlock>, cost: Result<Cost, Failure>) -> Self {
        let Some(block) = block else {
            return Self {
                id,
                iterations: 0,
                gas_used: 0,
                underfilled: None,
                meter: None,
                usage: Usage::default(),
                cost,
            };
        };
        Self {
            id,
            iterations: block.iterations,
            gas_used: block.gas_used,
            underfilled: block.underfilled,
            meter: block.meter,
            usage: block.usage,
            cost,
        }
    }
}

/// Usage as JSON has it: parameters by their names.
mod by_name {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    use crate::gas::{GasParam, Usage};

    #[derive(Serialize, Deserialize)]
    struct Named {
        counts: BTreeMap<String, i64>,
        rest: BTreeMap<String, i64>,
    }

    pub(super) fn serialize<S: Serializer>(usage: &Usage, to: S) -> Result<S::Ok, S::Error> {
        let counts = usage
            .counts
            .iter()
            .map(|(param, count)| (param.to_string(), *count));
        let rest = usage.rest.clone();
        Named {
            counts: counts.collect(),
            rest,
        }
        .serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Usage, D::Error> {
        let Named { counts, rest } = Named::deserialize(from)?;
        let param = |(name, count): (String, i64)| {
            let param = name.parse::<GasParam>();
            let param =
                param.map_err(|()| D::Error::custom(format!("no gas parameter: {name}")))?;
            Ok((param, count))
        };
        let counts = counts.into_iter().map(param).collect::<Result<_, _>>()?;
        Ok(Usage { counts, rest })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As stores have it.
    #[test]
    fn a_kept_measurement_reads_back() {
        let kept = r#"{"prover":"zisk","scenario":"add/chain","operation":"ADD","iterations":5,"gas_used":100,
            "underfilled":null,"usage":{"counts":{"ADD":5},"rest":{"memory":-1}},"cost":{"Ok":{"total_num_cycles":7,"prover_gas":null,"time_ms":1.5,
            "spread":0.25,"proof_size":null,"peak_memory_bytes":9007199254740993,"basis":"whole"}}}"#;
        let read: Measurement = serde_json::from_str(kept).unwrap();
        assert_eq!(read.id.to_string(), "`add/chain` on `zisk`");
        assert_eq!(read.usage.counts.len(), 1);
        let cost = read.cost.as_ref().unwrap();
        assert_eq!(
            (cost.costs.total_num_cycles, cost.peak_memory_bytes),
            (7, Some(9_007_199_254_740_993))
        );
        let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        assert_eq!(value(&serde_json::to_string(&read).unwrap()), value(kept));
    }
}
