//! Cryptography on the zkVM's accelerators, installed into revm and alloy.
//! What has no accelerator keeps revm's software: RIPEMD-160, BLAKE2f, `MODEXP` above 256 bits.

mod bls12_381;
mod bn254;
mod curve;
mod field;
pub mod hash;
mod kzg;
mod modexp;
mod secp256k1;
mod secp256r1;

use alloc::sync::Arc;
use alloc::vec::Vec;

use alloy_consensus::crypto::RecoveryError;
use alloy_consensus::crypto::backend::{CryptoProvider, install_default_provider};
use alloy_primitives::{Address, keccak256};
use revm::precompile::bls12_381::{G1Point, G1PointScalar, G2Point, G2PointScalar};
use revm::precompile::{Crypto, DefaultCrypto, PrecompileHalt, install_crypto};

/// Makes revm and alloy use the accelerators. Call once, first.
pub fn install() {
    install_crypto(Accelerated);
    // Fails only when called twice, with the same provider.
    let _ = install_default_provider(Arc::new(Accelerated));
}

#[derive(Debug)]
struct Accelerated;

impl Crypto for Accelerated {
    fn sha256(&self, input: &[u8]) -> [u8; 32] {
        hash::sha256(input)
    }

    fn bn254_g1_add(&self, p1: &[u8], p2: &[u8]) -> Result<[u8; 64], PrecompileHalt> {
        bn254::add(p1, p2)
    }

    fn bn254_g1_mul(&self, point: &[u8], scalar: &[u8]) -> Result<[u8; 64], PrecompileHalt> {
        bn254::mul(point, scalar)
    }

    fn bn254_pairing_check(&self, pairs: &[(&[u8], &[u8])]) -> Result<bool, PrecompileHalt> {
        bn254::pairing_check(pairs)
    }

    fn secp256k1_ecrecover(&self, sig: &[u8; 64], recid: u8, msg: &[u8; 32]) -> Result<[u8; 32], PrecompileHalt> {
        let key = secp256k1::recover(sig, recid, msg).ok_or(PrecompileHalt::Secp256k1RecoverFailed)?;
        Ok(Address::from_raw_public_key(&key).into_word().0)
    }

    fn modexp(&self, base: &[u8], exp: &[u8], modulus: &[u8]) -> Result<Vec<u8>, PrecompileHalt> {
        if modulus.len() <= 32 {
            Ok(modexp::modexp(base, exp, modulus))
        } else {
            DefaultCrypto.modexp(base, exp, modulus)
        }
    }

    fn secp256r1_verify_signature(&self, msg: &[u8; 32], sig: &[u8; 64], pk: &[u8; 64]) -> bool {
        secp256r1::verify(msg, sig, pk)
    }

    fn verify_kzg_proof(
        &self,
        z: &[u8; 32],
        y: &[u8; 32],
        commitment: &[u8; 48],
        proof: &[u8; 48],
    ) -> Result<(), PrecompileHalt> {
        if kzg::verify(z, y, commitment, proof) { Ok(()) } else { Err(PrecompileHalt::BlobVerifyKzgProofFailed) }
    }

    fn bls12_381_g1_add(&self, a: G1Point, b: G1Point) -> Result<[u8; 96], PrecompileHalt> {
        bls12_381::g1_add(&a, &b)
    }

    fn bls12_381_g1_msm(
        &self,
        pairs: &mut dyn Iterator<Item = Result<G1PointScalar, PrecompileHalt>>,
    ) -> Result<[u8; 96], PrecompileHalt> {
        bls12_381::g1_msm(pairs)
    }

    fn bls12_381_g2_add(&self, a: G2Point, b: G2Point) -> Result<[u8; 192], PrecompileHalt> {
        bls12_381::g2_add(&a, &b)
    }

    fn bls12_381_g2_msm(
        &self,
        pairs: &mut dyn Iterator<Item = Result<G2PointScalar, PrecompileHalt>>,
    ) -> Result<[u8; 192], PrecompileHalt> {
        bls12_381::g2_msm(pairs)
    }

    fn bls12_381_pairing_check(&self, pairs: &[(G1Point, G2Point)]) -> Result<bool, PrecompileHalt> {
        bls12_381::pairing_check(pairs)
    }

    fn bls12_381_fp_to_g1(&self, fp: &[u8; 48]) -> Result<[u8; 96], PrecompileHalt> {
        bls12_381::map_to_g1(fp)
    }

    fn bls12_381_fp2_to_g2(&self, fp2: ([u8; 48], [u8; 48])) -> Result<[u8; 192], PrecompileHalt> {
        // The library's map of zero ends at infinity, where it should not: its test for the second candidate holds by
        // accident there.
        if fp2 == ([0; 48], [0; 48]) {
            return DefaultCrypto.bls12_381_fp2_to_g2(fp2);
        }
        bls12_381::map_to_g2(&fp2.0, &fp2.1)
    }
}

/// Senders of transactions.
impl CryptoProvider for Accelerated {
    fn recover_signer_unchecked(&self, sig: &[u8; 65], msg: &[u8; 32]) -> Result<Address, RecoveryError> {
        let (signature, recovery) = sig.split_at(64);
        let signature = signature.try_into().map_err(|_| RecoveryError::new())?;
        let key = secp256k1::recover(signature, recovery[0], msg).ok_or_else(RecoveryError::new)?;
        Ok(Address::from_raw_public_key(&key))
    }

    fn verify_and_compute_signer_unchecked(
        &self,
        pubkey: &[u8; 65],
        sig: &[u8; 64],
        msg: &[u8; 32],
    ) -> Result<Address, RecoveryError> {
        // The key that signed is one of the two that can be recovered.
        let key = (0..2).filter_map(|recovery| secp256k1::recover(sig, recovery, msg)).find(|key| key[..] == pubkey[1..]);
        let key = key.filter(|_| pubkey[0] == 4).ok_or_else(RecoveryError::new)?;
        Ok(Address::from_slice(&keccak256(key)[12..]))
    }
}
