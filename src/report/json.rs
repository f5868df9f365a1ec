//! The JSON form of results: versioned, one document per run.

use serde::Serialize;

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
    Ok(text)
}
