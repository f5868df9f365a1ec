//! The JSON form of results: versioned, one document per run.

use serde::Serialize;

use super::proposal::ProposalReport;

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

/// A proposal as a JSON document with a line feed at its end.
///
/// # Errors
/// Never for the data as the tool makes it; serde's signature.
pub fn proposal(report: &ProposalReport) -> serde_json::Result<String> {
    document("proposal", report)
}

/// Any result of the tool, under its `kind`.
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
