//! Recorded blocks under new prices, as reports show them.

use std::sync::Arc;

use super::judged::Judged;
use super::proposal::{Measured, ProverLine};
use super::text::line;
use crate::{
    lang::Target,
    prove::Source,
    recorded::{EXPLAINED, RecordedBlocks, RepricedBlock, counts_for},
    solve::target::effective_rate,
};

/// The blocks of every round. Those of the first are under the prices that the plan begins with, whose gas is what was
/// measured; in later rounds only the gas is another, and so the figure a prediction.
pub fn judged(history: Vec<Vec<RepricedBlock>>) -> Vec<Vec<Judged>> {
    let one = |block: RepricedBlock, measured| Judged {
        row: block.row,
        measured,
        cost: None,
        underfilled: None,
        failure: block.crash,
    };
    let round = |(at, blocks): (usize, Vec<RepricedBlock>)| {
        let measured = if at == 0 {
            Measured::FullBlock
        } else {
            Measured::Predicted
        };
        blocks
            .into_iter()
            .map(|block| one(block, measured))
            .collect()
    };
    history.into_iter().enumerate().map(round).collect()
}

/// Recorded provers as reports show them.
pub fn prover_lines(blocks: &RecordedBlocks, targets: &[Target]) -> Vec<ProverLine> {
    let one = |(source, fixed_s): (Arc<Source>, f64)| {
        let own = blocks.all.iter().filter(|block| block.source == source);
        let target = targets.iter().find(|target| counts_for(&source, target));
        ProverLine {
            name: source.prover(),
            version: source.zkvm.clone(),
            modelled: false,
            fixed_s,
            s_per_million_cycles: 0.0,
            calibration: source
                .hardware
                .clone()
                .unwrap_or_else(|| "hardware not recorded".into()),
            source: format!("{} recorded blocks", own.count()),
            effective_rate: target.and_then(|t| effective_rate(t.gas, t.within_s, fixed_s)),
        }
    };
    blocks.sources().into_iter().map(one).collect()
}

/// Why blocks are left out, in lines.
pub fn left_out(blocks: &RecordedBlocks) -> String {
    let one = |(why, n): (&String, &usize)| format!("  {n} left out: {why}\n");
    let mut text: String = blocks.left_out.iter().map(one).collect();
    if blocks.left_out.keys().any(|why| why.contains("explain")) {
        let share = EXPLAINED * 100.0;
        line(
            &mut text,
            format!("  a block counts when its opcode counts explain {share:.0} % of its gas"),
        );
    }
    text
}
