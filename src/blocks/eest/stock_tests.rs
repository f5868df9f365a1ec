//! Every fork's blocks against revm as it comes.

use std::collections::BTreeSet;

use super::StockEvmFactory;
use crate::{
    bench::{
        BenchError, build_with_input, scenarios,
        tests::{SMALL, under},
    },
    evm::{ChainRules, validate, validate_block},
    gas::Fork,
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
