//! What is said with ere-server, in both generations.
#![no_main]

/// The file alone: the crate that it is of builds SP1's executor.
#[path = "../../../src/prove/ere/wire.rs"]
mod wire;

use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use prost::Message as _;
use reprice_fuzz::sow;
use wire::{
    ExecuteOkDuration, ExecuteOkReport, InputRequest, ProveOkDuration, ProveOkReport, Report,
    VerifyOk, VerifyRequest,
};

fn seeds() -> [Vec<u8>; 7] {
    let (took, public_values, proof) = (Duration::from_millis(1_500), vec![7; 66], vec![3; 32]);
    [
        wire::encode(ExecuteOkReport {
            public_values: public_values.clone(),
            report: Report::of_execution(1_000, took),
        }),
        wire::encode(ExecuteOkDuration {
            public_values: public_values.clone(),
            duration_nanos: 42,
        }),
        wire::encode(ProveOkReport {
            public_values: public_values.clone(),
            proof: proof.clone(),
            report: Report::of_proof(took, Some(9)),
        }),
        wire::encode(ProveOkReport {
            public_values: public_values.clone(),
            proof: proof.clone(),
            report: Report::of_proof(took, None),
        }),
        wire::encode(ProveOkDuration {
            public_values: public_values.clone(),
            proof,
            duration_nanos: 42,
        }),
        wire::encode(VerifyOk { public_values }),
        wire::encode_error("the guest panicked".into()),
    ]
}

fuzz_target!(
    init: sow("ere_wire", seeds()),
    |bytes: &[u8]| {
        if let Ok(Ok(done)) = wire::executed(bytes) {
            // No report tells more than its bytes hold.
            assert!(done.public_values.len() + done.region_cycles.len() <= bytes.len());
        }
        if let Ok(Ok(done)) = wire::proved(bytes) {
            assert!(done.public_values.len() + done.proof.len() <= bytes.len());
        }
        let _ = wire::verified(bytes);
        // What servers read.
        let _ = (InputRequest::decode(bytes), VerifyRequest::decode(bytes));
    }
);
