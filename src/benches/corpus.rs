//! What making the whole corpus takes, against plain revm executing the same transactions on the same cores.
//!
//! ```text
//! cargo bench --bench corpus                 full blocks of 60 Mgas under osaka, each with its stock twin and witness
//! cargo bench --bench corpus -- 6_000_000    smaller ones
//! ```
//!
//! Each block is made and executed by turns on the same thread, so that both see the same machine. A scenario's block is
//! executed twice, under the schedule and under the fork's own prices; plain revm executes it twice too, from a flat
//! map of accounts, without roots, receipts or witness.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a benchmark stops at what it did not expect"
)]
#![expect(clippy::print_stdout, reason = "its result")]

use std::{
    env, fs,
    sync::Arc,
    time::{Duration, Instant},
};

use alloy_consensus::transaction::SignerRecoverable as _;
use alloy_evm::{EthEvmFactory, Evm as _, EvmEnv, EvmFactory as _, FromRecoveredTx as _};
use alloy_primitives::{Address, U256};
use rayon::prelude::*;
use reprice::{
    bench::{self, Scenario, Size, StockBlock, Twins},
    evm::{GenesisAccount, Tariff},
    gas::{Gas, Schedule},
    lang,
};
use revm::{
    DatabaseCommit as _,
    context::{BlockEnv, CfgEnv, TxEnv},
    context_interface::block::BlobExcessGasAndPrice,
    database::{CacheDB, EmptyDB},
    primitives::hardfork::SpecId,
    state::{AccountInfo, Bytecode},
};

const FULL: Gas = 60_000_000;

/// EIP-7691, for the price of blobs, which nothing here depends on.
const BLOB_FRACTION: u64 = 5_007_716;

/// How long a scenario took.
#[derive(Clone, Copy, Default)]
struct Times {
    /// State and calibration: the same for blocks of every size.
    prepared: Duration,
    /// Both blocks, roots, witness.
    made: Duration,
    /// Plain revm, both blocks.
    executed: Duration,
    /// Bytes of the witness.
    witness: usize,
}

fn main() {
    let arguments = env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with("--"));
    let limits: Vec<Gas> = arguments
        .map(|text| text.replace('_', "").parse().unwrap())
        .collect();
    let limit = limits.first().copied().unwrap_or(FULL);
    let osaka = lang::osaka();
    let tariff = Arc::new(Tariff::new(&osaka).unwrap());
    let begun = Instant::now();
    let mut all: Vec<(&Scenario, Times)> = bench::scenarios_of(&osaka)
        .into_par_iter()
        .map(|scenario| (scenario, times(scenario, &osaka, &tariff, limit)))
        .collect();
    let wall = begun.elapsed();
    let sum =
        |part: fn(&Times) -> Duration| all.iter().map(|(_, times)| part(times)).sum::<Duration>();
    let prepared = sum(|times| times.prepared);
    let (made, executed) = (sum(|times| times.made), sum(|times| times.executed));
    println!(
        "{} scenarios at {limit} gas on {} threads, {:.1} s",
        all.len(),
        rayon::current_num_threads(),
        wall.as_secs_f64()
    );
    for (what, took) in [
        ("prepared, whatever the size", prepared),
        ("made with twins and witnesses", made),
        ("executed by plain revm", executed),
    ] {
        println!("{what:<30} {:>7.1} s", took.as_secs_f64());
    }
    println!(
        "ratio                          {:>7.3}, with what was prepared {:.3}",
        ratio(made, executed),
        ratio(prepared + made, executed)
    );
    if let Some(peak) = peak_memory() {
        println!("peak memory                    {peak:>7.1} GiB");
    }
    println!("\nfurthest from it:");
    all.sort_by_key(|(_, times)| std::cmp::Reverse(times.made.saturating_sub(times.executed)));
    for (scenario, times) in all.iter().take(15) {
        println!(
            "  {:<36} {:>6.2} s for {:>6.2} s, {:>6.1} MB of witness",
            scenario.id,
            times.made.as_secs_f64(),
            times.executed.as_secs_f64(),
            megabytes(times.witness),
        );
    }
}

fn times(scenario: &Scenario, osaka: &Schedule, tariff: &Arc<Tariff>, limit: Gas) -> Times {
    let begun = Instant::now();
    let schedule = || (osaka, Arc::clone(tariff));
    let mut twins = Twins::new(scenario, schedule(), schedule()).unwrap();
    let prepared = begun.elapsed();
    let begun = Instant::now();
    let blocks = twins.blocks(Size::Gas(limit));
    let blocks = blocks.unwrap_or_else(|error| panic!("{}: {error}", scenario.id));
    let made = begun.elapsed();
    let witness = &blocks.stock.input.witness;
    let bytes = witness
        .state
        .iter()
        .chain(&witness.codes)
        .map(|bytes| bytes.len());
    let witness = bytes.sum();
    let accounts = twins.state().unwrap();
    drop(twins);
    Times {
        prepared,
        made,
        executed: 2 * executed(&blocks.stock, accounts),
        witness,
    }
}

/// Executes the block's transactions on revm as it is.
fn executed(stock: &StockBlock, accounts: Vec<(Address, GenesisAccount)>) -> Duration {
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
    let header = &stock.block.header;
    let block = BlockEnv {
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
    let transactions: Vec<TxEnv> = stock
        .block
        .body
        .transactions
        .iter()
        .map(|tx| TxEnv::from_recovered_tx(tx, tx.recover_signer().unwrap()))
        .collect();
    let cfg = CfgEnv::new_with_spec(SpecId::OSAKA);
    let begun = Instant::now();
    let mut evm = EthEvmFactory::default().create_evm(db, EvmEnv::new(cfg, block));
    let mut used = 0;
    for tx in transactions {
        let done = evm.transact_raw(tx).unwrap();
        assert!(done.result.is_success(), "{:?}", done.result);
        used += done.result.tx_gas_used();
        evm.db_mut().commit(done.state);
    }
    let took = begun.elapsed();
    assert_eq!(used, stock.gas_used, "the same work");
    took
}

fn ratio(part: Duration, whole: Duration) -> f64 {
    part.as_secs_f64() / whole.as_secs_f64()
}

#[expect(clippy::cast_precision_loss, reason = "to one decimal")]
fn megabytes(bytes: usize) -> f64 {
    bytes as f64 / 1e6
}

/// The most memory that this process held, GiB, where the system tells.
fn peak_memory() -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kib: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib / f64::from(1 << 20))
}
