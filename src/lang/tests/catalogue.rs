//! Every Osaka row of a catalogue of gas parameters against the built-in schedule.

use std::path::Path;

use crate::{
    gas::{GasParam, Part, Schedule},
    lang::osaka,
};

/// Categories of rows that are prices, or rules that prices follow.
const CATEGORIES: &[&str] = &[
    "opcode_static",
    "opcode_dynamic_base",
    "dynamic_coefficient",
    "state_access",
    "refund",
    "intrinsic",
    "precompile",
    "blob",
];

/// Where a row's value is.
enum Place {
    /// A parameter's price.
    Price(&'static str),
    /// The cost of an operation whose formula is not linear, at these measures: the one whose unit is a mille is 1000.
    Cost(&'static str),
    /// Nowhere, and why.
    Not(&'static str),
}

use Place::{Cost, Not, Price};

const ROWS: &[(&str, Place)] = &[
    (
        "op.INVALID",
        Not("takes all the gas there is, whatever the schedule"),
    ),
    ("dyn.exp_per_byte", Price("EXP.per_byte")),
    ("dyn.keccak_per_word", Price("KECCAK256.per_word")),
    ("dyn.copy_per_word", Price("COPY_PER_WORD")),
    ("dyn.log_topic", Price("LOG.per_topic")),
    ("dyn.log_data_per_byte", Price("LOG.per_byte")),
    ("dyn.memory_linear", Price("MEMORY_PER_WORD")),
    (
        "dyn.memory_quadratic_divisor",
        Price("MEMORY_QUADRATIC_DIVISOR"),
    ),
    ("dyn.initcode_per_word", Price("CODE_INIT_PER_WORD")),
    ("dyn.code_deposit_per_byte", Price("CODE_DEPOSIT_PER_BYTE")),
    ("dyn.call_gas_retention_divisor", Price("CALL_GAS_DIVISOR")),
    ("dyn.call_value", Price("CALL_VALUE")),
    ("dyn.call_stipend", Price("CALL_STIPEND")),
    ("dyn.new_account", Price("NEW_ACCOUNT")),
    (
        "dyn.selfdestruct_new_account",
        Price("SELFDESTRUCT.per_created"),
    ),
    ("state.warm_access", Price("WARM_ACCESS")),
    ("state.cold_account_access", Price("COLD_ACCOUNT_ACCESS")),
    ("state.cold_storage_access", Price("COLD_STORAGE_ACCESS")),
    ("state.sstore_set", Price("STORAGE_SET")),
    ("state.sstore_reset", Price("STORAGE_RESET")),
    ("state.sstore_sentry", Price("SSTORE_SENTRY")),
    (
        "state.delegation_target_access",
        Not("one more COLD_ACCOUNT_ACCESS or WARM_ACCESS of the call"),
    ),
    ("refund.storage_clear", Price("REFUND_STORAGE_CLEAR")),
    (
        "refund.sstore_restore_set",
        Price("REFUND_STORAGE_RESTORE_SET"),
    ),
    (
        "refund.sstore_restore_reset",
        Price("REFUND_STORAGE_RESTORE_RESET"),
    ),
    ("refund.max_quotient", Price("REFUND_DIVISOR")),
    ("refund.selfdestruct", Price("REFUND_SELFDESTRUCT")),
    (
        "refund.auth_existing",
        Price("REFUND_AUTH_EXISTING_ACCOUNT"),
    ),
    (
        "block_gas_excludes_refunds",
        Not("a rule of Amsterdam, not a price"),
    ),
    ("tx.base", Price("TX_BASE")),
    ("tx.recipient_cold", Price("TX_RECIPIENT")),
    ("tx.value_cost", Price("TX_VALUE")),
    ("tx.create", Price("TX_CREATE")),
    ("tx.calldata_zero", Price("TX_DATA_ZERO_BYTE")),
    ("tx.calldata_nonzero", Price("TX_DATA_NONZERO_BYTE")),
    (
        "tx.calldata_token_standard",
        Price("TX_DATA_TOKEN_STANDARD"),
    ),
    ("tx.calldata_floor_per_token", Price("TX_DATA_TOKEN_FLOOR")),
    ("tx.calldata_floor_zero_byte", Price("TX_FLOOR_ZERO_BYTE")),
    (
        "tx.calldata_floor_nonzero_byte",
        Price("TX_FLOOR_NONZERO_BYTE"),
    ),
    ("tx.floor_base", Price("TX_FLOOR_BASE")),
    ("tx.access_list_address", Price("TX_ACCESS_LIST_ADDRESS")),
    (
        "tx.access_list_storage_key",
        Price("TX_ACCESS_LIST_STORAGE_KEY"),
    ),
    ("tx.access_list_data_per_byte", Price("TX_ACCESS_LIST_BYTE")),
    ("tx.initcode_per_word", Price("TX_CODE_INIT_PER_WORD")),
    (
        "tx.auth_per_empty_account",
        Price("TX_AUTH_PER_EMPTY_ACCOUNT"),
    ),
    ("tx.auth_base", Price("TX_AUTH_BASE")),
    (
        "tx.new_account_state",
        Not("state gas, which Osaka does not have"),
    ),
    ("pre.ecrecover", Price("ECRECOVER")),
    ("pre.sha256.base", Price("SHA256.base")),
    ("pre.sha256.per_word", Price("SHA256.per_word")),
    ("pre.ripemd160.base", Price("RIPEMD160.base")),
    ("pre.ripemd160.per_word", Price("RIPEMD160.per_word")),
    ("pre.identity.base", Price("IDENTITY.base")),
    ("pre.identity.per_word", Price("IDENTITY.per_word")),
    ("pre.modexp.min", Price("MODEXP_MIN_GAS")),
    ("pre.modexp.divisor", Price("MODEXP_DIVISOR")),
    (
        "pre.modexp.exp_multiplier",
        Price("MODEXP_ITERATIONS_PER_BYTE"),
    ),
    (
        "pre.modexp.complexity_small",
        Price("MODEXP_COMPLEXITY_SMALL"),
    ),
    (
        "pre.modexp.complexity_large_factor",
        Price("MODEXP_COMPLEXITY_PER_WORD"),
    ),
    ("pre.modexp.max_input_bytes", Price("MODEXP_MAX_BYTES")),
    ("pre.bn254_add", Price("ECADD")),
    ("pre.bn254_mul", Price("ECMUL")),
    ("pre.bn254_pairing.base", Price("ECPAIRING.base")),
    ("pre.bn254_pairing.per_pair", Price("ECPAIRING.per_point")),
    ("pre.blake2f.base", Price("BLAKE2F.base")),
    ("pre.blake2f.per_round", Price("BLAKE2F.per_round")),
    ("pre.point_evaluation", Price("POINT_EVALUATION")),
    ("pre.bls12_g1add", Price("BLS_G1ADD")),
    ("pre.bls12_g1msm.mul", Cost("BLS_G1MSM")),
    (
        "pre.bls12_g1msm.discount_table",
        Not("the table behind the variable `discount`"),
    ),
    ("pre.bls12_g2add", Price("BLS_G2ADD")),
    ("pre.bls12_g2msm.mul", Cost("BLS_G2MSM")),
    (
        "pre.bls12_g2msm.discount_table",
        Not("the table behind the variable `discount`"),
    ),
    ("pre.bls12_pairing.base", Price("BLS_PAIRING.base")),
    ("pre.bls12_pairing.per_pair", Price("BLS_PAIRING.per_point")),
    ("pre.bls12_map_fp_to_g1", Price("BLS_G1MAP")),
    ("pre.bls12_map_fp2_to_g2", Price("BLS_G2MAP")),
    ("pre.p256verify", Price("P256VERIFY")),
    ("blob.gas_per_blob", Price("BLOB_GAS_PER_BLOB")),
    ("blob.target", Price("BLOB_TARGET")),
    ("blob.max", Price("BLOB_MAX")),
    ("blob.update_fraction", Price("BLOB_UPDATE_FRACTION")),
    ("blob.min_base_fee", Price("BLOB_MIN_BASE_FEE")),
    ("blob.reserve_base_cost", Price("BLOB_RESERVE_BASE_COST")),
    ("blob.max_per_tx", Price("BLOB_MAX_PER_TX")),
];

/// The parameter of an instruction's row: `op.MULMOD`, `op.PUSH7`, `op.LOG2.base`.
fn instruction(osaka: &Schedule, name: &str) -> Option<GasParam> {
    let opcode = name.strip_prefix("op.")?;
    let opcode = opcode.strip_suffix(".base").unwrap_or(opcode);
    let family = ["PUSH", "DUP", "SWAP", "LOG"]
        .into_iter()
        .find(|family| opcode.starts_with(family) && opcode != "PUSH0");
    let operation = family.unwrap_or(opcode);
    let variables = osaka.entry(operation)?.expr.variables();
    let part = if variables.is_empty() {
        Part::Whole
    } else {
        Part::Base
    };
    Some(GasParam::new(operation, part))
}

/// What the schedule says about a row; the error says what is missing.
fn look_up(osaka: &Schedule, name: &str) -> Result<Option<u64>, String> {
    let priced = |param: GasParam| {
        osaka
            .price(&param)
            .map(Some)
            .map_err(|e| format!("{name}: {e}"))
    };
    match ROWS.iter().find(|(row, _)| *row == name) {
        Some((_, Price(param))) => priced(param.parse().expect("a parameter's name")),
        Some((_, Cost(operation))) => {
            let formula = osaka
                .formula(operation)
                .map_err(|e| format!("{name}: {e}"))?;
            Ok(formula.cost(|v| if v.unit() == "per mille" { 1_000 } else { 1 }))
        }
        Some((_, Not(why))) => {
            eprintln!("{name} is no parameter: {why}");
            Ok(None)
        }
        None => priced(instruction(osaka, name).ok_or_else(|| format!("{name}: not priced"))?),
    }
}

#[test]
fn every_osaka_row_is_covered() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/gas_parameters.csv");
    let Ok(text) = std::fs::read_to_string(path) else {
        eprintln!("skipped: the catalogue of gas parameters is not beside this checkout");
        return;
    };
    let osaka = osaka();
    let mut wrong = Vec::new();
    let mut seen = Vec::new();
    for line in text.lines().skip(1) {
        let columns = split(line);
        let [name, category, _, _, value, ..] = columns.as_slice() else {
            panic!("too few columns: {line}");
        };
        if !CATEGORIES.contains(&category.as_str())
            || value == "n/a"
            || value.ends_with("(implicit)")
        {
            continue;
        }
        seen.push(name.clone());
        // A value that blob-only forks change later starts with that of Osaka itself.
        let first = value.split(" ->").next().unwrap_or(value);
        match look_up(&osaka, name) {
            Ok(Some(price)) if first.parse() == Ok(price) => {}
            Ok(None) => {}
            Ok(Some(price)) => wrong.push(format!("{name}: {price} here, {value} there")),
            Err(error) => wrong.push(error),
        }
    }
    assert!(
        seen.len() > 200,
        "the catalogue has hardly any rows: {}",
        seen.len()
    );
    assert!(wrong.is_empty(), "{wrong:#?}");
    let unused: Vec<&str> = ROWS
        .iter()
        .map(|(row, _)| *row)
        .filter(|row| !seen.iter().any(|s| s == row))
        .collect();
    assert!(
        unused.is_empty(),
        "rows that the catalogue does not have: {unused:?}"
    );
}

/// A line's columns; quotes protect commas.
fn split(line: &str) -> Vec<String> {
    let mut columns = vec![String::new()];
    let mut quoted = false;
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => columns.push(String::new()),
            other => columns.last_mut().expect("never empty").push(other),
        }
    }
    columns
}
