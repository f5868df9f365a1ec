//! BLS12-381 (EIP-2537): G1 on the zkVM's curve operations, G2 and pairings on its field operations.
//! Neither the bytes of the precompiles nor of revm carry flags: the point at infinity is all zeros.

use alloc::vec::Vec;

use bls12_381::fp::Fp;
use bls12_381::fp2::Fp2;
use bls12_381::hash_to_curve::MapToCurve;
use bls12_381::{
    G1Affine, G1Projective, G2Affine, G2Prepared, G2Projective, Gt, multi_miller_loop,
};
use revm::precompile::PrecompileHalt;
use revm::precompile::bls12_381::{
    G1Point as G1Bytes, G1PointScalar, G2Point as G2Bytes, G2PointScalar,
};
use sp1_lib::{
    syscall_bls12381_add, syscall_bls12381_double, syscall_bls12381_fp_addmod,
    syscall_bls12381_fp_mulmod,
};

use super::curve::{self, Curve, Group, linear_combination};
use super::field::words;

/// A coordinate, least significant word first.
type Coordinate = [u64; 6];

const MODULUS: Coordinate = [
    0xb9fe_ffff_ffff_aaab,
    0x1eab_fffe_b153_ffff,
    0x6730_d2a0_f6b0_f624,
    0x6477_4b84_f385_12bf,
    0x4b1b_a7b6_434b_acd7,
    0x1a01_11ea_397f_e69a,
];
/// A cube root of one: multiplying x by it maps a point P of G1 to -z^2 P, and no other point of the curve.
const BETA: Coordinate = [
    0x2e01_ffff_fffe_fffe,
    0xde17_d813_620a_0002,
    0xddb3_a93b_e6f8_9688,
    0xba69_c607_6a0f_77ea,
    0x5f19_672f_df76_ce51,
    0,
];
/// |z|, the curve's parameter; z is negative.
const Z: u64 = 0xd201_0000_0001_0000;

#[derive(Clone, Copy)]
pub struct G1;

/// A point of the curve that G1 is part of.
pub type G1Point = curve::Point<G1, 12>;

impl Curve<12> for G1 {
    fn add(p: &mut [u64; 12], q: &[u64; 12]) {
        unsafe { syscall_bls12381_add(p, q) }
    }

    fn double(p: &mut [u64; 12]) {
        unsafe { syscall_bls12381_double(p) }
    }
}

/// A point of the twist.
#[derive(Clone, Copy)]
pub struct G2Point(pub G2Projective);

impl Group for G2Point {
    fn zero() -> Self {
        Self(G2Projective::identity())
    }

    fn add(&mut self, other: &Self) {
        self.0 = self.0.add(&other.0);
    }

    fn double(&mut self) {
        self.0 = self.0.double();
    }
}

pub fn g1_add(a: &G1Bytes, b: &G1Bytes) -> Result<[u8; 96], PrecompileHalt> {
    let mut sum = read_g1(a)?;
    sum.add(&read_g1(b)?);
    Ok(write_g1(&sum))
}

pub fn g1_msm(
    pairs: &mut dyn Iterator<Item = Result<G1PointScalar, PrecompileHalt>>,
) -> Result<[u8; 96], PrecompileHalt> {
    let mut terms = Vec::new();
    for pair in pairs {
        let (point, scalar) = pair?;
        terms.push((words(&scalar), read_g1_of_subgroup(&point)?));
    }
    Ok(write_g1(&linear_combination(&terms)))
}

pub fn g2_add(a: &G2Bytes, b: &G2Bytes) -> Result<[u8; 192], PrecompileHalt> {
    Ok(write_g2(&(G2Projective::from(read_g2(a)?) + read_g2(b)?)))
}

pub fn g2_msm(
    pairs: &mut dyn Iterator<Item = Result<G2PointScalar, PrecompileHalt>>,
) -> Result<[u8; 192], PrecompileHalt> {
    let mut terms = Vec::new();
    for pair in pairs {
        let (point, scalar) = pair?;
        terms.push((words(&scalar), G2Point(read_g2_of_subgroup(&point)?.into())));
    }
    Ok(write_g2(&linear_combination(&terms).0))
}

