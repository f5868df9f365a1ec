//! What ends a campaign, and what leaves a block without a cost.

use std::fmt;

use super::Failure;
use crate::{bench::BenchError, evm::TariffError};

/// Why a campaign could not go on. What provers do with single blocks is in the [`Measurement`](super::Measurement)s instead.
#[derive(Debug)]
pub enum CampaignError {
    /// The schedule cannot be charged.
    Tariff(TariffError),
    /// No threads to be had.
    Threads(std::io::Error),
    /// Without a word from the prover there is no result, neither good nor bad.
    Unreached {
        /// Blocks that were not run.
        blocks: usize,
        /// Of so many.
        of: usize,
        /// What was in the way of the first.
        first: Failure,
    },
}

impl fmt::Display for CampaignError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tariff(error) => write!(f, "{error}"),
            Self::Threads(error) => write!(f, "cannot start threads: {error}"),
            Self::Unreached { blocks, of, first } => {
                write!(f, "{blocks} of {of} blocks were not run: {first}")
            }
        }
    }
}

impl std::error::Error for CampaignError {}

/// Why a block has no cost.
pub(super) enum Stop {
    /// A result of this scenario.
    Failure(Failure),
    /// The end of the campaign.
    Campaign(CampaignError),
}

impl Stop {
    /// The failure, if the campaign goes on.
    pub(super) fn failure(self) -> Result<Failure, CampaignError> {
        match self {
            Self::Failure(failure) => Ok(failure),
            Self::Campaign(error) => Err(error),
        }
    }

    /// As a failure, outside of a campaign. A store that cannot be written says nothing of the block.
    pub(super) fn told(self) -> Failure {
        self.failure().unwrap_or_else(|error| Failure::Transport {
            reason: error.to_string(),
        })
    }
}

/// A result, or a failure, which is one as well; what ends the campaign is none.
pub(super) fn outcome<T>(result: Result<T, Stop>) -> Result<Result<T, Failure>, CampaignError> {
    match result {
        Ok(found) => Ok(Ok(found)),
        Err(stop) => Ok(Err(stop.failure()?)),
    }
}

impl From<BenchError> for Stop {
    fn from(error: BenchError) -> Self {
        Self::Failure(error.into())
    }
}

impl From<BenchError> for Failure {
    fn from(error: BenchError) -> Self {
        Self::NoBlock {
            reason: error.to_string(),
        }
    }
}
