//! KZG proofs of a blob's value at a point: `POINT_EVALUATION` (EIP-4844).

use bls12_381::{G1Affine, G2Affine, G2Projective};
use revm::precompile::bls12_381_const::TRUSTED_SETUP_TAU_G2_BYTES;
use revm::primitives::OnceLock;

use super::bls12_381::{G1Point, G2Point, from_affine, product_is_one, to_affine};
use super::curve::{Group, linear_combination};
use super::field::{Words, is_zero, less, sub, words};

/// The order of G1 and G2.
const ORDER: Words = [
    0xffff_ffff_0000_0001,
    0x53bd_a402_fffe_5bfe,
    0x3339_d808_09a1_d805,
    0x73ed_a753_299d_7d48,
];

/// Whether `proof` shows that the polynomial behind `commitment` is `y` at `z`.
pub fn verify(z: &[u8; 32], y: &[u8; 32], commitment: &[u8; 48], proof: &[u8; 48]) -> bool {
    let (Some(minus_z), Some(minus_y)) = (negative(z), negative(y)) else {
        return false;
    };
    let commitment: Option<G1Affine> = G1Affine::from_compressed(commitment).into();
    let proof: Option<G1Affine> = G1Affine::from_compressed(proof).into();
    let (Some(commitment), Some(proof)) = (commitment, proof) else {
        return false;
    };

    // e(commitment - y G1, -G2) * e(proof, tau G2 - z G2) = 1
    let mut value: G1Point = linear_combination(&[(minus_y, from_affine(&G1Affine::generator()))]);
    value.add(&from_affine(&commitment));
    let mut point = linear_combination(&[(minus_z, G2Point(G2Projective::generator()))]);
    point.add(&G2Point(tau().into()));
    product_is_one(&[
        (to_affine(&value), -G2Affine::generator()),
        (proof, point.0.into()),
    ])
}

/// The negative of a scalar below the order.
fn negative(scalar: &[u8; 32]) -> Option<Words> {
    let scalar = words(scalar);
    less(&scalar, &ORDER).then(|| {
        if is_zero(&scalar) {
            scalar
        } else {
            sub(&ORDER, &scalar)
        }
    })
}

/// The secret of the KZG ceremony times G2's generator.
fn tau() -> G2Affine {
    static TAU: OnceLock<G2Affine> = OnceLock::new();
    *TAU.get_or_init(|| {
        Option::from(G2Affine::from_compressed_unchecked(
            &TRUSTED_SETUP_TAU_G2_BYTES,
        ))
        .unwrap_or_else(G2Affine::identity)
    })
}
