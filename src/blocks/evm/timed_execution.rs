//! The execution that targets of `execute` time.

use alloy_consensus::{Block, Header, TxEnvelope};
use alloy_primitives::Sealed;

use super::{
    BlockError, ChainRules, Executed, StateDb, TariffEvmFactory, WitnessStore, execute_block,
};

/// [`execute_block`] under a tariff and on a witness. Concrete, so that revm's loop is compiled here, with the engine's
/// optimisation, and by nobody who calls it.
///
/// # Errors
/// Those of [`execute_block`].
pub fn execute_witnessed(
    factory: &TariffEvmFactory,
    rules: &ChainRules,
    parent: &Sealed<Header>,
    block: &Block<TxEnvelope>,
    db: &mut StateDb<'_, WitnessStore<'_>>,
) -> Result<Executed, BlockError> {
    execute_block(factory, rules, parent, block, db)
}
