//! For every operation a program that uses it, and what it uses.

use super::{stock::access_list, world::*};
use crate::gas::{Entry, Kind, Variable};
use alloy_primitives::Address;

/// What a change of a parameter must do.
pub(super) enum Effect {
    /// Add this to the gas used for each unit of gas on the price.
    Units(i64),
    /// Change the gas used by this when the price becomes that.
    Gas { price: u64, change: i64 },
    /// Make the transaction invalid at this price.
    Invalid { price: u64 },
    /// Something that is no gas.
    Blobs,
    /// Be refused.
    Refused,
}

/// SSTOREs that make a refund fit under its cap.
const WORK: &str = "5 20 SSTORE 5 21 SSTORE 5 22 SSTORE 5 23 SSTORE ";

/// A program that uses `param`, and what it owes to it.
pub(super) fn parameter(name: &str) -> Option<(Case, Effect)> {
    execution(name)
        .or_else(|| transaction(name))
        .or_else(|| rule(name))
}

/// `change` of the gas used when the price becomes `price`.
const fn at(price: u64, change: i64) -> Effect {
    Effect::Gas { price, change }
}

/// Parameters charged by instructions.
fn execution(name: &str) -> Option<(Case, Effect)> {
    use Effect::Units;
    let case = Case::new;
    Some(match name {
        "BASE" => (case("PC"), Units(1)),
        // Two PUSHes and the ADD.
        "VERY_LOW" => (case("1 2 ADD"), Units(3)),
        "LOW" => (case("1 2 MUL"), Units(1)),
        "MID" => (case("1 2 3 MULMOD"), Units(1)),
        "HIGH" => (case("0 1 EXP"), Units(1)),
        "WARM_ACCESS" => (case("ADDRESS BALANCE"), Units(1)),
        "COLD_ACCOUNT_ACCESS" => (case("@rich BALANCE"), Units(1)),
        "COLD_STORAGE_ACCESS" => (case("1 SLOAD"), Units(1)),
        "STORAGE_SET" => (case("5 9 SSTORE"), Units(1)),
        "STORAGE_RESET" => (case("5 1 SSTORE"), Units(1)),
        // 100,000 - 21,000 - 6 gas are left at the write, no more than the sentry: it burns what it would not have used.
        "SSTORE_SENTRY" => (
            case("5 1 SSTORE").gas(100_000),
            at(78_994, 100_000 - 26_006),
        ),
        "CALL_VALUE" => (case("0 0 0 0 1 @rich 0 CALL"), Units(1)),
        "CALL_STIPEND" => (case("0 0 0 0 1 @rich 0 CALL"), Units(-1)),
        // 98,617 - 21,000 - 17 - 2,600 gas are left at the call, and the callee burns all but one part of them.
        "CALL_GAS_DIVISOR" => (
            case("0 0 0 0 @other GAS STATICCALL")
                .other("INVALID")
                .gas(98_617),
            at(4, 75_000 / 64 - 75_000 / 4),
        ),
        "NEW_ACCOUNT" => (case("0 0 0 0 1 0xdead 0 CALL"), Units(1)),
        "CODE_DEPOSIT_PER_BYTE" => (Case::create("3 0 RETURN"), Units(3)),
        "CODE_INIT_PER_WORD" => (case("33 0 0 CREATE"), Units(2)),
        "MEMORY_PER_WORD" => (case("1 64 MSTORE"), Units(3)),
        "MEMORY_QUADRATIC_DIVISOR" => (
            case("1 31968 MSTORE"),
            at(128, 1_000_000 / 128 - 1_000_000 / 512),
        ),
        "COPY_PER_WORD" => (case("33 0 0 CALLDATACOPY"), Units(2)),
        _ => return None,
    })
}

