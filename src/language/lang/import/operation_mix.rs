//! How often operations are executed: a name and a count a line, `KECCAK256.per_word,52000`. What is given back counts below
//! zero, and a line whose name begins with `rest.` is gas that no price explains.

use std::collections::BTreeMap;

use crate::{
    diag::{Diagnostic, Fix, Severity, Sources},
    gas::{GasParam, Part, Schedule, catalogue},
    lang::{Mix, suggest},
};

use super::price_list::{Span, unreadable};

/// Findings after which the rest is not worth reading.
const MOST: usize = 10;

/// What the names of gas that no price explains begin with.
pub const REST: &str = "rest.";

/// A mix of operations.
#[derive(Debug)]
pub struct Weights {
    /// What is used, asking for nothing; `None` exactly when there is an error among the diagnostics.
    pub mix: Option<Mix>,
    /// Everything found.
    pub diagnostics: Vec<Diagnostic>,
    /// The text that the diagnostics point into.
    pub sources: Sources,
}

/// Reads a mix. Instructions of a family are added up; an operation of several prices by its bare name counts its
/// executions. A first line that has no number is taken for the names of the columns.
pub fn weights(path: &str, text: &str, schedule: &Schedule) -> Weights {
    let mut sources = Sources::default();
    let file = sources.add(path, text);
    let mut diagnostics = Vec::new();
    let mut counts: BTreeMap<GasParam, i64> = BTreeMap::new();
    let mut rest: i64 = 0;
    let mut start = 0;
    for (at, raw) in text.split_inclusive('\n').enumerate() {
        let span = start..start + raw.trim_end().len();
        start += raw.len();
        let line = raw.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let fields = line.split_once(',');
        let count = fields.and_then(|(_, count)| count.trim().replace('_', "").parse::<i64>().ok());
        let (Some((name, _)), Some(count)) = (fields, count) else {
            if at > 0 && diagnostics.len() < MOST {
                diagnostics.push(unreadable(
                    file,
                    span,
                    "expected a name and a count, such as `ADD,1200`",
                ));
            }
            continue;
        };
        if name.trim().starts_with(REST) {
            rest = rest.saturating_add(count);
            continue;
        }
        match param(name.trim(), schedule) {
            Some(param) => {
                let sum = counts.entry(param).or_insert(0);
                *sum = sum.saturating_add(count);
            }
            None => diagnostics.push(unknown(name.trim(), file, span, schedule)),
        }
    }
    let failed = diagnostics.iter().any(|d| d.severity == Severity::Error);
    Weights {
        mix: (!failed).then(|| Mix {
            units: counts.into_iter().collect(),
            rest,
            neutral: false,
        }),
        diagnostics,
        sources,
    }
}

fn param(name: &str, schedule: &Schedule) -> Option<GasParam> {
    let family = catalogue::family(name).map(|(family, ..)| family);
    let name = family.unwrap_or_else(|| catalogue::alias(name));
    let param: GasParam = name.parse().ok()?;
    let own = schedule.params_of(&param.operation).ok()?;
    let base = GasParam::new(param.operation.as_str(), Part::Base);
    [param, base].into_iter().find(|param| own.contains(param))
}

fn unknown(name: &str, file: usize, span: Span, schedule: &Schedule) -> Diagnostic {
    let params: Vec<String> = schedule
        .params()
        .unwrap_or_default()
        .iter()
        .map(ToString::to_string)
        .collect();
    let close = suggest::closest(name, params.iter().map(String::as_str));
    let span = span.start..span.start + name.len();
    Diagnostic::error("unknown-name", format!("nothing is called `{name}`"))
        .at(file, &span, "no price of its own here")
        .fix(close.map(|close| Fix {
            message: format!("did you mean `{close}`?"),
            file,
            span,
            replacement: close.to_owned(),
            sure: false,
        }))
}
