//! A result as a file of zkevm-benchmark-workload has it, read and written. Every field is optional, as the layout has changed
//! over time; an error names the field.

use std::{collections::BTreeMap, time::Duration};

use serde_json::{Value, json};

use super::{Crash, Executed, Proven};
use crate::{
    fit,
    gas::Gas,
    prove::{Cost, CostVector},
};

/// What a file says, labels aside.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Record {
    pub name: Option<String>,
    pub original_name: Option<String>,
    pub gas_used: Option<u64>,
    pub opcode_count: Option<BTreeMap<String, u64>>,
    pub target_opcode: Option<String>,
    pub costs: Option<CostVector>,
    pub execution: Option<Result<Executed, Crash>>,
    pub proving: Option<Result<Proven, Crash>>,
}

/// A place inside a document, so that errors can name it.
#[derive(Clone)]
struct At<'a> {
    value: &'a Value,
    path: String,
}

impl<'a> At<'a> {
    /// The field called `name`; `None` where it is absent or null.
    fn get(&self, name: &str) -> Result<Option<At<'a>>, String> {
        let Value::Object(fields) = self.value else {
            return Err(self.is_no("object"));
        };
        let path = if self.path.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.path)
        };
        Ok(fields
            .get(name)
            .filter(|value| !value.is_null())
            .map(|value| At { value, path }))
    }

    fn is_no(&self, what: &str) -> String {
        let path = if self.path.is_empty() {
            "the document"
        } else {
            &self.path
        };
        let kind = match self.value {
            Value::Null => "null",
            Value::Bool(_) => "true or false",
            Value::Number(_) => "a number that does not fit",
            Value::String(_) => "a text",
            Value::Array(_) => "a list",
            Value::Object(_) => "an object",
        };
        format!("`{path}` is {kind}, not {what}")
    }

    fn text(&self) -> Result<String, String> {
        let text = self.value.as_str().ok_or_else(|| self.is_no("a text"))?;
        Ok(text.to_owned())
    }

    fn whole(&self) -> Result<u64, String> {
        self.value
            .as_u64()
            .ok_or_else(|| self.is_no("a whole number"))
    }

    /// A number at least 0.
    fn amount(&self) -> Result<f64, String> {
        let number = self.value.as_f64().filter(|n| *n >= 0.0 && n.is_finite());
        number.ok_or_else(|| self.is_no("a number of at least 0"))
    }

    fn flag(&self) -> Result<bool, String> {
        self.value
            .as_bool()
            .ok_or_else(|| self.is_no("true or false"))
    }

    fn optional<T>(
        &self,
        name: &str,
        read: impl Fn(&At<'a>) -> Result<T, String>,
    ) -> Result<Option<T>, String> {
        self.get(name)?.map(|at| read(&at)).transpose()
    }
}

/// The result in a file; `None` where it holds none.
pub(super) fn record(text: &str) -> Result<Option<Record>, String> {
    let value: Value = serde_json::from_str(text).map_err(|error| format!("no JSON: {error}"))?;
    let at = At {
        value: &value,
        path: String::new(),
    };
    let (execution, proving) = (at.get("execution")?, at.get("proving")?);
    if execution.is_none() && proving.is_none() && at.get("verification")?.is_none() {
        return Ok(None);
    }
    let mut record = Record {
        name: at.optional("name", At::text)?,
        execution: execution
            .as_ref()
            .map(|at| outcome(at, executed))
            .transpose()?,
        proving: proving.map(|at| outcome(&at, proven)).transpose()?,
        ..Record::default()
    };
    if let Some(metadata) = at.get("metadata")? {
        record.original_name = metadata.optional("original_test_name", At::text)?;
        record.gas_used = metadata.optional("block_used_gas", At::whole)?;
        record.opcode_count = metadata.optional("opcode_count", counts)?;
        record.target_opcode = metadata.optional("target_opcode", At::text)?;
        if let Some(own) = metadata.get("reprice")? {
            record.costs = own.optional("costs", costs)?;
        }
    }
    if record.costs.is_none() {
        let executed = execution.filter(|_| matches!(record.execution, Some(Ok(_))));
        let success = executed.map(|at| at.get("success")).transpose()?.flatten();
        record.costs = success.map(|at| costs(&at)).transpose()?;
    }
    // Some report 0.
    record.costs = record.costs.filter(|costs| costs.total_num_cycles > 0);
    Ok(Some(record))
}

fn outcome<T>(
    at: &At,
    read: impl Fn(&At) -> Result<T, String>,
) -> Result<Result<T, Crash>, String> {
    if let Some(success) = at.get("success")? {
        return Ok(Ok(read(&success)?));
    }
    let Some(crashed) = at.get("crashed")? else {
        return Err(format!("`{}` has neither `success` nor `crashed`", at.path));
    };
    let reason = crashed.optional("reason", At::text)?;
    Ok(Err(Crash::new(reason.unwrap_or_default())))
}

fn executed(at: &At) -> Result<Executed, String> {
    let duration_s = at.optional("execution_duration", |at| {
        let secs = at.optional("secs", At::amount)?.unwrap_or_default();
        let nanos = at.optional("nanos", At::amount)?.unwrap_or_default();
        Ok(secs + nanos * 1e-9)
    })?;
    Ok(Executed {
        total_num_cycles: at.optional("total_num_cycles", At::whole)?,
        duration_s,
        output_matched: at.optional("output_matched", At::flag)?,
    })
}

