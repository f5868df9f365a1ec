//! Reads an export for revm back, as a client would that compiles it.

use std::collections::BTreeMap;

use revm::{
    bytecode::opcode::OpCode,
    context::CfgEnv,
    context_interface::cfg::{GasId, GasParams},
    interpreter::instructions::{GasTable, gas_table_spec},
    primitives::hardfork::SpecId,
};

use crate::gas::Fork;

/// revm's tables of a fork with an export in them.
pub(super) struct Client {
    pub params: GasParams,
    pub statics: GasTable,
    settings: BTreeMap<String, u64>,
    /// What the export says that the tables cannot hold.
    pub beyond: BTreeMap<String, String>,
}

pub(super) const fn spec(fork: Fork) -> SpecId {
    match fork {
        Fork::Prague => SpecId::PRAGUE,
        Fork::Osaka => SpecId::OSAKA,
        Fork::Amsterdam => SpecId::AMSTERDAM,
    }
}

impl Client {
    pub(super) fn new(text: &str, fork: Fork) -> Self {
        let mut client = Self {
            params: GasParams::new_spec(spec(fork)),
            statics: gas_table_spec(spec(fork)),
            settings: BTreeMap::new(),
            beyond: BTreeMap::new(),
        };
        for line in text.lines().map(str::trim) {
            if let Some(rest) = line.strip_prefix("(GasId::") {
                let (name, gas) = rest.split_once("(), ").unwrap();
                let id = GasId::from_name(name).unwrap();
                let gas = number(gas.trim_end_matches("),"));
                client.params.override_gas([(id, gas)]);
            } else if let Some(rest) = line.strip_prefix("(opcode::") {
                let (name, gas) = rest.split_once(", ").unwrap();
                let named = |byte: &u8| OpCode::new(*byte).is_some_and(|op| op.as_str() == name);
                let opcode = (0..=u8::MAX).find(named).unwrap();
                let gas = number(gas.trim_end_matches("),"));
                client.statics[usize::from(opcode)] = u16::try_from(gas).unwrap();
            } else if let Some(rest) = line.strip_prefix("cfg.") {
                let (field, value) = rest.split_once(" = Some(").unwrap();
                let value = number(value.trim_end_matches(");"));
                client.settings.insert(field.to_owned(), value);
            } else if let Some(rest) = line.strip_prefix("// ")
                && let Some((name, price)) = rest.split_once(" = ")
            {
                client.beyond.insert(name.to_owned(), price.to_owned());
            }
        }
        client
    }

    /// Puts the export into revm's configuration.
    pub(super) fn configure(&self, cfg: &mut CfgEnv) {
        let bytes = |value: u64| Some(usize::try_from(value).unwrap());
        cfg.set_gas_params(self.params.clone());
        for (field, value) in &self.settings {
            match field.as_str() {
                "tx_gas_limit_cap" => cfg.tx_gas_limit_cap = Some(*value),
                "limit_contract_code_size" => cfg.limit_contract_code_size = bytes(*value),
                "limit_contract_initcode_size" => cfg.limit_contract_initcode_size = bytes(*value),
                "max_blobs_per_tx" => cfg.max_blobs_per_tx = Some(*value),
                "blob_base_fee_update_fraction" => {
                    cfg.blob_base_fee_update_fraction = Some(*value);
                }
                other => panic!("revm's configuration has no {other}"),
            }
        }
    }
}

fn number(text: &str) -> u64 {
    text.replace('_', "").parse().unwrap()
}
