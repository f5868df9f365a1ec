//! Words of the scenario notation, shared by code ([`super::asm`]) and bytes ([`super::data`]).

use super::NotationError;

/// One word of a notation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A mnemonic or a keyword.
    Word(String),
    /// `$name`.
    Name(String),
    /// `0x...`, digits kept as written: in data every digit counts.
    Hex(String),
    /// A decimal number.
    Decimal(u64),
    /// One of `(` `)` `,` `*`.
    Mark(char),
}

/// A cursor over the words of `text`.
pub(super) struct Words {
    tokens: std::vec::IntoIter<Token>,
    ahead: Option<Token>,
}

impl Words {
    pub(super) fn new(text: &str) -> Result<Self, NotationError> {
        let mut tokens = tokens(text)?.into_iter();
        let ahead = tokens.next();
        Ok(Self { tokens, ahead })
    }

    pub(super) const fn peek(&self) -> Option<&Token> {
        self.ahead.as_ref()
    }

    pub(super) fn next(&mut self) -> Option<Token> {
        core::mem::replace(&mut self.ahead, self.tokens.next())
    }

    /// Takes `mark` if it comes next.
    pub(super) fn take(&mut self, mark: char) -> bool {
        let found = self.ahead == Some(Token::Mark(mark));
        if found {
            self.next();
        }
        found
    }
}

fn tokens(text: &str) -> Result<Vec<Token>, NotationError> {
    let mut out = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let (token, length) = if "(),*".contains(first) {
            (Token::Mark(first), 1)
        } else {
            let sigil = usize::from(first == '$');
            let length = sigil
                + rest[sigil..]
                    .find(|c| !word(c))
                    .unwrap_or(rest.len() - sigil);
            let found = &rest[sigil..length];
            let token = if found.is_empty() {
                return Err(NotationError::Character(first));
            } else if sigil == 1 {
                Token::Name(found.to_owned())
            } else if let Some(digits) = found.strip_prefix("0x") {
                Token::Hex(digits.replace('_', ""))
            } else if first.is_ascii_digit() {
                let number = found.replace('_', "").parse();
                Token::Decimal(number.map_err(|_| NotationError::Number(found.to_owned()))?)
            } else {
                Token::Word(found.to_owned())
            };
            (token, length)
        };
        out.push(token);
        rest = rest[length..].trim_start();
    }
    Ok(out)
}
