//! Memory by the page (EIP-7923), where a schedule has `MEMORY_PER_PAGE`.
//!
//! A call pays for each page of its memory once, from the first to the last that it has touched: memory is one piece here, so
//! pages in between count as touched. What the EIP charges for pages that fall out of its cache is not known.

use revm::{
    bytecode::opcode as op,
    context_interface::cfg::GasId,
    interpreter::{
        InstructionResult, Interpreter, interpreter::EthInterpreter, interpreter_types::MemoryTr,
    },
    primitives::U256,
};

use crate::Gas;

/// Where the price of a page stands among revm's: it has none, and this place is free.
pub const PRICE: GasId = GasId::new(255);

/// A page: 4096 bytes.
const WORDS: u64 = 128;

/// A transaction may have so many, and therefore a call.
const MOST: u64 = 16_384;

/// The opcodes that touch memory.
pub(crate) const OPCODES: [u8; 22] = [
    op::KECCAK256,
    op::CALLDATACOPY,
    op::CODECOPY,
    op::EXTCODECOPY,
    op::RETURNDATACOPY,
    op::MLOAD,
    op::MSTORE,
    op::MSTORE8,
    op::MCOPY,
    op::LOG0,
    op::LOG1,
    op::LOG2,
    op::LOG3,
    op::LOG4,
    op::CREATE,
    op::CALL,
    op::CALLCODE,
    op::RETURN,
    op::DELEGATECALL,
    op::CREATE2,
    op::STATICCALL,
    op::REVERT,
];

/// Bytes, from a place in memory on.
enum Length {
    /// As many as this place of the stack says.
    At(usize),
    Of(u64),
}

/// Where the stack has what an opcode touches: an offset and a length, up to twice.
const fn touched(opcode: u8) -> &'static [(usize, Length)] {
    use Length::{At, Of};
    match opcode {
        op::MLOAD | op::MSTORE => &[(0, Of(32))],
        op::MSTORE8 => &[(0, Of(1))],
        op::KECCAK256 | op::LOG0..=op::LOG4 | op::RETURN | op::REVERT => &[(0, At(1))],
        op::CALLDATACOPY | op::CODECOPY | op::RETURNDATACOPY => &[(0, At(2))],
        op::EXTCODECOPY => &[(1, At(3))],
        op::MCOPY => &[(0, At(2)), (1, At(2))],
        op::CREATE | op::CREATE2 => &[(1, At(2))],
        op::CALL | op::CALLCODE => &[(3, At(4)), (5, At(6))],
        op::DELEGATECALL | op::STATICCALL => &[(2, At(3)), (4, At(5))],
        _ => &[],
    }
}

/// Pages of so many words of memory.
pub const fn pages(words: u64) -> u64 {
    words.div_ceil(WORDS)
}

/// Charges for the pages that the instruction is about to touch first.
pub(crate) fn charge(
    opcode: u8,
    interpreter: &mut Interpreter<EthInterpreter>,
    price: Gas,
) -> Result<(), InstructionResult> {
    let mut end = 0_u64;
    for (offset, length) in touched(opcode) {
        let length = match length {
            Length::At(place) => interpreter.stack.peek(*place)?,
            Length::Of(bytes) => U256::from(*bytes),
        };
        if !length.is_zero() {
            let last = interpreter.stack.peek(*offset)?.saturating_add(length);
            let last = u64::try_from(last).map_err(|_| InstructionResult::MemoryLimitOOG)?;
            end = end.max(last);
        }
    }
    let before = pages(interpreter.memory.size() as u64 / 32);
    let after = pages(end.div_ceil(32));
    if after > MOST {
        return Err(InstructionResult::MemoryLimitOOG);
    }
    let cost = after.saturating_sub(before).saturating_mul(price);
    if interpreter.gas.record_regular_cost(cost) {
        Ok(())
    } else {
        Err(InstructionResult::MemoryOOG)
    }
}
