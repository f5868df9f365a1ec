//! What MODEXP is measured by (EIP-2565; EIP-7883, EIP-7823).

use revm::primitives::U256;
use serde::{Deserialize, Serialize};

use super::formula::Units;
use crate::{Fork, Variable};

/// The rules behind `complexity` and `iterations`: the `MODEXP_*` parameters that its formula does not mention.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModexpRules {
    /// Iterations per exponent byte beyond the first 32.
    pub iterations_per_byte: u64,
    /// Complexity where base and modulus have at most 32 bytes; `None`: as elsewhere.
    pub complexity_small: Option<u64>,
    /// Complexity per squared 8-byte word elsewhere.
    pub complexity_per_word: u64,
    /// Longer bases, exponents and moduli fail, bytes; `None`: any length.
    pub max_bytes: Option<u64>,
}

impl ModexpRules {
    /// Those of EIP-2565.
    const PRAGUE: Self = Self {
        iterations_per_byte: 8,
        complexity_small: None,
        complexity_per_word: 1,
        max_bytes: None,
    };

    /// Those of EIP-7883 and EIP-7823.
    const OSAKA: Self = Self {
        iterations_per_byte: 16,
        complexity_small: Some(16),
        complexity_per_word: 2,
        max_bytes: Some(1_024),
    };

    /// Those revm has compiled in.
    pub const fn of(fork: Fork) -> Self {
        match fork {
            Fork::Prague => Self::PRAGUE,
            Fork::Osaka | Fork::Amsterdam => Self::OSAKA,
        }
    }

    /// The measures of `input`; `None` when a length is above the limit.
    pub(crate) fn measure(&self, input: &[u8]) -> Option<Units> {
        let length = |at: usize| u64::try_from(word(input, at, 32)).unwrap_or(u64::MAX);
        let (base, exponent, modulus) = (length(0), length(32), length(64));
        let longest = base.max(modulus);
        if self
            .max_bytes
            .is_some_and(|most| longest.max(exponent) > most)
        {
            return None;
        }
        let words = longest.div_ceil(8);
        let complexity = self
            .complexity_small
            .filter(|_| longest <= 32)
            .unwrap_or_else(|| {
                words
                    .saturating_mul(words)
                    .saturating_mul(self.complexity_per_word)
            });
        let at = usize::try_from(base.saturating_add(96)).unwrap_or(usize::MAX);
        let head_bytes = usize::try_from(exponent.min(32)).unwrap_or(32);
        let head_bits = word(input, at, head_bytes).bit_len() as u64;
        let tail = exponent
            .saturating_sub(32)
            .saturating_mul(self.iterations_per_byte);
        let iterations = tail.saturating_add(head_bits.saturating_sub(1)).max(1);
        Some(
            Units::default()
                .with(Variable::Complexity, complexity)
                .with(Variable::Iterations, iterations),
        )
    }
}

/// The big-endian number of `bytes` (at most 32) bytes at `at`, as if zeroes followed `input`.
fn word(input: &[u8], at: usize, bytes: usize) -> U256 {
    let mut padded = [0; 32];
    let present = input.get(at..).unwrap_or_default();
    let present = &present[..present.len().min(bytes)];
    padded[32 - bytes..32 - bytes + present.len()].copy_from_slice(present);
    U256::from_be_bytes(padded)
}
