//! What a guest reads: reprice's own input, or the canonical one that the guests of clients read.
//!
//! Guests of clients have their fork's prices compiled in. They get the block's twin, which does the same work to the last
//! operation and is valid under those; its time counts for the block under the schedule.

use std::sync::Arc;

use super::{CostVector, block_key};
use crate::{
    bench::{BenchBlock, BenchError, Prepared, Scenario, Size, Twins},
    eest::{Export, GuestQuestion, stateless},
    evm::{Statement, Tariff, TariffError},
    gas::Schedule,
};

/// What a guest reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum InputForm {
    /// Block, witness and schedule, as [`crate::evm::GuestInput`] writes them.
    #[default]
    Own,
    /// The canonical stateless input (EIP-8025), in the form of these files.
    Canonical(Export),
}

/// A schedule, ready to be charged.
#[derive(Clone)]
pub(super) struct Charged<'a> {
    pub schedule: &'a Schedule,
    pub tariff: Arc<Tariff>,
    /// What a block of no transactions costs; 0 where that is not counted.
    pub empty: CostVector,
}

/// Everything that blocks under a schedule are made of.
pub(super) struct Ground<'a> {
    pub charged: Charged<'a>,
    /// Where cost lines come from, if not from this schedule's own blocks.
    pub root: Option<Charged<'a>>,
    /// The fork's own prices.
    pub stock: Charged<'a>,
}

impl<'a> Ground<'a> {
    pub(super) fn new(
        schedule: &'a Schedule,
        root: &'a Schedule,
        stock: &'a Schedule,
    ) -> Result<Self, TariffError> {
        let charged = |schedule| {
            let tariff = Arc::new(crate::evm::compile(schedule)?);
            Ok(Charged {
                schedule,
                tariff,
                empty: CostVector::default(),
            })
        };
        let same = block_key::prices(schedule, None) == block_key::prices(root, None);
        Ok(Self {
            charged: charged(schedule)?,
            root: if same { None } else { Some(charged(root)?) },
            stock: charged(stock)?,
        })
    }

    /// The same for the schedule that cost lines come from.
    pub(super) fn of_root(&self) -> Option<Self> {
        Some(Self {
            charged: self.root.clone()?,
            root: None,
            stock: self.stock.clone(),
        })
    }
}

/// A scenario ready to make blocks.
pub(super) enum Maker<'a> {
    Own(Box<Prepared<'a>>),
    Twins(Box<Twins<'a>>, Export),
}

/// What a guest is asked, and what it has to say to it.
pub(super) struct Question {
    pub input: Vec<u8>,
    pub answer: Answer,
}

impl From<GuestQuestion> for Question {
    fn from(question: GuestQuestion) -> Self {
        let (input, answer) = match question {
            GuestQuestion::Own(input, statement) => (input, Answer::Own(statement)),
            GuestQuestion::Canonical(input, output) => (input, Answer::Canonical(output)),
        };
        Self { input, answer }
    }
}

impl Question {
    /// About a block that was made with its input; `None` about any other.
    pub(super) fn of(block: &BenchBlock) -> Option<Self> {
        let (input, hash) = (block.input.as_ref()?, block.block_hash?);
        Some(Self {
            input: input.encode(),
            answer: Answer::Own(input.accepted(hash)),
        })
    }
}

/// What a guest commits to that accepts the block.
pub(super) enum Answer {
    /// This, in its bytes.
    Own(Statement),
    /// These bytes, of which byte 32 says that the block is valid.
    Canonical(Vec<u8>),
}

impl<'a> Maker<'a> {
    pub(super) fn new(
        form: InputForm,
        scenario: &'a Scenario,
        ground: &Ground<'a>,
    ) -> Result<Self, BenchError> {
        let prices = |charged: &Charged<'a>| (charged.schedule, Arc::clone(&charged.tariff));
        let (schedule, tariff) = prices(&ground.charged);
        Ok(match form {
            InputForm::Own => Self::Own(Box::new(Prepared::new(scenario, schedule, tariff)?)),
            InputForm::Canonical(export) => {
                let twins = Twins::new(scenario, (schedule, tariff), prices(&ground.stock))?;
                Self::Twins(Box::new(twins), export)
            }
        })
    }

    /// What the block of this size under the schedule would be.
    pub(super) fn estimate(&self, size: Size) -> Result<BenchBlock, BenchError> {
        match self {
            Self::Own(prepared) => prepared.estimate(size),
            Self::Twins(twins, _) => twins.estimate(size),
        }
    }

    /// The block of this size, as the guest is asked about it.
    pub(super) fn question(&mut self, size: Size) -> Result<Question, BenchError> {
        match self {
            Self::Own(prepared) => {
                let block = prepared.block_with_input(size)?;
                Question::of(&block)
                    .ok_or_else(|| BenchError::Canonical("the block has no input".into()))
            }
            Self::Twins(twins, export) => {
                let input = stateless(*export, &twins.blocks(size)?.stock)?;
                Ok(Question {
                    input: input.encode(),
                    answer: Answer::Canonical(input.output(true)),
                })
            }
        }
    }
}
