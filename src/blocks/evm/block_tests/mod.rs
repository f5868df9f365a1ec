//! Blocks: built, executed, validated without a state, and refused.

mod chain;
mod limits;
mod reference;
mod refusals;

use alloy_consensus::{
    Header, SignableTransaction, TxEip1559, TxEnvelope, crypto::secp256k1, proofs,
};
use alloy_evm::EthEvmFactory;
use alloy_hardforks::EthereumHardfork as Fork;
use alloy_primitives::{Address, B256, Bytes, Sealable, Sealed, TxKind, U256, address};

use super::*;

/// The first block's number: after mainnet's merge, so that mainnet's rules apply too.
const GENESIS: u64 = 24_000_000;

/// The private key of the only sender, and its address.
const KEY: B256 = B256::repeat_byte(0x45);

fn sender() -> Address {
    let message = B256::repeat_byte(1);
    let signature = secp256k1::sign_message(KEY, message).unwrap();
    secp256k1::recover_signer(&signature, message).unwrap()
}

fn sign<T: SignableTransaction<alloy_primitives::Signature>>(transaction: T) -> TxEnvelope
where
    TxEnvelope: From<alloy_consensus::Signed<T>>,
{
    let signature = secp256k1::sign_message(KEY, transaction.signature_hash()).unwrap();
    transaction.into_signed(signature).into()
}

fn call(nonce: u64, to: Address, value: u64) -> TxEip1559 {
    TxEip1559 {
        chain_id: 1,
        nonce,
        gas_limit: 500_000,
        max_fee_per_gas: 1_000,
        max_priority_fee_per_gas: 2,
        to: TxKind::Call(to),
        value: U256::from(value),
        ..TxEip1559::default()
    }
}

/// A child of the genesis header `parent`, by one fork's rules.
fn genesis(fork: Fork, state_root: B256, timestamp: u64) -> Sealed<Header> {
    let rules = ChainRules::from_genesis(1, fork);
    let active = |fork| rules.is_active(fork, timestamp);
    Header {
        number: GENESIS,
        state_root,
        gas_limit: 60_000_000,
        timestamp,
        base_fee_per_gas: Some(7),
        withdrawals_root: Some(proofs::calculate_withdrawals_root(&[])),
        blob_gas_used: active(Fork::Cancun).then_some(0),
        excess_blob_gas: active(Fork::Cancun).then_some(0),
        parent_beacon_block_root: active(Fork::Cancun).then_some(B256::ZERO),
        requests_hash: active(Fork::Prague).then_some(B256::ZERO),
        ..Header::default()
    }
    .seal_slow()
}

fn attributes(parent: &Header) -> BlockAttributes {
    BlockAttributes {
        timestamp: parent.timestamp + 12,
        beneficiary: address!("0x00000000000000000000000000000000c0ffee00"),
        prev_randao: B256::repeat_byte(0x77),
        parent_beacon_block_root: B256::repeat_byte(0x88),
        gas_limit: parent.gas_limit,
        ..BlockAttributes::default()
    }
}

fn contract(code: &[u8], storage: &[(u64, u64)]) -> GenesisAccount {
    GenesisAccount {
        nonce: 1,
        code: Bytes::copy_from_slice(code),
        storage: storage
            .iter()
            .map(|(slot, value)| (U256::from(*slot), U256::from(*value)))
            .collect(),
        ..GenesisAccount::default()
    }
}

/// Accounts: the sender, the system contracts, and `more`.
fn accounts(more: &[(Address, GenesisAccount)]) -> Vec<(Address, GenesisAccount)> {
    let rich = GenesisAccount {
        balance: U256::from(10).pow(U256::from(24)),
        ..GenesisAccount::default()
    };
    let mut accounts = system_contracts(crate::gas::Fork::Osaka);
    accounts.push((sender(), rich));
    accounts.extend_from_slice(more);
    accounts
}

/// Builds a block on `parent` and returns it with its input.
fn build(
    rules: &ChainRules,
    world: &World,
    parent: &Sealed<Header>,
    attributes: &BlockAttributes,
    transactions: Vec<TxEnvelope>,
) -> Result<(Built, GuestInput), BlockError> {
    let recorder = Recorder::new(world);
    let mut db = StateDb::new(&recorder, parent.state_root);
    let factory = EthEvmFactory::default();
    let transactions =
        recovered(transactions).map_err(|e| BlockError::new(Reason::Signature, e))?;
    let built = build_block(&factory, rules, parent, attributes, transactions, &mut db)?;
    let input = GuestInput {
        tariff: Tariff::stock(crate::gas::Fork::Osaka),
        chain_id: rules.chain_id,
        block: alloy_rlp::encode(built.block.inner()).into(),
        witness: recorder.witness(parent.number),
    };
    Ok((built, input))
}
