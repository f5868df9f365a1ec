//! Fixtures of execution-spec-tests, mainnet blocks and JSON stateless inputs: any text is read or refused.
#![no_main]

use libfuzzer_sys::fuzz_target;
use reprice_blocks::eest::{foreign_bytes, read};
use reprice_fuzz::{files, sow};

fuzz_target!(
    init: sow("fixtures", files(&["fixtures/eest", "fixtures/foreign"], "json")),
    |bytes: &[u8]| {
        foreign_bytes(bytes);
        let Ok(text) = str::from_utf8(bytes) else {
            return;
        };
        match read(text) {
            Ok(fixtures) => fixtures.iter().for_each(|fixture| {
                fixture.gas_used();
            }),
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
);
