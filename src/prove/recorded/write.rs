//! Our own measurements in the same layout, so that what reads published results reads ours.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

use super::Source;
use crate::gas::Gas;

/// A measurement to be written.
#[derive(Clone, Debug, PartialEq)]
pub struct Finished {
    /// Its scenario, such as `mulmod/255-bit`.
    pub scenario: String,
    /// The operation it stresses.
    pub operation: String,
    /// Gas the block used.
    pub gas_used: Gas,
    /// When it was finished, RFC 3339; `None` where nobody looked at a clock.
    pub completed: Option<String>,
    /// Usage by gas parameter.
    pub usage: BTreeMap<String, i64>,
    /// What came out.
    pub outcome: Outcome,
}

/// What came out of a measurement.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// The guest ran inside the zkVM.
    Executed {
        /// Instructions.
        total_num_cycles: u64,
    },
    /// It did not finish.
    Crashed {
        /// Why.
        reason: String,
    },
}

/// Writes each measurement to `<folder>/<guest>/<zkvm>/<scenario>.json`, whole or not at all, and answers how many.
/// `hardware.json` is written where there is none.
///
/// # Errors
/// A folder or file that cannot be written.
pub fn write(folder: &Path, source: &Source, finished: &[Finished]) -> io::Result<usize> {
    let mut own = folder.to_owned();
    own.extend(source.guest.as_deref());
    own.push(&source.zkvm);
    fs::create_dir_all(&own)?;
    let hardware = folder.join("hardware.json");
    if !hardware.exists() {
        let machine = source.hardware.as_deref().unwrap_or("unknown");
        let document = json!({ "cpu_model": machine, "total_ram_gib": 0, "gpus": [] });
        put(&hardware, &document)?;
    }
    for one in finished {
        put(&own.join(file_name(&one.scenario)), &document(one))?;
    }
    Ok(finished.len())
}

fn document(one: &Finished) -> Value {
    let execution = match &one.outcome {
        Outcome::Executed { total_num_cycles } => json!({ "success": {
            "total_num_cycles": total_num_cycles,
            "region_cycles": {},
            "execution_duration": { "secs": 0, "nanos": 0 },
        }}),
        Outcome::Crashed { reason } => json!({ "crashed": { "reason": reason } }),
    };
    json!({
        "name": one.scenario,
        "timestamp_completed": one.completed,
        "metadata": {
            "block_used_gas": one.gas_used,
            "target_opcode": one.operation,
            // Keys of our own stand under a name of our own.
            "reprice": { "usage": one.usage, "execution_duration": "not measured" },
        },
        "execution": execution,
    })
}

/// A scenario's name without what folders are made of.
fn file_name(scenario: &str) -> String {
    format!("{}.json", scenario.replace(['/', '\\'], "__"))
}

fn put(path: &PathBuf, document: &Value) -> io::Result<()> {
    let mut text = serde_json::to_string_pretty(document)?;
    text.push('\n');
    // A reader never sees half a file.
    let aside = path.with_extension("json.part");
    fs::write(&aside, text)?;
    fs::rename(aside, path)
}
