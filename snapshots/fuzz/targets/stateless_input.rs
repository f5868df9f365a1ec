//! Canonical stateless inputs, as SSZ, and those in JSON: what is accepted is written as it was read.
#![no_main]

use libfuzzer_sys::fuzz_target;
use reprice_blocks::{
    eest::{self, Export, GuestQuestion},
    evm::canonical::StatelessInput,
};
use reprice_fuzz::{files, sow};

/// The canonical inputs of fixtures, in every layout, and one in JSON.
fn seeds() -> Vec<Vec<u8>> {
    let texts = files(&["fixtures/eest"], "json");
    let mut seeds = files(&["fixtures/eest/stateless.json"], "json");
    let fixtures = texts
        .iter()
        .filter_map(|text| eest::read(str::from_utf8(text).ok()?).ok());
    for fixture in fixtures.flatten() {
        let Ok(block) = eest::block(&fixture) else {
            continue;
        };
        for export in [Export::Earlier, Export::Current, Export::Later] {
            if let Ok(GuestQuestion::Canonical(input, _)) = block.question(Some(export)) {
                seeds.push(input);
            }
        }
    }
    seeds
}

fuzz_target!(
    init: sow("stateless_input", seeds()),
    |bytes: &[u8]| {
        if bytes.starts_with(b"{") {
            let _ = str::from_utf8(bytes).map(eest::read);
        }
        let Ok(input) = StatelessInput::decode(bytes) else {
            return;
        };
        assert_eq!(input.encode(), bytes);
        assert!(!input.output(true).is_empty());
        assert!(input.senders().count() == input.public_keys.len());
        if let Ok(block) = input.payload().block() {
            block.header.hash_slow();
        }
    }
);
