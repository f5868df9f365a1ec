//! revm: pairs for `GasParams::override_gas`, and static prices by opcode.

use super::{Change, Exported, instructions, names};
use crate::{
    gas::{Fork, GasParam, Kind, Part, Schedule, grouped},
    report::text::line,
};

/// What one of revm's gas parameters holds: the prices added, less those taken off.
struct Id {
    name: &'static str,
    plus: &'static [&'static str],
    minus: &'static [&'static str],
}

const fn id(
    name: &'static str,
    plus: &'static [&'static str],
    minus: &'static [&'static str],
) -> Id {
    Id { name, plus, minus }
}

/// Gas parameters of revm 43 whose value follows from prices.
const IDS: &[Id] = &[
    id("exp_byte_gas", &["EXP.per_byte"], &[]),
    id("extcodecopy_per_word", &["COPY_PER_WORD"], &[]),
    id("copy_per_word", &["COPY_PER_WORD"], &[]),
    id("mcopy_per_word", &["COPY_PER_WORD"], &[]),
    id("logdata", &["LOG.per_byte"], &[]),
    id("logtopic", &["LOG.per_topic"], &[]),
    id("keccak256_per_word", &["KECCAK256.per_word"], &[]),
    id("memory_linear_cost", &["MEMORY_PER_WORD"], &[]),
    id(
        "memory_quadratic_reduction",
        &["MEMORY_QUADRATIC_DIVISOR"],
        &[],
    ),
    id("initcode_per_word", &["CODE_INIT_PER_WORD"], &[]),
    id("create", &["CREATE.base"], &[]),
    id("call_stipend_reduction", &["CALL_GAS_DIVISOR"], &[]),
    id("max_refund_quotient", &["REFUND_DIVISOR"], &[]),
    id("transfer_value_cost", &["CALL_VALUE"], &[]),
    id(
        "cold_account_additional_cost",
        &["COLD_ACCOUNT_ACCESS"],
        &["WARM_ACCESS"],
    ),
    id("new_account_cost", &["NEW_ACCOUNT"], &[]),
    id("new_account_cost_for_selfdestruct", &["NEW_ACCOUNT"], &[]),
    id("warm_storage_read_cost", &["WARM_ACCESS"], &[]),
    id("sstore_static", &["WARM_ACCESS"], &[]),
    id(
        "sstore_set_without_load_cost",
        &["STORAGE_SET"],
        &["WARM_ACCESS"],
    ),
    id(
        "sstore_reset_without_cold_load_cost",
        &["STORAGE_RESET"],
        &["WARM_ACCESS"],
    ),
    id(
        "sstore_clearing_slot_refund",
        &["REFUND_STORAGE_CLEAR"],
        &[],
    ),
    id("sstore_set_refund", &["REFUND_STORAGE_RESTORE_SET"], &[]),
    id(
        "sstore_reset_refund",
        &["REFUND_STORAGE_RESTORE_RESET"],
        &[],
    ),
    id("selfdestruct_refund", &["REFUND_SELFDESTRUCT"], &[]),
    id("call_stipend", &["CALL_STIPEND"], &[]),
    id(
        "cold_storage_additional_cost",
        &["COLD_STORAGE_ACCESS"],
        &["WARM_ACCESS"],
    ),
    id("cold_storage_cost", &["COLD_STORAGE_ACCESS"], &[]),
    id("code_deposit_cost", &["CODE_DEPOSIT_PER_BYTE"], &[]),
    id("tx_token_cost", &["TX_DATA_TOKEN_STANDARD"], &[]),
    id("tx_floor_cost_per_token", &["TX_DATA_TOKEN_FLOOR"], &[]),
    id("tx_floor_cost_base_gas", &["TX_FLOOR_BASE"], &[]),
    id(
        "tx_access_list_address_cost",
        &["TX_ACCESS_LIST_ADDRESS"],
        &[],
    ),
    id(
        "tx_access_list_storage_key_cost",
        &["TX_ACCESS_LIST_STORAGE_KEY"],
        &[],
    ),
    id("tx_base_stipend", &["TX_BASE"], &[]),
    id("tx_create_cost", &["TX_CREATE"], &[]),
    id("tx_initcode_cost", &["TX_CODE_INIT_PER_WORD"], &[]),
    id(
        "tx_eip7702_regular_gas",
        &["TX_AUTH_PER_EMPTY_ACCOUNT"],
        &[],
    ),
    id(
        "tx_eip7702_regular_refund",
        &["REFUND_AUTH_EXISTING_ACCOUNT"],
        &[],
    ),
];

/// Amsterdam's, where they hold something else.
const AMSTERDAM: &[Id] = &[
    id(
        "cold_storage_cost",
        &["COLD_STORAGE_ACCESS"],
        &["WARM_ACCESS"],
    ),
    id("new_account_cost_for_selfdestruct", &["ACCOUNT_WRITE"], &[]),
    id("tx_create_access_cost", &["TX_CREATE"], &[]),
    id("tx_account_write_cost", &["TX_AUTH_ACCOUNT_WRITE"], &[]),
    id("sstore_set_state_gas", &["STATE_STORAGE_SET"], &[]),
    id("new_account_state_gas", &["STATE_NEW_ACCOUNT"], &[]),
    id("create_state_gas", &["STATE_CREATE"], &[]),
    id("code_deposit_state_gas", &["STATE_CODE_PER_BYTE"], &[]),
    id("tx_eip7702_state_gas_bytecode", &["STATE_AUTH"], &[]),
];

