//! What counting costs, in instructions executed: an ADD loop on plain revm, under prices, and under prices with counting.
//!
//! Without arguments it runs itself under `valgrind --tool=callgrind` and prints the ratios; counts do not depend on what
//! else the machine does. It fails above [`LIMIT`], and says so and succeeds where valgrind is not installed.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a benchmark stops at what it did not expect"
)]
#![expect(clippy::print_stdout, reason = "its result")]

use std::{env, process::Command, sync::Arc};

use alloy_evm::{EthEvmFactory, Evm as _, EvmEnv, EvmFactory};
use alloy_primitives::{Address, Bytes, TxKind};
use reprice::{
    evm::{CountingEvmFactory, TariffEvmFactory},
    lang,
};
use revm::{
    context::{BlockEnv, CfgEnv, TxEnv},
    database::{CacheDB, EmptyDB},
    primitives::hardfork::SpecId,
    state::{AccountInfo, Bytecode},
};

/// Instructions with counting, to those of plain revm: the most that is accepted.
const LIMIT: f64 = 1.08;

/// The loop runs twice, and the difference counts: what comes before and after is the same.
const SHORT: u64 = 1_000_000;
const LONG: u64 = 11_000_000;

const MODES: [&str; 3] = ["plain", "priced", "counted"];

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if let [mode, gas] = arguments.as_slice()
        && MODES.contains(&mode.as_str())
    {
        run(mode, gas.parse().unwrap());
        return;
    }
    if Command::new("valgrind").arg("--version").output().is_err() {
        println!("skipped: counting instructions needs valgrind");
        return;
    }
    let instructions = MODES.map(|mode| counted(mode, LONG) - counted(mode, SHORT));
    let gas = LONG - SHORT;
    for (mode, count) in MODES.iter().zip(instructions) {
        let (ratio, each) = (fraction(count, instructions[0]), fraction(count, gas));
        println!("ADD loop, {mode:<7}  {each:>6.2} instructions per gas  {ratio:.3}");
    }
    let overhead = fraction(instructions[2], instructions[0]);
    assert!(
        overhead <= LIMIT,
        "counting costs {overhead:.3}, more than {LIMIT}"
    );
}

#[expect(clippy::cast_precision_loss, reason = "a ratio")]
fn fraction(part: u64, whole: u64) -> f64 {
    part as f64 / whole as f64
}

/// Instructions that this program executes in `mode`, by callgrind.
fn counted(mode: &str, gas: u64) -> u64 {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(env::current_exe().unwrap())
        .args([mode, &gas.to_string()])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    let collected = text.lines().find_map(|line| line.split_once("Collected :"));
    let (_, count) = collected.unwrap_or_else(|| panic!("callgrind counted nothing:\n{text}"));
    count.trim().parse().unwrap()
}

/// One transaction that adds until its gas is gone.
fn run(mode: &str, gas: u64) {
    let tariff = Arc::new(reprice::evm::compile(&lang::osaka()).unwrap());
    match mode {
        "plain" => transact(&EthEvmFactory::default(), gas),
        "priced" => transact(&TariffEvmFactory::new(tariff), gas),
        _ => transact(&CountingEvmFactory::new(tariff), gas),
    }
}

fn transact<F: EvmFactory<Tx = TxEnv, Spec = SpecId, BlockEnv = BlockEnv>>(factory: &F, gas: u64) {
    let contract = Address::repeat_byte(0x11);
    let mut db = CacheDB::new(EmptyDB::new());
    let code = Bytecode::new_raw(add_loop());
    db.insert_account_info(contract, AccountInfo::default().with_code(code));
    let cfg = CfgEnv::new_with_spec(SpecId::OSAKA);
    let mut evm = factory.create_evm(db, EvmEnv::new(cfg, BlockEnv::default()));
    let tx = TxEnv::builder()
        .kind(TxKind::Call(contract))
        .gas_limit(gas)
        .build()
        .unwrap();
    let result = evm.transact_raw(tx).map(|done| done.result);
    let Ok(result) = result else {
        panic!("the transaction was refused")
    };
    assert_eq!(result.tx_gas_used(), gas, "it ends when its gas does");
}

/// `PUSH1 1, JUMPDEST, (DUP1 ADD) x 200, PUSH1 2, JUMP`.
fn add_loop() -> Bytes {
    let body = [0x80, 0x01].repeat(200);
    [&[0x60, 1, 0x5b][..], &body, &[0x60, 2, 0x56]]
        .concat()
        .into()
}
