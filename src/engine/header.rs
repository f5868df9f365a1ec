//! What a header must say before anything is executed.

use alloy_consensus::{Block, EMPTY_OMMER_ROOT_HASH, Header, TxEnvelope, proofs};
use alloy_eips::eip1559::BaseFeeParams;
use alloy_hardforks::EthereumHardfork as Fork;
use alloy_primitives::{B64, Sealed};
use alloy_rlp::Encodable;

use super::{BlockError, ChainRules, Reason};

/// The longest extra data, in bytes (yellow paper).
const MAX_EXTRA_DATA: usize = 32;
/// The lowest gas limit (yellow paper).
const MIN_GAS_LIMIT: u64 = 5_000;
/// A gas limit moves by less than this fraction of the parent's (yellow paper).
const GAS_LIMIT_DIVISOR: u64 = 1_024;
/// The longest block, in bytes of RLP: 10 MiB less 2 MiB for the consensus block around it (EIP-7934).
const MAX_RLP_BLOCK_SIZE: usize = 10_485_760 - 2_097_152;

/// Refuses with `reason` where `found` is not `expected`.
///
/// # Errors
/// The refusal, with both values.
pub fn require<T: Copy + core::fmt::Debug + PartialEq>(
    reason: Reason,
    found: T,
    expected: T,
) -> Result<(), BlockError> {
    if found == expected {
        Ok(())
    } else {
        let detail = format_args!("{found:?} instead of {expected:?}");
        Err(BlockError::new(reason, detail))
    }
}

/// The base fee of a child of `parent` at `timestamp`, in wei per gas (EIP-1559); `None` before London.
pub fn base_fee(rules: &ChainRules, parent: &Header, timestamp: u64) -> Option<u64> {
    rules.is_active(Fork::London, timestamp).then(|| {
        parent
            .next_block_base_fee(BaseFeeParams::ethereum())
            .unwrap_or_default()
    })
}

/// The excess blob gas of a child of `parent` at `timestamp` (EIP-4844, EIP-7918); `None` before Cancun.
pub fn excess_blob_gas(rules: &ChainRules, parent: &Header, timestamp: u64) -> Option<u64> {
    let params = rules.at(timestamp).blobs?;
    // The first block of Cancun has a parent without the field.
    Some(
        parent
            .next_block_excess_blob_gas(params)
            .unwrap_or_default(),
    )
}

/// Checks a header against its parent and the chain's rules.
///
/// # Errors
/// The first rule that is broken.
pub fn check_header(
    rules: &ChainRules,
    parent: &Sealed<Header>,
    header: &Header,
) -> Result<(), BlockError> {
    require(Reason::ParentHash, header.parent_hash, parent.hash())?;
    require(
        Reason::Number,
        Some(header.number),
        parent.number.checked_add(1),
    )?;
    if header.timestamp <= parent.timestamp {
        return Err(Reason::Timestamp.into());
    }
    let change = header.gas_limit.abs_diff(parent.gas_limit);
    if change >= (parent.gas_limit / GAS_LIMIT_DIVISOR).max(1) && change > 0
        || header.gas_limit < MIN_GAS_LIMIT
    {
        let detail = format_args!("{} after {}", header.gas_limit, parent.gas_limit);
        return Err(BlockError::new(Reason::GasLimit, detail));
    }
    if header.gas_used > header.gas_limit {
        let detail = format_args!("{} of {}", header.gas_used, header.gas_limit);
        return Err(BlockError::new(Reason::GasAboveLimit, detail));
    }
    require(
        Reason::BaseFee,
        header.base_fee_per_gas,
        base_fee(rules, parent, header.timestamp),
    )?;
    if header.extra_data.len() > MAX_EXTRA_DATA {
        return Err(Reason::ExtraData.into());
    }
    // What proof of work asks of difficulty and nonce is not checked.
    let staked = rules.is_active(Fork::Paris, header.timestamp);
    if header.ommers_hash != EMPTY_OMMER_ROOT_HASH
        || staked && (!header.difficulty.is_zero() || header.nonce != B64::ZERO)
    {
        return Err(Reason::ProofOfWork.into());
    }
    check_fork_fields(rules, header)?;
    check_blob_gas(rules, parent, header)
}

/// Each fork's header fields are there from it on, and not before.
fn check_fork_fields(rules: &ChainRules, header: &Header) -> Result<(), BlockError> {
    let active = |fork| rules.is_active(fork, header.timestamp);
    let fields = [
        (
            "withdrawals root",
            header.withdrawals_root.is_some(),
            Fork::Shanghai,
        ),
        (
            "blob gas used",
            header.blob_gas_used.is_some(),
            Fork::Cancun,
        ),
        (
            "excess blob gas",
            header.excess_blob_gas.is_some(),
            Fork::Cancun,
        ),
        (
            "parent beacon block root",
            header.parent_beacon_block_root.is_some(),
            Fork::Cancun,
        ),
        (
            "requests hash",
            header.requests_hash.is_some(),
            Fork::Prague,
        ),
        (
            "block access list hash",
            header.block_access_list_hash.is_some(),
            Fork::Amsterdam,
        ),
        ("slot number", header.slot_number.is_some(), Fork::Amsterdam),
    ];
    match fields
        .iter()
        .find(|(_, there, fork)| *there != active(*fork))
    {
        Some((name, ..)) => Err(BlockError::new(Reason::ForkFields, name)),
        None => Ok(()),
    }
}

fn check_blob_gas(rules: &ChainRules, parent: &Header, header: &Header) -> Result<(), BlockError> {
    let Some(params) = rules.at(header.timestamp).blobs else {
        return Ok(());
    };
    if header.blob_gas_used > Some(params.max_blob_gas_per_block()) {
        return Err(Reason::BlobGasLimit.into());
    }
    require(
        Reason::ExcessBlobGas,
        header.excess_blob_gas,
        excess_blob_gas(rules, parent, header.timestamp),
    )
}

/// Checks a block's body against its header.
///
/// # Errors
/// The first rule that is broken.
pub fn check_body(rules: &ChainRules, block: &Block<TxEnvelope>) -> Result<(), BlockError> {
    let Block { header, body } = block;
    if rules.is_active(Fork::Osaka, header.timestamp) && block.length() > MAX_RLP_BLOCK_SIZE {
        return Err(Reason::BlockSize.into());
    }
    if !body.ommers.is_empty() {
        return Err(Reason::ProofOfWork.into());
    }
    let carries_blobs = |tx: &TxEnvelope| {
        tx.as_eip4844()
            .is_some_and(|tx| tx.tx().as_with_sidecar().is_some())
    };
    if body.transactions.iter().any(carries_blobs) {
        return Err(Reason::BlobSidecar.into());
    }
    require(
        Reason::TransactionsRoot,
        header.transactions_root,
        proofs::calculate_transaction_root(&body.transactions),
    )?;
    let withdrawals = body.withdrawals.as_ref();
    require(
        Reason::WithdrawalsRoot,
        header.withdrawals_root,
        withdrawals.map(|list| proofs::calculate_withdrawals_root(list)),
    )
}
