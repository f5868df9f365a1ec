//! The costs that ship are what counting finds.

use std::{env, fs, path::Path};

use crate::{
    bench::scenarios_of,
    gas::{Fork, Gas},
    lang,
    prove::{
        Campaign, Embedded, Silent,
        shipped::{Line, key_text},
    },
    store::Store,
};

/// Of every block.
const GAS: Gas = 60_000_000;

#[test]
fn costs_that_ship_are_what_counting_finds() {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        eprintln!(
            "skipped: elsewhere the executor makes other pieces of a trace, of which the longest executions are a sample"
        );
        return;
    }
    let (prover, store) = (Embedded::new().unwrap(), Store::none());
    let osaka = lang::fork_schedule(Fork::Osaka);
    let campaign = Campaign {
        prover: &prover,
        forecast: None,
        store: &store,
        scenarios: scenarios_of(osaka),
        limit: GAS,
        root: osaka,
        progress: &Silent,
    };
    let mut text = String::new();
    let measured = campaign.measure(osaka).unwrap();
    for (scenario, one) in campaign.scenarios.iter().zip(measured) {
        let Ok(cost) = one.cost else {
            continue;
        };
        let line = Line {
            scenario: scenario.id.clone(),
            key: key_text(campaign.counted_key(scenario)),
            iterations: one.iterations,
            gas_used: one.gas_used,
            cost,
        };
        text.push_str(&serde_json::to_string(&line).unwrap());
        text.push('\n');
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/costs/osaka.jsonl");
    if env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        fs::write(&path, &text).unwrap();
    }
    let shipped = fs::read_to_string(&path).unwrap();
    let differs: Vec<&str> = text
        .lines()
        .filter(|line| !shipped.contains(*line))
        .collect();
    assert!(
        text == shipped,
        "{} of {} lines of fixtures/costs/osaka.jsonl are stale; `INSTA_UPDATE=always cargo test --release costs_that_ship` makes them again:\n{}",
        differs.len(),
        campaign.scenarios.len(),
        differs.first().unwrap_or(&"the order")
    );
}
