//! The canonical bytes that a fixture holds for guests, against what we make of them.

use alloy_primitives::{B256, Bytes};

use crate::evm::{
    Reason,
    canonical::{self, StatelessInput},
};

/// Whether a guest's output says that the block is valid: in the byte behind the root.
pub(super) fn is_valid(output: &Bytes) -> bool {
    output.get(32) == Some(&1)
}

/// Decodes an input, encodes it again, and derives the output.
///
/// # Errors
/// What comes out differently.
pub(super) fn check(input: &Bytes, output: &Bytes, block_hash: Option<B256>) -> Result<(), String> {
    let decoded = StatelessInput::decode(input).map_err(|error| format!("guest input: {error}"))?;
    if decoded.encode() != input[..] {
        return Err("guest input: encoding it again gives other bytes".into());
    }
    // Whether the block is valid is the output's to say here; what goes with it is ours.
    let valid = is_valid(output);
    let found = decoded.output(valid);
    if found != output[..] {
        let found = Bytes::from(found);
        return Err(format!("guest output: {found} instead of {output}"));
    }
    let block = decoded
        .payload()
        .block()
        .map_err(|error| format!("guest input: the block: {error}"))?;
    let hash = block.header.hash_slow();
    match block_hash {
        Some(expected) if expected != hash => Err(format!(
            "guest input: the block is {hash} instead of {expected}"
        )),
        _ => Ok(()),
    }
}

/// Validates a block from its input alone, as a guest does.
///
/// # Errors
/// The verdict is another, or there are no prices for the fork.
pub(super) fn validate(input: &Bytes, output: &Bytes) -> Result<(), Refusal> {
    let wrong = |what| Err(Refusal::Wrong(what));
    let decoded = match StatelessInput::decode(input) {
        Ok(decoded) => decoded,
        Err(error) => return wrong(format!("guest input: {error}")),
    };
    let valid = is_valid(output);
    match canonical::execute(&decoded) {
        Err(error) if error.reason == Reason::Tariff => Err(Refusal::NotRun(error.to_string())),
        Err(error) if valid => wrong(format!("is refused: {error}")),
        Ok(_) if !valid => wrong("is valid, which it should not be".into()),
        _ => Ok(()),
    }
}

/// Why a block does not come out as its output says.
pub(super) enum Refusal {
    /// The verdict is another.
    Wrong(String),
    /// There are no prices for its fork.
    NotRun(String),
}
