//! The looping contract of a scenario.

use revm::bytecode::opcode;

use super::{
    NotationError, Scenario,
    asm::{Assembler, push},
    data::{self, Names},
};

/// Bytes of each number in calldata.
const DIGITS: usize = 4;

/// Numbers in calldata are below this.
pub(super) const MAX_NUMBER: u64 = 1 << (7 * DIGITS);

/// Calldata of a looping contract starts with the iteration count and the first index, padded to a word.
///
/// Each byte carries seven bits and a set top bit, so that all counts cost the same gas.
pub(super) fn arguments(count: u64, first: u64) -> [u8; 32] {
    let mut word = [0; 32];
    for (number, at) in [(count, 0), (first, DIGITS)] {
        for (i, digit) in word[at..at + DIGITS].iter_mut().enumerate() {
            let bits = (number >> (7 * (DIGITS - 1 - i))) & 0x7f;
            *digit = 0x80 | u8::try_from(bits).unwrap_or_default();
        }
    }
    word
}

/// The code of `scenario`'s looping contract.
pub(super) fn program(
    scenario: &Scenario,
    names: &Names,
    checked: bool,
) -> Result<Vec<u8>, NotationError> {
    let assembler = Assembler { names, checked };
    let memory = data::bytes(&scenario.memory, names)?;
    let [setup, before, body, after] = [
        &scenario.setup,
        &scenario.before,
        &scenario.body,
        &scenario.after,
    ]
    .map(|text| assembler.assemble(text));
    let mut code = assembler.prelude().to_vec();
    let mut copy_at = None;
    if !memory.is_empty() {
        code.extend(push(&memory.len().to_be_bytes(), Some(3))?);
        copy_at = Some(code.len());
        code.extend([opcode::PUSH2, 0, 0, opcode::PUSH0, opcode::CODECOPY]);
    }
    code.extend(setup?);
    if let Some(index) = &scenario.index {
        code.extend(assembler.assemble(index)?);
        code.extend(decode(DIGITS));
        code.push(opcode::ADD);
    }
    code.extend(decode(0));
    let start = code.len();
    code.push(opcode::JUMPDEST);
    code.extend(before?);
    let repeat = usize::try_from(scenario.repeat).map_err(|_| NotationError::TooLong)?;
    let body = body?;
    if body.len().saturating_mul(repeat) > usize::from(u16::MAX) {
        return Err(NotationError::TooLong);
    }
    code.extend(body.repeat(repeat));
    code.extend(after?);
    code.extend([opcode::PUSH1, 1, opcode::SWAP1, opcode::SUB, opcode::DUP1]);
    code.extend(push(&start.to_be_bytes(), Some(2))?);
    code.extend([opcode::JUMPI, opcode::STOP]);
    if let Some(at) = copy_at {
        let offset = u16::try_from(code.len()).map_err(|_| NotationError::TooLong)?;
        code[at + 1..at + 3].copy_from_slice(&offset.to_be_bytes());
        code.extend(memory);
    }
    Ok(code)
}

/// Pushes the number at calldata byte `at`.
fn decode(at: usize) -> Vec<u8> {
    let mut code = Vec::new();
    for i in 0..DIGITS {
        if i > 0 {
            code.extend([opcode::PUSH1, 7, opcode::SHL]);
        }
        let byte = u8::try_from(at + i).unwrap_or_default();
        code.extend([opcode::PUSH0, opcode::CALLDATALOAD, opcode::PUSH1, byte]);
        code.extend([opcode::BYTE, opcode::PUSH1, 0x7f, opcode::AND]);
        if i > 0 {
            code.push(opcode::OR);
        }
    }
    code
}
