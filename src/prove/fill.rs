//! From a scenario to its full block, and to what running that takes.

use std::cell::RefCell;

use super::{
    Basis, Cost, Execution, Failure, Measurement,
    campaign::{Campaign, CampaignError},
    estimate::{confirm, estimate},
    form::{Ground, Maker, Question},
    output::check_output,
};
use crate::{
    bench::{BenchError, Scenario, Size},
    gas::Gas,
    store::Key,
};

/// Where a block is run, and for which time.
#[derive(Clone, Copy)]
pub(super) struct Run {
    pub server: usize,
    pub pass: u32,
}

/// Why a block has no cost.
pub(super) enum Stop {
    /// A result of this scenario.
    Failure(Failure),
    /// The end of the campaign.
    Campaign(CampaignError),
}

impl From<BenchError> for Stop {
    fn from(error: BenchError) -> Self {
        Self::Failure(Failure::NoBlock {
            reason: error.to_string(),
        })
    }
}

impl Campaign<'_> {
    /// Puts the full block into `measurement`; its cost, from cycles.
    pub(super) fn count(
        &self,
        run: Run,
        measurement: &mut Measurement,
        scenario: &Scenario,
        ground: &Ground<'_>,
    ) -> Result<Cost, Stop> {
        let line = match ground.of_root() {
            Some(root) => {
                let of_root = self.measured(run.server, scenario, &root);
                line(&of_root.map_err(Stop::Campaign)?)
            }
            None => None,
        };
        let maker = Maker::new(self.prover.form(), scenario, ground)?;
        let full = full(&maker, self.limit, measurement)?;
        let (iterations, gas) = (measurement.iterations, measurement.gas_used);
        let maker = RefCell::new(maker);
        let cycles = |count| {
            let size = if count == iterations {
                full
            } else {
                Size::Iterations(count)
            };
            let question = maker.borrow_mut().question(size)?;
            Ok::<_, Stop>(self.run(run, &question)?.total_num_cycles)
        };
        if let Some(points) = line
            && let Some(cost) = confirm(points, iterations, gas, &cycles)?
        {
            return Ok(cost);
        }
        estimate(iterations, gas, &cycles)
    }

    /// Puts the full block into `measurement`; what one run of it took. What was timed has noise: no line is drawn.
    pub(super) fn time(
        &self,
        run: Run,
        measurement: &mut Measurement,
        scenario: &Scenario,
        ground: &Ground<'_>,
    ) -> Result<Execution, Stop> {
        let mut maker = Maker::new(self.prover.form(), scenario, ground)?;
        let full = full(&maker, self.limit, measurement)?;
        self.run(run, &maker.question(full)?)
    }

    /// What running a block took. Kept by content: the prover's version and every byte of the input.
    pub(super) fn run(&self, run: Run, question: &Question) -> Result<Execution, Stop> {
        let key = Key::of(&[
            self.prover.name().as_bytes(),
            self.prover.version().as_bytes(),
            &run.pass.to_le_bytes(),
            &question.input,
        ]);
        let outcome = if let Some(known) = self.store.get("execution", key) {
            known
        } else {
            let say = |what: &str| self.progress.doing(run.server, what);
            let prover = self.prover;
            let outcome = prover.execute_on(run.server, &question.input, &say);
            if !matches!(outcome, Err(Failure::Transport { .. })) {
                let kept = self.store.put("execution", key, &outcome);
                kept.map_err(|error| Stop::Campaign(CampaignError::Store(error)))?;
            }
            outcome
        };
        let execution: Execution = outcome.map_err(Stop::Failure)?;
        check_output(&execution.public_values, &question.answer).map_err(Stop::Failure)?;
        Ok(execution)
    }
}

/// What the full block is, and its size. Where a single iteration takes more gas than a block has, a block of that one: how
/// much it is worth is the same question.
fn full(maker: &Maker<'_>, limit: Gas, measurement: &mut Measurement) -> Result<Size, BenchError> {
    let (block, size) = match maker.estimate(Size::Gas(limit)) {
        Err(error @ (BenchError::DoesNotFit(_) | BenchError::OverMeter { .. })) => {
            let mut block = maker.estimate(Size::Iterations(1))?;
            block.underfilled = Some(match error {
                BenchError::DoesNotFit(gas) => {
                    format!("one iteration takes {gas} gas, more than a block has")
                }
                error => error.to_string(),
            });
            (block, Size::Iterations(1))
        }
        block => (block?, Size::Gas(limit)),
    };
    measurement.iterations = block.iterations;
    measurement.gas_used = block.gas_used;
    measurement.underfilled = block.underfilled;
    measurement.meter = block.meter;
    measurement.usage = block.usage;
    Ok(size)
}

/// The points of the line that a block's cost lies on.
fn line(measurement: &Measurement) -> Option<[(u64, u64); 2]> {
    match measurement.cost.as_ref().ok()?.basis {
        Basis::Affine { points, .. } => Some(points),
        Basis::Whole => None,
    }
}
