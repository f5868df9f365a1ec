//! The opcodes of a fork: what each byte is called in a schedule, and what its cost may depend on.

use revm::bytecode::opcode as op;

use crate::gas::{
    Fork,
    Variable::{self, Bytes, Cold, Created, Reset, Set, Topics, Value, Warm, Words},
};

/// The opcodes whose cost revm bases on an account access (EIP-2929).
pub(super) const ACCOUNT_ACCESS: [u8; 8] = [
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
pub(super) const CALLS: [u8; 4] = [op::CALL, op::CALLCODE, op::DELEGATECALL, op::STATICCALL];

/// The opcodes that share revm's price per copied word.
pub(super) const COPIES: [u8; 3] = [op::CALLDATACOPY, op::CODECOPY, op::RETURNDATACOPY];

/// The operation that prices `opcode`: its own name, or the family's (`PUSH`, `DUP`, `SWAP`, `LOG`). `None` for a byte
/// that is no instruction in any fork, and for INVALID, whose cost is all gas left.
pub fn operation(opcode: u8) -> Option<&'static str> {
    Some(match opcode {
        op::PUSH1..=op::PUSH32 => "PUSH",
        op::DUP1..=op::DUP16 => "DUP",
        op::SWAP1..=op::SWAP16 => "SWAP",
        op::LOG0..=op::LOG4 => "LOG",
        // Renamed by the merge (EIP-4399).
        op::DIFFICULTY => "PREVRANDAO",
        op::INVALID => return None,
        _ => op::OpCode::new(opcode)?.as_str(),
    })
}

/// The first fork that has `opcode`.
pub(super) const fn since(opcode: u8) -> Fork {
    match opcode {
        // EIP-7939.
        op::CLZ => Fork::Osaka,
        // EIP-7843, EIP-8024.
        op::SLOTNUM | op::DUPN | op::SWAPN | op::EXCHANGE => Fork::Amsterdam,
        _ => Fork::Prague,
    }
}

/// The opcodes that `operation` prices, in order.
pub fn opcodes(operation: &str) -> impl Iterator<Item = u8> + '_ {
    (0..=u8::MAX).filter(move |opcode| self::operation(*opcode) == Some(operation))
}

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
