//! Verification of ECDSA signatures on secp256r1: `P256VERIFY` (EIP-7951).

use sp1_lib::{syscall_secp256r1_add, syscall_secp256r1_double};

use super::curve::{self, Curve, linear_combination};
use super::field::{Field, Words, is_zero, less, sub, words};

/// Coordinates.
const FP: Field = Field {
    modulus: [u64::MAX, 0x0000_0000_ffff_ffff, 0, 0xffff_ffff_0000_0001],
};
/// Scalars.
const FN: Field = Field {
    modulus: [
        0xf3b9_cac2_fc63_2551,
        0xbce6_faad_a717_9e84,
        u64::MAX,
        0xffff_ffff_0000_0000,
    ],
};
/// The curve is y^2 = x^3 - 3x + B.
const B: Words = [
    0x3bce_3c3e_27d2_604b,
    0x651d_06b0_cc53_b0f6,
    0xb3eb_bd55_7698_86bc,
    0x5ac6_35d8_aa3a_93e7,
];
/// The generator.
const G: [u64; 8] = [
    0xf4a1_3945_d898_c296,
    0x7703_7d81_2deb_33a0,
    0xf8bc_e6e5_63a4_40f2,
    0x6b17_d1f2_e12c_4247,
    0xcbb6_4068_37bf_51f5,
    0x2bce_3357_6b31_5ece,
    0x8ee7_eb4a_7c0f_9e16,
    0x4fe3_42e2_fe1a_7f9b,
];

#[derive(Clone, Copy)]
struct Secp256r1;

type Point = curve::Point<Secp256r1, 8>;

impl Curve<8> for Secp256r1 {
    fn add(p: &mut [u64; 8], q: &[u64; 8]) {
        unsafe { syscall_secp256r1_add(p, q) }
    }

    fn double(p: &mut [u64; 8]) {
        unsafe { syscall_secp256r1_double(p) }
    }
}

/// Whether `key` (x, then y) signed `message`.
pub fn verify(message: &[u8; 32], signature: &[u8; 64], key: &[u8; 64]) -> bool {
    let [r, s] = numbers(signature);
    let [x, y] = numbers(key);
    let scalars_valid = [&r, &s]
        .iter()
        .all(|number| !is_zero(number) && less(number, &FN.modulus));
    if !scalars_valid || !on_curve(&x, &y) {
        return false;
    }
    let mut public = [0; 8];
    public[..4].copy_from_slice(&x);
    public[4..].copy_from_slice(&y);

    let s_inverse = FN.inverse(&s);
    let on_generator = FN.mul(&words(message), &s_inverse);
    let on_key = FN.mul(&r, &s_inverse);
    let nonce = linear_combination(&[(on_generator, Point::new(G)), (on_key, Point::new(public))]);
    nonce.0.is_some_and(|nonce| {
        let x = [nonce[0], nonce[1], nonce[2], nonce[3]];
        let reduced = if less(&x, &FN.modulus) {
            x
        } else {
            sub(&x, &FN.modulus)
        };
        reduced == r
    })
}

/// Two big-endian numbers.
fn numbers(pair: &[u8; 64]) -> [Words; 2] {
    let [first, second] = pair.as_chunks::<32>().0 else {
        unreachable!("64 bytes are two chunks of 32")
    };
    [words(first), words(second)]
}

fn on_curve(x: &Words, y: &Words) -> bool {
    if !less(x, &FP.modulus) || !less(y, &FP.modulus) {
        return false;
    }
    let square = FP.mul(x, x);
    let slope = FP.add(&square, &sub(&FP.modulus, &[3, 0, 0, 0]));
    FP.mul(y, y) == FP.add(&FP.mul(&slope, x), &B)
}
