//! The schedules of forks are revm's own forks.

use super::world::*;
use crate::{
    evm::Tariff,
    gas::{Fork, Schedule},
    lang::fork_schedule,
};

/// Programs that between them take every path of the engine.
pub(super) fn programs() -> Vec<Case> {
    let mut cases: Vec<Case> = [
        "",
        "STOP",
        "1 2 ADD",
        // Arithmetic with data-dependent prices.
        "7 3 EXP 0x10000 3 EXP 0 3 EXP",
        "100 0 KECCAK256 0 0 KECCAK256",
        // Copies and memory.
        "100 0 32 CALLDATACOPY 5 0 400 CODECOPY 33 0 64 MCOPY 1 9000 MSTORE8 12000 MLOAD",
        "0 0 0 CALLDATACOPY 0 0 0 MCOPY 64 0 0 @other EXTCODECOPY 0 0 0 @rich EXTCODECOPY",
        // Accesses, cold and warm.
        "@rich BALANCE @rich BALANCE @other EXTCODESIZE @other EXTCODEHASH @delegated EXTCODESIZE 0xdead BALANCE",
        "1 SLOAD 1 SLOAD 9 SLOAD 9 SLOAD",
        // Storage writes of every kind, with refunds given and taken back.
        "5 9 SSTORE 5 9 SSTORE 6 9 SSTORE 0 9 SSTORE 2 9 SSTORE",
        "2 1 SSTORE 1 1 SSTORE 0 1 SSTORE 1 1 SSTORE 0 1 SSTORE 0 2 SSTORE 0 3 SSTORE 5 3 SSTORE 1 2 SSTORE",
        "0 1 SSTORE 0 2 SSTORE 0 3 SSTORE",
        "1 TLOAD 5 1 TSTORE 1 TLOAD",
        // Logs.
        "0 0 LOG0 10 0 LOG0 1 2 3 4 100 5 LOG4 1 2 33 0 LOG2",
        // Calls.
        "0 0 0 0 0 @other 50000 CALL 0 0 0 0 0 @other 50000 CALL",
        "0 0 0 0 1 @other 50000 CALL 0 0 0 0 1 @rich 0 CALL 0 0 0 0 1 0xdead 100 CALL 0 0 0 0 1 0xdead 0 CALL",
        "0 0 0 0 0 0xbeef 100 CALL 32 0 64 32 1 @other 50000 CALLCODE",
        "0 0 0 0 @other 50000 DELEGATECALL 0 0 0 0 @other 50000 STATICCALL 32 0 32 0 @delegated 60000 STATICCALL",
        "0 0 0 0 1 @delegated 60000 CALL 0 0 0 0 0 @delegated 60000 CALL 0 0 0 0 @delegated 9000 DELEGATECALL",
        // More than it has.
        "0 0 0 0 99999 @other 50000 CALL 0 0 0 0 99999 @rich 50000 CALLCODE 99999 0 0 CREATE",
        // Calls itself until nothing is left.
        "0 0 0 0 0 @target GAS CALL 0 0 0 0 0 @target GAS CALL",
        // Creations: empty code, deployed code, code too dear, forbidden code, a collision.
        "33 0 0 CREATE 70 0 5 CREATE 0 0 0 CREATE 1 33 0 0 CREATE2 1 33 0 0 CREATE2 1 33 0 0 CREATE2",
        "0x60ff60005360206000f300000000000000000000000000000000000000000000 0 MSTORE 10 0 0 CREATE EXTCODESIZE",
        "0x6103e86000f300000000000000000000000000000000000000000000000000 0 MSTORE 7 0 0 CREATE EXTCODESIZE",
        "0x61ffff6000f300000000000000000000000000000000000000000000000000 0 MSTORE 7 0 0 CREATE",
        "0x60ef60005360206000f300000000000000000000000000000000000000000000 0 MSTORE 10 0 0 CREATE",
        "0x60ff60005360206000fd00000000000000000000000000000000000000000000 0 MSTORE 10 0 0 CREATE",
        // The end in its several forms.
        "@rich SELFDESTRUCT",
        "0xdead SELFDESTRUCT",
        "@target SELFDESTRUCT",
        "32 0 REVERT",
        "64 1000 RETURN",
        "5 9 SSTORE 0 1 SSTORE 10 0 REVERT",
        "5 9 SSTORE 0 1 SSTORE INVALID",
        "5 9 SSTORE ADD",
        "5 9 SSTORE 1000 JUMP",
        "1 2 3 0x10000000000000000 MSTORE",
        "1 0x10000000000000000 MSTORE",
        "1 0xffffffff MSTORE",
        "0xffffffffff 0 0 CALLDATACOPY",
        "1 0 0 RETURNDATACOPY",
        "0x10000000000000000 0 0 LOG1",
        "50000 0 0 CREATE",
        "0 0 0 0 0x10000 0 0 CALL",
        // Stacks that overflow.
        "JUMPDEST 7 7 7 0 JUMP",
        "7 JUMPDEST DUP1 DUP1 2 JUMP",
        "SLOTNUM",
        "#0c",
        // Precompiles: enough gas, too little, bad input.
        "32 0 100 0 1 50000 STATICCALL 32 0 100 0 2 50000 STATICCALL 32 0 100 0 3 50000 STATICCALL",
        "32 0 100 0 2 10 STATICCALL 192 0 192 0 8 50 STATICCALL 0 0 191 0 8 90000 STATICCALL",
        "0 0 192 0 8 200000 STATICCALL 0 0 213 0 9 5000 STATICCALL 0 0 212 0 9 5000 STATICCALL",
        "1 0 MSTORE 33 32 MSTORE 64 64 MSTORE 64 0 300 0 5 50000 STATICCALL 2000 32 MSTORE 64 0 300 0 5 50000 STATICCALL",
        "0 0 320 0 12 90000 STATICCALL 0 0 0 0 12 90000 STATICCALL 0 0 576 0 14 90000 STATICCALL 0 0 192 0 10 60000 STATICCALL",
        "0 0 0 0 1 4 10 CALL 0 0 160 0 256 9000 STATICCALL",
    ]
    .iter()
    .flat_map(|code| {
        [
            Case::new(code).other("5 9 SSTORE 0 1 SSTORE 32 0 RETURN"),
            Case::new(code).other("5 9 SSTORE 0 1 SSTORE INVALID"),
            Case::new(code).other("5 9 SSTORE 0 1 SSTORE 1 0 REVERT"),
            Case::new(code).gas(60_000),
            Case::new(code).gas(23_500),
        ]
    })
    .collect();
    cases.extend([
        Case::create(""),
        Case::create("100 0 RETURN").value(5),
        Case::create("100 0 REVERT"),
        Case::create("INVALID"),
        Case::create("30000 0 RETURN"),
        Case::create("100 0 RETURN").gas(54_000),
        Case::new("").data(&[0, 1, 2, 0, 0, 3]),
        Case::new("").data(&[1; 3_000]),
        Case::new("0 1 SSTORE 0 2 SSTORE").data(&[1; 1_000]),
        Case::new("1 SLOAD").value(3),
        Case::new("STOP").authorize(RICH),
        Case::new("5 9 SSTORE 5 10 SSTORE 5 11 SSTORE")
            .authorize(RICH)
            .authorize(DELEGATED),
        Case::new("STOP").authorize(alloy_primitives::Address::repeat_byte(9)),
    ]);
    let mut to_delegated = Case::new("").other("1 SLOAD POP 5 9 SSTORE");
    to_delegated.tx.kind = DELEGATED.into();
    let mut to_precompile = Case::new("").data(&[3; 100]);
    to_precompile.tx.kind = alloy_primitives::Address::with_last_byte(2).into();
    let mut to_failing = Case::new("").data(&[3; 100]);
    to_failing.tx.kind = alloy_primitives::Address::with_last_byte(9).into();
    let mut to_self = Case::new("");
    to_self.tx.kind = SENDER.into();
    let mut listed = Case::new("@rich BALANCE 1 SLOAD 2 SLOAD @other EXTCODESIZE");
    listed.tx.access_list = access_list();
    cases.extend([to_delegated, to_precompile, to_failing, to_self, listed]);
    cases
}

