//! Where the rows of a catalogue of gas parameters are in the built-in schedules.

/// Where a row's value is.
#[derive(Clone, Copy)]
pub(super) enum Place {
    /// A parameter's price.
    Price(&'static str),
    /// Several parameters, in the order of the numbers in the row; a number of none is left out.
    Prices(&'static [&'static str]),
    /// The cost of an operation whose formula is not linear, at these measures: the one whose unit is a mille is 1000.
    Cost(&'static str),
    /// Nowhere, and why.
    Not(&'static str),
}

use Place::{Cost, Not, Price, Prices};

pub(super) const ROWS: &[(&str, Place)] = &[
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
    ("state.account_write", Price("ACCOUNT_WRITE")),
    ("state.storage_write", Price("STORAGE_WRITE")),
    ("state.create_access", Price("CREATE_ACCESS")),
    ("stategas.cpsb", Price("COST_PER_STATE_BYTE")),
    (
        "stategas.bytes_per_storage_set",
        Price("STATE_BYTES_PER_STORAGE_SET"),
    ),
    (
        "stategas.bytes_per_new_account",
        Price("STATE_BYTES_PER_NEW_ACCOUNT"),
    ),
    (
        "stategas.bytes_per_auth_base",
        Price("STATE_BYTES_PER_AUTH_BASE"),
    ),
    (
        "stategas.bytes_per_code_byte",
        Price("STATE_BYTES_PER_CODE_BYTE"),
    ),
    ("stategas.storage_set_state_gas", Price("STATE_STORAGE_SET")),
    ("stategas.new_account_state_gas", Price("STATE_NEW_ACCOUNT")),
    ("stategas.auth_base_state_gas", Price("STATE_AUTH")),
    (
        "stategas.system_max_sstores_per_call",
        Not("gas of the block's own calls, which nobody pays"),
    ),
    (
        "block.gas_used_rule",
        Not("a rule: a block of Amsterdam counts the larger meter"),
    ),
    ("limit.block_gas_default", Price("BLOCK_GAS_LIMIT")),
    ("limit.tx_max_gas", Price("TX_MAX_GAS")),
    ("limit.max_code_size", Price("MAX_CODE_SIZE")),
    ("limit.max_initcode_size", Price("MAX_INIT_CODE_SIZE")),
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
    ("tx.new_account_state", Price("STATE_NEW_ACCOUNT")),
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

/// Rows that Amsterdam has more than one number in.
pub(super) const AMSTERDAM: &[(&str, Place)] = &[
    ("op.EXTCODECOPY.base", Price("EXTCODECOPY.base")),
    ("op.EXTCODESIZE.base", Price("EXTCODESIZE.base")),
    ("op.CREATE.base", Prices(&["CREATE.base", "STATE_CREATE"])),
    ("op.CREATE2.base", Prices(&["CREATE2.base", "STATE_CREATE"])),
    (
        "dyn.code_deposit_per_byte",
        Prices(&[
            "CODE_DEPOSIT_PER_BYTE",
            "CODE_DEPOSIT_PER_WORD",
            "",
            "STATE_CODE_PER_BYTE",
        ]),
    ),
    (
        "dyn.new_account",
        Prices(&["NEW_ACCOUNT", "STATE_NEW_ACCOUNT"]),
    ),
    (
        "dyn.selfdestruct_new_account",
        Prices(&["SELFDESTRUCT.per_created", "STATE_NEW_ACCOUNT"]),
    ),
    (
        "state.sstore_set",
        Prices(&["STORAGE_WRITE", "STATE_STORAGE_SET"]),
    ),
    ("state.sstore_reset", Price("STORAGE_WRITE")),
    (
        "refund.sstore_restore_set",
        Prices(&["REFUND_STORAGE_RESTORE_SET", "STATE_STORAGE_SET"]),
    ),
    ("tx.create", Prices(&["TX_CREATE", "STATE_CREATE"])),
    (
        "tx.auth_per_empty_account",
        Prices(&[
            "TX_AUTH_PER_EMPTY_ACCOUNT",
            "TX_AUTH_ACCOUNT_WRITE",
            "STATE_NEW_ACCOUNT",
            "STATE_AUTH",
        ]),
    ),
];

/// Groups of rows that are no prices of a fork, and why.
pub(super) const NO_PRICES: &[(&str, &str)] = &[
    (
        "draft.",
        "of a draft that is in no fork: schedules/eips has those that are prices",
    ),
    ("limit.", "a limit that no price follows"),
    ("fee.", "a rule of the base fee, in wei"),
];

/// Prices that no row is about, and what they are.
pub(super) const OURS: &[(&str, &str)] = &[
    ("BASE", "a tier"),
    ("VERY_LOW", "a tier"),
    ("LOW", "a tier"),
    ("MID", "a tier"),
    ("HIGH", "a tier"),
    ("STOP", "free"),
    ("STORAGE_SET", "STORAGE_WRITE and the warm access"),
    ("STORAGE_RESET", "STORAGE_WRITE and the warm access"),
    ("SSTORE.base", "the prices of what it touches"),
    (
        "SSTORE.per_cold",
        "COLD_STORAGE_ACCESS without the warm access",
    ),
    ("CREATE.base", "CREATE_ACCESS"),
    ("TX_FLOOR_CREATE", "TX_CREATE in the floor"),
    ("MODEXP", "made of its rows"),
];
