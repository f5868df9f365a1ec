//! execution-specs' repricing configuration: `{"Osaka": {"OPCODE_DIV": 15}}`, which `EELS_GAS_REPRICING_CONFIG` names.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{
    diag::{Diagnostic, FileId},
    gas::{Fork, Ratio},
    lang::built_in_texts,
};

use super::price_list::{ListedName, ListedPrice, PriceList, Span, unreadable};

/// Forks by the names of their constants.
type Config = BTreeMap<String, BTreeMap<String, Value>>;

pub(super) fn read(text: &str, file: FileId, found: &mut Vec<Diagnostic>) -> PriceList {
    let mut list = PriceList {
        title: "Imported from execution-specs".to_owned(),
        fork: Fork::Osaka,
        cells: Vec::new(),
    };
    let config: Config = match serde_json::from_str(text) {
        Ok(config) => config,
        Err(error) => {
            let at = offset(text, error.line(), error.column());
            let message =
                "expected forks with numbers by name, such as {\"Osaka\": {\"OPCODE_DIV\": 15}}";
            found.push(unreadable(file, at..at, message).note(error.to_string()));
            return list;
        }
    };
    if config.len() != 1 {
        let message = format!(
            "a schedule extends one fork, and this configuration has {}",
            config.len()
        );
        found.push(unreadable(file, 0..0, message));
        return list;
    }
    for (fork, prices) in &config {
        let key = key(text, 0, fork);
        match Fork::named(&fork.to_ascii_lowercase()) {
            Some(fork) => list.fork = fork,
            None => found.push(built_in_texts::unknown_fork(fork, file, key.clone())),
        }
        for (name, value) in prices {
            let span = self::key(text, key.end, name);
            let Some(price) = value.as_u64() else {
                found.push(unreadable(
                    file,
                    span,
                    format!("expected a whole number, found `{value}`"),
                ));
                continue;
            };
            list.cells.push(ListedPrice {
                name: ListedName::Constant(name.clone()),
                price: Ratio::from(price),
                span,
                reason: None,
            });
        }
    }
    list
}

/// Where a key stands, without its quotes, behind `from`.
fn key(text: &str, from: usize, name: &str) -> Span {
    let quoted = format!("\"{name}\"");
    let at = text.get(from..).and_then(|rest| rest.find(&quoted));
    at.map_or(0..0, |at| from + at + 1..from + at + 1 + name.len())
}

/// The byte at a line and a column, both from 1, on a character boundary.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let start: usize = text
        .split_inclusive('\n')
        .take(line.saturating_sub(1))
        .map(str::len)
        .sum();
    let mut at = (start + column.saturating_sub(1)).min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