/// Parameters that Amsterdam has numbers in its code for, or more than one price in.
const NOT_AMSTERDAM: &[&str] = &[
    "tx_base_stipend",
    "tx_create_cost",
    "tx_floor_cost_base_gas",
    "tx_access_list_address_cost",
    "tx_access_list_storage_key_cost",
];

/// The gas parameters of `fork`.
fn ids(fork: Fork) -> Vec<&'static Id> {
    if fork < Fork::Amsterdam {
        return IDS.iter().collect();
    }
    let own = |id: &&Id| AMSTERDAM.iter().any(|own| own.name == id.name);
    let common = IDS
        .iter()
        .filter(|id| !own(id) && !NOT_AMSTERDAM.contains(&id.name));
    common.chain(AMSTERDAM).collect()
}

/// What follows `use revm`.
const IMPORTS: &str = "::{
    bytecode::opcode,
    context_interface::cfg::{GasId, GasParams},
    primitives::hardfork::SpecId,
};

";

/// What other parameters or opcodes already say.
const IMPLIED: &[&str] = &[
    "BASE",
    "VERY_LOW",
    "LOW",
    "MID",
    "HIGH",
    "TX_DATA_ZERO_BYTE",
    "TX_DATA_NONZERO_BYTE",
    "TX_FLOOR_ZERO_BYTE",
    "TX_FLOOR_NONZERO_BYTE",
    "STORAGE_WRITE",
    "CREATE_ACCESS",
    "CODE_DEPOSIT_PER_WORD",
    "COST_PER_STATE_BYTE",
    "STATE_BYTES_PER_STORAGE_SET",
    "STATE_BYTES_PER_NEW_ACCOUNT",
    "STATE_BYTES_PER_AUTH_BASE",
    "STATE_BYTES_PER_CODE_BYTE",
];

/// The gas parameters that differ, as revm names them.
pub(super) fn overrides(schedule: &Schedule, stock: &Schedule) -> Vec<(&'static str, u64)> {
    let value = |schedule: &Schedule, id: &Id| -> Option<u64> {
        let sum = |names: &[&str]| -> Option<u64> {
            let prices = names
                .iter()
                .map(|name| schedule.price(&name.parse::<GasParam>().ok()?).ok());
            prices.sum()
        };
        sum(id.plus)?.checked_sub(sum(id.minus)?)
    };
    ids(schedule.fork)
        .into_iter()
        .filter_map(|id| {
            let new = value(schedule, id)?;
            (value(stock, id) != Some(new)).then_some((id.name, new))
        })
        .collect()
}

pub(super) fn text(schedule: &Schedule, stock: &Schedule, changes: &[Change]) -> Exported {
    let params = overrides(schedule, stock);
    let ids = ids(schedule.fork);
    let mut statics = Vec::new();
    let mut precompiles = Vec::new();
    let mut nameless = Vec::new();
    for change in changes {
        let name = change.param.to_string();
        let said = ids.iter().any(|id| id.plus.contains(&name.as_str()));
        match (change.kind, change.param.part, change.new.gas()) {
            _ if said || IMPLIED.contains(&name.as_str()) => {}
            (Kind::Opcode, Part::Whole | Part::Base, Some(gas)) => {
                statics.extend(
                    instructions(&change.param)
                        .into_iter()
                        .map(|opcode| (opcode, gas)),
                );
            }
            (Kind::Precompile, ..) => precompiles.push((name, change.new.text())),
            _ => nameless.push(change),
        }
    }
    let spec = schedule.fork.name().to_uppercase();
    let mut out = format!(
        "//! {}: what differs from revm's {spec}.\n\nuse revm{IMPORTS}",
        schedule.name
    );
    let stock = format!("GasParams::new_spec(SpecId::{spec})");
    line(&mut out, "/// For `CfgEnv::gas_params`.");
    line(&mut out, "pub fn gas_params() -> GasParams {");
    if params.is_empty() {
        line(&mut out, format!("    {stock}"));
    } else {
        line(&mut out, format!("    let mut params = {stock};"));
        line(&mut out, "    params.override_gas([");
        for (name, gas) in params {
            let gas = grouped(i128::from(gas));
            line(&mut out, format!("        (GasId::{name}(), {gas}),"));
        }
        line(&mut out, "    ]);");
        line(&mut out, "    params");
    }
    out.push_str("}\n\n");
    line(
        &mut out,
        "/// Static gas by opcode, for the instruction table.",
    );
    line(&mut out, "pub const STATIC_GAS: &[(u8, u64)] = &[");
    for (opcode, gas) in statics {
        let gas = grouped(i128::from(gas));
        line(&mut out, format!("    (opcode::{opcode}, {gas}),"));
    }
    line(&mut out, "];");
    if !precompiles.is_empty() {
        out.push_str(
            "\n// Precompiles have their prices compiled in; wrap them to charge these:\n",
        );
        for (name, price) in precompiles {
            line(&mut out, format!("// {name} = {price}"));
        }
    }
    Exported {
        text: out,
        nameless: names(nameless),
    }
}