/// Parameters charged before and after execution.
fn transaction(name: &str) -> Option<(Case, Effect)> {
    use Effect::Units;
    let case = Case::new;
    let worked = |code: &str| Case::new(&format!("{WORK}{code}"));
    let mut listed = case("STOP");
    listed.tx.access_list = access_list();
    Some(match name {
        "TX_BASE" | "TX_RECIPIENT" => (case("STOP"), Units(1)),
        "TX_CREATE" => (Case::create("STOP"), Units(1)),
        "TX_CODE_INIT_PER_WORD" => (Case::create(&"STOP ".repeat(33)), Units(2)),
        "TX_VALUE" => (case("STOP").value(1), Units(1)),
        "TX_DATA_TOKEN_STANDARD" => (worked("").data(&[0, 0, 1]), Units(6)),
        "TX_DATA_ZERO_BYTE" => (worked("").data(&[0, 0, 1]), Units(2)),
        "TX_DATA_NONZERO_BYTE" => (worked("").data(&[0, 0, 1]), Units(1)),
        "TX_DATA_TOKEN_FLOOR" => (case("STOP").data(&[0, 0, 1]), Units(6)),
        "TX_FLOOR_BASE" | "TX_FLOOR_NONZERO_BYTE" => (case("STOP").data(&[0, 0, 1]), Units(1)),
        "TX_FLOOR_ZERO_BYTE" => (case("STOP").data(&[0, 0, 1]), Units(2)),
        "TX_ACCESS_LIST_ADDRESS" => (listed, Units(1)),
        "TX_ACCESS_LIST_STORAGE_KEY" => (listed, Units(2)),
        "TX_ACCESS_LIST_BYTE" => (listed, Units(20 + 2 * 32)),
        "TX_AUTH_PER_EMPTY_ACCOUNT" => (worked("").authorize(Address::repeat_byte(9)), Units(1)),
        // What an existing account gets back is the difference.
        "TX_AUTH_BASE" => (worked("").authorize(RICH), Units(1)),
        "REFUND_AUTH_EXISTING_ACCOUNT" => (worked("").authorize(RICH), Units(-1)),
        "REFUND_STORAGE_CLEAR" => (case("0 1 SSTORE"), Units(-1)),
        "REFUND_STORAGE_RESTORE_SET" => (worked("5 9 SSTORE 0 9 SSTORE"), Units(-1)),
        "REFUND_STORAGE_RESTORE_RESET" => (case("5 1 SSTORE 1 1 SSTORE"), Units(-1)),
        "REFUND_SELFDESTRUCT" => (case("@rich SELFDESTRUCT"), Units(-1)),
        _ => return None,
    })
}

/// Divisors, limits and the rules of blobs and MODEXP.
fn rule(name: &str) -> Option<(Case, Effect)> {
    use Effect::{Blobs, Invalid, Refused, Units};
    let case = Case::new;
    Some(match name {
        // 21,000 + 22,100 + 100 + 4 PUSHes are used and nearly half of it could be refunded.
        "REFUND_DIVISOR" => (
            case("5 9 SSTORE 0 9 SSTORE"),
            at(10, 43_212 / 5 - 43_212 / 10),
        ),
        "BLOB_TARGET"
        | "BLOB_MAX"
        | "BLOB_MAX_PER_TX"
        | "BLOB_MIN_BASE_FEE"
        | "BLOB_UPDATE_FRACTION"
        | "BLOB_RESERVE_BASE_COST" => (case("STOP"), Blobs),
        "BLOB_GAS_PER_BLOB" => (case("STOP"), Refused),
        // Of the block, and only where nothing else is asked for.
        "BLOCK_GAS_LIMIT" => (case("STOP"), Units(0)),
        "TX_MAX_GAS" => (case("STOP"), Invalid { price: 999_999 }),
        // A creation that deploys too much burns all its gas: 3 bytes would have cost 600.
        "MAX_CODE_SIZE" => (
            Case::create("3 0 RETURN").gas(100_000),
            at(2, 100_000 - 53_679),
        ),
        "MAX_INIT_CODE_SIZE" => (Case::create("STOP STOP STOP"), Invalid { price: 2 }),
        "MODEXP_MIN_GAS" => (modexp(1, 1, 1), Units(1)),
        // 64-byte numbers have complexity 128; 32 exponent bytes of ones take 255 iterations.
        "MODEXP_DIVISOR" => (modexp(64, 32, 64), at(2, -128 * 255 / 2)),
        "MODEXP_ITERATIONS_PER_BYTE" => (modexp(64, 34, 64), Units(2 * 128)),
        "MODEXP_COMPLEXITY_SMALL" => (modexp(32, 32, 1), Units(255)),
        "MODEXP_COMPLEXITY_PER_WORD" => (modexp(64, 32, 1), Units(64 * 255)),
        // The call is given 200,000 gas and burns them.
        "MODEXP_MAX_BYTES" => (modexp(64, 32, 64), at(63, 200_000 - 128 * 255)),
        _ => return None,
    })
}

