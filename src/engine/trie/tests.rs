//! The sparse trie against alloy-trie's hash builder, and against broken nodes.

use alloc::{collections::BTreeMap, vec, vec::Vec};
use alloy_primitives::{B256, U256, keccak256};
use proptest::prelude::*;

use super::{EMPTY_ROOT_HASH, NodeStore, Trie, TrieError};

#[derive(Default)]
struct Nodes(BTreeMap<B256, Vec<u8>>);

impl NodeStore for Nodes {
    fn node(&self, hash: &B256) -> Option<&[u8]> {
        self.0.get(hash).map(|rlp| &rlp[..])
    }
}

/// What alloy-trie says the root is.
fn expected(map: &BTreeMap<B256, Vec<u8>>) -> B256 {
    let mut builder = alloy_trie::HashBuilder::default();
    for (key, value) in map {
        builder.add_leaf(alloy_trie::Nibbles::unpack(key), value);
    }
    builder.root()
}

/// Keys that share prefixes of every length, so that extensions and deep branches occur.
fn key() -> impl Strategy<Value = B256> {
    (0u64..24, 0usize..64, 0u8..16).prop_map(|(seed, at, nibble)| {
        let mut key = keccak256((seed % 6).to_be_bytes());
        let byte = &mut key[at / 2];
        *byte = if at % 2 == 0 {
            nibble << 4 | *byte & 15
        } else {
            *byte & 0xf0 | nibble
        };
        key
    })
}

/// Short values make nodes that are written into their parent, long ones make long headers.
fn value() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        6 => prop::collection::vec(any::<u8>(), 1..4),
        3 => prop::collection::vec(any::<u8>(), 30..120),
        1 => prop::collection::vec(any::<u8>(), 250..400),
    ]
}

#[derive(Clone, Debug)]
enum Step {
    Insert(B256, Vec<u8>),
    Delete(B256),
    Get(B256),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (key(), value()).prop_map(|(key, value)| Step::Insert(key, value)),
        key().prop_map(Step::Delete),
        key().prop_map(Step::Get),
    ]
}

fn store(map: &BTreeMap<B256, Vec<u8>>) -> (Nodes, B256) {
    let none = Nodes::default();
    let mut trie = Trie::new(&none, EMPTY_ROOT_HASH);
    for (key, value) in map {
        trie.insert(key, value.clone()).unwrap();
    }
    let mut nodes = Nodes::default();
    let root = trie.root(|hash, rlp| {
        nodes.0.insert(hash, rlp.to_vec());
    });
    (nodes, root)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn agrees_with_alloy_trie(
        mut map in prop::collection::btree_map(key(), value(), 0..60),
        steps in prop::collection::vec(step(), 0..40),
    ) {
        let (nodes, root) = store(&map);
        prop_assert_eq!(root, expected(&map));
        for (hash, rlp) in &nodes.0 {
            prop_assert_eq!(keccak256(rlp), *hash);
        }
        let mut trie = Trie::new(&nodes, root);
        for step in steps {
            match step {
                Step::Insert(key, value) => {
                    trie.insert(&key, value.clone()).unwrap();
                    map.insert(key, value);
                }
                Step::Delete(key) => {
                    trie.delete(&key).unwrap();
                    map.remove(&key);
                }
                Step::Get(key) => {
                    prop_assert_eq!(trie.get(&key).unwrap(), map.get(&key).map(|v| &v[..]));
                }
            }
        }
        for (key, value) in &map {
            prop_assert_eq!(trie.get(key).unwrap(), Some(&value[..]));
        }
        prop_assert_eq!(trie.root(|_, _| ()), expected(&map));
    }

    /// Any bytes in place of a node: an answer or an error, never a panic.
    #[test]
    fn broken_nodes_are_errors(
        map in prop::collection::btree_map(key(), value(), 1..40),
        steps in prop::collection::vec(step(), 1..12),
        which in any::<prop::sample::Index>(),
        cut in any::<prop::sample::Index>(),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..3),
    ) {
        let (mut nodes, root) = store(&map);
        let hashes: Vec<_> = nodes.0.keys().copied().collect();
        let rlp = nodes.0.get_mut(&hashes[which.index(hashes.len())]).unwrap();
        for (at, byte) in &flips {
            let at = at.index(rlp.len());
            rlp[at] = *byte;
        }
        if flips.is_empty() {
            rlp.truncate(cut.index(rlp.len()));
        }
        let mut trie = Trie::new(&nodes, root);
        for step in steps {
            let failed = match step {
                Step::Insert(key, value) => trie.insert(&key, value).is_err(),
                Step::Delete(key) => trie.delete(&key).is_err(),
                Step::Get(key) => trie.get(&key).is_err(),
            };
            if failed {
                return Ok(());
            }
        }
        trie.root(|_, _| ());
    }
}

