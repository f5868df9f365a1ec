//! The ledger that counts.

use reprice_engine::{Ledger, Measured, PricedEvmFactory, Pricing, Units, precompiles::Index};
use revm::context_interface::context::SStoreResult;

use super::{
    counts::Revocable,
    tally::{Tally, Used},
};
use crate::{evm::precompile_formulas::is_linear, gas::Gas};

/// Prices, and what transactions used of them.
#[derive(Clone, Debug)]
pub struct CountingLedger {
    pricing: Pricing,
    pub(super) tally: Box<Tally>,
}

/// EVMs that charge a tariff and record what each transaction used.
pub type CountingEvmFactory = PricedEvmFactory<CountingLedger>;

impl From<Pricing> for CountingLedger {
    fn from(pricing: Pricing) -> Self {
        Self {
            pricing,
            tally: Box::default(),
        }
    }
}

impl CountingLedger {
    /// What all transactions used so far. System calls are not part of a block's gas and are not recorded.
    pub fn used(&self) -> Used {
        self.tally.used(&self.pricing)
    }

    /// [`Self::used`], starting anew: per transaction, call it after each.
    pub fn take_used(&mut self) -> Used {
        let used = self.used();
        *self.tally = Tally::default();
        used
    }
}

impl Ledger for CountingLedger {
    const COUNTING: bool = true;

    fn pricing(&self) -> &Pricing {
        &self.pricing
    }

    fn ran(&mut self, opcode: u8, measured: &Measured) {
        let price = self.pricing.opcode(opcode);
        let other = price.filter(|price| !price.formula.is_linear());
        let gas = other.map(|price| price.formula.cost(&measured.units));
        self.tally.opcode(opcode, measured, gas);
    }

    fn halts(&mut self, words: usize) {
        self.tally.words_at_halt = Some(words);
    }

    fn wrote(&mut self, write: &SStoreResult) {
        self.tally.claim(&claims(write));
    }

    fn precompiled(&mut self, precompile: Index, units: &Units, gas: Gas) {
        let other = !is_linear(self.pricing.tariff(), precompile);
        self.tally
            .precompile(precompile, units, other.then_some(gas));
    }
}

/// Which refunds a write gives or takes back (EIP-3529) and what state it adds or takes back (EIP-8037): the rules of revm's
/// `sstore_refund`, `sstore_state_gas` and `sstore_state_gas_refill`, as counts.
fn claims(write: &SStoreResult) -> Revocable {
    let mut refunds = Revocable::default();
    if write.is_new_eq_present() {
        return refunds;
    }
    if write.is_original_zero() {
        refunds.state.slots =
            i64::from(write.is_original_eq_present()) - i64::from(write.is_original_eq_new());
    }
    if !write.is_original_zero() {
        if write.is_present_zero() {
            refunds.clear -= 1;
        } else if write.is_new_zero() {
            refunds.clear += 1;
        }
    }
    if write.is_original_eq_new() {
        if write.is_original_zero() {
            refunds.restore_set += 1;
        } else {
            refunds.restore_reset += 1;
        }
    }
    refunds
}
