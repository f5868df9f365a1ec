//! `MODEXP` with moduli of up to 256 bits on the zkVM's modular multiplication.

use alloc::vec;
use alloc::vec::Vec;

use sp1_lib::uint256_mulmod;

use super::field::{Words, add, bytes, is_zero, less, sub, words};

/// `base ^ exponent mod modulus`, as long as `modulus`, which is at most 32 bytes long. All numbers are big-endian.
pub fn modexp(base: &[u8], exponent: &[u8], modulus: &[u8]) -> Vec<u8> {
    let number = chunk(modulus);
    let mut result = vec![0; modulus.len()];
    // A zero or missing modulus gives zero; the system call would take it for 2^256.
    if is_zero(&number) {
        return result;
    }
    let power = bytes(&pow(&reduce(base, &number), exponent, &number));
    result.copy_from_slice(&power[32 - modulus.len()..]);
    result
}

/// At most 32 big-endian bytes.
fn chunk(number: &[u8]) -> Words {
    let mut padded = [0; 32];
    padded[32 - number.len()..].copy_from_slice(number);
    words(&padded)
}

/// A number of any length modulo `modulus`.
fn reduce(number: &[u8], modulus: &Words) -> Words {
    let mut remainder = [0; 4];
    let (first, rest) = number.split_at(number.len() % 32);
    for (i, digit) in core::iter::once(first)
        .chain(rest.chunks_exact(32))
        .enumerate()
    {
        if i > 0 {
            // remainder * 2^256: twice by 2^128.
            for _ in 0..2 {
                uint256_mulmod(&mut remainder, &[0, 0, 1, 0], modulus);
            }
        }
        let mut digit = chunk(digit);
        uint256_mulmod(&mut digit, &[1, 0, 0, 0], modulus);
        let (sum, carry) = add(&remainder, &digit);
        remainder = if carry || !less(&sum, modulus) {
            sub(&sum, modulus)
        } else {
            sum
        };
    }
    remainder
}

/// Square and multiply, from the exponent's highest bit on.
fn pow(base: &Words, exponent: &[u8], modulus: &Words) -> Words {
    let mut power = [1, 0, 0, 0];
    // 1 modulo 1 is 0.
    uint256_mulmod(&mut power, &[1, 0, 0, 0], modulus);
    let mut started = false;
    for byte in exponent {
        for bit in (0..8).rev() {
            if started {
                let square = power;
                uint256_mulmod(&mut power, &square, modulus);
            }
            if byte >> bit & 1 == 1 {
                uint256_mulmod(&mut power, base, modulus);
                started = true;
            }
        }
    }
    power
}
