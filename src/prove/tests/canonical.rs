//! Canonical inputs (EIP-8025): the guest program answers them like a client's.

use alloy_primitives::hex;

use super::{Embedded, Prover};
use crate::evm::canonical::StatelessInput;

/// A field of the only block of a fixture without state.
fn bytes(name: &str) -> Vec<u8> {
    let text = include_str!("../../../fixtures/eest/guest.json");
    let file: serde_json::Value = serde_json::from_str(text).unwrap();
    let test = file.as_object().unwrap().values().next().unwrap();
    let field = test["blocks"][0][name].as_str().unwrap();
    hex::decode(field).unwrap()
}

#[test]
fn canonical_inputs_are_answered_in_their_form() {
    let input = bytes("statelessInputBytes");
    let expected = bytes("statelessOutputBytes");
    let prover = Embedded::new().unwrap();
    assert_eq!(prover.execute(&input).unwrap().public_values, expected);

    // A block that cannot be validated is an answer too.
    let mut less = StatelessInput::decode(&input).unwrap();
    less.witness.state.pop();
    let refused = prover.execute(&less.encode()).unwrap().public_values;
    assert_eq!(refused, less.output(false));
    assert_eq!((refused[32], &refused[..32]), (0, &expected[..32]));

    // And so are bytes that are no input at all.
    let zeros = prover.execute(&input[..100]).unwrap().public_values;
    assert!(zeros[..33].iter().all(|byte| *byte == 0));
}
