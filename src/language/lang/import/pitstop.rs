//! pitstop's YAML, one file an EIP: `gas_costs` with `opcodes`, `precompiles`, `storage`, `calldata`, `transaction` and
//! `memory`; values are whole numbers or `$CONSTANT`.
//!
//! Only what such files are made of is read: maps by indentation, numbers, names, comments.

use std::collections::BTreeMap;

use crate::{
    diag::{Diagnostic, FileId, Fix, Label},
    gas::{
        Fork, GasParam, Kind, Part, Ratio, Variable,
        catalogue::{self, Price},
    },
    lang::suggest,
};

use super::price_list::{ListedName, ListedPrice, PriceList, Span, unreadable};

/// Parts of a precompile's price.
const PARTS: &[(&str, Part)] = &[
    ("BASE", Part::Base),
    ("WORD", Part::Per(Variable::Words)),
    ("ROUND", Part::Per(Variable::Rounds)),
    ("PAIR", Part::Per(Variable::Points)),
    ("POINT", Part::Per(Variable::Points)),
    ("BYTE", Part::Per(Variable::Bytes)),
];

const SECTIONS: &[&str] = &[
    "opcodes",
    "precompiles",
    "storage",
    "calldata",
    "transaction",
    "memory",
];

/// One `key: value` with the keys above it.
struct YamlLine<'a> {
    path: Vec<&'a str>,
    key: &'a str,
    value: &'a str,
    span: Span,
}

pub(super) fn read(text: &str, file: FileId, found: &mut Vec<Diagnostic>) -> PriceList {
    let lines = lines(text, file, found);
    let mut list = PriceList {
        title: "Imported from pitstop".to_owned(),
        fork: Fork::Osaka,
        cells: Vec::new(),
    };
    let constants: BTreeMap<&str, &str> = lines
        .iter()
        .filter(|line| line.path == ["constants"])
        .map(|line| (line.key, line.value))
        .collect();
    for line in &lines {
        match line.path.as_slice() {
            [] if line.key == "name" => line.value.trim_matches('"').clone_into(&mut list.title),
            [] if matches!(line.key, "constants" | "gas_costs") => {}
            ["constants"] => {}
            ["gas_costs"] if SECTIONS.contains(&line.key) => {}
            ["gas_costs", "precompiles"] if line.value.is_empty() => {}
            ["gas_costs", rest @ ..] if !rest.is_empty() => {
                cell(line, rest, &constants, file, found, &mut list.cells);
            }
            _ => found.push(unknown(
                line,
                file,
                ["name", "constants", "gas_costs"].iter().chain(SECTIONS),
            )),
        }
    }
    list
}

fn cell(
    line: &YamlLine<'_>,
    path: &[&str],
    constants: &BTreeMap<&str, &str>,
    file: FileId,
    found: &mut Vec<Diagnostic>,
    cells: &mut Vec<ListedPrice>,
) {
    let name = match name(line, path) {
        Ok(Some(name)) => name,
        Ok(None) => return,
        Err(known) => return found.push(unknown(line, file, known.iter())),
    };
    let number = line
        .value
        .strip_prefix('$')
        .map_or(Some(line.value), |name| constants.get(name).copied());
    let Some(price) = number.and_then(|n| n.replace('_', "").parse::<u64>().ok()) else {
        let message = format!(
            "expected a whole number or a constant, found `{}`",
            line.value
        );
        return found.push(unreadable(file, line.span.clone(), message));
    };
    cells.push(ListedPrice {
        name,
        price: Ratio::from(price),
        span: line.span.clone(),
        reason: None,
    });
}

/// What a line sets; nothing where it only repeats a rule. The error is what the line could have said.
fn name(line: &YamlLine<'_>, path: &[&str]) -> Result<Option<ListedName>, Vec<&'static str>> {
    // Four tokens a byte that is not zero: what tokens are counted by, not a price.
    if path == ["calldata"] && line.key == "TOKEN_PER_NON_ZERO_BYTE" && line.value == "4" {
        return Ok(None);
    }
    let section = path.join(".");
    let keys = || {
        let all = catalogue::prices().filter_map(|price| Some((price, price.pitstop_key()?)));
        all.filter(|(_, (known, _))| *known == section)
    };
    if let Some((price, _)) = keys().find(|(_, (_, key))| *key == line.key) {
        return Ok(Some(sets(price)));
    }
    let operation = |name: &str, part| Ok(Some(ListedName::Operation(name.to_owned(), part)));
    match (path, line.key) {
        (["opcodes"], name) => operation(name, None),
        (["precompiles", name], key) => match PARTS.iter().find(|(known, _)| *known == key) {
            Some((_, part)) => operation(name, Some(*part)),
            None => Err(PARTS.iter().map(|(known, _)| *known).collect()),
        },
        ([_], _) => Err(keys().map(|(_, (_, key))| key).collect()),
        _ => Err(SECTIONS.to_vec()),
    }
}

/// What a key of the catalogue's sets.
fn sets(price: &'static Price) -> ListedName {
    let constant = price.eels_constant(Fork::Osaka);
    let including = constant.and_then(|constant| constant.including);
    match (price.kind, price.name.parse::<GasParam>()) {
        (Kind::Param, _) => match including {
            // As in execution-specs, a write has the access in it.
            Some(other) => ListedName::Including(price.name, other),
            None => ListedName::Param(price.name),
        },
        (_, Ok(param)) if param.part != Part::Whole => {
            ListedName::Operation(param.operation, Some(param.part))
        }
        _ => ListedName::Multiplier(price.name),
    }
}

fn unknown<'a>(
    line: &YamlLine<'_>,
    file: FileId,
    known: impl Iterator<Item = &'a &'a str>,
) -> Diagnostic {
    let known: Vec<&str> = known.copied().collect();
    let close = suggest::closest(line.key, known.iter().copied()).map(|close| Fix {
        message: format!("did you mean `{close}`?"),
        file,
        span: line.span.clone(),
        replacement: close.to_owned(),
        sure: false,
    });
    Diagnostic::error(
        "unknown-name",
        format!("nothing is called `{}` here", line.key),
    )
    .label(Label::primary(
        file,
        line.span.clone(),
        "not priced in this schedule",
    ))
    .note(format!("known here: {}", known.join(", ")))
    .fix(close)
}

/// Every `key: value`; a key's place is that of its word.
fn lines<'a>(text: &'a str, file: FileId, found: &mut Vec<Diagnostic>) -> Vec<YamlLine<'a>> {
    let mut all = Vec::new();
    let mut open: Vec<(usize, &str)> = Vec::new();
    let mut start = 0;
    for raw in text.split_inclusive('\n') {
        let at = start;
        start += raw.len();
        let content = raw
            .split_once(" #")
            .map_or(raw, |(content, _)| content)
            .trim_end();
        let indent = content.len() - content.trim_start().len();
        let body = content.trim_start();
        if body.is_empty() || body.starts_with('#') || body == "---" {
            continue;
        }
        let Some((key, value)) = body.split_once(':') else {
            found.push(unreadable(
                file,
                at + indent..at + indent + body.len(),
                "expected `key: value`",
            ));
            continue;
        };
        while open.last().is_some_and(|(depth, _)| *depth >= indent) {
            open.pop();
        }
        let value = value.trim();
        let key = key.trim();
        all.push(YamlLine {
            path: open.iter().map(|(_, key)| *key).collect(),
            key,
            value: if value == "{}" { "" } else { value },
            span: at + indent..at + indent + key.len(),
        });
        if value.is_empty() {
            open.push((indent, key));
        }
    }
    all
}