/// A call of a precompile with `input`, given 200,000 gas.
pub(super) fn precompile(address: u64, input: &[u8]) -> Case {
    let length = input.len();
    let head = |offset: usize| {
        let offset = 0x1000 + offset;
        let copy = format!("{length} 0x{offset:x} 0 CODECOPY");
        asm(&format!(
            "{copy} 0 0 {length} 0 0x{address:x} 200000 STATICCALL STOP"
        ))
    };
    // The offset of the data has two bytes wherever it is.
    let mut code = head(0);
    let at = code.len();
    code.resize(0x1000, 0);
    code.extend_from_slice(input);
    assert!(at < 0x1000);
    Case::raw(code)
}

/// A call of MODEXP with numbers of these lengths, all ones.
pub(super) fn modexp(base: u8, exponent: u8, modulus: u8) -> Case {
    let mut input = vec![0; 96];
    for (at, length) in [(31, base), (63, exponent), (95, modulus)] {
        input[at] = length;
    }
    let ones = usize::from(base) + usize::from(exponent) + usize::from(modulus);
    input.resize(96 + ones, 0xff);
    precompile(5, &input)
}

/// A valid input of a precompile, and its units.
pub(super) fn precompile_example(name: &str) -> Option<(Case, Vec<(Variable, i64)>)> {
    use Variable::{Points, Rounds, Words};
    let zeros = |address, length: usize| precompile(address, &vec![0; length]);
    Some(match name {
        "ECRECOVER" => (zeros(1, 128), vec![]),
        "SHA256" => (zeros(2, 33), vec![(Words, 2)]),
        "RIPEMD160" => (zeros(3, 65), vec![(Words, 3)]),
        "IDENTITY" => (zeros(4, 1), vec![(Words, 1)]),
        "MODEXP" => (modexp(64, 32, 64), vec![]),
        "ECADD" => (zeros(6, 128), vec![]),
        "ECMUL" => (zeros(7, 96), vec![]),
        "ECPAIRING" => (zeros(8, 2 * 192), vec![(Points, 2)]),
        "BLAKE2F" => {
            let mut input = vec![0; 213];
            input[3] = 12;
            (precompile(9, &input), vec![(Rounds, 12)])
        }
        "POINT_EVALUATION" => {
            // The zero polynomial: commitment and proof are the point at infinity.
            let mut input = vec![0; 192];
            let hash = "010657f37554c781402a22917dee2f75def7ab966d7b770905398eba3c444014";
            input[..32].copy_from_slice(&alloy_primitives::hex::decode(hash).unwrap());
            input[96] = 0xc0;
            input[144] = 0xc0;
            (precompile(10, &input), vec![])
        }
        "BLS_G1ADD" => (zeros(11, 256), vec![]),
        "BLS_G1MSM" => (zeros(12, 3 * 160), vec![]),
        "BLS_G2ADD" => (zeros(13, 512), vec![]),
        "BLS_G2MSM" => (zeros(14, 2 * 288), vec![]),
        "BLS_PAIRING" => (zeros(15, 384), vec![(Points, 1)]),
        "BLS_G1MAP" => (zeros(16, 64), vec![]),
        "BLS_G2MAP" => (zeros(17, 128), vec![]),
        "P256VERIFY" => (zeros(256, 160), vec![]),
        _ => return None,
    })
}

/// Gas of a precompile example whose formula is not linear, from its EIP.
pub(super) fn gas_of_example(name: &str) -> i64 {
    match name {
        "MODEXP" => 128 * 255,
        // Three points at 848 per mille, two at 1,000.
        "BLS_G1MSM" => 12_000 * 3 * 848 / 1_000,
        _ => 22_500 * 2 * 1_000 / 1_000,
    }
}

