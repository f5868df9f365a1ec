//! What the guest program reads: its input, the block in it, and the tries of its witness.
#![no_main]

use alloy_primitives::{B256, keccak256};
use libfuzzer_sys::fuzz_target;
use reprice_blocks::eest::{self, GuestQuestion};
use reprice_engine::{GuestInput, WitnessRef, WitnessStore, decode_block, trie::Trie};
use reprice_fuzz::{files, sow};

/// Inputs of fixtures, and their blocks alone.
fn seeds() -> Vec<Vec<u8>> {
    let texts = files(&["fixtures/eest"], "json");
    let fixtures = texts
        .iter()
        .filter_map(|text| eest::read(str::from_utf8(text).ok()?).ok());
    let questions = fixtures
        .flatten()
        .filter_map(|fixture| eest::block(&fixture).ok()?.question(None).ok());
    let mut seeds = Vec::new();
    for question in questions {
        if let GuestQuestion::Own(bytes, _) = question {
            let input = GuestInput::decode(&bytes).expect("it was just encoded");
            seeds.push(input.block.to_vec());
            seeds.push(bytes);
        }
    }
    seeds
}

fn block(rlp: &[u8]) {
    if let Ok(block) = decode_block(rlp) {
        assert_eq!(alloy_rlp::encode(&block), rlp);
        block.header.hash_slow();
    }
}

/// Every node of a witness as the root of a trie: what hashes keep from being asked of mutated ones.
fn tries(witness: &WitnessRef<'_>) {
    let Some(parent) = witness.headers.last() else {
        return;
    };
    let Ok(store) = WitnessStore::new(witness, keccak256(parent)) else {
        return;
    };
    let keys = [B256::ZERO, B256::repeat_byte(0x5a), keccak256([1])];
    for node in witness.state.iter().take(8) {
        let mut trie = Trie::new(&store, keccak256(node));
        for key in &keys {
            let _ = trie.get(key);
        }
        for key in &keys {
            let _ = trie.insert(key, vec![7; 40]);
            let _ = trie.delete(key);
        }
        trie.root(|_, _| ());
    }
}

fuzz_target!(
    init: sow("guest_input", seeds()),
    |bytes: &[u8]| {
        block(bytes);
        let Ok(input) = GuestInput::decode(bytes) else {
            return;
        };
        // Numbers may be written longer than they are, so the bytes need not be the same; what they say does.
        assert_eq!(GuestInput::decode(&input.encode()).as_ref(), Ok(&input));
        block(&input.block);
        tries(&input.witness.as_ref());
    }
);
