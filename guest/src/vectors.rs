use alloc::vec::Vec;
use revm::precompile::{crypto, PrecompileHalt};
fn r<const N: usize>(x: Result<[u8; N], PrecompileHalt>) -> Vec<u8> { match x { Ok(b) => b.to_vec(), Err(_) => alloc::vec![0xee] } }
fn a<const N: usize>(x: &[u8]) -> [u8; N] { x.try_into().unwrap() }
fn g1(x: &[u8]) -> ([u8; 48], [u8; 48]) { (a(&x[..48]), a(&x[48..96])) }
fn g2(x: &[u8]) -> ([u8; 48], [u8; 48], [u8; 48], [u8; 48]) { (a(&x[..48]), a(&x[48..96]), a(&x[96..144]), a(&x[144..192])) }
pub fn one(op: u8, x: &[u8]) -> Vec<u8> {
    let c = crypto();
    match op {
        0 => alloy_primitives::keccak256(x).to_vec(),
        1 => c.sha256(x).to_vec(),
        2 => c.ripemd160(x).to_vec(),
        3 => r(c.bn254_g1_add(&x[..64], &x[64..128])),
        4 => r(c.bn254_g1_mul(&x[..64], &x[64..96])),
        5 => { let p: Vec<(&[u8], &[u8])> = x.chunks(192).map(|c| (&c[..64], &c[64..])).collect(); match c.bn254_pairing_check(&p) { Ok(b) => alloc::vec![b as u8], Err(_) => alloc::vec![0xee] } }
        6 => r(c.secp256k1_ecrecover(&a(&x[..64]), x[64], &a(&x[65..97]))),
        7 => { let n = |i: usize| u16::from_be_bytes([x[i], x[i + 1]]) as usize; let (b, e, m) = (n(0), n(2), n(4)); let d = &x[6..]; c.modexp(&d[..b], &d[b..b + e], &d[b + e..b + e + m]).unwrap() }
        8 => alloc::vec![c.secp256r1_verify_signature(&a(&x[..32]), &a(&x[32..96]), &a(&x[96..160])) as u8],
        9 => alloc::vec![c.verify_kzg_proof(&a(&x[..32]), &a(&x[32..64]), &a(&x[64..112]), &a(&x[112..160])).is_ok() as u8],
        10 => r(c.bls12_381_g1_add(g1(x), g1(&x[96..]))),
        11 => r(c.bls12_381_g1_msm(&mut x.chunks(128).map(|c| Ok((g1(c), a(&c[96..128])))))),
        12 => r(c.bls12_381_g2_add(g2(x), g2(&x[192..]))),
        13 => r(c.bls12_381_g2_msm(&mut x.chunks(224).map(|c| Ok((g2(c), a(&c[192..224])))))),
        14 => { let p: Vec<_> = x.chunks(288).map(|c| (g1(c), g2(&c[96..]))).collect(); match c.bls12_381_pairing_check(&p) { Ok(b) => alloc::vec![b as u8], Err(_) => alloc::vec![0xee] } }
        15 => r(c.bls12_381_fp_to_g1(&a(x))),
        16 => r(c.bls12_381_fp2_to_g2((a(&x[..48]), a(&x[48..96])))),
        _ => Vec::new(),
    }
}
pub fn run(mut x: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    while !x.is_empty() {
        let op = x[0];
        let n = u32::from_le_bytes(a(&x[1..5])) as usize;
        let v = one(op, &x[5..5 + n]);
        out.extend_from_slice(&(v.len() as u32).to_le_bytes());
        out.extend_from_slice(&v);
        x = &x[5 + n..];
    }
    out
}
