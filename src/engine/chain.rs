//! Chain rules: which fork is active when, and its blob parameters.

use alloc::{vec, vec::Vec};
use alloy_eips::{eip6110::MAINNET_DEPOSIT_CONTRACT_ADDRESS, eip7840::BlobParams};
use alloy_evm::eth::spec::EthExecutorSpec;
use alloy_hardforks::{EthereumHardfork, EthereumHardforks, ForkCondition};
use alloy_primitives::{Address, U256};

use super::Tariff;
use crate::Fork;

/// A fork and when it starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Activation {
    /// The first block timestamp it applies to, in seconds.
    pub timestamp: u64,
    /// The fork: Byzantium or later.
    pub fork: EthereumHardfork,
    /// Blob limits and fees (EIP-7840); `None` before Cancun.
    pub blobs: Option<BlobParams>,
}

/// The rules of a chain: proof of stake from genesis, or one fork with proof of work, which is not checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainRules {
    /// EIP-155.
    pub chain_id: u64,
    /// In order of time; the first is active at genesis.
    activations: Vec<Activation>,
}

/// The blob parameters a fork starts with on mainnet.
pub const fn blob_params(fork: EthereumHardfork) -> Option<BlobParams> {
    use EthereumHardfork as F;
    match fork {
        F::Cancun => Some(BlobParams::cancun()),
        F::Prague => Some(BlobParams::prague()),
        F::Osaka => Some(BlobParams::osaka()),
        F::Bpo1 => Some(BlobParams::bpo1()),
        F::Bpo2 | F::Bpo3 | F::Bpo4 | F::Bpo5 | F::Amsterdam => Some(BlobParams::bpo2()),
        _ => None,
    }
}

impl ChainRules {
    /// One fork from genesis on, with mainnet's blob parameters.
    pub fn new(chain_id: u64, fork: Fork) -> Self {
        let fork = match fork {
            Fork::Prague => EthereumHardfork::Prague,
            Fork::Osaka => EthereumHardfork::Osaka,
            Fork::Amsterdam => EthereumHardfork::Amsterdam,
        };
        Self::from_genesis(chain_id, fork)
    }

    /// The fork and the blob parameters of `tariff`, from genesis on.
    pub fn of(chain_id: u64, tariff: &Tariff) -> Self {
        Self::new(chain_id, tariff.fork()).with_blobs(Some(tariff.blob_params()))
    }

    /// One fork from genesis on, with the blob parameters it starts with on mainnet.
    pub fn from_genesis(chain_id: u64, fork: EthereumHardfork) -> Self {
        Self {
            chain_id,
            activations: vec![Activation {
                timestamp: 0,
                fork,
                blobs: blob_params(fork),
            }],
        }
    }

    /// The same with other blob parameters of the first fork.
    #[must_use]
    pub fn with_blobs(mut self, blobs: Option<BlobParams>) -> Self {
        self.activations[0].blobs = blobs;
        self
    }

    /// Mainnet since the merge.
    pub fn mainnet() -> Self {
        let later = EthereumHardfork::mainnet().into_iter();
        let dated = later.filter_map(|(fork, condition)| Some((fork, condition.as_timestamp()?)));
        dated.fold(
            Self::from_genesis(1, EthereumHardfork::Paris),
            |rules, (fork, timestamp)| {
                rules.then(Activation {
                    timestamp,
                    fork,
                    blobs: blob_params(fork),
                })
            },
        )
    }

    /// The same with another fork from `activation` on, which must be later than all before.
    #[must_use]
    pub fn then(mut self, activation: Activation) -> Self {
        self.activations.push(activation);
        self
    }

    /// What applies to a block with this timestamp.
    pub fn at(&self, timestamp: u64) -> &Activation {
        let later = self.activations[1..]
            .iter()
            .take_while(|activation| activation.timestamp <= timestamp)
            .count();
        &self.activations[later]
    }

    /// Whether `fork`'s rules apply to a block with this timestamp.
    pub fn is_active(&self, fork: EthereumHardfork, timestamp: u64) -> bool {
        self.at(timestamp).fork >= fork
    }
}

impl EthereumHardforks for ChainRules {
    fn ethereum_fork_activation(&self, fork: EthereumHardfork) -> ForkCondition {
        match fork {
            // Its state change belongs to one block of mainnet's history.
            EthereumHardfork::Dao => ForkCondition::Never,
            _ if fork <= EthereumHardfork::Paris && fork > self.activations[0].fork => {
                ForkCondition::Never
            }
            EthereumHardfork::Paris => ForkCondition::TTD {
                activation_block_number: 0,
                fork_block: Some(0),
                total_difficulty: U256::ZERO,
            },
            _ if fork < EthereumHardfork::Paris => ForkCondition::Block(0),
            _ => self
                .activations
                .iter()
                .find(|activation| activation.fork >= fork)
                .map_or(ForkCondition::Never, |activation| {
                    ForkCondition::Timestamp(activation.timestamp)
                }),
        }
    }
}

impl EthExecutorSpec for ChainRules {
    fn deposit_contract_address(&self) -> Option<Address> {
        Some(MAINNET_DEPOSIT_CONTRACT_ADDRESS)
    }
}
