//! A fixture, executed under the prices of its fork and compared with what it says.

use super::{
    checked::{Checked, Mismatch, Options},
    fixture::{ChainBlock, Fixture, FixtureKind},
    guest_bytes::{self, Refusal},
    replay, witnessed_block,
};

/// Executes all blocks of a fixture under the prices of its fork, and compares.
pub fn check(fixture: &Fixture, options: Options) -> Checked {
    let (mut checked, blocks) = match &fixture.kind {
        FixtureKind::Witnessed(block) => return witnessed_block::check(block),
        FixtureKind::Guests(blocks) => (check_guests(blocks), blocks),
        FixtureKind::Chain(chain) => {
            let checked = match &chain.rules {
                Ok(rules) => replay::check(chain, rules, options),
                Err(why) => Checked {
                    not_run: Some(why.clone()),
                    ..Checked::of(chain.blocks.len())
                },
            };
            (checked, &chain.blocks)
        }
    };
    for (index, block) in blocks.iter().enumerate() {
        let Some((input, output)) = &block.guest else {
            continue;
        };
        match guest_bytes::check(input, output, block.hash) {
            Ok(()) => checked.guest_inputs += 1,
            Err(what) => {
                let block = Some(index);
                let known = checked.mismatches.iter().any(|other| other.block == block);
                if !known && checked.not_run.is_none() {
                    checked.reproduced = checked.reproduced.saturating_sub(1);
                }
                checked.mismatches.push(Mismatch { block, what });
            }
        }
    }
    checked
}

/// Validates blocks as guests do.
fn check_guests(blocks: &[ChainBlock]) -> Checked {
    let mut checked = Checked::of(blocks.len());
    for (index, block) in blocks.iter().enumerate() {
        let Some((input, output)) = &block.guest else {
            continue;
        };
        match guest_bytes::validate(input, output) {
            Ok(()) => {
                checked.reproduced += 1;
                checked.invalid += usize::from(!guest_bytes::is_valid(output));
            }
            Err(Refusal::Wrong(what)) => checked.mismatches.push(Mismatch {
                block: Some(index),
                what,
            }),
            Err(Refusal::NotRun(why)) => checked.not_run = Some(why),
        }
    }
    checked
}