/// One address with two slots.
pub(super) fn access_list() -> alloy_eips::eip2930::AccessList {
    let item = alloy_eips::eip2930::AccessListItem {
        address: TARGET,
        storage_keys: [1, 9].map(alloy_primitives::B256::with_last_byte).to_vec(),
    };
    std::vec![item].into()
}

/// Pseudo-random code (xorshift): instructions with likely operands, so that most of them get somewhere.
pub(super) fn random(seed: u64) -> Case {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = |bound: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % bound
    };
    let mut code = String::new();
    let names = [
        "ADD",
        "MULMOD",
        "EXP",
        "KECCAK256",
        "BALANCE",
        "EXTCODESIZE",
        "EXTCODECOPY",
        "EXTCODEHASH",
        "CALLDATACOPY",
        "CODECOPY",
        "RETURNDATACOPY",
        "MCOPY",
        "MLOAD",
        "MSTORE",
        "MSTORE8",
        "SLOAD",
        "SSTORE",
        "TLOAD",
        "TSTORE",
        "LOG0",
        "LOG3",
        "CREATE",
        "CREATE2",
        "CALL",
        "CALLCODE",
        "DELEGATECALL",
        "STATICCALL",
        "DUP3",
        "SWAP2",
        "POP",
        "GAS",
        "MSIZE",
        "CLZ",
        "SSTORE",
        "SSTORE",
        "CALL",
        "STATICCALL",
        "SLOAD",
    ];
    let last = ["STOP", "REVERT", "RETURN", "SELFDESTRUCT", "INVALID", "POP"];
    for _ in 0..=next(14) {
        let name = names[usize::try_from(next(names.len() as u64)).unwrap()];
        for _ in 0..7 {
            code += match next(9) {
                0 => "@other ",
                1 => "@delegated ",
                2 => "@rich ",
                3 => "0xdead ",
                4 => "0 ",
                5 => "1 ",
                6 => "30000 ",
                _ => "2 ",
            };
        }
        if name.contains("CALL") && !name.contains("DATA") {
            code += ["@other ", "@delegated ", "@rich "][usize::try_from(next(3)).unwrap()];
            code += &next(90_000).to_string();
            code += " ";
        }
        code += name;
        code += " ";
    }
    code += last[usize::try_from(next(last.len() as u64)).unwrap()];
    let other = [
        "5 9 SSTORE 0 1 SSTORE 32 0 RETURN",
        "0 1 SSTORE 7 0 REVERT",
        "5 9 SSTORE INVALID",
        "@rich SELFDESTRUCT",
    ];
    let other = other[usize::try_from(next(4)).unwrap()];
    Case::new(&code)
        .other(other)
        .gas(21_000 + next(400_000))
        .data(&std::vec![1; usize::try_from(next(50)).unwrap()])
}

