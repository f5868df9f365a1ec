//! Exports say everything that differs, once.

mod every_price;
mod plain_revm;
mod reader;

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::Value as Json;

use super::{Form, export};
use crate::{
    gas::{Fork, GasParam, Schedule},
    lang::{ImportFormat, Options, fork_schedule, import, load, osaka},
};

fn changed(prices: &[(&str, u64)]) -> Schedule {
    let mut schedule = osaka();
    "Changed".clone_into(&mut schedule.name);
    for (name, gas) in prices {
        let param: GasParam = name.parse().unwrap();
        schedule.set(&param, *gas).unwrap();
    }
    schedule
}

/// A fork's schedule with statements of the language on top.
fn changed_to(fork: Fork, statements: &str) -> Schedule {
    let text = format!(
        "schedule \"Changed\" extends {}\n\n{statements}\n",
        fork.name()
    );
    let loaded = load("changed.gas", &One(text), &Options::default());
    let found = loaded.diagnostics;
    loaded.plan.unwrap_or_else(|| panic!("{found:#?}")).schedule
}

#[test]
fn nothing_differs() {
    for fork in Fork::ALL {
        for form in [Form::Eels, Form::Revm, Form::Rust, Form::Geth, Form::Eip] {
            let exported = export(fork_schedule(*fork), form).unwrap();
            assert!(exported.nameless.is_empty(), "{form:?}");
            assert!(
                !exported.text.contains("was"),
                "{form:?}: {}",
                exported.text
            );
        }
    }
    assert_eq!(
        export(&osaka(), Form::Eels).unwrap().text,
        "{\n  \"Osaka\": {}\n}\n"
    );
}

#[test]
fn what_has_no_name_is_said() {
    let schedule = changed(&[("MEMORY_QUADRATIC_DIVISOR", 256), ("DIV", 15)]);
    assert_eq!(
        export(&schedule, Form::Eels).unwrap().nameless,
        ["MEMORY_QUADRATIC_DIVISOR"]
    );
    assert!(export(&schedule, Form::Revm).unwrap().nameless.is_empty());
    assert!(export(&schedule, Form::Geth).unwrap().nameless.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// A configuration of execution-specs reads back as the schedule it was made of.
    #[test]
    fn eels_round_trip(changes in prop::collection::vec((any::<prop::sample::Index>(), 0_u64..1 << 30), 0..30)) {
        let mut schedule = osaka();
        let params: Vec<GasParam> = schedule.params().unwrap();
        for (which, gas) in changes {
            let before = schedule.clone();
            let _ = schedule.set(&params[which.index(params.len())], gas);
            // Differences of prices can become negative, which no schedule may be.
            if schedule.params().is_err() {
                schedule = before;
            }
        }
        let exported = export(&schedule, Form::Eels).unwrap();
        let imported = import("config.json", &exported.text, ImportFormat::Eels);
        prop_assert!(imported.diagnostics.is_empty(), "{:#?}\n{}", imported.diagnostics, exported.text);
        let again = imported.schedule.unwrap();
        for param in schedule.params().unwrap() {
            let name = param.to_string();
            if !exported.nameless.contains(&name) {
                prop_assert_eq!(schedule.price(&param), again.price(&param), "{}", name);
            }
        }
    }
}

/// The same text for any path.
struct One(String);

impl crate::lang::Files for One {
    fn read(&self, _: &str) -> Result<String, String> {
        Ok(self.0.clone())
    }
}

#[test]
fn json_follows_its_schema() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let schema = std::fs::read_to_string(root.join("schedules/schedule.schema.json")).unwrap();
    let schema: Json = serde_json::from_str(&schema).unwrap();
    let child = std::fs::read_to_string(root.join("schedules/eip-7904.gas")).unwrap();
    let plan = load("eip-7904.gas", &One(child), &Options::default())
        .plan
        .unwrap();
    let metered = std::fs::read_to_string(root.join("schedules/eips/taiko-zk-gas.gas")).unwrap();
    let metered = load("metered.gas", &One(metered), &Options::default());
    let metered = metered.plan.unwrap().schedule;
    let eip = export(&metered, Form::Eip).unwrap();
    assert_eq!(eip.nameless, ["meter zk"]);
    for schedule in [osaka(), plan.schedule, metered] {
        let document: Json =
            serde_json::from_str(&export(&schedule, Form::Json).unwrap().text).unwrap();
        assert_eq!(
            violations(&document, &schema, &schema, "$"),
            Vec::<String>::new()
        );
        assert_eq!(
            document["operations"].as_array().unwrap().len(),
            schedule.entries().len()
        );
    }
    let wrong = serde_json::json!({ "version": 1, "kind": "schedule", "name": 3, "fork": "osaka" });
    assert_eq!(violations(&wrong, &schema, &schema, "$").len(), 2);
}

/// What of a document breaks a schema, for the keywords that ours uses.
fn violations(value: &Json, schema: &Json, root: &Json, path: &str) -> Vec<String> {
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.trim_start_matches("#/$defs/");
        return violations(value, &root["$defs"][name], root, path);
    }
    let mut found = Vec::new();
    let is = |kind: &str| match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_u64() || value.is_i64(),
        "null" => value.is_null(),
        other => panic!("{other} is not used"),
    };
    let kinds: Vec<&str> = match &schema["type"] {
        Json::String(one) => vec![one],
        Json::Array(all) => all.iter().filter_map(Json::as_str).collect(),
        _ => vec![],
    };
    if !kinds.is_empty() && !kinds.iter().any(|kind| is(kind)) {
        found.push(format!("{path} is no {kinds:?}"));
    }
    if let Some(one) = schema.get("const")
        && one != value
    {
        found.push(format!("{path} is not {one}"));
    }
    if let Some(all) = schema["enum"].as_array()
        && !all.contains(value)
    {
        found.push(format!("{path} is none of {all:?}"));
    }
    for name in schema["required"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Json::as_str)
    {
        if value.get(name).is_none() {
            found.push(format!("{path} lacks {name}"));
        }
    }
    let empty = serde_json::Map::new();
    let known: BTreeMap<&String, &Json> = schema["properties"]
        .as_object()
        .unwrap_or(&empty)
        .iter()
        .collect();
    for (name, inner) in value.as_object().unwrap_or(&empty) {
        match known.get(name) {
            Some(schema) => {
                found.extend(violations(inner, schema, root, &format!("{path}.{name}")));
            }
            None if schema["additionalProperties"] == Json::Bool(false) => {
                found.push(format!("{path} has {name}"));
            }
            None => {}
        }
    }
    for (at, item) in value.as_array().into_iter().flatten().enumerate() {
        found.extend(violations(
            item,
            &schema["items"],
            root,
            &format!("{path}[{at}]"),
        ));
    }
    found
}
