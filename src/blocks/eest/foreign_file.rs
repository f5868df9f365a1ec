//! Files that lie beside readable fixtures and are none: named as what they are.

use serde::{Deserialize, de::IgnoredAny};
use std::collections::BTreeMap;

/// How a Git LFS pointer begins.
const LFS: &[u8] = b"version https://git-lfs.github.com/spec/";

/// The fields that tell a test's form.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Form {
    blocks: Option<IgnoredAny>,
    transaction: Option<IgnoredAny>,
    post: Option<IgnoredAny>,
    pre_hash: Option<IgnoredAny>,
}

/// The fields of a state that tests of the form `engine_x` share.
#[derive(Deserialize)]
struct SharedState {
    #[serde(rename = "pre")]
    _pre: IgnoredAny,
    #[serde(rename = "network", alias = "fork")]
    _network: String,
    #[serde(rename = "genesis", alias = "environment")]
    _genesis: IgnoredAny,
}

/// What a file is that is no JSON, if it is one of those that lie beside fixtures.
pub fn foreign_bytes(bytes: &[u8]) -> Option<&'static str> {
    if bytes.starts_with(LFS) {
        return Some("a Git LFS pointer and not the file itself, which `git lfs pull` fetches");
    }
    std::str::from_utf8(bytes)
        .is_err()
        .then_some("no text: a client's `.bin` input can be read by that client's guest only")
}

/// What a file of tests is that cannot be read as one.
pub(super) fn foreign(text: &str) -> Option<&'static str> {
    if let Some(what) = foreign_bytes(text.as_bytes()) {
        return Some(what);
    }
    if serde_json::from_str::<SharedState>(text).is_ok() {
        return Some("the state that `engine_x` tests share, and no test");
    }
    let tests: BTreeMap<String, Form> = serde_json::from_str(text).ok()?;
    let all = |is: fn(&Form) -> bool| !tests.is_empty() && tests.values().all(is);
    if all(|one| one.blocks.is_none() && one.transaction.is_some() && one.post.is_some()) {
        return Some(
            "state tests, which have no block: the release's `blockchain_tests` have them",
        );
    }
    all(|one| one.pre_hash.is_some()).then_some(
        "`engine_x` tests, whose state lies in other files: the release's `blockchain_tests` have it",
    )
}

#[cfg(test)]
mod tests {
    use super::super::read;

    #[test]
    fn files_are_named_as_what_they_are() {
        let what = |text: &str| read(text).unwrap_err().to_string();
        let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d\nsize 12345\n";
        assert!(what(pointer).starts_with("a Git LFS pointer"));
        let state = r#"{"a": {"env": {}, "pre": {}, "transaction": {}, "post": {}, "config": {}}}"#;
        assert!(what(state).starts_with("state tests"));
        let engine_x = r#"{"a": {"network": "Osaka", "preHash": "0x00", "engineNewPayloads": []}}"#;
        assert!(what(engine_x).starts_with("`engine_x` tests"));
        let shared = r#"{"network": "Osaka", "genesis": {}, "pre": {}}"#;
        assert!(what(shared).starts_with("the state that `engine_x` tests share"));
        let binary = super::foreign_bytes(&[0xff, 0x00, 0x80]).unwrap();
        assert!(binary.starts_with("no text: a client's `.bin` input"));
        assert_eq!(super::foreign_bytes(b"{}"), None);
    }

    /// A test of blocks with a field missing is still one of blocks.
    #[test]
    fn a_broken_test_stays_what_it_is() {
        let error = read(r#"{"a": {"network": "Osaka", "blocks": []}}"#).unwrap_err();
        assert_eq!(error.to_string(), "test `a`: missing field `pre`");
    }
}
