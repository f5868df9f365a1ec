//! What the guest says about a block.

use alloy_primitives::B256;

use super::{Failure, guest_input::Answer};
use crate::evm::Verdict;

/// Bytes that the guest commits: those of [`Verdict::to_bytes`].
const VERDICT_BYTES: usize = 34;
/// Where a canonical output says whether the block is valid, after the request's root.
const VALID: usize = 32;

/// Whether the guest accepted this very block.
pub(super) fn check_output(public_values: &[u8], answer: &Answer) -> Result<(), Failure> {
    let length = match answer {
        Answer::Verdict(_) => VERDICT_BYTES,
        Answer::Canonical(expected) => expected.len(),
    };
    // Some zkVMs pad with zeros.
    let (said, padding) = public_values.split_at(length.min(public_values.len()));
    if padding.iter().any(|byte| *byte != 0) {
        return Err(Failure::OutputMismatch);
    }
    match answer {
        Answer::Verdict(hash) => verdict(said, *hash),
        Answer::Canonical(expected) => canonical(said, expected),
    }
}

fn verdict(said: &[u8], block_hash: B256) -> Result<(), Failure> {
    match Verdict::from_bytes(said) {
        // A block that cannot even be read has no hash.
        Some(verdict) if !verdict.valid => Err(Failure::InvalidBlock {
            reason: verdict.reason.text().into(),
        }),
        Some(verdict) if verdict.block_hash == block_hash => Ok(()),
        _ => Err(Failure::OutputMismatch),
    }
}

fn canonical(said: &[u8], expected: &[u8]) -> Result<(), Failure> {
    let root = |bytes: &[u8]| bytes.get(..VALID).map(<[u8]>::to_vec);
    let unread = said.len() == expected.len() && said.iter().all(|byte| *byte == 0);
    match said.get(VALID) {
        _ if said == expected => Ok(()),
        _ if unread => Err(Failure::InvalidBlock {
            reason: "the guest cannot read its input".into(),
        }),
        // Canonical outputs give no reason.
        Some(0) if root(said) == root(expected) => Err(Failure::InvalidBlock {
            reason: "the guest does not say why".into(),
        }),
        _ => Err(Failure::OutputMismatch),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_output_is_checked() {
        let hash = B256::repeat_byte(7);
        let checked = |head: B256, tail: &[u8]| {
            let output = [head.as_slice(), tail].concat();
            check_output(&output, &Answer::Verdict(hash))
        };
        assert_eq!(checked(hash, &[1, 0]), Ok(()));
        assert_eq!(checked(hash, &[1, 0, 0, 0]), Ok(()));
        let mismatch = Err(Failure::OutputMismatch);
        assert_eq!(checked(hash, &[1, 0, 0, 9]), mismatch);
        assert!(matches!(
            checked(hash, &[0, 3]),
            Err(Failure::InvalidBlock { .. })
        ));
        assert_eq!(checked(B256::repeat_byte(8), &[1, 0]), mismatch);
        assert_eq!(checked(hash, &[]), mismatch);
    }

    #[test]
    fn canonical_output_is_checked() {
        let root = [7; 32];
        let output = |root: [u8; 32], tail: &[u8]| [&root[..], tail].concat();
        let expected = Answer::Canonical(output(root, &[1, 9, 9]));
        let checked = |said: Vec<u8>| check_output(&said, &expected);
        assert_eq!(checked(output(root, &[1, 9, 9])), Ok(()));
        assert_eq!(checked(output(root, &[1, 9, 9, 0, 0])), Ok(()));
        let refused = |said| matches!(checked(said), Err(Failure::InvalidBlock { .. }));
        assert!(refused(output(root, &[0, 9, 9])));
        assert!(refused(vec![0; 35]));
        for wrong in [
            output([8; 32], &[1, 9, 9]),
            output([8; 32], &[0, 9, 9]),
            output(root, &[1, 9, 8]),
            output(root, &[1, 9, 9, 1]),
            output(root, &[]),
        ] {
            assert_eq!(checked(wrong), Err(Failure::OutputMismatch));
        }
    }
}
