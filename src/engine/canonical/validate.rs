//! The validator behind canonical inputs: the fork's own prices, and the answer in the schema's bytes.

use alloc::{sync::Arc, vec::Vec};
use alloy_consensus::transaction::SignerRecoverable;
use alloy_hardforks::EthereumHardfork as Fork;
use libssz::SszEncode;

use super::{ChainConfig, Layout, Output, SchemaOutput, StatelessInput};
use crate::{
    self as engine, BlockError, ChainRules, Executed, Reason, Tariff, TariffEvmFactory,
    blob_params, stateless::execute_witnessed,
};

/// What a validator commits to for these bytes. An invalid block is an answer, and so are bytes that cannot be read: an
/// output of zeros.
pub fn validate(bytes: &[u8]) -> Vec<u8> {
    match StatelessInput::decode(bytes) {
        Ok(input) => input.output(execute(&input).is_ok()),
        Err(_) => unreadable(Layout::of(bytes)),
    }
}

fn unreadable(layout: Layout) -> Vec<u8> {
    match layout {
        Layout::Unnumbered => Output::<u64>::default().to_ssz(),
        Layout::ForkStart => Output::<ChainConfig>::default().to_ssz(),
        Layout::ChainId => SchemaOutput::default().to_ssz(),
    }
}

/// Validates the block of a canonical input under its fork's prices.
///
/// # Errors
/// The first rule that is broken, what the witness lacks, or a fork without prices.
pub fn execute(input: &StatelessInput) -> Result<Executed, BlockError> {
    let block = input.payload().block()?;
    let rules = ChainRules::from_genesis(input.chain.chain_id, input.fork);
    let tariff = match (input.fork, blob_params(input.fork)) {
        (Fork::Osaka | Fork::Bpo1 | Fork::Bpo2, Some(blobs)) => {
            Tariff::stock(engine::Fork::Osaka).with_blobs(&blobs)
        }
        (Fork::Prague, _) => Tariff::stock(engine::Fork::Prague),
        (Fork::Amsterdam, _) => Tariff::stock(engine::Fork::Amsterdam),
        (fork, _) => {
            let detail = format_args!("{fork} has none");
            return Err(BlockError::new(Reason::Tariff, detail));
        }
    };
    let activation = &input.chain.active_fork.activation;
    let started = |list: &[u64], now| list.iter().all(|start| *start <= now);
    let known = activation.timestamp.len() + activation.block_number.len() > 0;
    if (input.layout == Layout::ForkStart && !known)
        || !started(&activation.timestamp, block.header.timestamp)
        || !started(&activation.block_number, block.header.number)
    {
        return Err(BlockError::new(Reason::Input, "the fork has not started"));
    }
    let transactions = &block.body.transactions;
    let same = transactions.iter().zip(input.senders());
    let mut same = same.map(|(transaction, sender)| {
        let recovered = transaction.recover_signer();
        recovered.is_ok_and(|recovered| recovered == sender)
    });
    if input.public_keys.len() != transactions.len() || !same.all(|same| same) {
        return Err(BlockError::new(
            Reason::Signature,
            "a public key is another's",
        ));
    }
    let factory = TariffEvmFactory::new(Arc::new(tariff));
    execute_witnessed(&factory, &rules, &block, &input.witness())
}
