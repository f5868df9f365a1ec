//! Building valid blocks.

use alloy_consensus::{
    Block, BlockBody, EMPTY_OMMER_ROOT_HASH, Header, TxEnvelope, proofs,
    transaction::{Recovered, SignerRecoverable},
};
use alloy_eips::eip4895::{Withdrawal, Withdrawals};
use alloy_hardforks::EthereumHardfork as Fork;
use alloy_primitives::{Address, B256, Bytes, Sealed};
use reprice_engine::{
    execute,
    header::{base_fee, check_body, check_header, excess_blob_gas},
    transaction_error,
};

use super::{BlockError, BlockEvmFactory, ChainRules, Executed, Reason, StateDb, Store};

/// What the consensus layer says about a block to build.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BlockAttributes {
    /// In seconds; after the parent's.
    pub timestamp: u64,
    /// Who gets the priority fees.
    pub beneficiary: Address,
    /// EIP-4399.
    pub prev_randao: B256,
    /// EIP-4788.
    pub parent_beacon_block_root: B256,
    /// Gas; within 1/1024 of the parent's.
    pub gas_limit: u64,
    /// At most 32 bytes.
    pub extra_data: Bytes,
    /// EIP-4895.
    pub withdrawals: Vec<Withdrawal>,
    /// EIP-7843; what it says before Amsterdam is ignored.
    pub slot_number: u64,
}

/// A valid block, and what executing it gave.
#[derive(Clone, Debug)]
pub struct Built {
    /// The block with all roots.
    pub block: Sealed<Block<TxEnvelope>>,
    /// Its receipts and the state after it.
    pub executed: Executed,
}

/// Builds the block that `transactions` make on top of `parent`. `db` is the state after `parent`.
///
/// # Errors
/// A transaction that may not be included, attributes that do not fit the parent, or what the store lacks.
pub fn build_block<F: BlockEvmFactory, S: Store>(
    factory: &F,
    rules: &ChainRules,
    parent: &Sealed<Header>,
    attributes: &BlockAttributes,
    transactions: Vec<Recovered<TxEnvelope>>,
    db: &mut StateDb<'_, S>,
) -> Result<Built, BlockError> {
    let (transactions, senders): (Vec<_>, Vec<_>) =
        transactions.into_iter().map(Recovered::into_parts).unzip();
    let active = |fork| rules.is_active(fork, attributes.timestamp);
    let withdrawals =
        active(Fork::Shanghai).then(|| Withdrawals::new(attributes.withdrawals.clone()));
    let mut header = Header {
        parent_hash: parent.hash(),
        ommers_hash: EMPTY_OMMER_ROOT_HASH,
        beneficiary: attributes.beneficiary,
        transactions_root: proofs::calculate_transaction_root(&transactions),
        number: parent.number + 1,
        gas_limit: attributes.gas_limit,
        timestamp: attributes.timestamp,
        extra_data: attributes.extra_data.clone(),
        mix_hash: attributes.prev_randao,
        base_fee_per_gas: base_fee(rules, parent, attributes.timestamp),
        withdrawals_root: withdrawals
            .as_ref()
            .map(|list| proofs::calculate_withdrawals_root(list)),
        excess_blob_gas: excess_blob_gas(rules, parent, attributes.timestamp),
        parent_beacon_block_root: active(Fork::Cancun)
            .then_some(attributes.parent_beacon_block_root),
        slot_number: active(Fork::Amsterdam).then_some(attributes.slot_number),
        ..Header::default()
    };
    let body = BlockBody {
        transactions,
        ommers: Vec::new(),
        withdrawals,
    };
    let executed = execute(factory, rules, &header, &body, &|at| Ok(senders[at]), db)?;
    executed.seal(rules, &mut header);
    check_header(rules, parent, &header)?;
    let block = Block { header, body };
    check_body(rules, &block)?;
    let hash = block.header.hash_slow();
    Ok(Built {
        block: Sealed::new_unchecked(block, hash),
        executed,
    })
}

/// Transactions with their senders, from their signatures.
///
/// # Errors
/// The first signature that is nobody's.
pub fn recovered(transactions: Vec<TxEnvelope>) -> Result<Vec<Recovered<TxEnvelope>>, BlockError> {
    let one = |(index, transaction): (usize, TxEnvelope)| {
        let recovered = transaction.try_into_recovered();
        recovered.map_err(|_| transaction_error(index, &BlockError::from(Reason::Signature)))
    };
    transactions.into_iter().enumerate().map(one).collect()
}
