//! Recorded blocks under new prices, as reports show them.

use std::{collections::BTreeMap, sync::Arc};

use super::proposal::ProverLine;
use super::text::line;
use crate::{
    lang::Target,
    prove::{Source, rates::asked_rate},
    recorded::{EXPLAINED, RecordedBlocks, counts_for},
};

/// Recorded provers as reports show them.
pub fn prover_lines(blocks: &RecordedBlocks, targets: &[Target]) -> Vec<ProverLine> {
    let one = |(source, fixed_s): (Arc<Source>, f64)| {
        let own = blocks.all.iter().filter(|block| block.source == source);
        let target = targets.iter().find(|target| counts_for(&source, target));
        ProverLine {
            name: source.prover().to_string(),
            version: source.zkvm.clone(),
            modelled: false,
            fixed_s,
            s_per_million: BTreeMap::new(),
            not_covered: Vec::new(),
            doubts: Vec::new(),
            calibration: source
                .hardware
                .clone()
                .unwrap_or_else(|| "hardware not recorded".into()),
            source: format!("{} recorded blocks", own.count()),
            error: None,
            anchored: target.is_some_and(|target| target.anchor().is_some()),
            effective_rate: target.and_then(|t| asked_rate(t, &source.prover(), fixed_s)),
        }
    };
    blocks.sources().into_iter().map(one).collect()
}

/// Why blocks are left out, in lines.
pub fn left_out(blocks: &RecordedBlocks) -> String {
    let mut text = String::new();
    for (why, n) in &blocks.left_out {
        line(&mut text, format!("  {n} left out: {why}"));
    }
    if blocks.left_out.keys().any(|why| why.contains("explain")) {
        let share = EXPLAINED * 100.0;
        line(
            &mut text,
            format!("  a block counts when its opcode counts explain {share:.0} % of its gas"),
        );
    }
    text
}
