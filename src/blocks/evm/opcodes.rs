//! The opcodes of a fork, and its precompiles: what each byte and each address is called in a schedule.

use alloy_primitives::Address;
use reprice_engine::precompiles::{PRECOMPILES, at};
use revm::bytecode::opcode as op;

use crate::gas::Fork;

/// The opcodes that share revm's price per copied word.
pub(crate) const COPIES: [u8; 3] = [op::CALLDATACOPY, op::CODECOPY, op::RETURNDATACOPY];

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

/// The precompile at `address`, by its name in a schedule.
pub fn precompile(address: &Address) -> Option<&'static str> {
    at(address).map(|index| PRECOMPILES[usize::from(index)].0)
}

/// The first fork that has `opcode`.
pub(crate) const fn since(opcode: u8) -> Fork {
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
