//! Memory by the page against EIP-7923's own count.

use super::world::*;
use crate::{
    gas::{GasParam, Schedule},
    lang::{Options, load},
};
use std::collections::BTreeSet;

const PAGE: u64 = 106;

struct Shipped;

impl crate::lang::Files for Shipped {
    fn read(&self, path: &str) -> Result<String, String> {
        let path = format!(
            "{}/schedules/eips/{path}",
            concat!(env!("CARGO_MANIFEST_DIR"), "/../..")
        );
        std::fs::read_to_string(path).map_err(|error| error.to_string())
    }
}

fn schedule() -> Schedule {
    let loaded = load("eip-7923.gas", &Shipped, &Options::default());
    assert!(loaded.diagnostics.is_empty(), "{:?}", loaded.diagnostics);
    loaded.plan.expect("it has no errors").schedule
}

/// The same, with memory free of charge.
fn free() -> Schedule {
    let mut schedule = schedule();
    let page = GasParam::whole("MEMORY_PER_PAGE");
    schedule.set(&page, 0).expect("it exists");
    schedule
}

/// What the EIP's pages cost: each page that an access touches, once.
fn touched(accesses: &[(u64, u64)]) -> i128 {
    let pages: BTreeSet<u64> = accesses
        .iter()
        .filter(|(_, length)| *length > 0)
        .flat_map(|(offset, length)| offset / 4096..=(offset + length - 1) / 4096)
        .collect();
    i128::try_from(pages.len()).expect("few") * i128::from(PAGE)
}

/// Gas under the schedule beyond what the same program takes where memory is free.
fn charged(program: &str) -> i128 {
    let case = Case::new(program);
    case.used(&schedule()) - case.used(&free())
}

#[test]
fn every_instruction_pays_for_what_it_touches() {
    for (program, accesses) in [
        ("0 MLOAD", &[(0, 32)][..]),
        ("1 4064 MSTORE", &[(0, 4096)]),
        ("1 4065 MSTORE", &[(0, 4097)]),
        ("1 4096 MSTORE8", &[(0, 4097)]),
        ("1 4095 MSTORE8", &[(0, 4096)]),
        ("5000 0 KECCAK256", &[(0, 5000)]),
        ("0 9999 KECCAK256", &[]),
        ("12288 0 0 CALLDATACOPY", &[(0, 12_288)]),
        ("12289 0 0 CODECOPY", &[(0, 12_289)]),
        ("4100 0 0 @rich EXTCODECOPY", &[(0, 4100)]),
        ("0 0 4200 RETURNDATACOPY", &[]),
        ("10 8190 0 MCOPY", &[(0, 8200)]),
        ("10 0 8190 MCOPY", &[(0, 8200)]),
        ("8192 0 LOG0", &[(0, 8192)]),
        ("1 2 3 4 8193 0 LOG4", &[(0, 8193)]),
        ("4097 0 0 CREATE", &[(0, 4097)]),
        ("0 4097 0 0 CREATE2", &[(0, 4097)]),
        ("8000 0 4000 0 0 @rich 0 CALL", &[(0, 8000)]),
        ("10 0 9000 0 0 @rich 0 CALL", &[(0, 9000)]),
        ("8000 200 4000 0 0 @rich 0 CALLCODE", &[(0, 8200)]),
        ("8000 200 4000 0 @rich 0 DELEGATECALL", &[(0, 8200)]),
        ("10 0 9000 0 @rich 0 STATICCALL", &[(0, 9000)]),
        ("4097 0 RETURN", &[(0, 4097)]),
        // A page is paid for once.
        (
            "0 MLOAD 32 MLOAD 4000 MLOAD 4096 MLOAD 0 MLOAD",
            &[(0, 4128)],
        ),
    ] {
        assert_eq!(charged(program), touched(accesses), "{program}");
    }
}

/// Programs that never leave a gap, as the EIP's sets of pages count them.
#[test]
fn the_same_as_a_set_of_pages_where_there_are_no_gaps() {
    let mut seed = 7_u64;
    let mut random = |below: u64| {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    for _ in 0..50 {
        let (mut program, mut accesses, mut end) = (String::new(), Vec::new(), 0);
        for _ in 0..20 {
            let offset = random(end + 1);
            let length = random(9_000);
            let (text, length) = match random(3) {
                0 => (format!("{offset} MLOAD POP "), 32),
                1 => (format!("{length} {offset} KECCAK256 POP "), length),
                _ => (format!("{length} 0 {offset} CALLDATACOPY "), length),
            };
            program += &text;
            accesses.push((offset, length));
            // What is touched begins where something was touched before, or right behind it.
            end = end.max(if length > 0 { offset + length } else { 0 });
        }
        assert_eq!(charged(&program), touched(&accesses), "{program}");
    }
}

#[test]
fn a_gap_counts_and_the_end_is_near() {
    assert_eq!(charged("40960 MLOAD"), 11 * i128::from(PAGE));
    let used = |program: &str| Case::new(program).gas(16_000_000).used(&schedule());
    let most = 64 * 1_024 * 1_024;
    assert!(used(&format!("{} MLOAD", most - 32)) < 2_000_000);
    assert_eq!(used(&format!("{} MLOAD", most - 31)), 16_000_000);
    assert_eq!(used("0 NOT MLOAD"), 16_000_000);
}

/// Nothing changes where pages have no price.
#[test]
fn without_a_price_memory_is_revms() {
    let osaka = crate::lang::osaka();
    assert_eq!(
        Case::new("4096 MLOAD").used(&osaka) - Case::new("0 MLOAD").used(&osaka),
        3 * 128 + 129 * 129 / 512
    );
}
