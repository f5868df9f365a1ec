//! The precompiled contracts: where they are, and what their cost may depend on.

use revm::primitives::Address;

use super::Variable::{self, Complexity, Discount, Iterations, Points, Rounds, Words};

/// A precompile: its place in [`PRECOMPILES`].
pub type Index = u8;

/// Name in schedules, address, and what its formula may mention.
pub const PRECOMPILES: [(&str, u64, &[Variable]); 18] = [
    ("ECRECOVER", 0x01, &[]),
    ("SHA256", 0x02, &[Words]),
    ("RIPEMD160", 0x03, &[Words]),
    ("IDENTITY", 0x04, &[Words]),
    ("MODEXP", 0x05, &[Complexity, Iterations]),
    ("ECADD", 0x06, &[]),
    ("ECMUL", 0x07, &[]),
    ("ECPAIRING", 0x08, &[Points]),
    ("BLAKE2F", 0x09, &[Rounds]),
    ("POINT_EVALUATION", 0x0a, &[]),
    ("BLS_G1ADD", 0x0b, &[]),
    ("BLS_G1MSM", 0x0c, &[Points, Discount]),
    ("BLS_G2ADD", 0x0d, &[]),
    ("BLS_G2MSM", 0x0e, &[Points, Discount]),
    ("BLS_PAIRING", 0x0f, &[Points]),
    ("BLS_G1MAP", 0x10, &[]),
    ("BLS_G2MAP", 0x11, &[]),
    ("P256VERIFY", 0x100, &[]),
];

/// MODEXP's place.
pub const MODEXP: Index = 4;

/// The precompile at `address`.
pub fn at(address: &Address) -> Option<Index> {
    if address.0[..18] != [0; 18] {
        return None;
    }
    let number = u64::from(u16::from_be_bytes([address.0[18], address.0[19]]));
    let index = PRECOMPILES.iter().position(|(_, a, _)| *a == number)?;
    Index::try_from(index).ok()
}
