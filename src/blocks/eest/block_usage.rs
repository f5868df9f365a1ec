//! What a real block uses, in the units that schedules price.

use alloy_eips::eip7840::BlobParams;
use alloy_hardforks::EthereumHardfork;
use std::sync::Arc;

use super::{
    fixture::{Fixture, FixtureKind, WitnessedBlock},
    witnessed_block,
};
use crate::{
    bench::metered_evm::MeteredFactory,
    evm::{self, Tariff},
    gas::{Entry, Expr, Fork, Gas, Schedule, Usage},
    lang,
};

/// What the transactions of a block with its witness use, under the prices of its fork. System calls are not among them:
/// nobody pays for those.
///
/// # Errors
/// Why it is not known.
pub fn usage(fixture: &Fixture) -> Result<Usage, String> {
    let FixtureKind::Witnessed(block) = &fixture.kind else {
        return Err("usage is counted of single blocks with their witness".into());
    };
    of_block(block)
}

/// The same of a block with its witness.
///
/// # Errors
/// Why it is not known.
pub(super) fn of_block(block: &WitnessedBlock) -> Result<Usage, String> {
    let active = block.rules.at(block.block.header.timestamp);
    let schedule = match active.fork {
        EthereumHardfork::Prague => lang::fork_schedule(Fork::Prague),
        fork if (EthereumHardfork::Osaka..EthereumHardfork::Amsterdam).contains(&fork) => {
            lang::fork_schedule(Fork::Osaka)
        }
        fork => return Err(format!("no built-in schedule has the prices of {fork}")),
    };
    let blobs = active.blobs.ok_or("its fork has no blobs")?;
    let tariff = evm::compile(&with_blobs(schedule.clone(), &blobs)).map_err(|e| e.to_string())?;
    under(Arc::new(tariff), block)
}

/// The same under any prices, which are those that the block was built under.
///
/// # Errors
/// Why it is not known.
pub(super) fn under(tariff: Arc<Tariff>, block: &WitnessedBlock) -> Result<Usage, String> {
    let factory = MeteredFactory::new(tariff);
    witnessed_block::execute(&factory, block).map_err(|error| format!("refused: {error}"))?;
    Ok(factory.take_used().execution)
}

/// The schedule with the blob parameters of a fork of nothing else (EIP-7892).
fn with_blobs(mut schedule: Schedule, blobs: &BlobParams) -> Schedule {
    let fraction = Gas::try_from(blobs.update_fraction).unwrap_or(Gas::MAX);
    for (name, value) in [
        ("BLOB_TARGET", blobs.target_blob_count),
        ("BLOB_MAX", blobs.max_blob_count),
        ("BLOB_UPDATE_FRACTION", fraction),
    ] {
        if let Some(entry) = schedule.entry(name).cloned() {
            schedule.insert(Entry {
                expr: Expr::number(value),
                ..entry
            });
        }
    }
    schedule
}
