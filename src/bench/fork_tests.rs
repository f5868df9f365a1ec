//! Every fork's blocks against revm as it comes.

use std::collections::BTreeSet;

use super::{
    eest::StockEvmFactory,
    tests::{FULL, SMALL, one, under},
    *,
};
use crate::{
    evm::{ChainRules, validate, validate_block},
    gas::{Fork, GasParam},
    lang::fork_schedule,
};

/// Under a fork's own schedule every scenario's block is valid for revm as it comes: same gas, receipts, state and access
/// list.
#[test]
fn the_forks_blocks_are_revms() {
    for fork in Fork::ALL {
        let schedule = fork_schedule(*fork);
        let lacking: Vec<&str> = scenarios()
            .iter()
            .filter(|s| schedule.entry(&s.operation).is_none())
            .map(|s| s.operation.as_str())
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect();
        let own: &[&str] = match fork {
            Fork::Prague => &["CLZ", "P256VERIFY"],
            Fork::Osaka | Fork::Amsterdam => &[],
        };
        for name in own {
            assert!(lacking.contains(name), "{fork:?} has {name}");
        }
        let later = lacking.iter().filter(|name| !own.contains(name));
        for name in later {
            assert!(*fork < Fork::Amsterdam, "{fork:?} lacks {name}");
            assert!(fork_schedule(Fork::Amsterdam).entry(name).is_some());
        }
        under(schedule, |s| {
            let text = |error: BenchError| error.to_string();
            let block = build_with_input(s, schedule, SMALL).map_err(text)?;
            let input = block.input.ok_or("no input")?;
            let rules = ChainRules::new(1, *fork);
            let witness = input.witness.as_ref();
            let stock = validate_block(&StockEvmFactory, &rules, &input.block, &witness);
            if !stock.valid || Some(stock.block_hash) != block.block_hash {
                return Err(format!("{fork:?}: {:?}", stock.reason));
            }
            if !validate(&input).valid {
                return Err(format!("{fork:?}: our own validator refuses it"));
            }
            Ok(())
        });
    }
}

/// What revm charges each meter is what the meter's prices say: state gas fills a block of new slots, and execution the
/// block of old ones (EIP-8037).
#[test]
fn amsterdams_blocks_are_filled_by_the_larger_meter() {
    let schedule = fork_schedule(Fork::Amsterdam);
    for (id, price) in [
        ("state-storage-set/cold", "STATE_STORAGE_SET"),
        ("state-new-account/call", "STATE_NEW_ACCOUNT"),
        ("state-code-per-byte/1024", "STATE_CODE_PER_BYTE"),
        ("state-auth/8", "STATE_AUTH"),
        ("storage-reset/cold", "SSTORE.per_reset"),
    ] {
        let block = build(one(id), schedule, FULL).unwrap();
        let state = price.starts_with("STATE_");
        let price: GasParam = price.parse().unwrap();
        let param = if state {
            price
        } else {
            "SSTORE.per_reset".parse().unwrap()
        };
        assert!(
            block.usage.counts.contains_key(&param),
            "{id}: {:?}",
            block.usage
        );
        let others = block.usage.counts.keys();
        let other = |param: &GasParam| param.operation.starts_with("STATE_") != state;
        assert!(!others.into_iter().any(other), "{id}");
        assert!(block.fill >= 0.98, "{id}: {}", block.fill);
        let promised = schedule.gas(&block.usage).unwrap();
        assert_eq!(promised, i128::from(block.gas_used), "{id}");
    }
}