#[test]
fn the_forks_schedules_need_no_wrapper() {
    for fork in Fork::ALL {
        let tariff = crate::evm::compile(fork_schedule(*fork)).unwrap();
        assert_eq!(tariff, Tariff::stock(*fork), "{fork:?}");
    }
}

/// Results and state changes under `schedule` are those of revm as it comes, and every unit of gas is explained.
fn same(case: &Case, schedule: &Schedule) {
    let tariff = crate::evm::compile(schedule).unwrap();
    let stock = case.stock(schedule.fork);
    let counted = case.counted(tariff.clone()).map(|(counted, _)| counted);
    for (how, ours) in [("plain", case.plain(tariff)), ("counted", counted)] {
        match (&stock, ours) {
            (Ok(stock), Ok(ours)) => {
                assert_eq!(outcome(stock), outcome(&ours), "{how}");
                assert_eq!(changes(stock), changes(&ours), "{how}");
            }
            (stock, ours) => assert_eq!(stock.as_ref().err(), ours.err().as_ref(), "{how}"),
        }
    }
    let run = case.run(schedule).map(|_| ());
    assert_eq!(run.err(), stock.err());
}

#[test]
fn every_fork_is_revm() {
    for fork in Fork::ALL {
        let schedule = fork_schedule(*fork);
        for case in programs().into_iter().chain(state_programs()) {
            same(&case, schedule);
        }
        for seed in 0..2_000 {
            same(&random(seed), schedule);
            // State gas comes out of gas above the limit of execution first (EIP-8037).
            let roomy = random(seed).gas(16_777_216 + seed * 1_000);
            same(&roomy, schedule);
        }
    }
}

