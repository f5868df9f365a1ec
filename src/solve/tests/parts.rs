//! How a price is shared between the parts of an operation.

use super::*;

/// Blocks of 1,000 hashes each, of so many words, that take `base + each * words` gas to prove in time.
fn hashes(words: &[f64], (base, each): (f64, f64)) -> Vec<Row> {
    let block = |words: &f64| {
        let parts = [
            ("KECCAK256.base", 1_000.0),
            ("KECCAK256.per_word", 1_000.0 * words),
        ];
        row(
            "keccak256",
            "KECCAK256",
            &parts,
            1_000.0 * (base + each * words),
        )
    };
    words.iter().map(block).collect()
}

fn proposed(rows: Vec<Row>) -> (f64, f64) {
    let spec = vary(&["KECCAK256.base", "KECCAK256.per_word"]);
    let found = proposal(&problem(&plan(small(), spec), rows).unwrap());
    let gas = |name: &str| match found.prices[&param(name)] {
        Price::Gas(gas) => crate::fit::real(gas),
        Price::Factor(_) => panic!("{name} is a price in gas"),
    };
    (gas("KECCAK256.base"), gas("KECCAK256.per_word"))
}

/// Nothing measured has a hundred words, and yet such a block is paid for: a base that carries the small ones would not do.
#[test]
fn blocks_of_several_sizes_say_what_larger_ones_cost() {
    let (base, each) = proposed(hashes(&[1.0, 2.0, 3.0], (200.0, 90.0)));
    assert!(base + 100.0 * each >= 0.98 * (200.0 + 90.0 * 100.0));
    for words in [1.0, 2.0, 3.0] {
        let (gas, need) = (base + each * words, 200.0 + 90.0 * words);
        assert!(gas >= need && gas < 1.02 * need, "{gas} of {need}");
    }
}

/// The worst block is not where the others are, and it has to hold as they do.
#[test]
fn every_block_holds_where_one_is_dearer_than_the_line() {
    let mut rows = hashes(&[1.0, 2.0, 4.0, 8.0], (100.0, 50.0));
    rows.extend(hashes(&[3.0], (400.0, 50.0)));
    let (base, each) = proposed(rows);
    assert!(base + 3.0 * each >= 550.0);
    assert!(
        base + 100.0 * each >= 0.98 * (100.0 + 50.0 * 100.0),
        "{base} + {each} a word"
    );
}

/// Blocks of one size tell the sum alone: the smallest change stands.
#[test]
fn one_size_tells_only_the_sum() {
    assert_eq!(proposed(hashes(&[2.0], (200.0, 90.0))), (368.0, 6.0));
    assert_eq!(proposed(hashes(&[2.0, 2.1], (200.0, 90.0))), (377.0, 6.0));
    let spec = vary(&["KECCAK256.base", "KECCAK256.per_word"]);
    let sums = |words: &[f64]| {
        let rows = hashes(words, (200.0, 90.0));
        proposal(&problem(&plan(small(), spec.clone()), rows).unwrap()).only_sums
    };
    assert_eq!(sums(&[2.0]), ["KECCAK256"]);
    assert!(sums(&[1.0, 2.0]).is_empty());
}
