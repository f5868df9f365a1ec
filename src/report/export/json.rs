//! A whole schedule as one document; `schedules/schedule.schema.json` is its JSON Schema.

use serde::Serialize;

use super::{Exported, Value, value};
use crate::{
    gas::{FormulaError, Schedule},
    lang,
    report::json,
};

#[derive(Serialize)]
struct Document<'a> {
    name: &'a str,
    fork: &'static str,
    operations: Vec<Operation<'a>>,
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
            source: Place {
                file: &entry.source.file,
                line: entry.source.line,
            },
        });
    }
    let document = Document {
        name: &schedule.name,
        fork: schedule.fork.name(),
        operations,
    };
    Ok(Exported {
        // Strings and numbers under fixed keys always have a JSON form.
        text: json::document("schedule", &document).unwrap_or_default(),
        nameless: Vec::new(),
    })
}
