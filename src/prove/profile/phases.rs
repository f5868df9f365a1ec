//! What the functions of the guest are for: this and its table are the only places that know their names.

use serde::Serialize;

/// The function in which the interpreter fetches an instruction's byte and calls what does it.
pub(super) const DISPATCH: &str = "revm_context::evm::Evm::frame_run";
/// Begins the call or creation that an instruction asked for.
pub(super) const CALL_BEGINS: &str = "revm_context::evm::Evm::frame_init";
/// Hands its result to the caller.
pub(super) const CALL_ENDS: &str = "revm_context::evm::Evm::frame_return_result";

/// What a stateless validator does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Reading the input: the schedule, the block, its transactions.
    Decoding,
    /// Hashing the witness, and finding accounts, slots and codes in it.
    Witness,
    /// Recovering senders and authorities.
    Signatures,
    /// Transactions and system calls, with everything that the EVM does.
    Execution,
    /// Roots of the state, transactions, receipts and requests, and other hashes of the header.
    Roots,
    /// The rest: start, checks of the header, output.
    Rest,
}

impl Phase {
    /// Every phase, in the order of a block's life.
    pub const ALL: [Self; 6] = [
        Self::Decoding,
        Self::Witness,
        Self::Signatures,
        Self::Execution,
        Self::Roots,
        Self::Rest,
    ];

    /// What it is called.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Decoding => "decoding",
            Self::Witness => "witness",
            Self::Signatures => "signatures",
            Self::Execution => "execution",
            Self::Roots => "roots",
            Self::Rest => "the rest",
        }
    }
}

/// Beginnings of functions' names, by phase.
const TABLE: &str = include_str!("phases.txt");

/// What the table says: a phase, unless its name is wrong, and how names begin.
fn lines() -> impl Iterator<Item = (Option<Phase>, &'static str)> {
    let lines = TABLE.lines().filter(|line| !line.starts_with('#'));
    let words = lines.filter_map(|line| line.split_once(' '));
    words.map(|(phase, prefix)| {
        let named = Phase::ALL.into_iter().find(|one| one.name() == phase);
        (named, prefix.trim_start())
    })
}

/// The phase that a function begins, if it does.
pub(super) fn phase(function: &str) -> Option<Phase> {
    let begins = lines().filter(|(_, prefix)| function.starts_with(prefix));
    let longest = begins.max_by_key(|(_, prefix)| prefix.len());
    longest.and_then(|(phase, _)| phase)
}

/// Functions that do a precompile, and the operation of the schedule that prices it.
pub(super) const PRECOMPILES: &[(&str, &str)] = &[
    (
        "revm_precompile::secp256k1::ecrecover_precompile",
        "ECRECOVER",
    ),
    ("revm_precompile::hash::sha256_precompile", "SHA256"),
    ("revm_precompile::hash::ripemd160_precompile", "RIPEMD160"),
    ("revm_precompile::identity::identity_precompile", "IDENTITY"),
    ("revm_precompile::modexp::byzantium_precompile", "MODEXP"),
    ("revm_precompile::modexp::berlin_precompile", "MODEXP"),
    ("revm_precompile::modexp::osaka_precompile", "MODEXP"),
    ("revm_precompile::bn254::add::byzantium_add", "ECADD"),
    ("revm_precompile::bn254::add::istanbul_add", "ECADD"),
    ("revm_precompile::bn254::mul::byzantium_mul", "ECMUL"),
    ("revm_precompile::bn254::mul::istanbul_mul", "ECMUL"),
    ("revm_precompile::bn254::pair::byzantium_pair", "ECPAIRING"),
    ("revm_precompile::bn254::pair::istanbul_pair", "ECPAIRING"),
    ("revm_precompile::blake2::blake2_precompile", "BLAKE2F"),
    (
        "revm_precompile::kzg_point_evaluation::kzg_precompile",
        "POINT_EVALUATION",
    ),
    (
        "revm_precompile::bls12_381::g1_add::g1_add_precompile",
        "BLS_G1ADD",
    ),
    (
        "revm_precompile::bls12_381::g1_msm::g1_msm_precompile",
        "BLS_G1MSM",
    ),
    (
        "revm_precompile::bls12_381::g2_add::g2_add_precompile",
        "BLS_G2ADD",
    ),
    (
        "revm_precompile::bls12_381::g2_msm::g2_msm_precompile",
        "BLS_G2MSM",
    ),
    (
        "revm_precompile::bls12_381::pairing::pairing_precompile",
        "BLS_PAIRING",
    ),
    (
        "revm_precompile::bls12_381::map_fp_to_g1::map_fp_to_g1_precompile",
        "BLS_G1MAP",
    ),
    (
        "revm_precompile::bls12_381::map_fp2_to_g2::map_fp2_to_g2_precompile",
        "BLS_G2MAP",
    ),
    (
        "revm_precompile::secp256r1::p256verify_osaka_precompile",
        "P256VERIFY",
    ),
];

/// The precompile that a function does, by its place in [`PRECOMPILES`].
pub(super) fn precompile(function: &str) -> Option<usize> {
    PRECOMPILES.iter().position(|(name, _)| *name == function)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prove::profile::symbols::Symbols;

    /// Another compiler, or another version of a library, calls functions otherwise.
    #[test]
    fn the_guest_has_these_functions() {
        let known = |name: &str| {
            Symbols::guest()
                .names()
                .filter(|one| one.starts_with(name))
                .count()
        };
        assert!(lines().count() > 10);
        for (phase, prefix) in lines() {
            assert!(phase.is_some() && known(prefix) > 0, "{prefix}");
        }
        for name in [DISPATCH, CALL_BEGINS, CALL_ENDS] {
            assert_eq!(known(name), 1, "{name}");
        }
        for (name, operation) in PRECOMPILES {
            assert_eq!(known(name), 1, "{name}");
            assert!(
                crate::lang::osaka().entry(operation).is_some(),
                "{operation}"
            );
        }
    }
}