/// A program that runs `name`, how often, and the units of all its executions.
pub(super) fn opcode_example(name: &str) -> (String, i64, Vec<(Variable, i64)>) {
    use Variable::{Bytes, Cold, Created, Reset, Set, Topics, Value, Warm, Words};
    let (code, units) = match name {
        "EXP" => ("0x10000 3 EXP", vec![(Bytes, 3)]),
        "KECCAK256" => ("33 0 KECCAK256", vec![(Words, 2)]),
        "CALLDATACOPY" | "CODECOPY" | "MCOPY" => {
            return (format!("33 0 0 {name}"), 1, vec![(Words, 2)]);
        }
        "RETURNDATACOPY" => (
            "0 0 40 0 4 10000 STATICCALL 33 0 0 RETURNDATACOPY",
            vec![(Words, 2)],
        ),
        "BALANCE" | "EXTCODESIZE" | "EXTCODEHASH" => {
            let code = format!("@rich {name} @rich {name} @other {name}");
            return (code, 3, vec![(Cold, 2), (Warm, 1)]);
        }
        "EXTCODECOPY" => {
            let code = "33 0 0 @other EXTCODECOPY 64 0 0 @other EXTCODECOPY";
            return (code.into(), 2, vec![(Cold, 1), (Warm, 1), (Words, 4)]);
        }
        "SLOAD" => return ("1 SLOAD 1 SLOAD".into(), 2, vec![(Cold, 1), (Warm, 1)]),
        "SSTORE" => {
            let code = "5 9 SSTORE 5 1 SSTORE 6 1 SSTORE";
            return (
                code.into(),
                3,
                vec![(Cold, 2), (Set, 1), (Reset, 1), (Warm, 1)],
            );
        }
        "LOG" => ("1 2 40 0 LOG2", vec![(Topics, 2), (Bytes, 40)]),
        "CALL" => {
            let code = "0 0 0 0 1 @rich 0 CALL 0 0 0 0 1 0xdead 0 CALL 0 0 0 0 0 @delegated 0 CALL";
            let units = vec![(Cold, 4), (Value, 2), (Created, 1)];
            return (code.into(), 3, units);
        }
        "CALLCODE" => {
            let code = "0 0 0 0 1 @rich 0 CALLCODE 0 0 0 0 0 @rich 0 CALLCODE";
            return (code.into(), 2, vec![(Cold, 1), (Warm, 1), (Value, 1)]);
        }
        "DELEGATECALL" | "STATICCALL" => {
            let code = format!("0 0 0 0 @delegated 0 {name} 0 0 0 0 @delegated 0 {name}");
            return (code, 2, vec![(Cold, 2), (Warm, 2)]);
        }
        "CREATE" => ("33 0 0 CREATE", vec![(Words, 2)]),
        "CREATE2" => ("1 33 0 0 CREATE2", vec![(Words, 2)]),
        "SELFDESTRUCT" => ("0xdead SELFDESTRUCT", vec![(Cold, 1), (Created, 1)]),
        "PUSH" => return ("1 0x10000000000000000 0xff".into(), 3, vec![]),
        "DUP" => return ("1 2 3 DUP1 DUP3".into(), 2, vec![]),
        "SWAP" => return ("1 2 3 SWAP1 SWAP2".into(), 2, vec![]),
        "JUMP" => ("3 JUMP JUMPDEST", vec![]),
        "JUMPI" => ("1 5 JUMPI JUMPDEST", vec![]),
        _ => return (format!("1 1 1 {name}"), 1, vec![]),
    };
    (code.into(), 1, units)
}

/// A program, how often it runs the operation, and the units of all executions.
pub(super) type Example = (Case, i64, Vec<(Variable, i64)>);

pub(super) fn example(entry: &Entry) -> Option<Example> {
    match entry.kind {
        Kind::Opcode => {
            let (code, executions, units) = opcode_example(&entry.name);
            Some((Case::new(&code).other("STOP"), executions, units))
        }
        Kind::Precompile => precompile_example(&entry.name).map(|(case, units)| (case, 1, units)),
        Kind::Param => None,
    }
}