/// Whether the product of the pairings is one.
pub fn pairing_check(pairs: &[(G1Bytes, G2Bytes)]) -> Result<bool, PrecompileHalt> {
    let mut terms = Vec::with_capacity(pairs.len());
    for (g1, g2) in pairs {
        terms.push((
            to_affine(&read_g1_of_subgroup(g1)?),
            read_g2_of_subgroup(g2)?,
        ));
    }
    Ok(product_is_one(&terms))
}

/// Whether the product of the pairings of points in the right subgroups is one.
pub fn product_is_one(terms: &[(G1Affine, G2Affine)]) -> bool {
    let prepared: Vec<_> = terms
        .iter()
        .filter(|(g1, g2)| !bool::from(g1.is_identity() | g2.is_identity()))
        .map(|(g1, g2)| (g1, G2Prepared::from(*g2)))
        .collect();
    let terms: Vec<_> = prepared.iter().map(|(g1, g2)| (*g1, g2)).collect();
    terms.is_empty() || multi_miller_loop(&terms).final_exponentiation() == Gt::identity()
}

pub fn map_to_g1(fp: &[u8; 48]) -> Result<[u8; 96], PrecompileHalt> {
    let mapped = G1Projective::map_to_curve(&read_fp(fp)?).clear_h();
    Ok(write_g1(&from_affine(&G1Affine::from(mapped))))
}

pub fn map_to_g2(c0: &[u8; 48], c1: &[u8; 48]) -> Result<[u8; 192], PrecompileHalt> {
    let element = Fp2 {
        c0: read_fp(c0)?,
        c1: read_fp(c1)?,
    };
    Ok(write_g2(&G2Projective::map_to_curve(&element).clear_h()))
}

fn read_fp(bytes: &[u8; 48]) -> Result<Fp, PrecompileHalt> {
    Option::from(Fp::from_bytes(bytes)).ok_or(PrecompileHalt::NonCanonicalFp)
}

fn coordinate(bytes: &[u8; 48]) -> Result<Coordinate, PrecompileHalt> {
    let mut number = [0; 6];
    for (word, chunk) in number.iter_mut().rev().zip(bytes.as_chunks::<8>().0) {
        *word = u64::from_be_bytes(*chunk);
    }
    if number.iter().rev().lt(MODULUS.iter().rev()) {
        Ok(number)
    } else {
        Err(PrecompileHalt::NonCanonicalFp)
    }
}

fn mul(a: &Coordinate, b: &Coordinate) -> Coordinate {
    let mut product = *a;
    unsafe { syscall_bls12381_fp_mulmod(product.as_mut_ptr(), b.as_ptr()) };
    product
}

/// A point on the curve.
fn read_g1((x, y): &G1Bytes) -> Result<G1Point, PrecompileHalt> {
    let (x, y) = (coordinate(x)?, coordinate(y)?);
    if x == [0; 6] && y == [0; 6] {
        return Ok(G1Point::zero());
    }
    // y^2 = x^3 + 4
    let mut right = mul(&mul(&x, &x), &x);
    unsafe { syscall_bls12381_fp_addmod(right.as_mut_ptr(), [4u64, 0, 0, 0, 0, 0].as_ptr()) };
    if mul(&y, &y) != right {
        return Err(PrecompileHalt::Bls12381G1NotOnCurve);
    }
    let mut point = [0; 12];
    point[..6].copy_from_slice(&x);
    point[6..].copy_from_slice(&y);
    Ok(G1Point::new(point))
}