/// Programs that add to the state, fail having done so, or run out of gas for it (EIP-8037).
fn state_programs() -> Vec<Case> {
    let deploys =
        "0x6103e86000f300000000000000000000000000000000000000000000000000 0 MSTORE 7 0 0 CREATE";
    let fails =
        "0x60ff600055fe0000000000000000000000000000000000000000000000000000 0 MSTORE 6 0 0 CREATE";
    let reverts =
        "0x60ff60005560006000fd00000000000000000000000000000000000000000000 0 MSTORE 10 0 0 CREATE";
    let mut cases = Vec::new();
    for code in [
        "5 9 SSTORE",
        "5 9 SSTORE 0 9 SSTORE 7 9 SSTORE",
        "5 9 SSTORE 0 0 0 0 1 0xdead 0 CALL INVALID",
        "0 0 0 0 1 0xdead 0 CALL 0 0 0 0 1 0xdeae 0 CALL",
        "0 0 0 0 1 4 0 CALL 0 0 0 0 5000 0xdead 0 CALL",
        "5 9 SSTORE 0 0 0 0 0 @other 400000 CALL 0 9 SSTORE",
        "0 0 0 0 0 @delegated 200000 CALL 0 0 0 0 @other 400000 DELEGATECALL 0 9 SSTORE",
        deploys,
        fails,
        reverts,
        "1 33 0 0 CREATE2 1 33 0 0 CREATE2",
        "0xdead SELFDESTRUCT",
        "JUMPDEST GAS GAS SSTORE 0 JUMP",
        "1 2 3 4 5 6 7 8 9 1 2 3 4 5 6 7 8 9 #e680 #e780 #e801 SLOTNUM #e65b",
        "1 #e680",
        "1 #e801",
    ] {
        for other in [
            "5 9 SSTORE 0 9 SSTORE 6 10 SSTORE",
            "5 9 SSTORE 6 10 SSTORE INVALID",
            "0 9 SSTORE 6 10 SSTORE 1 0 REVERT",
        ] {
            for gas in [
                60_000, 130_000, 230_000, 350_000, 1_000_000, 16_900_000, 18_000_000,
            ] {
                cases.push(Case::new(code).other(other).gas(gas));
            }
        }
    }
    let mut fresh = Case::new("").value(7);
    fresh.tx.kind = alloy_primitives::Address::repeat_byte(0xde).into();
    let mut to_delegated = Case::new("").other("5 9 SSTORE");
    to_delegated.tx.kind = DELEGATED.into();
    for case in [
        fresh,
        to_delegated
            .clone()
            .authorize(alloy_primitives::Address::repeat_byte(9)),
        to_delegated,
        Case::create(deploys),
        Case::create("100 0 RETURN"),
        Case::create("5 9 SSTORE 0 0 REVERT"),
        Case::create("5 9 SSTORE INVALID"),
        Case::new("5 9 SSTORE INVALID").authorize(alloy_primitives::Address::repeat_byte(9)),
        Case::new("STOP")
            .authorize(alloy_primitives::Address::repeat_byte(9))
            .authorize(alloy_primitives::Address::repeat_byte(8))
            .authorize(alloy_primitives::Address::repeat_byte(8))
            .authorize(RICH)
            .authorize(DELEGATED)
            .authorize(OTHER),
        Case::new("0 0 REVERT").authorize(RICH).value(3),
    ] {
        for gas in [
            30_000, 60_000, 200_000, 230_000, 300_000, 1_000_000, 16_900_000, 18_000_000,
        ] {
            cases.push(case.clone().gas(gas));
        }
    }
    cases
}
