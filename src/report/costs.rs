//! What blocks cost, counted: cost by cost.

use std::collections::BTreeSet;

use super::csv::cell;
use super::fixture_runs::{FixtureRun, FixtureRuns};
use super::grid::{Align, Grid};
use super::number::three_digits;
use super::proposal::BlockLine;
use super::text::line;
use crate::{
    fit::real,
    gas::Gas,
    prove::{CostVector, Measured},
};

/// A block whose costs were counted.
pub struct Counted<'a> {
    /// The scenario, or the test.
    name: &'a str,
    /// Of what; empty where nobody says.
    operation: &'a str,
    prover: String,
    gas_used: Gas,
    measured: Measured,
    costs: &'a CostVector,
}

impl<'a> Counted<'a> {
    /// Those of a measurement.
    pub fn blocks(blocks: &'a [BlockLine]) -> Vec<Self> {
        let counted = |block: &'a BlockLine| {
            Some(Self {
                name: &block.id.scenario,
                operation: &block.id.operation,
                prover: block.id.prover.to_string(),
                gas_used: block.gas_used,
                measured: block.measured,
                costs: block.costs.as_ref()?,
            })
        };
        blocks.iter().filter_map(counted).collect()
    }

    /// Those of fixtures, which are run whole.
    pub fn fixtures(runs: &'a FixtureRuns) -> Vec<Self> {
        let counted = |run: &'a FixtureRun| {
            Some(Self {
                name: &run.name,
                operation: "",
                prover: runs.prover.name.clone(),
                gas_used: run.gas_used,
                measured: Measured::FullBlock,
                costs: run.costs.as_ref()?,
            })
        };
        runs.blocks.iter().filter_map(counted).collect()
    }
}

/// System calls named in a row of a table.
const CALLS: usize = 3;

/// A row a block: cycles, the zkVM's own cost, both by gas, and the system calls that it makes most.
pub fn table(blocks: &[Counted<'_>], width: usize) -> String {
    let mut grid = Grid::new([
        (Align::Left, "scenario"),
        (Align::Right, "gas"),
        (Align::Right, "cycles"),
        (Align::Right, "by gas"),
        (Align::Right, "prover gas"),
        (Align::Right, "by gas"),
        (Align::Left, "system calls"),
    ]);
    for block in blocks {
        let costs = block.costs;
        let figure = |amount: u64| short(real(amount));
        let per_gas = |amount: u64| three_digits(real(amount) / real(block.gas_used.max(1)));
        let gas = costs.prover_gas;
        let mark = if block.measured == Measured::FullBlock {
            ""
        } else {
            "~"
        };
        grid.row([
            block.name.to_owned(),
            block.gas_used.to_string(),
            format!("{mark}{}", figure(costs.total_num_cycles)),
            per_gas(costs.total_num_cycles),
            gas.map_or_else(String::new, |gas| format!("{mark}{}", figure(gas))),
            gas.map_or_else(String::new, per_gas),
            calls(costs, CALLS).join(", "),
        ]);
    }
    let mut out = grid.render(width);
    line(
        &mut out,
        "~ extrapolated from smaller blocks, each cost along its own line",
    );
    out
}

/// `1_340M`.
fn short(amount: f64) -> String {
    match amount {
        ..1e4 => three_digits(amount),
        ..1e7 => format!("{}k", three_digits(amount / 1e3)),
        _ => format!("{}M", three_digits(amount / 1e6)),
    }
}

/// The system calls made most: `keccak_permute 1_200`.
fn calls(costs: &CostVector, most: usize) -> Vec<String> {
    let mut all: Vec<(&String, &u64)> = costs.system_calls.iter().collect();
    all.sort_by(|a, b| b.1.cmp(a.1).then_with(|| a.0.cmp(b.0)));
    let named = all.into_iter().take(most);
    named
        .map(|(name, calls)| format!("{name} {}", short(real(*calls))))
        .collect()
}

/// A row a block and a column a cost, by the names that calibrations have.
pub fn csv(blocks: &[Counted<'_>]) -> String {
    let names: BTreeSet<String> = blocks
        .iter()
        .flat_map(|block| block.costs.named())
        .map(|(name, _)| name)
        .collect();
    let mut out = String::from("scenario,operation,prover,gas_used,measured");
    for name in &names {
        out.push(',');
        out.push_str(&cell(name));
    }
    out.push('\n');
    for block in blocks {
        let measured = match block.measured {
            Measured::FullBlock => "full_block",
            Measured::Extrapolated => "extrapolated",
            Measured::Predicted => "predicted",
        };
        let mut cells = vec![
            cell(block.name),
            cell(block.operation),
            cell(&block.prover),
            block.gas_used.to_string(),
            measured.to_owned(),
        ];
        let amount = |name: &String| {
            let amount = block.costs.get(name);
            amount.map_or_else(String::new, |n| n.to_string())
        };
        cells.extend(names.iter().map(amount));
        line(&mut out, cells.join(","));
    }
    out
}

/// All costs of one block, in lines.
pub fn listed(costs: &CostVector, gas: Gas) -> Vec<String> {
    let one = |(name, amount): (String, u64)| {
        let per_gas = three_digits(real(amount) / real(gas.max(1)));
        format!("{name:<28} {:>10}  {per_gas} by gas", short(real(amount)))
    };
    costs.named().into_iter().map(one).collect()
}