/// A point of G1, by the endomorphism (<https://eprint.iacr.org/2021/1130>).
fn read_g1_of_subgroup(bytes: &G1Bytes) -> Result<G1Point, PrecompileHalt> {
    let point = read_g1(bytes)?;
    let Some(coordinates) = point.0 else {
        return Ok(point);
    };
    let mut sum = times_z(&times_z(&point));
    let mut mapped = coordinates;
    let (x, _) = coordinates.split_at(6);
    mapped[..6].copy_from_slice(&mul(
        &BETA,
        x.try_into().map_err(|_| PrecompileHalt::NonCanonicalFp)?,
    ));
    sum.add(&G1Point::new(mapped));
    if sum.0.is_none() {
        Ok(point)
    } else {
        Err(PrecompileHalt::Bls12381G1NotInSubgroup)
    }
}

/// `|z| point`.
fn times_z(point: &G1Point) -> G1Point {
    let mut multiple = *point;
    for bit in (0..u64::BITS - 1).rev() {
        multiple.double();
        if Z >> bit & 1 == 1 {
            multiple.add(point);
        }
    }
    multiple
}

fn write_g1(point: &G1Point) -> [u8; 96] {
    let mut encoded = [0; 96];
    if let Some(point) = &point.0 {
        let (x, y) = point.split_at(6);
        let words = x.iter().rev().chain(y.iter().rev());
        for (chunk, word) in encoded.as_chunks_mut::<8>().0.iter_mut().zip(words) {
            *chunk = word.to_be_bytes();
        }
    }
    encoded
}

/// The pairing's form of a point.
pub fn to_affine(point: &G1Point) -> G1Affine {
    if point.0.is_none() {
        return G1Affine::identity();
    }
    let affine = G1Affine::from_uncompressed_unchecked(&write_g1(point));
    Option::from(affine).unwrap_or_else(G1Affine::identity)
}

/// Back from the pairing's form.
pub fn from_affine(point: &G1Affine) -> G1Point {
    if bool::from(point.is_identity()) {
        return G1Point::zero();
    }
    let bytes = point.to_uncompressed();
    let mut words = [0; 12];
    let (x, y) = words.split_at_mut(6);
    for (word, chunk) in x
        .iter_mut()
        .rev()
        .chain(y.iter_mut().rev())
        .zip(bytes.as_chunks::<8>().0)
    {
        *word = u64::from_be_bytes(*chunk);
    }
    G1Point::new(words)
}

/// A point on the twist.
fn read_g2((x0, x1, y0, y1): &G2Bytes) -> Result<G2Affine, PrecompileHalt> {
    // The library's form has the imaginary part first, and flags in its top bits, which numbers below the modulus
    // leave at zero.
    let mut bytes = [0; 192];
    for (part, number) in bytes
        .as_chunks_mut::<48>()
        .0
        .iter_mut()
        .zip([x1, x0, y1, y0])
    {
        coordinate(number)?;
        *part = *number;
    }
    if bytes == [0; 192] {
        return Ok(G2Affine::identity());
    }
    let point: Option<G2Affine> = G2Affine::from_uncompressed_unchecked(&bytes).into();
    point
        .filter(|point| bool::from(point.is_on_curve()))
        .ok_or(PrecompileHalt::Bls12381G2NotOnCurve)
}

fn read_g2_of_subgroup(bytes: &G2Bytes) -> Result<G2Affine, PrecompileHalt> {
    let point = read_g2(bytes)?;
    if bool::from(point.is_identity() | point.is_torsion_free()) {
        Ok(point)
    } else {
        Err(PrecompileHalt::Bls12381G2NotInSubgroup)
    }
}

fn write_g2(point: &G2Projective) -> [u8; 192] {
    let mut encoded = [0; 192];
    if !bool::from(point.is_identity()) {
        let bytes = G2Affine::from(*point).to_uncompressed();
        let [x1, x0, y1, y0] = bytes.as_chunks::<48>().0 else {
            unreachable!("192 bytes are four chunks of 48")
        };
        for (part, number) in encoded
            .as_chunks_mut::<48>()
            .0
            .iter_mut()
            .zip([x0, x1, y0, y1])
        {
            *part = *number;
        }
    }
    encoded
}
