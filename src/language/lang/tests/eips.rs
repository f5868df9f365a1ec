//! Published repricings against the tables that they are from.

use std::collections::BTreeMap;

use super::{formula, price, read};
use crate::{
    gas::{CostFormula, Schedule},
    lang::{Options, Plan, osaka},
};

/// What a schedule is checked against.
struct Table {
    file: &'static str,
    /// EIP, date, and what of it.
    source: &'static str,
    /// Every price that is not Osaka's.
    prices: &'static [(&'static str, u64)],
}

const TABLES: &[Table] = &[
    Table {
        file: "eip-7904.gas",
        source: "EIP-7904, draft of 2026-02-09, tables Opcodes and Precompiles",
        prices: &[
            ("DIV", 15),
            ("SDIV", 20),
            ("MOD", 12),
            ("MULMOD", 11),
            ("KECCAK256.base", 45),
            ("ECADD", 314),
            ("ECPAIRING.per_point", 34_103),
            ("BLAKE2F.base", 170),
            ("BLAKE2F.per_round", 2),
            ("POINT_EVALUATION", 89_363),
            ("BLS_G1ADD", 643),
            ("BLS_G2ADD", 765),
        ],
    },
    Table {
        file: "eips/eip-7904-2026-06.gas",
        source: "EIP-7904, analysis of 2026-06-10, table Proposed gas parameters",
        prices: &[
            ("DIV", 2),
            ("SDIV", 2),
            ("MOD", 2),
            ("SMOD", 3),
            ("ADDMOD", 3),
            ("MULMOD", 4),
            ("KECCAK256.base", 12),
            ("KECCAK256.per_word", 3),
            ("ECRECOVER", 841),
            ("ECADD", 108),
            ("ECPAIRING.base", 8_247),
            ("ECPAIRING.per_point", 11_712),
            ("BLAKE2F.base", 94),
            ("POINT_EVALUATION", 23_825),
            ("BLS_G1ADD", 236),
            ("BLS_G2ADD", 277),
            ("P256VERIFY", 3_814),
        ],
    },
    Table {
        file: "eips/eip-7667.gas",
        source: "EIP-7667, 2024-03-31, table of the specification",
        prices: &[
            ("KECCAK256.base", 300),
            ("KECCAK256.per_word", 60),
            ("LOG.per_byte", 10),
            ("SHA256.base", 300),
            ("SHA256.per_word", 60),
            ("BLAKE2F.per_round", 10),
        ],
    },
    Table {
        file: "eips/eip-7971.gas",
        source: "EIP-7971, 2025-06-12, GAS_TLOAD, GAS_TSTORE and GAS_WARM_SLOAD",
        prices: &[
            ("SLOAD.base", 0),
            ("SLOAD.per_warm", 5),
            ("TLOAD", 5),
            ("TSTORE", 12),
        ],
    },
    Table {
        file: "eips/eip-7976.gas",
        source: "EIP-7976, last call until 2026-11-01: 64 gas a byte, zero or not",
        prices: &[
            ("TX_DATA_TOKEN_FLOOR", 16),
            ("TX_FLOOR_ZERO_BYTE", 64),
            ("TX_FLOOR_NONZERO_BYTE", 64),
        ],
    },
    Table {
        file: "eips/eip-7981.gas",
        source: "EIP-7981 on EIP-7976: 64 gas a byte of an access list",
        prices: &[
            ("TX_DATA_TOKEN_FLOOR", 16),
            ("TX_FLOOR_ZERO_BYTE", 64),
            ("TX_FLOOR_NONZERO_BYTE", 64),
            ("TX_ACCESS_LIST_BYTE", 64),
        ],
    },
    Table {
        file: "eips/eip-8038.gas",
        source: "EIP-8038 with the values of execution-specs' Amsterdam, 2026-08",
        prices: STATE_ACCESS,
    },
    Table {
        file: "eips/zkevm-proving-2026-04.gas",
        source: "new_gas_proposal, 2026-04-22, table New gas proposal",
        prices: &[
            ("ADDMOD", 717),
            ("DIV", 540),
            ("MOD", 411),
            ("MULMOD", 2_045),
            ("SDIV", 531),
            ("SMOD", 419),
            ("KECCAK256.base", 422_029),
            ("KECCAK256.per_word", 1),
            ("BLAKE2F.base", 1_938),
            ("BLAKE2F.per_round", 662),
            ("BLS_G1ADD", 3_503),
            ("BLS_G2ADD", 4_913),
            ("ECADD", 2_380),
            ("ECPAIRING.base", 10_945_568),
            ("ECPAIRING.per_point", 284_826),
            ("ECRECOVER", 43_432),
            ("POINT_EVALUATION", 3_223_243),
        ],
    },
];

