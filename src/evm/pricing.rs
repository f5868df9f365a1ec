//! What the interpreter carries beside the state: the prices, and where usage is recorded.

use alloc::{boxed::Box, sync::Arc};

use super::{
    tally::Tally,
    tariff::{OpcodePrice, Tariff},
};

/// What instructions and precompiles find in the context's `chain` field.
pub trait Ledger: Clone {
    /// Whether usage is recorded.
    const COUNTING: bool;

    /// The prices.
    fn pricing(&self) -> &Pricing;

    /// Where usage is recorded.
    fn tally(&mut self) -> Option<&mut Tally>;
}

/// A tariff with an index for the interpreter.
#[derive(Clone, Debug)]
pub struct Pricing {
    tariff: Arc<Tariff>,
    /// Per opcode one more than its place among the tariff's own prices; 0 for revm's.
    index: Arc<[u8; 256]>,
}

impl Pricing {
    /// Indexes `tariff`.
    pub fn new(tariff: Arc<Tariff>) -> Self {
        let mut index = [0; 256];
        for (place, (opcode, _)) in (1..).zip(&tariff.opcodes) {
            index[usize::from(*opcode)] = place;
        }
        Self {
            tariff,
            index: Arc::new(index),
        }
    }

    /// The prices.
    pub const fn tariff(&self) -> &Arc<Tariff> {
        &self.tariff
    }

    /// The price of an opcode that revm cannot charge by itself.
    pub(super) fn opcode(&self, opcode: u8) -> Option<&OpcodePrice> {
        let place = self.index[usize::from(opcode)].checked_sub(1)?;
        self.tariff
            .opcodes
            .get(usize::from(place))
            .map(|(_, price)| price)
    }
}

impl Ledger for Pricing {
    const COUNTING: bool = false;

    fn pricing(&self) -> &Pricing {
        self
    }

    fn tally(&mut self) -> Option<&mut Tally> {
        None
    }
}

/// Prices and a tally.
#[derive(Clone, Debug)]
pub struct Meter {
    pricing: Pricing,
    pub(super) tally: Box<Tally>,
}

impl Meter {
    /// A meter at zero.
    pub fn new(pricing: Pricing) -> Self {
        Self {
            pricing,
            tally: Box::default(),
        }
    }
}

impl Ledger for Meter {
    const COUNTING: bool = true;

    fn pricing(&self) -> &Pricing {
        &self.pricing
    }

    fn tally(&mut self) -> Option<&mut Tally> {
        Some(&mut self.tally)
    }
}
