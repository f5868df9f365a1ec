//! `EELS_GAS_REPRICING_CONFIG`: `{"Osaka": {"OPCODE_DIV": 15}}`.

use serde_json::{Map, Value as Json, json};

use super::{Change, Exported, fork_name, value};
use crate::{
    gas::{Fork, FormulaError, GasParam, Schedule},
    lang::{self, ImportFormat},
};

pub(super) fn text(schedule: &Schedule, changes: &[Change]) -> Result<Exported, FormulaError> {
    let mut constants = Map::new();
    for change in changes {
        if let (Some(name), Some(gas)) = (&change.spec, change.new.gas()) {
            constants.insert(name.clone(), json!(gas));
        }
    }
    let price = |name: &str| schedule.price(&GasParam::whole(name)).unwrap_or_default();
    let touched = |name: &str| changes.iter().any(|c| c.param == GasParam::whole(name));
    let two_in_one = schedule.fork < Fork::Amsterdam;
    if two_in_one && (touched("STORAGE_RESET") || touched("COLD_STORAGE_ACCESS")) {
        // The specification's own constant of the two in one.
        let both = price("STORAGE_RESET") + price("COLD_STORAGE_ACCESS");
        constants.insert("COLD_STORAGE_WRITE".to_owned(), json!(both));
    }
    let mut fork = Map::new();
    fork.insert(fork_name(schedule), Json::Object(constants));
    let text = format!("{:#}\n", Json::Object(fork));
    Ok(Exported {
        nameless: lost(schedule, &text)?,
        text,
    })
}

/// What reads back otherwise: prices without a constant, and those that share one with another price.
fn lost(schedule: &Schedule, text: &str) -> Result<Vec<String>, FormulaError> {
    let again = lang::import("exported", text, ImportFormat::Eels).schedule;
    let mut lost = Vec::new();
    for param in schedule.params()? {
        let read = again.as_ref().and_then(|again| value(again, &param).ok());
        if read != Some(value(schedule, &param)?) {
            lost.push(param.to_string());
        }
    }
    Ok(lost)
}