const STATE_ACCESS: &[(&str, u64)] = &[
    ("COLD_ACCOUNT_ACCESS", 3_000),
    ("CALL_VALUE", 11_300),
    ("REFUND_STORAGE_CLEAR", 11_616),
    ("REFUND_STORAGE_RESTORE_SET", 10_000),
    ("REFUND_STORAGE_RESTORE_RESET", 10_000),
    ("TX_ACCESS_LIST_ADDRESS", 2_900),
    ("TX_ACCESS_LIST_STORAGE_KEY", 2_000),
    ("SSTORE.base", 0),
    ("SSTORE.per_cold", 2_000),
    ("SSTORE.per_set", 10_100),
    ("SSTORE.per_reset", 10_100),
    ("EXTCODESIZE.base", 100),
    ("EXTCODECOPY.base", 100),
];

/// Every price that is not Osaka's.
fn changed(plan: &Plan) -> BTreeMap<String, u64> {
    let osaka = osaka();
    let all = plan.schedule.params().expect("it has prices");
    let gas = |schedule: &Schedule, param| schedule.price(param).ok();
    all.iter()
        .filter(|param| {
            gas(&plan.schedule, param) != gas(&osaka, param)
                || !osaka
                    .params_of(&param.operation)
                    .is_ok_and(|own| own.contains(param))
        })
        .map(|param| {
            (
                param.to_string(),
                plan.schedule.price(param).expect("it has a price"),
            )
        })
        .collect()
}

#[test]
fn every_table_is_what_its_schedule_says() {
    for table in TABLES {
        let found = changed(&read(table.file, &Options::default()));
        let wanted: BTreeMap<String, u64> = table
            .prices
            .iter()
            .map(|(name, gas)| ((*name).to_owned(), *gas))
            .collect();
        assert_eq!(found, wanted, "{} against {}", table.file, table.source);
    }
}

/// Execution gas of an SSTORE by EIP-8038's table of cases.
#[test]
fn storage_writes_of_eip_8038() {
    let plan = read("eips/eip-8038.gas", &Options::default());
    let sstore = formula(&plan, "SSTORE");
    for (what, units, gas) in [
        ("0, 0, x, cold", ["cold", "set"].as_slice(), 2_100 + 10_000),
        ("0, 0, x, warm", &["set"], 100 + 10_000),
        ("x, x, y, cold", &["cold", "reset"], 2_100 + 10_000),
        ("x, x, y, warm", &["reset"], 100 + 10_000),
        ("x, y, z, warm", &["warm"], 100),
        ("x, x, x, cold", &["cold", "warm"], 2_100),
    ] {
        let cost = sstore.cost(|v| u64::from(units.contains(&v.name())));
        assert_eq!(cost, Some(gas), "{what}");
    }
}

/// EIP-2780 stands on EIP-8038's account access.
#[test]
fn transactions_of_eip_2780() {
    let found = changed(&read("eips/eip-2780.gas", &Options::default()));
    let mut wanted: BTreeMap<&str, u64> = STATE_ACCESS.iter().copied().collect();
    wanted.extend([
        ("TX_BASE", 12_000),
        ("TX_FLOOR_BASE", 12_000),
        ("TX_RECIPIENT", 3_000),
        ("TX_VALUE", 6_000),
    ]);
    let found: BTreeMap<&str, u64> = found
        .iter()
        .map(|(name, gas)| (name.as_str(), *gas))
        .collect();
    assert_eq!(found, wanted, "execution-specs' Amsterdam, 2026-08");
}

