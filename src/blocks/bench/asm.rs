//! The assembly of scenarios.
//!
//! ```text
//! DUP4 MULMOD POP           mnemonics, as execution-specs names them
//! 0x7f 258 $generator       a push, as short as possible; 0 is PUSH0
//! PUSH4 258                 a push of that width
//! ADD(1, DUP3)              arguments before the operation, the first ends on top of the stack;
//!                           missing ones come from the stack
//! (DUP1 POP)*16             repetition
//! ok                        takes the success flag of a call, or the address of a creation
//! answered                  the call before returned something
//! ```
//! `ok` is a POP, and `answered` nothing, in a benchmark; when a scenario is checked both stop a transaction
//! whose operation failed, so that no benchmark measures a failure by mistake.

use revm::bytecode::opcode::{self, OpCode};

use super::{
    NotationError,
    data::Names,
    lexer::{Token, Words},
};

/// Where the checks of `ok` and `answered` go when they fail.
const FAIL: u8 = 3;

/// Code in front of every checked program: jumps over an INVALID at [`FAIL`].
const CHECK_PRELUDE: [u8; 6] = [
    opcode::PUSH1,
    5,
    opcode::JUMP,
    opcode::JUMPDEST,
    opcode::INVALID,
    opcode::JUMPDEST,
];

/// Translates the notation.
#[derive(Clone, Copy, Debug)]
pub(super) struct Assembler<'a> {
    /// What `$name` pushes.
    pub names: &'a Names,
    /// Whether `ok` and `answered` check.
    pub checked: bool,
}

impl Assembler<'_> {
    /// What a program starts with.
    pub(super) const fn prelude(self) -> &'static [u8] {
        if self.checked { &CHECK_PRELUDE } else { &[] }
    }

    /// The bytecode of `text`.
    pub(super) fn assemble(self, text: &str) -> Result<Vec<u8>, NotationError> {
        let mut words = Words::new(text)?;
        let code = self.sequence(&mut words)?;
        match words.next() {
            None => Ok(code),
            Some(token) => Err(NotationError::Unexpected(format!("{token:?}"))),
        }
    }

    fn sequence(self, words: &mut Words) -> Result<Vec<u8>, NotationError> {
        let mut code = Vec::new();
        while !matches!(words.peek(), None | Some(Token::Mark(')' | ','))) {
            code.extend(self.expression(words)?);
        }
        Ok(code)
    }

    fn expression(self, words: &mut Words) -> Result<Vec<u8>, NotationError> {
        match words.next() {
            Some(Token::Mark('(')) => {
                let inner = self.sequence(words)?;
                close(words)?;
                if !words.take('*') {
                    return Ok(inner);
                }
                match words.next() {
                    Some(Token::Decimal(n)) if n <= 4096 => {
                        let times = usize::try_from(n).map_err(|_| NotationError::TooLong)?;
                        Ok(inner.repeat(times))
                    }
                    Some(Token::Decimal(_)) => Err(NotationError::TooLong),
                    other => Err(NotationError::Unexpected(format!("{other:?}"))),
                }
            }
            Some(Token::Word(word)) => self.operation(&word, words),
            Some(token) => push(&self.value(token)?, None),
            None => Err(NotationError::Unclosed),
        }
    }

    fn operation(self, word: &str, words: &mut Words) -> Result<Vec<u8>, NotationError> {
        match (word, self.checked) {
            ("ok", false) => return Ok(vec![opcode::POP]),
            ("answered", false) => return Ok(Vec::new()),
            ("ok", true) => return Ok(failing_if(&[opcode::ISZERO])),
            ("answered", true) => {
                return Ok(failing_if(&[opcode::RETURNDATASIZE, opcode::ISZERO]));
            }
            _ => {}
        }
        let op = parse(word).ok_or_else(|| NotationError::Mnemonic(word.to_owned()))?;
        if op.is_push() && op.get() != opcode::PUSH0 {
            let Some(token) = words.next() else {
                return Err(NotationError::Unclosed);
            };
            return push(&self.value(token)?, Some(op.get() - opcode::PUSH0));
        }
        let mut arguments = Vec::new();
        if words.take('(') {
            loop {
                arguments.push(self.sequence(words)?);
                if !words.take(',') {
                    break;
                }
            }
            close(words)?;
        }
        if arguments.len() > usize::from(op.inputs()) {
            return Err(NotationError::Arguments(word.to_owned()));
        }
        let mut code: Vec<u8> = arguments.into_iter().rev().flatten().collect();
        code.push(op.get());
        if op.info().immediate_size() > 0 {
            // EIP-8024: one byte.
            match words.next().map(|token| self.value(token)).transpose()? {
                Some(value) if value.len() == 1 => code.extend(value),
                _ => return Err(NotationError::TooWide),
            }
        }
        Ok(code)
    }

    /// The big-endian value of a literal or name.
    fn value(self, token: Token) -> Result<Vec<u8>, NotationError> {
        match token {
            Token::Decimal(number) => Ok(number.to_be_bytes().to_vec()),
            Token::Hex(digits) => {
                let even = if digits.len() % 2 == 1 {
                    format!("0{digits}")
                } else {
                    digits
                };
                alloy_primitives::hex::decode(&even)
                    .map_err(|_| NotationError::Number(format!("0x{even}")))
            }
            Token::Name(name) => {
                let value = self.names.get(&name).cloned();
                value.ok_or(NotationError::Name(name))
            }
            other => Err(NotationError::Unexpected(format!("{other:?}"))),
        }
    }
}

