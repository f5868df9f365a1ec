//! BN254: `ECADD`, `ECMUL` on the zkVM's curve operations, the pairing on its field operations.

use alloc::vec::Vec;

use bn::{AffineG1, AffineG2, Fq, Fq2, G1, G2, Gt};
use revm::precompile::PrecompileHalt;
use sp1_lib::{syscall_bn254_add, syscall_bn254_double};

use super::curve::{self, Curve, Group, linear_combination};
use super::field::{Field, Words, bytes, is_zero, less, words};

/// Coordinates. (The multiplication does not need a modulus above 2^255; additions of reduced numbers do not carry.)
const FP: Field = Field {
    modulus: [
        0x3c20_8c16_d87c_fd47,
        0x9781_6a91_6871_ca8d,
        0xb850_45b6_8181_585d,
        0x3064_4e72_e131_a029,
    ],
};

#[derive(Clone, Copy)]
struct Bn254;

type Point = curve::Point<Bn254, 8>;

impl Curve<8> for Bn254 {
    fn add(p: &mut [u64; 8], q: &[u64; 8]) {
        unsafe { syscall_bn254_add(p, q) }
    }

    fn double(p: &mut [u64; 8]) {
        unsafe { syscall_bn254_double(p) }
    }
}

pub fn add(p: &[u8], q: &[u8]) -> Result<[u8; 64], PrecompileHalt> {
    let mut sum = read_point(p)?;
    sum.add(&read_point(q)?);
    Ok(write_point(&sum))
}

pub fn mul(point: &[u8], scalar: &[u8]) -> Result<[u8; 64], PrecompileHalt> {
    let point = read_point(point)?;
    let scalar = scalar
        .try_into()
        .map_err(|_| PrecompileHalt::Bn254FieldPointNotAMember)?;
    Ok(write_point(&linear_combination(&[(words(scalar), point)])))
}

fn coordinate(bytes: &[u8]) -> Result<Words, PrecompileHalt> {
    let bytes = bytes
        .try_into()
        .map_err(|_| PrecompileHalt::Bn254FieldPointNotAMember)?;
    let number = words(bytes);
    if less(&number, &FP.modulus) {
        Ok(number)
    } else {
        Err(PrecompileHalt::Bn254FieldPointNotAMember)
    }
}

fn read_point(bytes: &[u8]) -> Result<Point, PrecompileHalt> {
    let (x, y) = bytes
        .split_at_checked(32)
        .ok_or(PrecompileHalt::Bn254FieldPointNotAMember)?;
    let (x, y) = (coordinate(x)?, coordinate(y)?);
    if is_zero(&x) && is_zero(&y) {
        return Ok(Point::zero());
    }
    // y^2 = x^3 + 3
    if FP.mul(&y, &y) != FP.add(&FP.mul(&FP.mul(&x, &x), &x), &[3, 0, 0, 0]) {
        return Err(PrecompileHalt::Bn254AffineGFailedToCreate);
    }
    let mut point = [0; 8];
    point[..4].copy_from_slice(&x);
    point[4..].copy_from_slice(&y);
    Ok(Point::new(point))
}

fn write_point(point: &Point) -> [u8; 64] {
    let mut encoded = [0; 64];
    if let Some(point) = &point.0 {
        for (coordinate, words) in encoded
            .as_chunks_mut::<32>()
            .0
            .iter_mut()
            .zip(point.as_chunks::<4>().0)
        {
            *coordinate = bytes(words);
        }
    }
    encoded
}

/// Whether the product of the pairings is one.
pub fn pairing_check(pairs: &[(&[u8], &[u8])]) -> Result<bool, PrecompileHalt> {
    let mut terms = Vec::with_capacity(pairs.len());
    for (g1, g2) in pairs {
        let (g1, g2) = (read_g1(g1)?, read_g2(g2)?);
        if let (Some(g1), Some(g2)) = (g1, g2) {
            terms.push((g1, g2));
        }
    }
    Ok(terms.is_empty() || bn::pairing_batch(&terms) == Gt::one())
}

fn read_fq(bytes: &[u8]) -> Result<Fq, PrecompileHalt> {
    coordinate(bytes)?;
    Fq::from_slice(bytes).map_err(|_| PrecompileHalt::Bn254FieldPointNotAMember)
}

fn read_g1(bytes: &[u8]) -> Result<Option<G1>, PrecompileHalt> {
    if read_point(bytes)?.0.is_none() {
        return Ok(None);
    }
    let (x, y) = bytes.split_at(32);
    AffineG1::new(read_fq(x)?, read_fq(y)?)
        .map(|point| Some(point.into()))
        .map_err(|_| PrecompileHalt::Bn254AffineGFailedToCreate)
}

/// A point of the twist; the imaginary part of a coordinate comes first.
fn read_g2(bytes: &[u8]) -> Result<Option<G2>, PrecompileHalt> {
    let [x1, x0, y1, y0] = bytes.as_chunks::<32>().0 else {
        return Err(PrecompileHalt::Bn254PairLength);
    };
    let x = Fq2::new(read_fq(x0)?, read_fq(x1)?);
    let y = Fq2::new(read_fq(y0)?, read_fq(y1)?);
    if x.is_zero() && y.is_zero() {
        return Ok(None);
    }
    AffineG2::new(x, y)
        .map(|point| Some(G2::from(point)))
        .map_err(|_| PrecompileHalt::Bn254AffineGFailedToCreate)
}
