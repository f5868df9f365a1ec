//! What the cost of each opcode may depend on.

use revm::bytecode::opcode as op;

use crate::Variable::{self, Bytes, Cold, Created, Reset, Set, Topics, Value, Warm, Words};

/// The opcodes whose cost revm bases on an account access (EIP-2929).
pub const ACCOUNT_ACCESS: [u8; 8] = [
    op::BALANCE,
    op::EXTCODESIZE,
    op::EXTCODEHASH,
    op::EXTCODECOPY,
    op::CALL,
    op::CALLCODE,
    op::DELEGATECALL,
    op::STATICCALL,
];

/// The opcodes that call an account.
pub const CALLS: [u8; 4] = [op::CALL, op::CALLCODE, op::DELEGATECALL, op::STATICCALL];

/// What the engine measures each execution of `opcode` by, and so what its formula may mention.
pub const fn variables(opcode: u8) -> &'static [Variable] {
    match opcode {
        op::EXP => &[Bytes],
        op::KECCAK256
        | op::CALLDATACOPY
        | op::CODECOPY
        | op::RETURNDATACOPY
        | op::MCOPY
        | op::CREATE
        | op::CREATE2 => &[Words],
        op::BALANCE
        | op::EXTCODESIZE
        | op::EXTCODEHASH
        | op::SLOAD
        | op::DELEGATECALL
        | op::STATICCALL => &[Cold, Warm],
        op::EXTCODECOPY => &[Cold, Warm, Words],
        op::SSTORE => &[Cold, Warm, Set, Reset],
        op::LOG0..=op::LOG4 => &[Topics, Bytes],
        op::CALL => &[Cold, Warm, Value, Created],
        op::CALLCODE => &[Cold, Warm, Value],
        op::SELFDESTRUCT => &[Cold, Warm, Created],
        _ => &[],
    }
}
