//! EIP-8011's dimensions against its lists of operations.

use super::read;
use crate::{
    gas::{CostFormula, GasParam, Kind, Meter, Part, Schedule, Usage, catalogue},
    lang::Options,
};

/// `compute_ops.md` of the EIP, families by their names here.
const COMPUTE: &str = "ADD MUL SUB DIV SDIV MOD SMOD ADDMOD MULMOD EXP SIGNEXTEND LT GT SLT SGT EQ ISZERO AND OR XOR NOT \
    BYTE SHL SHR SAR ADDRESS ORIGIN CALLER CALLVALUE CALLDATALOAD CALLDATASIZE CODESIZE GASPRICE RETURNDATASIZE BLOCKHASH \
    COINBASE TIMESTAMP NUMBER PREVRANDAO GASLIMIT CHAINID SELFBALANCE BASEFEE BLOBHASH BLOBBASEFEE STOP JUMP JUMPI PC GAS \
    JUMPDEST TLOAD TSTORE POP PUSH0 PUSH DUP SWAP MSIZE";
/// `compute_mem_ops.md`.
const COMPUTE_AND_MEMORY: &str =
    "KECCAK256 CALLDATACOPY CODECOPY RETURNDATACOPY MLOAD MSTORE MSTORE8 MCOPY RETURN REVERT";
/// `state_ops.md` and `log_ops.md`: left open.
const OPEN: &str = "BALANCE EXTCODESIZE EXTCODECOPY EXTCODEHASH SLOAD SSTORE CREATE CALL CALLCODE DELEGATECALL CREATE2 \
    STATICCALL SELFDESTRUCT LOG";

/// One unit of everything that an operation is charged for.
fn units(schedule: &Schedule, name: &str) -> Usage {
    let mut usage = Usage::default();
    let per = match schedule.formula(name).expect("it has one") {
        CostFormula::Linear { per, .. } => per,
        CostFormula::Other(_) => Vec::new(),
    };
    let own = if per.is_empty() {
        Part::Whole
    } else {
        Part::Base
    };
    for part in per.iter().map(|(v, _)| Part::Per(*v)).chain([own]) {
        usage.counts.insert(GasParam::new(name, part), 1);
    }
    usage
}

#[test]
fn dimensions_of_eip_8011() {
    let plan = read("eips/eip-8011.gas", &Options::default());
    let schedule = &plan.schedule;
    let names: Vec<&str> = schedule.meters.iter().map(|m| m.name.as_str()).collect();
    let dimensions = ["compute", "access", "size", "memory", "state", "history"];
    assert_eq!(names, dimensions);
    let limit = plan
        .baseline
        .price(&GasParam::whole("BLOCK_GAS_LIMIT"))
        .expect("it has one");
    assert!(schedule.meters.iter().all(|m| m.limit == limit));
    let lists = |meter: &Meter, name: &str| {
        let mut all = meter.entries.iter();
        all.any(|e| e.param == GasParam::whole(name) && e.expr == crate::gas::meter::current())
    };
    let [compute, others @ ..] = schedule.meters.as_slice() else {
        panic!("six meters");
    };
    let assigned = COMPUTE.split(' ').chain(COMPUTE_AND_MEMORY.split(' '));
    for name in assigned.clone() {
        assert!(lists(compute, name), "{name}");
        let elsewhere = |m: &Meter| m.entries.iter().any(|e| e.param.operation == name);
        assert!(!others.iter().any(elsewhere), "{name}");
    }
    for name in ["MEMORY_PER_WORD", "MEMORY_QUADRATIC_DIVISOR"] {
        assert!(lists(&schedule.meters[3], name), "{name}");
    }
    // Every instruction is in a list of the EIP, but for the one that is younger.
    let known: Vec<&str> = assigned.chain(OPEN.split(' ')).collect();
    for entry in schedule.entries().iter().filter(|e| e.kind == Kind::Opcode) {
        let name = entry.name.as_str();
        assert!(known.contains(&name) || name == "CLZ", "{name}");
    }
}

/// `gas_used` is the sum of the vector: whatever is charged is in one dimension, none of it twice.
#[test]
fn the_dimensions_are_the_gas() {
    let schedule = read("eips/eip-8011.gas", &Options::default()).schedule;
    let sum = |usage: &Usage| -> i128 {
        let all = schedule.meters.iter();
        all.map(|meter| meter.count(&schedule, usage).expect("it is linear"))
            .sum()
    };
    for entry in schedule.entries() {
        let name = entry.name.as_str();
        let charged = entry.kind != Kind::Param || catalogue::is_charge(name);
        // Which dimension gas comes back from is not said.
        if !charged || name.starts_with("REFUND_") || name == "MEMORY_QUADRATIC_DIVISOR" {
            continue;
        }
        let usage = units(&schedule, name);
        let gas = schedule.gas(&usage).expect("it has a price");
        assert_eq!(sum(&usage), gas, "{name}");
    }
    let mut memory = Usage::default();
    memory.add_rest("MEMORY_QUADRATIC_DIVISOR", 1_000);
    assert_eq!(sum(&memory), 1_000);
}
