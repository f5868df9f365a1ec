//! Findings as SARIF 2.1.0 (OASIS, 2020), which code-scanning services read.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::found::{Found, Location, word};
use crate::{diag::Label, lang, report::json};

/// One run of this tool with every finding, and the paragraph behind each code that occurs.
pub(super) fn document(all: &[Found<'_>]) -> String {
    let mut codes: Vec<&str> = all.iter().map(|found| found.diagnostic.code).collect();
    codes.sort_unstable();
    codes.dedup();
    let rules: Vec<Value> = codes
        .iter()
        .map(|code| {
            let about = lang::explain(code).unwrap_or_default();
            json!({ "id": code, "fullDescription": { "text": about } })
        })
        .collect();
    let results: Vec<Value> = all.iter().map(|found| result(found, &codes)).collect();
    let document = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "reprice",
                "version": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    json::shown(format!("{document:#}\n"))
}

fn result(found: &Found<'_>, codes: &[&str]) -> Value {
    let diagnostic = found.diagnostic;
    let primary = diagnostic.place();
    let said = primary
        .map(|label| &label.text)
        .filter(|text| !text.is_empty());
    let mut text = diagnostic.message.clone();
    for more in said
        .into_iter()
        .chain(&diagnostic.notes)
        .chain(&diagnostic.helps)
    {
        text.push_str("; ");
        text.push_str(more);
    }
    let location = |label: &Label| {
        let place = found.place(label.file, &label.span)?;
        Some(json!({ "physicalLocation": physical(&place), "message": { "text": label.text } }))
    };
    let related: Vec<Value> = diagnostic
        .labels
        .iter()
        .filter(|label| Some(*label) != primary)
        .filter_map(location)
        .collect();
    let mut result = json!({
        "ruleId": diagnostic.code,
        "ruleIndex": codes.iter().position(|code| *code == diagnostic.code),
        "level": word(diagnostic.severity),
        "message": { "text": text },
        "locations": primary.and_then(location).into_iter().collect::<Vec<_>>(),
    });
    if !related.is_empty() {
        result["relatedLocations"] = json!(related);
    }
    if let Some((fix, place)) = diagnostic
        .fix
        .as_ref()
        .and_then(|fix| Some((fix, found.place(fix.file, &fix.span)?)))
    {
        result["fixes"] = json!([{
            "description": { "text": fix.message },
            "artifactChanges": [{
                "artifactLocation": { "uri": uri(place.path) },
                "replacements": [{
                    "deletedRegion": region(&place),
                    "insertedContent": { "text": fix.replacement },
                }],
            }],
        }]);
    }
    result
}

fn physical(place: &Location<'_>) -> Value {
    json!({ "artifactLocation": { "uri": uri(place.path) }, "region": region(place) })
}

fn region(place: &Location<'_>) -> Value {
    json!({
        "startLine": place.start.0,
        "startColumn": place.start.1,
        "endLine": place.end.0,
        "endColumn": place.end.1,
    })
}

/// A path as a relative URI: what such a reference may not contain is percent-encoded.
fn uri(path: &str) -> String {
    let mut out = String::new();
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing into a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_uris() {
        assert_eq!(uri("a b/<osaka>.gas"), "a%20b/%3Cosaka%3E.gas");
    }
}
