//! What the interpreter carries beside the state: the prices, and where usage is recorded.

use alloc::sync::Arc;
use revm::context_interface::context::SStoreResult;

use super::{
    Gas,
    formula::Units,
    measured::Measured,
    precompiles::Index,
    tariff::{OpcodePrice, Tariff},
};

/// What instructions and precompiles find in the context's `chain` field: the prices, and who is told of what they charge.
pub trait Ledger: Clone {
    /// Whether anybody listens. If not, nothing is measured but what has to be charged.
    const COUNTING: bool;

    /// The prices.
    fn pricing(&self) -> &Pricing;

    /// A wrapped instruction was charged and has run.
    fn ran(&mut self, _opcode: u8, _measured: &Measured) {}

    /// A wrapped instruction halts its call, which had so many words of memory before it.
    fn halts(&mut self, _words: usize) {}

    /// An SSTORE was charged and has written.
    fn wrote(&mut self, _write: &SStoreResult) {}

    /// A precompile has run for so much gas.
    fn precompiled(&mut self, _precompile: Index, _units: &Units, _gas: Gas) {}
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
    pub fn opcode(&self, opcode: u8) -> Option<&OpcodePrice> {
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
}
