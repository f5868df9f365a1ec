//! Bytes as scenarios write them: `0x00ff $g1 (0x01 $scalar)*128`.

use alloy_primitives::Address;
use std::collections::BTreeMap;

use super::{
    NotationError,
    lexer::{Token, Words},
};

/// What `$name` stands for.
pub(super) type Names = BTreeMap<String, Vec<u8>>;

/// No notation may make more than this from one line.
const MAX_BYTES: usize = 1 << 20;

/// The bytes of `text`: hex literals, names, decimal numbers as 32-byte words, and parentheses, each optionally
/// repeated with `* n`.
pub(super) fn bytes(text: &str, names: &Names) -> Result<Vec<u8>, NotationError> {
    let mut words = Words::new(text)?;
    let out = sequence(&mut words, names)?;
    match words.next() {
        None => Ok(out),
        Some(token) => Err(NotationError::Unexpected(format!("{token:?}"))),
    }
}

/// The address that `text` gives the twenty bytes of.
pub(super) fn address(text: &str, names: &Names) -> Result<Address, NotationError> {
    let bytes = bytes(text, names)?;
    Address::try_from(&bytes[..]).map_err(|_| NotationError::Number(text.to_owned()))
}

fn sequence(words: &mut Words, names: &Names) -> Result<Vec<u8>, NotationError> {
    let mut out = Vec::new();
    loop {
        let item = match words.peek() {
            None | Some(Token::Mark(')')) => return Ok(out),
            Some(_) => item(words, names)?,
        };
        let times = if words.take('*') {
            match words.next() {
                Some(Token::Decimal(n)) => {
                    usize::try_from(n).map_err(|_| NotationError::TooLong)?
                }
                other => return Err(NotationError::Unexpected(format!("{other:?}"))),
            }
        } else {
            1
        };
        if out.len() + item.len().saturating_mul(times) > MAX_BYTES {
            return Err(NotationError::TooLong);
        }
        out.extend(item.repeat(times));
    }
}

fn item(words: &mut Words, names: &Names) -> Result<Vec<u8>, NotationError> {
    match words.next() {
        Some(Token::Hex(digits)) => hex(&digits),
        Some(Token::Name(name)) => {
            let value = names.get(&name).cloned();
            value.ok_or(NotationError::Name(name))
        }
        Some(Token::Decimal(number)) => {
            let mut word = vec![0; 24];
            word.extend(number.to_be_bytes());
            Ok(word)
        }
        Some(Token::Mark('(')) => {
            let inner = sequence(words, names)?;
            if words.take(')') {
                Ok(inner)
            } else {
                Err(NotationError::Unclosed)
            }
        }
        other => Err(NotationError::Unexpected(format!("{other:?}"))),
    }
}

/// The bytes of hex `digits`, of which there must be an even number.
fn hex(digits: &str) -> Result<Vec<u8>, NotationError> {
    alloy_primitives::hex::decode(digits).map_err(|_| NotationError::Number(format!("0x{digits}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_names_repetition() {
        let names = Names::from([("a".to_owned(), vec![0xaa])]);
        assert_eq!(
            bytes("0x01 ($a 0x02)*2", &names),
            Ok(vec![1, 0xaa, 2, 0xaa, 2])
        );
        let word = bytes("258", &names).unwrap();
        assert_eq!((word.len(), word[30], word[31]), (32, 1, 2));
        assert_eq!(bytes("", &names), Ok(Vec::new()));
    }

    #[test]
    fn refused() {
        let names = Names::new();
        assert_eq!(
            bytes("$b", &names),
            Err(NotationError::Name("b".to_owned()))
        );
        assert_eq!(
            bytes("0x123", &names),
            Err(NotationError::Number("0x123".to_owned()))
        );
        assert_eq!(bytes("(0x12", &names), Err(NotationError::Unclosed));
        assert_eq!(bytes("0x00 * 2000000", &names), Err(NotationError::TooLong));
    }
}
