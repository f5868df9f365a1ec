//! The JSON form of results: versioned, one document per run.

use serde::Serialize;

use crate::printable::is_harmful;

/// The version of a kind of document. It grows when a field changes its meaning or its name, or goes away; new fields do not
/// change it.
fn version(kind: &str) -> u32 {
    match kind {
        // What a block's gas is called is `gas_used` everywhere since 2; it was `gas` in these.
        "fixtures" | "judgement" | "methods" => 2,
        _ => 1,
    }
}

#[derive(Serialize)]
struct Document<'a, T> {
    version: u32,
    kind: &'static str,
    #[serde(flatten)]
    body: &'a T,
}

/// Any result of the tool, under its `kind`, with a line feed at its end.
///
/// # Errors
/// Those of serde for `body`.
pub fn document<T: Serialize>(kind: &'static str, body: &T) -> serde_json::Result<String> {
    let mut text = serde_json::to_string_pretty(&Document {
        version: version(kind),
        kind,
        body,
    })?;
    text.push('\n');
    Ok(shown(text))
}

/// JSON that a terminal only shows: what does more stands in strings, and means the same as an escape.
pub(super) fn shown(json: String) -> String {
    let is_harmful = |c| c != '\n' && is_harmful(c);
    if !json.contains(is_harmful) {
        return json;
    }
    let escaped = |c| {
        if is_harmful(c) {
            format!("\\u{:04x}", u32::from(c))
        } else {
            c.into()
        }
    };
    json.chars().map(escaped).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_means_the_same_where_it_is_only_shown() {
        let name = "x\nerror: \u{1b}\u{9b}\u{202e}\u{7f}\u{e9}";
        let text = document("test", &serde_json::json!({ "name": name })).unwrap();
        assert!(!text.chars().any(|c| c != '\n' && is_harmful(c)), "{text}");
        let read: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(read["name"], name);
    }
}
