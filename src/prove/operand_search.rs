//! Looks for operands that make a scenario dearer to prove.
//!
//! The time of a long division, a modular power or a multiplication depends on its operands. Guessing them is how worst
//! cases are missed; so they are searched for: the best ones so far are changed in many ways, the changes measured, and
//! the dearest kept. The seed decides all of it, so that a search can be done again.

use std::sync::Arc;

use rayon::prelude::*;
use serde::Serialize;

use super::{
    Failure, Progress, Prover,
    guest_input::Question,
    guest_output::check_output,
    operand::{Random, change},
};
use crate::{
    bench::{BenchError, Prepared, Scenario, Size},
    evm,
    fit::real,
    gas::{Gas, Schedule},
};

/// Changes that are measured together; the dearest of them is what the next ones start from.
const GENERATION: u64 = 16;

/// How to look.
#[derive(Clone, Copy, Debug)]
pub struct Search {
    /// Operands to try, beside the scenario's own.
    pub tries: u64,
    /// Decides which.
    pub seed: u64,
    /// Gas of the blocks that are measured.
    pub gas: Gas,
}

/// What a search found.
#[derive(Clone, Debug, Serialize)]
pub struct Found {
    /// The scenario's id.
    pub scenario: String,
    /// Cycles per gas with the scenario's own operands, the empty block taken off.
    pub before: f64,
    /// Cycles per gas with the dearest operands.
    pub after: f64,
    /// The dearest operands, in hex, in the order of the scenario's text: set-up, then memory.
    pub operands: Vec<String>,
    /// How many of the operands tried made no block: a call failed, or the work depended on the iteration.
    pub refused: u64,
}

/// Searches the operands of `scenario` under `schedule`; `None` where it has none.
///
/// # Errors
/// The scenario's own block fails, or the prover cannot be reached.
pub fn search(
    prover: &dyn Prover,
    scenario: &Scenario,
    schedule: &Schedule,
    search: Search,
    progress: &dyn Progress,
) -> Result<Option<Found>, Failure> {
    let mut best = scenario.operands();
    if best.is_empty() {
        return Ok(None);
    }
    let tariff = evm::compile(schedule).map_err(|error| Failure::from(BenchError::from(error)))?;
    let tariff = Arc::new(tariff);
    let run = |scenario: &Scenario, size| {
        let prepared = Prepared::new(scenario, schedule, Arc::clone(&tariff));
        run(prover, &mut prepared?, size)
    };
    // Operands stand in code that an empty block does not read: it is the same for all of them.
    let (empty, _) = run(scenario, Size::Iterations(0))?;
    let cost = |scenario: &Scenario| {
        let (cycles, gas) = run(scenario, Size::Gas(search.gas))?;
        Ok(per_gas(cycles.saturating_sub(empty), gas))
    };
    let before = cost(scenario)?;
    let (mut dearest, mut refused) = (before, 0);
    let mut first = 0;
    while first < search.tries {
        let tries: Vec<u64> = (first..search.tries.min(first + GENERATION)).collect();
        let measured: Vec<_> = tries
            .par_iter()
            .map(|number| {
                let mut random = Random::new(search.seed, &scenario.id, *number);
                let operands = changed(&best, &mut random);
                let cost = cost(&scenario.with_operands(&operands));
                progress.done(&scenario.id);
                (cost, operands)
            })
            .collect();
        for (cost, operands) in measured {
            match cost {
                Ok(cost) if cost > dearest => (dearest, best) = (cost, operands),
                Ok(_) => {}
                Err(Failure::Transport { reason }) => return Err(Failure::Transport { reason }),
                Err(_) => refused += 1,
            }
        }
        first += GENERATION;
    }
    Ok(Some(Found {
        scenario: scenario.id.clone(),
        before,
        after: dearest,
        operands: best
            .iter()
            .map(alloy_primitives::hex::encode_prefixed)
            .collect(),
        refused,
    }))
}

/// The cycles and the gas of a block of this size; of one iteration where not even that fits.
fn run(
    prover: &dyn Prover,
    prepared: &mut Prepared<'_>,
    size: Size,
) -> Result<(u64, Gas), Failure> {
    let block = match prepared.block_with_input(size) {
        Err(BenchError::DoesNotFit(_)) => prepared.block_with_input(Size::Iterations(1)),
        block => block,
    };
    let block = block?;
    let question = Question::of(&block).ok_or(Failure::OutputMismatch)?;
    let run = prover.count(&question.input)?;
    check_output(&run.public_values, &question.answer)?;
    Ok((run.costs.total_num_cycles, block.gas_used))
}

fn per_gas(cycles: u64, gas: Gas) -> f64 {
    real(cycles) / real(gas)
}

/// One to three changes of `operands`.
fn changed(operands: &[Vec<u8>], random: &mut Random) -> Vec<Vec<u8>> {
    let mut operands = operands.to_vec();
    for _ in 0..=random.below(3) {
        let which = random.below(operands.len());
        let other = operands[random.below(operands.len())].clone();
        change(&mut operands[which], &other, random);
    }
    operands
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        bench::scenario,
        lang::osaka,
        prove::{Embedded, Silent},
    };

    fn found(scenario: &Scenario, tries: u64, seed: u64) -> Option<Found> {
        let options = Search {
            tries,
            seed,
            gas: 60_000,
        };
        let prover = Embedded::new().unwrap();
        search(&prover, scenario, &osaka(), options, &Silent).unwrap()
    }

    #[test]
    fn a_search_finds_dearer_operands_and_can_be_done_again() {
        // A divisor of one: far from the worst.
        let ones = [vec![0, 0, 0, 0, 0, 0, 0, 1], vec![1; 32]];
        let easy = scenario("div/64-bit").unwrap().with_operands(&ones);
        let once = found(&easy, 48, 7).unwrap();
        assert!(once.after > 1.2 * once.before, "{once:?}");
        assert_eq!(once.operands, found(&easy, 48, 7).unwrap().operands);
        let decoded = |hex: &String| alloy_primitives::hex::decode(hex).unwrap();
        let operands: Vec<Vec<u8>> = once.operands.iter().map(decoded).collect();
        let confirmed = found(&easy.with_operands(&operands), 1, 7).unwrap().before;
        assert!((confirmed / once.after - 1.0).abs() < 1e-9);
    }

    #[test]
    fn nothing_to_search() {
        assert!(found(scenario("ecadd/chain").unwrap(), 1, 1).is_none());
    }

    /// Base, exponent and a modulus in two pieces.
    #[test]
    fn operands_in_memory_are_searched() {
        let found = found(scenario("modexp/32-bytes-odd").unwrap(), 16, 1).unwrap();
        assert!(found.after >= found.before);
        assert_eq!(found.operands.len(), 4);
    }
}
