//! The guest program in SP1's executor against the same validator on this machine.

mod canonical;
mod costs;
mod estimates;
mod fresh;
mod precompiles;
mod shipped;
mod sp1_report;

use std::sync::Arc;

use alloy_consensus::{
    EMPTY_ROOT_HASH, Header, SignableTransaction, TxEip1559, TxEnvelope,
    crypto::secp256k1::{recover_signer, sign_message},
};
use alloy_eips::eip7685::EMPTY_REQUESTS_HASH;
use alloy_primitives::{Address, B256, Bytes, Log, Sealable, TxKind, U256, address};

use super::{Prover, embedded::Embedded};
use crate::{
    evm::{
        BlockAttributes, ChainRules, GenesisAccount, GuestInput, Reason, Recorder, StateDb,
        Statement, TariffEvmFactory, Verdict, World, build_block, recovered, system_contracts,
        validate,
    },
    lang,
};

const KEY: B256 = B256::repeat_byte(0x42);
const CONTRACT: Address = address!("00000000000000000000000000000000000c0de5");
const BLOCK_GAS_LIMIT: u64 = 1_000_000_000;

/// A block that calls a contract with this code once per call data, 2 million gas each, and its logs.
fn block_and_logs(code: &[u8], calls: &[Vec<u8>]) -> (GuestInput, Vec<Log>) {
    let sender = recover_signer(&sign_message(KEY, B256::ZERO).unwrap(), B256::ZERO).unwrap();
    let rich = GenesisAccount {
        balance: U256::from(10).pow(U256::from(24)),
        ..GenesisAccount::default()
    };
    let contract = GenesisAccount {
        nonce: 1,
        code: Bytes::copy_from_slice(code),
        ..GenesisAccount::default()
    };
    let (mut world, state_root) = World::new(
        system_contracts(crate::gas::Fork::Osaka)
            .into_iter()
            .chain([(sender, rich), (CONTRACT, contract)]),
    );
    let parent = Header {
        number: 1,
        timestamp: 1000,
        gas_limit: BLOCK_GAS_LIMIT,
        base_fee_per_gas: Some(7),
        state_root,
        withdrawals_root: Some(EMPTY_ROOT_HASH),
        blob_gas_used: Some(0),
        excess_blob_gas: Some(0),
        parent_beacon_block_root: Some(B256::ZERO),
        requests_hash: Some(EMPTY_REQUESTS_HASH),
        ..Header::default()
    };
    world.add_header(&parent);
    let transactions = (0..)
        .zip(calls)
        .map(|(nonce, data)| transaction(nonce, data))
        .collect();
    let attributes = BlockAttributes {
        timestamp: 1012,
        gas_limit: BLOCK_GAS_LIMIT,
        ..BlockAttributes::default()
    };

    let tariff = crate::evm::compile(&lang::osaka()).unwrap();
    let rules = ChainRules::of(1, &tariff);
    let factory = TariffEvmFactory::new(Arc::new(tariff.clone()));
    let recorder = Recorder::new(&world);
    let mut state = StateDb::new(&recorder, state_root);
    let built = build_block(
        &factory,
        &rules,
        &parent.seal_slow(),
        &attributes,
        recovered(transactions).unwrap(),
        &mut state,
    )
    .unwrap();
    let block = alloy_rlp::encode(built.block.inner()).into();
    let logs = built
        .executed
        .receipts
        .iter()
        .flat_map(|receipt| receipt.logs().to_vec())
        .collect();
    (
        GuestInput {
            tariff,
            chain_id: 1,
            block,
            witness: recorder.witness(1),
        },
        logs,
    )
}

fn block(code: &[u8], calls: &[Vec<u8>]) -> GuestInput {
    block_and_logs(code, calls).0
}

fn transaction(nonce: u64, data: &[u8]) -> TxEnvelope {
    let transaction = TxEip1559 {
        chain_id: 1,
        nonce,
        gas_limit: 2_000_000,
        max_fee_per_gas: 1000,
        to: TxKind::Call(CONTRACT),
        input: Bytes::copy_from_slice(data),
        ..TxEip1559::default()
    };
    let signature = sign_message(KEY, transaction.signature_hash()).unwrap();
    TxEnvelope::Eip1559(transaction.into_signed(signature))
}

fn verdict(prover: &Embedded, input: &GuestInput) -> Verdict {
    let execution = prover.execute(&input.encode()).unwrap();
    Statement::from_bytes(&execution.public_values)
        .unwrap()
        .verdict
}

#[test]
fn the_guest_accepts_a_valid_block_in_the_same_cycles_every_time() {
    let input = block(&[], &[vec![], vec![1, 2, 3]]).encode();
    let prover = Embedded::new().unwrap();
    let (first, second) = std::thread::scope(|scope| {
        let second = scope.spawn(|| prover.execute(&input).unwrap());
        (prover.execute(&input).unwrap(), second.join().unwrap())
    });
    assert_eq!(first, second);
    // A translated program that ran before starts afresh.
    assert_eq!(first, prover.execute(&input).unwrap());
    assert!(
        Statement::from_bytes(&first.public_values)
            .unwrap()
            .verdict
            .valid
    );
    assert!(
        (100_000..1_000_000).contains(&first.costs.total_num_cycles),
        "{}",
        first.costs.total_num_cycles
    );
}

#[test]
fn the_guest_says_what_is_wrong_with_a_block() {
    let prover = Embedded::new().unwrap();
    let mut input = block(&[], &[vec![]]);
    input.tariff = crate::evm::compile(&lang::osaka()).unwrap();
    input.witness.state.pop();
    let refused = verdict(&prover, &input);
    assert_eq!(refused, validate(&input));
    assert!(!refused.valid);

    let execution = prover.execute(b"no input").unwrap();
    let statement = Statement::from_bytes(&execution.public_values).unwrap();
    assert_eq!(statement.verdict.reason, Reason::Input);
    assert_eq!(statement.rules_hash, B256::ZERO);
}