fn proven(at: &At) -> Result<Proven, String> {
    let Some(proving_ms) = at.optional("proving_time_ms", At::amount)? else {
        return Err(format!("`{}` has no `proving_time_ms`", at.path));
    };
    Ok(Proven {
        proving_s: proving_ms / 1e3,
        output_matched: at.optional("output_matched", At::flag)?,
    })
}

fn costs(at: &At) -> Result<CostVector, String> {
    Ok(CostVector {
        total_num_cycles: at.optional("total_num_cycles", At::whole)?.unwrap_or(0),
        total_num_system_calls: None,
        prover_gas: at.optional("prover_gas", At::whole)?,
        system_calls: at.optional("system_calls", counts)?.unwrap_or_default(),
        areas: at.optional("areas", counts)?.unwrap_or_default(),
    })
}

fn counts(at: &At) -> Result<BTreeMap<String, u64>, String> {
    let Value::Object(fields) = at.value else {
        return Err(at.is_no("an object"));
    };
    let count = |(name, value): (&String, &Value)| {
        let path = format!("{}.{name}", at.path);
        Ok((name.clone(), At { value, path }.whole()?))
    };
    fields.iter().map(count).collect()
}

/// `8x NVIDIA GeForce RTX 5090`, or the processor where there is no GPU. `None` where the file says neither.
pub(super) fn hardware(text: &str) -> Result<Option<String>, String> {
    let value: Value = serde_json::from_str(text).map_err(|error| format!("no JSON: {error}"))?;
    let at = At {
        value: &value,
        path: String::new(),
    };
    let mut models: Vec<(String, usize)> = Vec::new();
    if let Some(gpus) = at.get("gpus")? {
        let Value::Array(list) = gpus.value else {
            return Err(gpus.is_no("a list"));
        };
        for (i, value) in list.iter().enumerate() {
            let path = format!("gpus[{i}]");
            let model = At { value, path }.optional("model", At::text)?;
            let model = model.unwrap_or_else(|| "GPU".into());
            match models.iter_mut().find(|(known, _)| *known == model) {
                Some((_, count)) => *count += 1,
                None => models.push((model, 1)),
            }
        }
    }
    let gpus: Vec<String> = models
        .iter()
        .map(|(model, count)| format!("{count}x {model}"))
        .collect();
    if gpus.is_empty() {
        at.optional("cpu_model", At::text)
    } else {
        Ok(Some(gpus.join(", ")))
    }
}

/// A measurement to be written.
#[derive(Clone, Debug, PartialEq)]
pub struct Finished {
    /// Its scenario, such as `mulmod/255-bit`.
    pub scenario: String,
    /// The operation it stresses, where that is known.
    pub operation: Option<String>,
    /// Gas the block used.
    pub gas_used: Gas,
    /// When it was finished, RFC 3339; `None` where nobody looked at a clock.
    pub completed: Option<String>,
    /// Usage by gas parameter; empty where it is not known.
    pub usage: BTreeMap<String, i64>,
    /// How often each opcode ran; empty where nobody counted.
    pub opcodes: BTreeMap<String, u64>,
    /// Whether it was proven, and not only executed.
    pub proven: bool,
    /// What came out, or why nothing did.
    pub outcome: Result<Success, String>,
}

/// A completed execution or proof.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Success {
    /// What it cost, counted; no cycles where nobody counted.
    pub costs: CostVector,
    /// Wall clock, milliseconds, where it was measured.
    pub time_ms: Option<f64>,
    /// Bytes of the proof.
    pub proof_size: Option<u64>,
    /// The most memory that the prover used.
    pub peak_memory_bytes: Option<u64>,
}

impl Success {
    /// What a prover made of a block.
    pub fn of(cost: &Cost) -> Self {
        Self {
            costs: cost.costs.clone(),
            time_ms: cost.time_ms,
            proof_size: cost.proof_size,
            peak_memory_bytes: cost.peak_memory_bytes,
        }
    }
}

/// Our own measurement in the same layout, so that what reads published results reads ours.
pub(super) fn document(one: &Finished) -> Value {
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
    if !one.opcodes.is_empty() {
        document["metadata"]["opcode_count"] = json!(one.opcodes);
    }
    let own = &mut document["metadata"]["reprice"];
    let outcome = match &one.outcome {
        Err(reason) => json!({ "crashed": { "reason": reason } }),
        Ok(success) if one.proven => {
            own["costs"] = json!(success.costs);
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
            own["costs"] = json!(success.costs);
            let seconds = success.time_ms.unwrap_or_default() / 1e3;
            let duration = Duration::try_from_secs_f64(seconds).unwrap_or_default();
            json!({ "success": {
                "total_num_cycles": success.costs.total_num_cycles,
                "region_cycles": {},
                "execution_duration": { "secs": duration.as_secs(), "nanos": duration.subsec_nanos() },
            }})
        }
    };
    document[if one.proven { "proving" } else { "execution" }] = outcome;
    document
}

/// The layout has whole milliseconds.
fn whole(ms: f64) -> u64 {
    fit::count(ms.round())
}