/// The opcode called `name`, under the name execution-specs and the schedules use.
fn parse(name: &str) -> Option<OpCode> {
    let name = if name == "PREVRANDAO" {
        "DIFFICULTY"
    } else {
        name
    };
    (0..=u8::MAX)
        .filter_map(OpCode::new)
        .find(|op| op.as_str() == name)
}

/// Pushes `value`, as short as possible or `width` bytes wide.
pub(super) fn push(value: &[u8], width: Option<u8>) -> Result<Vec<u8>, NotationError> {
    let start = value.iter().position(|b| *b != 0).unwrap_or(value.len());
    let significant = &value[start..];
    let fits = |n: usize| u8::try_from(n).ok().filter(|n| *n <= 32);
    let least = fits(significant.len()).ok_or(NotationError::TooWide)?;
    let width = width.unwrap_or(least);
    if width < least || width > 32 {
        return Err(NotationError::TooWide);
    }
    let mut code = vec![opcode::PUSH0 + width];
    code.resize(1 + usize::from(width - least), 0);
    code.extend(significant);
    Ok(code)
}

fn close(words: &mut Words) -> Result<(), NotationError> {
    if words.take(')') {
        Ok(())
    } else {
        Err(NotationError::Unclosed)
    }
}

fn failing_if(condition: &[u8]) -> Vec<u8> {
    [condition, &[opcode::PUSH1, FAIL, opcode::JUMPI]].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_primitives::hex;

    fn assemble(text: &str, checked: bool) -> Result<Vec<u8>, NotationError> {
        let names = Names::from([("g".to_owned(), vec![0x01, 0x00])]);
        Assembler {
            names: &names,
            checked,
        }
        .assemble(text)
    }

    #[test]
    fn pushes_are_as_short_as_they_can_be() {
        let expected = hex!("5f 60ff 610100 610100 60ff 6300000102");
        let code = assemble("0 255 256 $g 0x00ff PUSH4 258", false).unwrap();
        assert_eq!(code, expected);
    }

    #[test]
    fn the_first_argument_ends_on_top() {
        assert_eq!(assemble("SUB(DUP1, 1)", false).unwrap(), hex!("6001 80 03"));
        assert_eq!(
            assemble("POP(MULMOD(1, 2, 3))", false).unwrap(),
            hex!("6003 6002 6001 09 50")
        );
        assert_eq!(
            assemble("(ADD(1))*2", false).unwrap(),
            hex!("6001 01 6001 01")
        );
    }

    #[test]
    fn an_immediate_is_one_byte() {
        assert_eq!(assemble("DUPN 0x80", false).unwrap(), hex!("e680"));
        assert_eq!(assemble("DUPN 0x8000", false), Err(NotationError::TooWide));
    }

    #[test]
    fn checks_cost_nothing_unless_wanted() {
        assert_eq!(assemble("ok answered", false).unwrap(), hex!("50"));
        assert_eq!(
            assemble("ok answered", true).unwrap(),
            hex!("15600357 3d15600357")
        );
    }

    #[test]
    fn refused() {
        let error = |text| assemble(text, false).unwrap_err();
        assert_eq!(error("MULMODE"), NotationError::Mnemonic("MULMODE".into()));
        assert_eq!(error("POP(1, 2)"), NotationError::Arguments("POP".into()));
        assert_eq!(error("PUSH1 256"), NotationError::TooWide);
        assert_eq!(error("ADD(1"), NotationError::Unclosed);
        assert_eq!(error("%"), NotationError::Character('%'));
        assert_eq!(error("$x"), NotationError::Name("x".into()));
    }
}
