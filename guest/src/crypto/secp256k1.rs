//! Recovery of ECDSA public keys on secp256k1: transaction senders, authorizations and `ECRECOVER`.

use sp1_lib::{syscall_secp256k1_add, syscall_secp256k1_double};

use super::curve::{self, Curve, linear_combination};
use super::field::{Field, Words, add, bytes, is_zero, less, words};

/// Coordinates.
const FP: Field = Field {
    modulus: [0xffff_fffe_ffff_fc2f, u64::MAX, u64::MAX, u64::MAX],
};
/// Scalars.
const FN: Field = Field {
    modulus: [
        0xbfd2_5e8c_d036_4141,
        0xbaae_dce6_af48_a03b,
        0xffff_ffff_ffff_fffe,
        u64::MAX,
    ],
};
/// The generator.
const G: [u64; 8] = [
    0x59f2_815b_16f8_1798,
    0x029b_fcdb_2dce_28d9,
    0x55a0_6295_ce87_0b07,
    0x79be_667e_f9dc_bbac,
    0x9c47_d08f_fb10_d4b8,
    0xfd17_b448_a685_5419,
    0x5da4_fbfc_0e11_08a8,
    0x483a_da77_26a3_c465,
];

#[derive(Clone, Copy)]
struct Secp256k1;

type Point = curve::Point<Secp256k1, 8>;

impl Curve<8> for Secp256k1 {
    fn add(p: &mut [u64; 8], q: &[u64; 8]) {
        unsafe { syscall_secp256k1_add(p, q) }
    }

    fn double(p: &mut [u64; 8]) {
        unsafe { syscall_secp256k1_double(p) }
    }
}

/// The public key, x then y, that signed `message`; `None` if there is none. `recovery` is 0 or 1 for an even or odd
/// y of the nonce's point, 2 more if its x is above the order. High values of `s` are accepted.
pub fn recover(signature: &[u8; 64], recovery: u8, message: &[u8; 32]) -> Option<[u8; 64]> {
    let (r, s) = signature.split_at(32);
    let (r, s): (Words, Words) = (words(r.try_into().ok()?), words(s.try_into().ok()?));
    if recovery > 3
        || [&r, &s]
            .iter()
            .any(|number| is_zero(number) || !less(number, &FN.modulus))
    {
        return None;
    }
    let nonce_x = if recovery & 2 == 0 {
        r
    } else {
        let (x, carry) = add(&r, &FN.modulus);
        if carry || !less(&x, &FP.modulus) {
            return None;
        }
        x
    };
    let nonce_y = decompress(&nonce_x, recovery & 1 == 1)?;
    let mut nonce = [0; 8];
    nonce[..4].copy_from_slice(&nonce_x);
    nonce[4..].copy_from_slice(&nonce_y);

    // s * nonce = message * G + r * key
    let r_inverse = FN.inverse(&r);
    let on_generator = FN.neg(&FN.mul(&words(message), &r_inverse));
    let on_nonce = FN.mul(&s, &r_inverse);
    let key =
        linear_combination(&[(on_generator, Point::new(G)), (on_nonce, Point::new(nonce))]).0?;
    let mut public_key = [0; 64];
    for (coordinate, words) in public_key
        .as_chunks_mut::<32>()
        .0
        .iter_mut()
        .zip(key.as_chunks::<4>().0)
    {
        *coordinate = bytes(words);
    }
    Some(public_key)
}

/// The y of a point with this x.
fn decompress(x: &Words, odd: bool) -> Option<Words> {
    let cube = FP.mul(&FP.mul(x, x), x);
    let y = FP.sqrt(&FP.add(&cube, &[7, 0, 0, 0]))?;
    // The curve has no point with y = 0: its order is odd.
    Some(if (y[0] & 1 == 1) == odd {
        y
    } else {
        FP.neg(&y)
    })
}
