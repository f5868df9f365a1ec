//! Our own measurements in the same layout, so that what reads published results reads ours.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use serde_json::{Value, json};

use crate::{gas::Gas, prove::Source};

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
    /// Whether it was proven, and not only executed.
    pub proven: bool,
    /// What came out, or why nothing did.
    pub outcome: Result<Success, String>,
}

/// A completed execution or proof.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Success {
    /// Instructions; 0 where nobody counted.
    pub total_num_cycles: u64,
    /// Wall clock, milliseconds, where it was measured.
    pub time_ms: Option<f64>,
    /// Bytes of the proof.
    pub proof_size: Option<u64>,
    /// The most memory that the prover used.
    pub peak_memory_bytes: Option<u64>,
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
    let mut document = json!({
        "name": one.scenario,
        "timestamp_completed": one.completed,
        "metadata": {
            "block_used_gas": one.gas_used,
            "target_opcode": one.operation,
            // Keys of our own stand under a name of our own.
            "reprice": { "usage": one.usage },
        },
    });
    let own = &mut document["metadata"]["reprice"];
    let outcome = match &one.outcome {
        Err(reason) => json!({ "crashed": { "reason": reason } }),
        Ok(success) if one.proven => {
            own["total_num_cycles"] = json!(success.total_num_cycles);
            own["peak_memory_bytes"] = json!(success.peak_memory_bytes);
            json!({ "success": {
                "output_matched": true,
                "proof_size": success.proof_size,
                "proving_time_ms": whole(success.time_ms.unwrap_or_default()),
            }})
        }
        Ok(success) => {
            if success.time_ms.is_none() {
                own["execution_duration"] = json!("not measured");
            }
            let seconds = success.time_ms.unwrap_or_default() / 1e3;
            let duration = Duration::try_from_secs_f64(seconds).unwrap_or_default();
            json!({ "success": {
                "total_num_cycles": success.total_num_cycles,
                "region_cycles": {},
                "execution_duration": { "secs": duration.as_secs(), "nanos": duration.subsec_nanos() },
            }})
        }
    };
    document[if one.proven { "proving" } else { "execution" }] = outcome;
    document
}

/// The layout has whole milliseconds.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a time above 0, far below 2^53 ms"
)]
fn whole(ms: f64) -> u64 {
    ms.round() as u64
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
