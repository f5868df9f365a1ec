//! What the deposit contract's events look like (EIP-6110): a block with another one is invalid.

use alloy_consensus::{ReceiptEnvelope, TxReceipt};
use alloy_primitives::{Address, B256, b256};

use super::{BlockError, Reason};

/// The first topic of `DepositEvent(bytes,bytes,bytes,bytes,bytes)`.
const DEPOSIT: B256 = b256!("0x649bbc62d0e31342afea4e5cd82d4049e7e1ee912fc0889aa790803be39038c5");

/// Bytes of an event's data.
const LENGTH: usize = 576;

/// Where each field is in the data, and how long: public key, withdrawal credentials, amount, signature, index.
const FIELDS: [(u64, u64); 5] = [(160, 48), (256, 32), (320, 8), (384, 96), (512, 8)];

/// Checks the layout of every deposit. alloy decodes an event whose fields are elsewhere, or of other lengths, as well.
///
/// # Errors
/// The first event with another layout.
pub(crate) fn check_deposits(
    contract: Address,
    receipts: &[ReceiptEnvelope],
) -> Result<(), BlockError> {
    let logs = receipts.iter().flat_map(TxReceipt::logs);
    let mut deposits =
        logs.filter(|log| log.address == contract && log.topics().first() == Some(&DEPOSIT));
    if deposits.all(|log| is_laid_out(&log.data.data)) {
        Ok(())
    } else {
        let detail = "its event has another layout than the contract's";
        Err(BlockError::new(Reason::Deposits, detail))
    }
}

fn is_laid_out(data: &[u8]) -> bool {
    let word_is = |at: usize, value: u64| {
        let word = data.get(at..at + 32);
        word.is_some_and(|word| {
            word[..24].iter().all(|byte| *byte == 0) && word[24..] == value.to_be_bytes()
        })
    };
    let field_is = |(index, &(offset, length)): (usize, &(u64, u64))| {
        usize::try_from(offset).is_ok_and(|at| word_is(32 * index, offset) && word_is(at, length))
    };
    data.len() == LENGTH && FIELDS.iter().enumerate().all(field_is)
}