/// EIP-7904 as it stood in 2025, tables Parameters, Opcode Costs and Precompiles Costs.
#[test]
fn general_repricing_of_2025() {
    let plan = read("eips/eip-7904-2025.gas", &Options::default());
    for name in [
        "ADD",
        "MUL",
        "SUB",
        "DIV",
        "SDIV",
        "MOD",
        "SMOD",
        "SIGNEXTEND",
        "LT",
        "GT",
        "SLT",
        "SGT",
        "EQ",
        "ISZERO",
        "AND",
        "OR",
        "XOR",
        "NOT",
        "BYTE",
        "SHL",
        "SHR",
        "SAR",
        "ADDRESS",
        "ORIGIN",
        "CALLER",
        "CALLVALUE",
        "CALLDATALOAD",
        "CALLDATASIZE",
        "CODESIZE",
        "GASPRICE",
        "RETURNDATASIZE",
        "COINBASE",
        "TIMESTAMP",
        "NUMBER",
        "GASLIMIT",
        "CHAINID",
        "SELFBALANCE",
        "POP",
        "MLOAD",
        "MSTORE",
        "MSTORE8",
        "JUMP",
        "JUMPI",
        "PC",
        "MSIZE",
        "GAS",
        "JUMPDEST",
        "PUSH0",
        "PUSH",
        "DUP",
        "SWAP",
        "CALLDATACOPY.base",
        "CODECOPY.base",
        "RETURNDATACOPY.base",
        "MCOPY.base",
        "COPY_PER_WORD",
    ] {
        assert_eq!(price(&plan, name), 1, "{name}");
    }
    for (name, gas) in [
        ("WARM_ACCESS", 5),
        ("TLOAD", 5),
        ("TSTORE", 5),
        ("ADDMOD", 2),
        ("MULMOD", 3),
        ("EXP.base", 2),
        ("EXP.per_byte", 4),
        ("KECCAK256.base", 10),
        ("KECCAK256.per_word", 6),
        ("MEMORY_PER_WORD", 0),
        ("SHA256.base", 10),
        ("SHA256.per_word", 4),
        ("RIPEMD160.base", 60),
        ("RIPEMD160.per_word", 40),
        ("ECMUL", 2_700),
        ("ECPAIRING.base", 8_000),
        ("ECPAIRING.per_point", 7_000),
        ("POINT_EVALUATION", 21_000),
        ("COLD_ACCOUNT_ACCESS", 2_600),
        ("COLD_STORAGE_ACCESS", 2_100),
        ("ECADD", 150),
    ] {
        assert_eq!(price(&plan, name), gas, "{name}");
    }
}

/// EIP-8059: gas times a thousand. What is no gas (divisors, blobs, sizes) stays.
#[test]
fn rebase_by_a_thousand() {
    let plan = read("eips/eip-8059.gas", &Options::default());
    let osaka = osaka();
    let same = |name: &str| {
        name.starts_with("BLOB_")
            || name.ends_with("_DIVISOR")
            || name.starts_with("MAX_")
            || name.starts_with("MODEXP_")
    };
    for entry in osaka.entries() {
        let factor = if same(&entry.name) { 1 } else { 1_000 };
        let (new, old) = (
            formula(&plan, &entry.name),
            osaka.formula(&entry.name).expect("it has one"),
        );
        for amount in [0, 1, 7, 1_000] {
            let wanted = old.cost(|_| amount).map(|gas| gas * factor);
            let rounded = matches!(old, CostFormula::Other(_));
            let found = new.cost(|_| amount);
            // A curve is rounded down after it is multiplied, not before.
            let close = found
                .zip(wanted)
                .is_some_and(|(a, b)| a >= b && a - b < 1_000);
            assert!(
                found == wanted || rounded && close,
                "{}: {found:?}, {wanted:?}",
                entry.name
            );
        }
    }
}
