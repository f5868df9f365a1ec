//! The JSON form of results: versioned, one document per run.

use serde::Serialize;

/// Grows when a field changes its meaning or goes away; new fields do not change it.
pub const VERSION: u32 = 1;

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
        version: VERSION,
        kind,
        body,
    })?;
    text.push('\n');
    Ok(text)
}
