//! SP1's prover on the CPU: core proofs, which need neither a download nor a GPU. Takes minutes and 10 to 14 GB whatever the
//! block, so it shows that proofs hold and says nothing of prices.

use sp1_sdk::{
    Elf, ProvingKey as _, SP1ProofWithPublicValues, SP1ProvingKey, SP1Stdin,
    blocking::{CpuProver, ProveRequest as _, Prover as _},
};

use crate::api::Proofs;

/// The prover, set up for a program.
pub struct Sp1 {
    prover: CpuProver,
    key: SP1ProvingKey,
}

impl Sp1 {
    /// Takes two minutes.
    pub fn new(elf: Vec<u8>) -> Result<Self, String> {
        let prover = CpuProver::new();
        let key = prover.setup(Elf::from(elf));
        let key = key.map_err(|error| error.to_string())?;
        Ok(Self { prover, key })
    }
}

impl Proofs for Sp1 {
    fn prove(&self, input: Vec<u8>) -> Result<(Vec<u8>, Vec<u8>), String> {
        let mut stdin = SP1Stdin::new();
        stdin.write_vec(input);
        let proof = self.prover.prove(&self.key, stdin).core().run();
        let proof = proof.map_err(|error| error.to_string())?;
        let bytes = bincode::serialize(&proof).map_err(|error| error.to_string())?;
        Ok((proof.public_values.as_slice().to_vec(), bytes))
    }

    fn verify(&self, proof: &[u8]) -> Result<Vec<u8>, String> {
        let proof: SP1ProofWithPublicValues =
            bincode::deserialize(proof).map_err(|error| error.to_string())?;
        let verified = self.prover.verify(&proof, self.key.verifying_key(), None);
        verified.map_err(|error| error.to_string())?;
        Ok(proof.public_values.as_slice().to_vec())
    }
}
