//! What a fixture says is wrong with an invalid block, against what we refuse it for.

use crate::evm::{BlockError, Reason};

/// An exception of execution-spec-tests, what it is refused as, and words of the details that tell it from others of
/// the same reason.
type ExpectedReason = (&'static str, Reason, &'static [&'static str]);

const ROWS: &[ExpectedReason] = &[
    ("INCORRECT_EXCESS_BLOB_GAS", Reason::ExcessBlobGas, &[]),
    ("INCORRECT_BLOB_GAS_USED", Reason::BlobGasUsed, &[]),
    ("INCORRECT_BLOCK_FORMAT", Reason::ForkFields, &[]),
    ("BLOB_GAS_USED_ABOVE_LIMIT", Reason::BlobGasLimit, &[]),
    ("SYSTEM_CONTRACT_CALL_FAILED", Reason::SystemContract, &[]),
    ("SYSTEM_CONTRACT_EMPTY", Reason::SystemContract, &[]),
    ("INVALID_DEPOSIT_EVENT_LAYOUT", Reason::Deposits, &[]),
    ("INVALID_REQUESTS", Reason::RequestsHash, &[]),
    ("RLP_BLOCK_LIMIT_EXCEEDED", Reason::BlockSize, &[]),
    ("RLP_STRUCTURES_ENCODING", Reason::BlockEncoding, &[]),
    ("INVALID_BLOCK_HASH", Reason::BlockHash, &[]),
    ("INVALID_GAS_USED", Reason::GasUsed, &[]),
    ("INVALID_GAS_USED_ABOVE_LIMIT", Reason::GasAboveLimit, &[]),
    ("INVALID_GASLIMIT", Reason::GasLimit, &[]),
    ("INVALID_BASEFEE_PER_GAS", Reason::BaseFee, &[]),
    ("INVALID_STATE_ROOT", Reason::StateRoot, &[]),
    ("INVALID_RECEIPTS_ROOT", Reason::ReceiptsRoot, &[]),
    ("INVALID_LOG_BLOOM", Reason::LogsBloom, &[]),
    ("INVALID_TRANSACTIONS_ROOT", Reason::TransactionsRoot, &[]),
    ("INVALID_WITHDRAWALS_ROOT", Reason::WithdrawalsRoot, &[]),
    ("INVALID_BLOCK_NUMBER", Reason::Number, &[]),
    (
        "INVALID_BLOCK_TIMESTAMP_OLDER_THAN_PARENT",
        Reason::Timestamp,
        &[],
    ),
    ("EXTRA_DATA_TOO_BIG", Reason::ExtraData, &[]),
    (
        "IMPORT_IMPOSSIBLE_UNCLES_OVER_PARIS",
        Reason::ProofOfWork,
        &[],
    ),
    ("INVALID_BLOCK_ACCESS_LIST", Reason::BlockAccessList, &[]),
    ("INVALID_BAL_HASH", Reason::BlockAccessList, &[]),
    ("INVALID_BAL_EXTRA_ACCOUNT", Reason::BlockAccessList, &[]),
    ("INVALID_BAL_MISSING_ACCOUNT", Reason::BlockAccessList, &[]),
    (
        "BLOCK_ACCESS_LIST_GAS_LIMIT_EXCEEDED",
        Reason::AccessListItems,
        &[],
    ),
    // What a header or a transaction cannot say in its encoding.
    ("INCORRECT_BLOCK_FORMAT", Reason::BlockEncoding, &[]),
    ("GASLIMIT_OVERFLOW", Reason::BlockEncoding, &[]),
    ("GASPRICE_OVERFLOW", Reason::BlockEncoding, &[]),
    ("NONCE_OVERFLOW", Reason::BlockEncoding, &[]),
    ("NONCE_TOO_BIG", Reason::BlockEncoding, &[]),
    ("VALUE_OVERFLOW", Reason::BlockEncoding, &[]),
    (
        "TYPE_4_INVALID_AUTHORIZATION_FORMAT",
        Reason::BlockEncoding,
        &[],
    ),
    (
        "TYPE_4_INVALID_AUTHORITY_SIGNATURE",
        Reason::BlockEncoding,
        &[],
    ),
    // alloy decodes neither a signature's values that do not fit nor a transaction with its blobs.
    ("INVALID_SIGNATURE_VRS", Reason::BlockEncoding, &[]),
    ("TYPE_3_TX_WITH_FULL_BLOBS", Reason::BlockEncoding, &[]),
    // The header counts the blobs of all transactions, and is looked at first.
    ("TYPE_3_TX_BLOB_COUNT_EXCEEDED", Reason::BlobGasLimit, &[]),
    (
        "TYPE_3_TX_MAX_BLOB_GAS_ALLOWANCE_EXCEEDED",
        Reason::BlobGasLimit,
        &[],
    ),
    // A form without a recipient has no encoding.
    ("TYPE_3_TX_CONTRACT_CREATION", Reason::BlockEncoding, &[]),
    ("TYPE_4_TX_CONTRACT_CREATION", Reason::BlockEncoding, &[]),
    ("GAS_ALLOWANCE_EXCEEDED", Reason::BlockGas, &[]),
    ("INVALID_SIGNATURE_VRS", Reason::Signature, &[]),
    ("TYPE_3_TX_WITH_FULL_BLOBS", Reason::BlobSidecar, &[]),
    (
        "SENDER_NOT_EOA",
        Reason::Transaction,
        &["senders with deployed code"],
    ),
    (
        "INSUFFICIENT_ACCOUNT_FUNDS",
        Reason::Transaction,
        &["lack of funds", "overflow payment"],
    ),
    (
        "INSUFFICIENT_MAX_FEE_PER_GAS",
        Reason::Transaction,
        &["less than block base fee", "less than basefee"],
    ),
    (
        "INSUFFICIENT_MAX_FEE_PER_BLOB_GAS",
        Reason::Transaction,
        &["blob gas price", "max fee per blob gas"],
    ),
    (
        "PRIORITY_GREATER_THAN_MAX_FEE_PER_GAS",
        Reason::Transaction,
        &["priority fee is greater"],
    ),
    ("GAS_LIMIT_EXCEEDS_MAXIMUM", Reason::Transaction, &["cap"]),
    (
        "INTRINSIC_GAS_TOO_LOW",
        Reason::Transaction,
        &["call gas cost", "gas floor"],
    ),
    (
        "INTRINSIC_GAS_BELOW_FLOOR_GAS_COST",
        Reason::Transaction,
        &["gas floor", "call gas cost"],
    ),
    ("INITCODE_SIZE_EXCEEDED", Reason::Transaction, &["initcode"]),
    (
        "NONCE_MISMATCH_TOO_HIGH",
        Reason::Transaction,
        &["nonce", "too high"],
    ),
    (
        "NONCE_MISMATCH_TOO_LOW",
        Reason::Transaction,
        &["nonce", "too low"],
    ),
    ("NONCE_IS_MAX", Reason::Transaction, &["nonce"]),
    ("INVALID_CHAINID", Reason::Transaction, &["chain"]),
    (
        "TYPE_1_TX_PRE_FORK",
        Reason::Transaction,
        &["not supported"],
    ),
    (
        "TYPE_2_TX_PRE_FORK",
        Reason::Transaction,
        &["not supported"],
    ),
    (
        "TYPE_3_TX_PRE_FORK",
        Reason::Transaction,
        &["not supported"],
    ),
    (
        "TYPE_4_TX_PRE_FORK",
        Reason::Transaction,
        &["not supported"],
    ),
    ("TYPE_3_TX_ZERO_BLOBS", Reason::Transaction, &["blob"]),
    (
        "TYPE_3_TX_ZERO_BLOBS_PRE_FORK",
        Reason::Transaction,
        &["not supported"],
    ),
    (
        "TYPE_3_TX_INVALID_BLOB_VERSIONED_HASH",
        Reason::Transaction,
        &["blob version"],
    ),
    (
        "TYPE_3_TX_BLOB_COUNT_EXCEEDED",
        Reason::Transaction,
        &["blob"],
    ),
    (
        "TYPE_3_TX_MAX_BLOB_GAS_ALLOWANCE_EXCEEDED",
        Reason::Transaction,
        &["blob"],
    ),
    (
        "TYPE_4_EMPTY_AUTHORIZATION_LIST",
        Reason::Transaction,
        &["authorization"],
    ),
];

/// Checks that a block is refused for what `expected` names, one of several apart by `|`.
///
/// # Errors
/// Says what it is refused for instead.
pub(super) fn expect(expected: &str, refusal: &BlockError) -> Result<(), String> {
    let mut known = false;
    for name in expected.split('|') {
        let name = name.split_once('.').map_or(name, |(_, name)| name);
        for (exception, reason, words) in ROWS {
            if *exception != name {
                continue;
            }
            known = true;
            let said = words.is_empty() || words.iter().any(|word| refusal.detail.contains(word));
            if refusal.reason == *reason && said {
                return Ok(());
            }
        }
    }
    let but = if known {
        ""
    } else {
        " which is not known here,"
    };
    Err(format!(
        "expects `{expected}`,{but} but is refused because {refusal}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blob_access_list_and_decoding_refusals_have_names() {
        for (name, reason) in [
            (
                "TransactionException.TYPE_3_TX_BLOB_COUNT_EXCEEDED",
                Reason::BlobGasLimit,
            ),
            (
                "TransactionException.TYPE_3_TX_MAX_BLOB_GAS_ALLOWANCE_EXCEEDED",
                Reason::BlobGasLimit,
            ),
            (
                "TransactionException.TYPE_3_TX_WITH_FULL_BLOBS",
                Reason::BlockEncoding,
            ),
            ("TransactionException.NONCE_TOO_BIG", Reason::BlockEncoding),
            (
                "TransactionException.INVALID_SIGNATURE_VRS",
                Reason::BlockEncoding,
            ),
            (
                "BlockException.BLOCK_ACCESS_LIST_GAS_LIMIT_EXCEEDED",
                Reason::AccessListItems,
            ),
            (
                "BlockException.INVALID_DEPOSIT_EVENT_LAYOUT",
                Reason::Deposits,
            ),
        ] {
            assert_eq!(expect(name, &reason.into()), Ok(()), "{name}");
            let other = expect(name, &Reason::StateRoot.into()).unwrap_err();
            assert!(!other.contains("not known"), "{other}");
        }
    }
}
