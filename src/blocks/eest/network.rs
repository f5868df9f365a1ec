//! Networks as fixtures name them: their rules and their prices.

use std::sync::Arc;

use alloy_consensus::{Block, TxEnvelope};
use alloy_eips::{eip7840::BlobParams, eip8282::BUILDER_DEPOSIT_CONTRACT_ADDRESS};
use alloy_hardforks::EthereumHardfork as Fork;
use alloy_primitives::Address;

use super::fixture_json::Config;
use crate::{
    evm::{Activation, ChainRules, Tariff, blob_params},
    gas,
};

/// When the second fork of a network such as `PragueToOsakaAtTime15k` starts, in seconds.
const TRANSITION: u64 = 15_000;

/// Whether `network` is Amsterdam as development networks before devnet-8 had it; `has_account` says what the genesis holds.
pub(super) fn is_devnet(network: &str, has_account: impl Fn(&Address) -> bool) -> bool {
    network.contains("Amsterdam") && !has_account(&BUILDER_DEPOSIT_CONTRACT_ADDRESS)
}

/// The rules of `network`.
///
/// # Errors
/// Why its blocks cannot be executed.
pub(super) fn rules(network: &str, config: &Config) -> Result<ChainRules, String> {
    let chain_id = config.chainid.map_or(1, |id| id.to());
    let Some((first, rest)) = network.split_once("To") else {
        return Ok(with_blobs(
            ChainRules::from_genesis(chain_id, fork(network)?),
            network,
            config,
        ));
    };
    let unknown = || format!("the network `{network}` is not known");
    let second = rest.strip_suffix("AtTime15k").ok_or_else(unknown)?;
    let fork = (fork(first)?, fork(second)?);
    if fork.0 < Fork::Paris {
        return Err(format!(
            "`{network}` starts before the merge, and transitions are supported after it only"
        ));
    }
    let rules = ChainRules::from_genesis(chain_id, fork.0);
    let rules = with_blobs(rules, first, config);
    Ok(rules.then(Activation {
        timestamp: TRANSITION,
        fork: fork.1,
        blobs: blobs(fork.1, second, config),
    }))
}

fn with_blobs(rules: ChainRules, name: &str, config: &Config) -> ChainRules {
    let fork = rules.at(0).fork;
    rules.with_blobs(blobs(fork, name, config))
}

/// The blob parameters that the fixture states, or else mainnet's.
fn blobs(fork: Fork, name: &str, config: &Config) -> Option<BlobParams> {
    let params = blob_params(fork)?;
    Some(match config.blob_schedule.get(name) {
        None => params,
        Some(schedule) => BlobParams {
            target_blob_count: schedule.target.to(),
            max_blob_count: schedule.max.to(),
            update_fraction: schedule.base_fee_update_fraction.to(),
            ..params
        },
    })
}

fn fork(name: &str) -> Result<Fork, String> {
    let fork = match name {
        "Merge" => Fork::Paris,
        "ConstantinopleFix" => Fork::Petersburg,
        "EIP150" => Fork::Tangerine,
        "EIP158" => Fork::SpuriousDragon,
        _ => name
            .parse()
            .map_err(|_| format!("the fork `{name}` is not known"))?,
    };
    match fork {
        Fork::Constantinople => {
            Err("revm has no Constantinople: EIP-1283 was never on mainnet".into())
        }
        fork if fork < Fork::Byzantium => Err(format!(
            "`{name}` is before Byzantium: its receipts hold state roots, which are not kept"
        )),
        fork => Ok(fork),
    }
}

/// The prices of the block's fork, if it is one that we price: then our engine has to reproduce it.
pub(super) fn fork_tariff(rules: &ChainRules, block: &Block<TxEnvelope>) -> Option<Arc<Tariff>> {
    let active = rules.at(block.header.timestamp);
    let fork = match active.fork {
        Fork::Prague => gas::Fork::Prague,
        Fork::Amsterdam => gas::Fork::Amsterdam,
        _ => gas::Fork::Osaka,
    };
    let tariff = Tariff::stock(fork);
    // Forks of nothing but blob parameters are Osaka with other blob fees, which the tariff would override.
    let known = matches!(active.fork, Fork::Prague | Fork::Osaka | Fork::Amsterdam);
    let same = known && active.blobs == Some(tariff.blob_params());
    same.then(|| Arc::new(tariff))
}
