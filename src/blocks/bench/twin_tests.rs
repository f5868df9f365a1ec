//! Every scenario's block has a twin that does the same.

use super::{
    tests::{SMALL, all, one, priced},
    *,
};
use crate::{evm::validate, gas::GasParam, lang::osaka};

/// A schedule with other prices of a few operations of every kind.
fn repriced(times: u64, divided_by: u64) -> Schedule {
    let base = osaka();
    let names = [
        "MULMOD",
        "PUSH",
        "KECCAK256",
        "COLD_STORAGE_ACCESS",
        "COLD_ACCOUNT_ACCESS",
        "STORAGE_SET",
        "ECRECOVER",
        "TX_BASE",
        "TX_FLOOR_BASE",
        "POINT_EVALUATION",
        "MEMORY_PER_WORD",
    ];
    names.into_iter().fold(base, |schedule, name| {
        let price = schedule.price(&GasParam::whole(name));
        let Ok(price) = price else { return schedule };
        priced(schedule, name, (price * times / divided_by).max(1))
    })
}

/// Every scenario's block has a twin under the fork's own prices that does the same, whether prices rise or fall.
#[test]
fn every_block_has_a_stock_twin() {
    let stock = osaka();
    let stock_tariff = Arc::new(crate::evm::compile(&stock).unwrap());
    for (times, divided_by) in [(3, 1), (1, 3)] {
        let schedule = repriced(times, divided_by);
        let tariff = Arc::new(crate::evm::compile(&schedule).unwrap());
        all(|s| {
            let twins = Twins::new(
                s,
                (&schedule, Arc::clone(&tariff)),
                (&stock, Arc::clone(&stock_tariff)),
            );
            let mut twins = match twins {
                // An iteration of many pushes or hashes may not fit into a transaction.
                Err(BenchError::DoesNotFit(_)) => return Ok(()),
                twins => twins.map_err(|e| e.to_string())?,
            };
            let blocks = twins.blocks(SMALL).map_err(|e| e.to_string())?;
            let verdict = validate(&blocks.stock.input);
            if !verdict.valid {
                return Err(format!("the twin is refused: {}", verdict.reason));
            }
            if blocks.candidate.transactions != blocks.stock.block.body.transactions.len() {
                return Err("the twin has other transactions".into());
            }
            Ok(())
        });
    }
}

/// A loop that looks at what an instruction costs does other work under other prices.
#[test]
fn work_that_depends_on_prices_is_refused() {
    let stock = osaka();
    let schedule = priced(stock.clone(), "MULMOD", 80);
    let mut s = one("pop/after-push0").clone();
    // As many bytes are hashed as MULMOD takes gas.
    s.body = "GAS MULMOD(3, 5, 7) POP GAS SWAP1 SUB 0 KECCAK256 POP".to_owned();
    s.repeat = 10;
    let tariff = |schedule: &Schedule| Arc::new(crate::evm::compile(schedule).unwrap());
    let twins = |schedule, stock| {
        let tariffs = (tariff(schedule), tariff(stock));
        let mut twins = Twins::new(&s, (schedule, tariffs.0), (stock, tariffs.1))?;
        twins.blocks(SMALL).map(|_| ())
    };
    assert_eq!(twins(&stock, &stock), Ok(()));
    let error = twins(&schedule, &stock).unwrap_err().to_string();
    assert!(error.contains("`KECCAK256.per_word`"), "{error}");
}
