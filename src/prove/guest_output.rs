//! What the guest says about a block.

use super::{Failure, guest_input::Answer};
use crate::evm::Statement;

/// Where a canonical output says whether the block is valid, after the request's root.
const VALID: usize = 32;

/// Whether the guest accepted this very block, under these very rules.
pub(super) fn check_output(public_values: &[u8], answer: &Answer) -> Result<(), Failure> {
    let length = match answer {
        Answer::Own(_) => Statement::BYTES,
        Answer::Canonical(expected) => expected.len(),
    };
    // Some zkVMs pad with zeros.
    let (said, padding) = public_values.split_at(length.min(public_values.len()));
    if padding.iter().any(|byte| *byte != 0) {
        return Err(Failure::OutputMismatch);
    }
    match answer {
        Answer::Own(expected) => own(said, expected),
        Answer::Canonical(expected) => canonical(said, expected),
    }
}

fn own(said: &[u8], expected: &Statement) -> Result<(), Failure> {
    match Statement::from_bytes(said) {
        // A block that cannot even be read has no hash.
        Some(Statement { verdict, .. }) if !verdict.valid => Err(Failure::InvalidBlock {
            reason: verdict.reason.text().into(),
        }),
        Some(statement) if statement == *expected => Ok(()),
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
    use alloy_primitives::B256;

    use super::*;
    use crate::evm::Verdict;

    #[test]
    fn the_output_is_checked() {
        let (hash, rules) = (B256::repeat_byte(7), B256::repeat_byte(5));
        let expected = Answer::Own(Statement {
            verdict: Verdict::accepted(hash),
            rules_hash: rules,
        });
        let checked = |head: B256, said: [u8; 2], rules: B256, padding: &[u8]| {
            let output = [head.as_slice(), &said, rules.as_slice(), padding].concat();
            check_output(&output, &expected)
        };
        assert_eq!(checked(hash, [1, 0], rules, &[]), Ok(()));
        assert_eq!(checked(hash, [1, 0], rules, &[0, 0]), Ok(()));
        let mismatch = Err(Failure::OutputMismatch);
        assert_eq!(checked(hash, [1, 0], rules, &[0, 9]), mismatch);
        assert!(matches!(
            checked(hash, [0, 3], rules, &[]),
            Err(Failure::InvalidBlock { .. })
        ));
        let other = B256::repeat_byte(8);
        assert_eq!(checked(other, [1, 0], rules, &[]), mismatch);
        assert_eq!(checked(hash, [1, 0], other, &[]), mismatch);
        for length in [0, 32, 34, 65] {
            let output = [hash.as_slice(), &[1, 0], rules.as_slice()].concat();
            assert_eq!(check_output(&output[..length], &expected), mismatch);
        }
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
