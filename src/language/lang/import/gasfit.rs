//! evm-gasfit's `new_gas.csv`: one row a price and client. The price of an operation is that of its slowest client.

use std::collections::BTreeMap;

use crate::{
    diag::{Diagnostic, FileId},
    gas::{Fork, Part, Ratio, Variable},
};

use super::price_list::{ListedName, ListedPrice, PriceList, Span, unreadable};

/// What the last column calls the parts of a price.
const PARTS: &[(&str, Option<Part>)] = &[
    ("constant", None),
    ("num_rounds", Some(Part::Per(Variable::Rounds))),
    ("num_pairs", Some(Part::Per(Variable::Points))),
    ("num_words", Some(Part::Per(Variable::Words))),
    ("msg_size", Some(Part::Per(Variable::Words))),
    ("exp_size", Some(Part::Per(Variable::Bytes))),
];

/// Bytes a word: what a cost per byte is multiplied by to be one per word.
const WORD: f64 = 32.0;

const COLUMNS: [&str; 6] = [
    "opcode",
    "param",
    "client_name",
    "runtime_ms",
    "new_gas",
    "new_gas_rounded",
];

/// A row that can be read.
struct ClientPrice<'a> {
    opcode: &'a str,
    param: &'a str,
    client: &'a str,
    runtime_ms: f64,
    /// Before rounding.
    gas: f64,
    rounded: Ratio,
    span: Span,
}

pub(super) fn read(text: &str, file: FileId, found: &mut Vec<Diagnostic>) -> PriceList {
    let mut list = PriceList {
        title: "Imported from evm-gasfit".to_owned(),
        fork: Fork::Osaka,
        cells: Vec::new(),
    };
    let rows = rows(text, file, found);
    let rate = anchor_rate(&rows);
    let mut worst: BTreeMap<(&str, &str), &ClientPrice<'_>> = BTreeMap::new();
    for row in &rows {
        let known = worst.entry((row.opcode, row.param)).or_insert(row);
        if row.gas > known.gas {
            *known = row;
        }
    }
    for ((opcode, param), worst) in worst {
        let Some((_, part)) = PARTS.iter().find(|(known, _)| *known == param) else {
            let known: Vec<&str> = PARTS.iter().map(|(known, _)| *known).collect();
            found.push(
                Diagnostic::error(
                    "unknown-part",
                    format!("`{opcode}` has no price per `{param}`"),
                )
                .at(file, &worst.span, "not a known kind of price")
                .note(format!("known here: {}", known.join(", "))),
            );
            continue;
        };
        if param == "msg_size"
            && let Some(rate) = rate
        {
            found.extend(inversion(worst, rate, file));
        }
        list.cells.push(ListedPrice {
            name: ListedName::Operation(opcode.to_owned(), *part),
            price: worst.rounded,
            span: worst.span.clone(),
            reason: Some(format!(
                "{param}: {:.4} ms on {}.",
                worst.runtime_ms, worst.client
            )),
        });
    }
    list
}

/// Gas per millisecond of the table: what most of its rows are multiplied by.
fn anchor_rate(rows: &[ClientPrice<'_>]) -> Option<f64> {
    let mut rates: Vec<f64> = rows
        .iter()
        .filter(|row| row.runtime_ms > 0.0)
        .map(|row| row.gas / row.runtime_ms)
        .collect();
    rates.sort_by(f64::total_cmp);
    rates.get(rates.len() / 2).copied()
}

/// A message's size is measured in bytes and priced in words. A price that is a 32nd of the measured cost of a byte
/// was divided by the bytes of a word where it had to be multiplied.
fn inversion(row: &ClientPrice<'_>, rate: f64, file: FileId) -> Option<Diagnostic> {
    let per_byte = row.runtime_ms * rate;
    let times = per_byte / row.gas;
    if !(WORD * 0.99..WORD * 1.01).contains(&times) {
        return None;
    }
    let opcode = row.opcode;
    Some(
        Diagnostic::warning(
            "unit-mismatch",
            format!("`{opcode}` per word looks like a unit inversion: 32 times too low"),
        )
        .at(
            file,
            &row.span,
            format!(
                "{:.3} gas a word, a 32nd of what a byte is measured to cost",
                row.gas
            ),
        )
        .note(format!(
            "{:.6} ms a byte, at the {:.1} Mgas/s of the other rows, is {per_byte:.3} gas a byte",
            row.runtime_ms,
            rate / 1e3
        ))
        .help(format!(
            "a word is 32 bytes: {:.2} gas, which makes {opcode}.per_word = {:.0}",
            per_byte * WORD,
            (per_byte * WORD).ceil()
        )),
    )
}

fn rows<'a>(text: &'a str, file: FileId, found: &mut Vec<Diagnostic>) -> Vec<ClientPrice<'a>> {
    let mut lines = text.split_inclusive('\n');
    let head: Vec<&str> = lines.next().unwrap_or_default().trim().split(',').collect();
    let mut columns = [0; COLUMNS.len()];
    for (at, name) in columns.iter_mut().zip(COLUMNS) {
        let Some(position) = head.iter().position(|column| *column == name) else {
            let message = format!("the first line has no column `{name}`");
            found.push(unreadable(file, 0..0, message));
            return Vec::new();
        };
        *at = position;
    }
    let mut start = text.find('\n').map_or(text.len(), |at| at + 1);
    let mut rows = Vec::new();
    for line in lines {
        let span = start..start + line.trim_end().len();
        start += line.len();
        if line.trim().is_empty() {
            continue;
        }
        match row(line, &columns, span.clone()) {
            Some(row) => rows.push(row),
            None => found.push(unreadable(
                file,
                span,
                "expected a name and numbers in each column",
            )),
        }
    }
    rows
}

fn row<'a>(line: &'a str, columns: &[usize; 6], span: Span) -> Option<ClientPrice<'a>> {
    let fields: Vec<&str> = line.trim_end().split(',').collect();
    let field = |at: usize| fields.get(columns[at]).copied();
    let number = |at: usize| {
        field(at)?
            .parse::<f64>()
            .ok()
            .filter(|n| n.is_finite() && *n >= 0.0)
    };
    // `717.0` in the table.
    let rounded = field(5)?.trim_end_matches('0').trim_end_matches('.');
    let whole = field(5)?.split('.').next()?.parse::<u64>().ok();
    let fraction = rounded.contains('.');
    Some(ClientPrice {
        opcode: field(0)?,
        param: field(1)?,
        client: field(2)?,
        runtime_ms: number(3)?,
        gas: number(4)?,
        rounded: Ratio::from(whole.filter(|_| !fraction)?),
        span,
    })
}
