//! The costs of every scenario's block as they are told, from lines and samples of traces, against SP1's own estimator, which is
//! given the block as a whole.
//!
//! ```text
//! cargo bench --bench costs                  blocks of 300,000 gas under osaka
//! cargo bench --bench costs -- 600_000       larger ones
//! cargo bench --bench costs -- mulmod deep   those of scenarios with one of these words in their names
//! ```
//!
//! No block of this size is a point of a line, so that each is checked outside the fit. It fails where one is off by more than 2 %.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a benchmark stops at what it did not expect"
)]
#![expect(clippy::print_stdout, reason = "its result")]

#[path = "../prove/tests/sp1_report.rs"]
mod sp1_report;

use std::{
    env,
    sync::Arc,
    time::{Duration, Instant},
};

use rayon::prelude::*;
use reprice::{
    bench::{self, Prepared, Scenario, Size},
    evm::Tariff,
    fit::real,
    gas::{Gas, Schedule},
    lang,
    prove::{Basis, Campaign, Embedded, Silent},
    store::Store,
};
use sp1_report::sp1_report;

const GAS: Gas = 300_000;
/// The largest relative error.
const ALLOWED: f64 = 0.02;
/// Scenarios that are printed.
const SHOWN: usize = 12;

/// A scenario's block, told and followed.
struct Compared<'a> {
    scenario: &'a Scenario,
    how: &'static str,
    /// Relative errors.
    cycles: f64,
    gas: f64,
    /// What telling and following took.
    told: Duration,
    followed: Duration,
}

fn main() {
    let arguments = env::args().skip(1);
    let arguments = arguments.filter(|argument| !argument.starts_with("--"));
    let (limits, words): (Vec<String>, Vec<String>) =
        arguments.partition(|argument| argument.starts_with(|c: char| c.is_ascii_digit()));
    let limit = limits.first();
    let limit = limit.map_or(GAS, |text| text.replace('_', "").parse().unwrap());
    let osaka = lang::osaka();
    let tariff = Arc::new(reprice::evm::compile(&osaka).unwrap());
    let mut all: Vec<Compared<'_>> = bench::scenarios_of(&osaka)
        .into_par_iter()
        .filter(|scenario| words.is_empty() || words.iter().any(|word| scenario.id.contains(word)))
        .map(|scenario| compared(scenario, &osaka, &tariff, limit))
        .collect();
    all.sort_by(|a, b| b.gas.abs().total_cmp(&a.gas.abs()));
    let sum = |part: fn(&Compared<'_>) -> Duration| all.iter().map(part).sum::<Duration>();
    let (told, followed) = (sum(|one| one.told), sum(|one| one.followed));
    let extrapolated = all.iter().filter(|one| one.how != "whole").count();
    let within = |part: f64| all.iter().filter(|one| one.gas.abs() <= part).count();
    println!(
        "{} scenarios at {limit} gas, {extrapolated} extrapolated: SP1's gas of {} within 0.5 %, of {} within 1 %, of {} within 2 %",
        all.len(),
        within(0.005),
        within(0.01),
        within(ALLOWED)
    );
    println!(
        "telling took {:.1} s, following {:.1} s",
        told.as_secs_f64(),
        followed.as_secs_f64()
    );
    println!("     gas   cycles");
    for one in all.iter().take(SHOWN) {
        println!(
            "{:7.2} % {:6.2} %  {:7}  {}",
            one.gas * 100.0,
            one.cycles * 100.0,
            one.how,
            one.scenario.id
        );
    }
    let off = all.len() - within(ALLOWED);
    assert!(off == 0, "{off} scenarios are off by more than 2 %");
}

fn compared<'a>(
    scenario: &'a Scenario,
    schedule: &Schedule,
    tariff: &Arc<Tariff>,
    limit: Gas,
) -> Compared<'a> {
    let mut prepared = Prepared::new(scenario, schedule, Arc::clone(tariff)).unwrap();
    let size = match prepared.block_with_input(Size::Gas(limit)) {
        Ok(_) => Size::Gas(limit),
        Err(_) => Size::Iterations(1),
    };
    let block = prepared.block_with_input(size).unwrap();
    let input = block.input.unwrap().encode();
    let begun = Instant::now();
    let prover = Embedded::new().unwrap();
    let campaign = Campaign {
        prover: &prover,
        forecast: None,
        store: &Store::none(),
        scenarios: vec![scenario],
        limit,
        root: schedule,
        progress: &Silent,
    };
    let measurement = campaign.measure(schedule).unwrap().remove(0);
    let cost = match measurement.cost {
        Ok(cost) => cost,
        Err(failure) => panic!("{}: {failure}", scenario.id),
    };
    let told = begun.elapsed();
    let begun = Instant::now();
    let report = sp1_report(Embedded::guest(), &input);
    let off = |told: u64, exact: u64| real(told) / real(exact) - 1.0;
    Compared {
        scenario,
        how: match cost.basis {
            Basis::Whole => "whole",
            Basis::Counted { .. } | Basis::Proportional { .. } => "counted",
            Basis::Affine { .. } => "line",
        },
        cycles: off(
            cost.costs.total_num_cycles,
            report.total_instruction_count(),
        ),
        gas: off(cost.costs.prover_gas.unwrap(), report.gas().unwrap()),
        told,
        followed: begun.elapsed(),
    }
}
