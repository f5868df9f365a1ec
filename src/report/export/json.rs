//! A whole schedule as one document; `schedules/schedule.schema.json` is its JSON Schema.

use serde::Serialize;

use super::{
    changes::{Value, value},
    exported::Exported,
};
use crate::{
    gas::{FormulaError, Gas, Metered, Schedule, Source},
    lang,
    report::json,
};

#[derive(Serialize)]
struct Document<'a> {
    name: &'a str,
    fork: &'static str,
    operations: Vec<Operation<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    meters: Vec<Meter<'a>>,
}

#[derive(Serialize)]
struct Meter<'a> {
    name: &'a str,
    limit: Gas,
    counts: Vec<Counted<'a>>,
    source: Place<'a>,
}

#[derive(Serialize)]
struct Counted<'a> {
    param: String,
    formula: String,
    reason: Option<&'a str>,
}

#[derive(Serialize)]
struct Operation<'a> {
    name: &'a str,
    kind: &'static str,
    formula: String,
    variables: Vec<&'static str>,
    prices: Vec<Price>,
    reason: Option<&'a str>,
    source: Place<'a>,
}

#[derive(Serialize)]
struct Price {
    param: String,
    /// Absent where the formula is not linear: the operation's one price is a factor of its formula.
    gas: Option<u64>,
    unit: String,
    execution_specs: Option<String>,
}

#[derive(Serialize)]
struct Place<'a> {
    file: &'a str,
    line: usize,
}

fn place(source: &Source) -> Place<'_> {
    Place {
        file: &source.file,
        line: source.line,
    }
}

fn counted(entry: &Metered) -> Counted<'_> {
    Counted {
        param: entry.param.to_string(),
        formula: entry.expr.to_string(),
        reason: entry.reason.as_deref(),
    }
}

pub(super) fn text(schedule: &Schedule) -> Result<Exported, FormulaError> {
    let mut operations = Vec::new();
    for entry in schedule.entries() {
        let mut prices = Vec::new();
        for param in schedule.params_of(&entry.name)? {
            prices.push(Price {
                gas: match value(schedule, &param)? {
                    Value::Gas(gas) => Some(gas),
                    Value::Formula(_) => None,
                },
                unit: lang::unit_of(&param),
                execution_specs: lang::spec_name(schedule, &param),
                param: param.to_string(),
            });
        }
        operations.push(Operation {
            name: &entry.name,
            kind: entry.kind.keyword(),
            formula: schedule.formula(&entry.name)?.to_string(),
            variables: entry.expr.variables().iter().map(|v| v.name()).collect(),
            prices,
            reason: entry.reason.as_deref(),
            source: place(&entry.source),
        });
    }
    let meters = schedule.meters.iter().map(|meter| Meter {
        name: &meter.name,
        limit: meter.limit,
        counts: meter.entries.iter().map(counted).collect(),
        source: place(&meter.source),
    });
    let document = Document {
        name: &schedule.name,
        fork: schedule.fork.name(),
        operations,
        meters: meters.collect(),
    };
    Ok(Exported {
        // Strings and numbers under fixed keys always have a JSON form.
        text: json::document("schedule", &document).unwrap_or_default(),
        nameless: Vec::new(),
    })
}
