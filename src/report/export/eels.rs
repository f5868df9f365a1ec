//! `EELS_GAS_REPRICING_CONFIG`: `{"Osaka": {"OPCODE_DIV": 15}}`.

use serde_json::{Map, Value as Json, json};

use super::{
    changes::{Change, changes, names},
    exported::Exported,
};
use crate::{
    gas::{
        FormulaError, GasParam, Schedule,
        catalogue::{self, Constant},
    },
    lang::{self, ImportFormat},
};

pub(super) fn text(schedule: &Schedule, changes: &[Change]) -> Result<Exported, FormulaError> {
    let mut constants = Map::new();
    for change in changes {
        if let (Some(name), Some(gas)) = (&change.spec, change.new.gas()) {
            constants.insert(name.clone(), json!(gas));
        }
    }
    for (price, constant, other) in including(schedule) {
        let changed = |name| changes.iter().any(|c| c.param == GasParam::whole(name));
        if changed(price) || changed(other) {
            let gas = |name| schedule.price(&GasParam::whole(name));
            constants.insert(constant.to_owned(), json!(gas(price)? + gas(other)?));
        }
    }
    let mut fork = Map::new();
    fork.insert(fork_name(schedule), Json::Object(constants));
    let text = format!("{:#}\n", Json::Object(fork));
    Ok(Exported {
        nameless: lost(schedule, &text)?,
        text,
    })
}

/// Constants that have two prices in them: the one that they are for, and the other.
fn including(
    schedule: &Schedule,
) -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    let fork = schedule.fork;
    catalogue::prices().filter_map(move |price| {
        let Constant { name, including } = price.eels_constant(fork)?;
        Some((price.name, name, including?))
    })
}

/// What reads back otherwise: prices without a constant, and those that share one with another price.
fn lost(schedule: &Schedule, text: &str) -> Result<Vec<String>, FormulaError> {
    let again = lang::import("exported", text, ImportFormat::Eels).schedule;
    let again = again
        .as_ref()
        .unwrap_or_else(|| lang::fork_schedule(schedule.fork));
    Ok(names(&changes(schedule, again)?))
}

/// `Osaka`, as other projects write a fork.
fn fork_name(schedule: &Schedule) -> String {
    let name = schedule.fork.name();
    let (first, rest) = name.split_at(1.min(name.len()));
    format!("{}{rest}", first.to_uppercase())
}
