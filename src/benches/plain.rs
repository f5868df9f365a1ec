//! Plain revm: transactions on a flat map of accounts, without roots, receipts or witness.

use std::time::{Duration, Instant};

use alloy_consensus::{Block, TxEnvelope, transaction::SignerRecoverable as _};
use alloy_evm::{EthEvmFactory, Evm as _, EvmEnv, EvmFactory as _, FromRecoveredTx as _};
use alloy_primitives::{Address, U256};
use reprice::{evm::GenesisAccount, gas::Gas};
use revm::{
    DatabaseCommit as _,
    context::{BlockEnv, CfgEnv, TxEnv},
    context_interface::block::BlobExcessGasAndPrice,
    database::{CacheDB, EmptyDB},
    primitives::hardfork::SpecId,
    state::{AccountInfo, Bytecode},
};

/// EIP-7691, for the price of blobs, which nothing here depends on.
const BLOB_FRACTION: u64 = 5_007_716;

/// A state that Osaka's transactions are executed on.
pub struct Plain {
    db: CacheDB<EmptyDB>,
}

impl Plain {
    pub fn new(accounts: Vec<(Address, GenesisAccount)>) -> Self {
        let mut db = CacheDB::new(EmptyDB::new());
        for (address, account) in accounts {
            let info = AccountInfo::default()
                .with_balance(account.balance)
                .with_nonce(account.nonce);
            let code = Bytecode::new_raw(account.code);
            db.insert_account_info(address, info.with_code(code));
            for (slot, value) in account.storage {
                db.insert_account_storage(address, slot, value).unwrap();
            }
        }
        Self { db }
    }

    /// Executes the block's transactions; how long that took, and the gas they used. Senders are recovered before.
    pub fn execute(&mut self, block: &Block<TxEnvelope>) -> (Duration, Gas) {
        let header = &block.header;
        let env = BlockEnv {
            number: U256::from(header.number),
            beneficiary: header.beneficiary,
            timestamp: U256::from(header.timestamp),
            gas_limit: header.gas_limit,
            basefee: header.base_fee_per_gas.unwrap_or_default(),
            prevrandao: Some(header.mix_hash),
            blob_excess_gas_and_price: Some(BlobExcessGasAndPrice::new(
                header.excess_blob_gas.unwrap_or_default(),
                BLOB_FRACTION,
            )),
            ..BlockEnv::default()
        };
        let transactions = block.body.transactions.iter();
        let transactions: Vec<TxEnv> = transactions
            .map(|tx| TxEnv::from_recovered_tx(tx, tx.recover_signer().unwrap()))
            .collect();
        let cfg = CfgEnv::new_with_spec(SpecId::OSAKA);
        let begun = Instant::now();
        let mut evm = EthEvmFactory::default().create_evm(&mut self.db, EvmEnv::new(cfg, env));
        let mut used = 0;
        for tx in transactions {
            let done = evm.transact_raw(tx).unwrap();
            used += done.result.tx_gas_used();
            evm.db_mut().commit(done.state);
        }
        (begun.elapsed(), used)
    }
}
