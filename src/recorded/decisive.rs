//! Prices that a single recorded block decides.

use std::fmt;

use super::RecordedBlocks;
use crate::{
    fit::{count, real},
    gas::GasParam,
    prove::BlockId,
    solve::{self, Because, Price},
};

/// By this factor a block moves a price alone.
const MOVES: f64 = 1.5;

/// A block without which a price would be another.
#[derive(Clone, Debug, PartialEq)]
pub struct Decisive {
    /// The price.
    pub param: GasParam,
    /// What it is.
    pub price: Price,
    /// What all other blocks ask for.
    pub without: Price,
    /// The block.
    pub block: BlockId,
    /// Whether its scenario was recorded at this gas level alone, so that nothing tells a stall from what it costs; and left out.
    pub left_out: bool,
}

impl Decisive {
    /// The blocks that decide a changed price of a proposal alone.
    pub fn of(found: &solve::Report, blocks: &RecordedBlocks) -> Vec<Self> {
        let Some(proposal) = &found.proposal else {
            return Vec::new();
        };
        let start = found.problem.start_prices();
        let one = |(param, why): (&GasParam, &solve::Why)| {
            let Because::Block { id, .. } = &why.because else {
                return None;
            };
            let price = *proposal.prices.get(param)?;
            let others_ask = why.others_ask?;
            // A price that the schedule began with nobody decided.
            let least = real(start.get(param)?.ticks()).max(others_ask);
            let block = blocks.all.iter().find(|block| block.id == *id)?;
            (real(price.ticks()) > MOVES * least).then(|| Self {
                param: param.clone(),
                price,
                without: price.with_ticks(count(least.ceil())),
                block: id.clone(),
                // Where no other block asks for anything it is all that is known.
                left_out: block.levels == 1 && block.crash().is_none() && others_ask > 0.0,
            })
        };
        proposal.why.iter().filter_map(one).collect()
    }
}

impl fmt::Display for Decisive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            param,
            price,
            without,
            block,
            left_out,
        } = self;
        write!(
            f,
            "one block decides `{param}`: {price}, and {without} without {} on {}",
            block.scenario, block.prover
        )?;
        if *left_out {
            f.write_str(", the only gas level of its scenario: left out, for nothing tells a stall from what it costs")?;
        }
        Ok(())
    }
}
