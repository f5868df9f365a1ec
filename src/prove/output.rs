//! What the guest says about a block.

use alloy_primitives::B256;

use super::Failure;
use crate::evm::Verdict;

/// Bytes that the guest commits: those of [`Verdict::to_bytes`].
const VERDICT_BYTES: usize = 34;

/// Whether the guest accepted this very block.
pub(super) fn check_output(public_values: &[u8], block_hash: B256) -> Result<(), Failure> {
    // Some zkVMs pad with zeros.
    let length = public_values.len().min(VERDICT_BYTES);
    let (verdict, padding) = public_values.split_at(length);
    let padded = padding.iter().all(|byte| *byte == 0);
    match Verdict::from_bytes(verdict) {
        // A block that cannot even be read has no hash.
        Some(verdict) if !verdict.valid => Err(Failure::InvalidBlock {
            reason: verdict.reason.text().into(),
        }),
        Some(verdict) if verdict.block_hash == block_hash && padded => Ok(()),
        _ => Err(Failure::OutputMismatch),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_output_is_checked() {
        let hash = B256::repeat_byte(7);
        let output = |tail: &[u8]| [hash.as_slice(), tail].concat();
        assert_eq!(check_output(&output(&[1, 0]), hash), Ok(()));
        assert_eq!(check_output(&output(&[1, 0, 0, 0]), hash), Ok(()));
        assert_eq!(
            check_output(&output(&[1, 0, 0, 9]), hash),
            Err(Failure::OutputMismatch)
        );
        assert!(matches!(
            check_output(&output(&[0, 3]), hash),
            Err(Failure::InvalidBlock { .. })
        ));
        assert_eq!(
            check_output(&output(&[1, 0]), B256::repeat_byte(8)),
            Err(Failure::OutputMismatch)
        );
        assert_eq!(
            check_output(hash.as_slice(), hash),
            Err(Failure::OutputMismatch)
        );
    }
}
