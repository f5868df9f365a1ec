//! Execution by other people's code: stock EVM factory, stock chain specification, a flat database, alloy-trie's roots.

use alloy_consensus::{Header, ReceiptEnvelope, TxReceipt, proofs, transaction::SignerRecoverable};
use alloy_eips::eip7840::BlobParams;
use alloy_evm::{
    EthEvmFactory, EvmEnv, EvmFactory,
    block::{BlockExecutionResult, BlockExecutor, BlockExecutorFactory},
    eth::{
        EthBlockExecutionCtx, EthBlockExecutorFactory, receipt_builder::AlloyReceiptBuilder,
        spec::EthSpec,
    },
};
use alloy_primitives::{Bloom, keccak256};
use alloy_trie::{TrieAccount, root};
use revm::{
    bytecode::Bytecode,
    database::{AccountState, CacheDB, EmptyDB},
    state::AccountInfo,
};
use std::borrow::Cow;

use super::*;

/// The state and its root, by other people's code.
pub(super) struct Reference {
    db: CacheDB<EmptyDB>,
}

impl Reference {
    pub(super) fn new(accounts: &[(Address, GenesisAccount)]) -> Self {
        let mut db = CacheDB::new(EmptyDB::default());
        for (address, account) in accounts {
            let code = Bytecode::new_legacy(account.code.clone());
            let info = AccountInfo {
                balance: account.balance,
                nonce: account.nonce,
                code_hash: keccak256(&account.code),
                code: Some(code),
                ..AccountInfo::default()
            };
            db.insert_account_info(*address, info);
            for (slot, value) in &account.storage {
                db.insert_account_storage(*address, *slot, *value).unwrap();
            }
        }
        Self { db }
    }

    pub(super) fn root(&self) -> B256 {
        let live = self.db.cache.accounts.iter().filter(|(_, account)| {
            !matches!(account.account_state, AccountState::NotExisting) && !account.info.is_empty()
        });
        root::state_root_unhashed(live.map(|(address, account)| {
            let slots = account.storage.iter().filter(|(_, value)| !value.is_zero());
            let storage =
                root::storage_root_unhashed(slots.map(|(slot, value)| ((*slot).into(), *value)));
            let info = &account.info;
            let account = TrieAccount::new(info.nonce, info.balance, storage, info.code_hash);
            (*address, account)
        }))
    }

    /// Executes a block, and returns its header with everything that follows from execution put anew.
    pub(super) fn execute(&mut self, built: &Built, ancestors: &[Sealed<Header>]) -> Header {
        let block = built.block.inner();
        let header = &block.header;
        for ancestor in ancestors {
            let number = U256::from(ancestor.number);
            self.db.cache.block_hashes.insert(number, ancestor.hash());
        }
        let spec = EthSpec::mainnet();
        let env = EvmEnv::for_eth_block(header, &spec, 1, Some(BlobParams::osaka()));
        let factory = EthBlockExecutorFactory::new(
            AlloyReceiptBuilder::default(),
            spec,
            EthEvmFactory::default(),
        );
        let context = EthBlockExecutionCtx {
            parent_hash: header.parent_hash,
            parent_beacon_block_root: header.parent_beacon_block_root,
            ommers: &[],
            withdrawals: block
                .body
                .withdrawals
                .as_ref()
                .map(|w| Cow::Borrowed(&w[..])),
            extra_data: header.extra_data.clone(),
            tx_count_hint: None,
            slot_number: None,
        };
        let evm = factory.evm_factory().create_evm(&mut self.db, env);
        let transactions: Vec<_> = block
            .body
            .transactions
            .iter()
            .map(|transaction| transaction.clone().try_into_recovered().unwrap())
            .collect();
        let result: BlockExecutionResult<ReceiptEnvelope> = factory
            .create_executor(evm, context)
            .execute_block(&transactions)
            .unwrap();
        Header {
            state_root: self.root(),
            transactions_root: proofs::calculate_transaction_root(&block.body.transactions),
            receipts_root: proofs::calculate_receipt_root(&result.receipts),
            withdrawals_root: Some(proofs::calculate_withdrawals_root(
                block.body.withdrawals.as_ref().unwrap(),
            )),
            logs_bloom: result
                .receipts
                .iter()
                .fold(Bloom::ZERO, |bloom, receipt| bloom | receipt.bloom()),
            gas_used: result.gas_used,
            blob_gas_used: Some(result.blob_gas_used),
            requests_hash: Some(result.requests.requests_hash()),
            ..header.clone()
        }
    }
}