#[test]
fn truncated_nodes_are_malformed() {
    let map = (0u64..40)
        .map(|i| {
            (
                keccak256(i.to_be_bytes()),
                alloy_rlp::encode(U256::from(i + 1)),
            )
        })
        .collect();
    let (whole, root) = store(&map);
    for hash in whole.0.keys() {
        for length in 0..whole.0[hash].len() {
            let mut nodes = Nodes(whole.0.clone());
            nodes.0.get_mut(hash).unwrap().truncate(length);
            let trie = Trie::new(&nodes, root);
            assert!(
                map.keys()
                    .any(|key| trie.get(key) == Err(TrieError::Malformed)),
                "{hash} cut to {length} bytes went unnoticed"
            );
        }
    }
}

#[test]
fn a_missing_node_is_named() {
    let map: BTreeMap<_, _> = (0u64..40)
        .map(|i| {
            (
                keccak256(i.to_be_bytes()),
                alloy_rlp::encode(U256::from(i + 1)),
            )
        })
        .collect();
    let (whole, root) = store(&map);
    for hash in whole.0.keys() {
        let mut nodes = Nodes(whole.0.clone());
        nodes.0.remove(hash);
        let trie = Trie::new(&nodes, root);
        assert!(
            map.keys()
                .any(|key| trie.get(key) == Err(TrieError::Missing(*hash))),
            "{hash} was not missed"
        );
    }
}

/// What no trie over 32-byte keys has, though its RLP is fine.
#[test]
fn impossible_shapes_are_malformed() {
    let string = |bytes: &[u8]| alloy_rlp::encode(bytes);
    let list = |items: &[Vec<u8>]| {
        let payload = items.concat();
        let mut out = Vec::new();
        alloy_rlp::Header {
            list: true,
            payload_length: payload.len(),
        }
        .encode(&mut out);
        out.extend(payload);
        out
    };
    let long = |flag: u8| [&[flag][..], &[7; 32]].concat();
    let child = string(&[1; 32]);
    let cases = [
        (
            "a leaf that ends early",
            list(&[string(&[0x20]), string(b"value")]),
        ),
        (
            "a leaf without a value",
            list(&[string(&long(0x20)), string(b"")]),
        ),
        (
            "an extension of nothing",
            list(&[string(&[0x00]), child.clone()]),
        ),
        (
            "an extension beyond the key",
            list(&[string(&long(0x00)), child.clone()]),
        ),
        (
            "unknown flags",
            list(&[string(&long(0x40)), string(b"value")]),
        ),
        (
            "padding in an even path",
            list(&[string(&long(0x21)), string(b"value")]),
        ),
        ("a branch of 16", list(&vec![child.clone(); 16])),
        ("a branch of 18", list(&vec![child.clone(); 18])),
        ("a branch with a value", list(&vec![child; 17])),
        ("a string", string(&[5; 40])),
    ];
    for (name, rlp) in cases {
        let root = keccak256(&rlp);
        let nodes = Nodes([(root, rlp)].into());
        let mut trie = Trie::new(&nodes, root);
        let outcome = trie.insert(&B256::repeat_byte(7), b"new".to_vec());
        assert_eq!(outcome, Err(TrieError::Malformed), "{name}");
    }
}

/// Every path of a padded trie is as deep as asked for, ends where it should, and needs nothing beside it.
#[test]
fn padded_tries_read_and_write_like_others() {
    let key = |n: u64| keccak256(n.to_be_bytes());
    for depth in [1, 2, 9, 12, 63] {
        let present = (0u64..40).map(|n| (key(n), Some(alloy_rlp::encode(U256::from(n + 1)))));
        let absent = (40u64..60).map(|n| (key(n), None));
        let none = Nodes::default();
        let mut nodes = Nodes::default();
        let root = Trie::padded(&none, present.chain(absent).collect(), depth).root(|hash, rlp| {
            nodes.0.insert(hash, rlp.to_vec());
        });
        let mut trie = Trie::new(&nodes, root);
        for n in 0..60 {
            let expected = (n < 40).then(|| alloy_rlp::encode(U256::from(n + 1)));
            assert_eq!(trie.get(&key(n)).unwrap(), expected.as_deref());
        }
        assert!(matches!(trie.get(&key(99)), Err(TrieError::Missing(_))) || depth < 3);
        // What is put there and taken away again leaves no trace; so do changes.
        for n in 20..60 {
            trie.insert(&key(n), b"another".to_vec()).unwrap();
        }
        assert_ne!(trie.root(|_, _| ()), root);
        for n in 40..60 {
            trie.delete(&key(n)).unwrap();
        }
        for n in 20..40 {
            let value = alloy_rlp::encode(U256::from(n + 1));
            trie.insert(&key(n), value).unwrap();
        }
        assert_eq!(trie.root(|_, _| ()), root);
    }
}

#[test]
fn a_padded_path_has_as_many_branches_as_asked_for() {
    let key = keccak256([7]);
    for depth in [1, 8, 20] {
        let none = Nodes::default();
        let mut branches = 0;
        let entry = vec![(key, Some(vec![5; 40]))];
        Trie::padded(&none, entry, depth).root(|_, rlp| branches += usize::from(rlp.len() > 400));
        assert_eq!(branches, depth);
    }
}
