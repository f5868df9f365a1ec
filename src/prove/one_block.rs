//! A single block: made, run and checked, inside of a campaign or outside of any.

use super::{
    Cost, Execution, Failure, Progress, Prover, Silent,
    estimate::Detail,
    guest_input::{Ground, Maker, Question},
    guest_output::check_output,
    stop::{CampaignError, Stop},
};
use crate::{
    bench::{BenchBlock, BenchError, Scenario, Size, scenarios},
    eest::GuestQuestion,
    gas::{Gas, Schedule},
    lang,
    store::{Key, Store},
};

/// On which server a block is run, and for which time.
#[derive(Clone, Copy)]
pub(super) struct Run {
    pub server: usize,
    pub pass: u32,
}

/// What runs blocks, and where results are kept.
#[derive(Clone, Copy)]
pub(super) struct Runner<'a> {
    pub prover: &'a dyn Prover,
    pub store: &'a Store,
    pub progress: &'a dyn Progress,
}

impl Runner<'_> {
    /// What running a block took. Kept by content: the prover's version and every byte of the input.
    pub(super) fn run(
        self,
        run: Run,
        question: &Question,
        detail: Detail,
    ) -> Result<Execution, Stop> {
        let (name, version) = (self.prover.name(), self.prover.version());
        let pass = run.pass.to_le_bytes();
        let mut parts = vec![name.as_bytes(), version.as_bytes(), &pass, &question.input];
        let counting = self.prover.counting();
        if !counting.is_empty() {
            parts.push(match detail {
                Detail::All => counting.as_bytes(),
                Detail::Cycles => b"cycles and system calls",
            });
        }
        let key = Key::of(&parts);
        let known: Option<Result<Execution, Failure>> = self.store.get("execution", key);
        let tells = |known: &Result<Execution, _>| known.as_ref().map_or(true, Execution::has_cost);
        let outcome = if let Some(known) = known.filter(tells) {
            known
        } else {
            let say = |what: &str| self.progress.doing(run.server, what);
            let prover = self.prover;
            let outcome = match detail {
                Detail::All => prover.execute_on(run.server, &question.input, &say),
                Detail::Cycles => prover.count(&question.input),
            };
            if !matches!(outcome, Err(Failure::Transport { .. })) {
                self.store.put("execution", key, &outcome);
            }
            outcome
        };
        let execution: Execution = outcome.map_err(Stop::Failure)?;
        check_output(&execution.public_values, &question.answer).map_err(Stop::Failure)?;
        Ok(execution)
    }
}

/// The full block of a scenario, and its size. Where a single iteration takes more gas than a block has, a block of that one:
/// how much it is worth is the same question.
pub(super) fn full(maker: &Maker<'_>, limit: Gas) -> Result<(BenchBlock, Size), BenchError> {
    match maker.estimate(Size::Gas(limit)) {
        Err(error @ (BenchError::DoesNotFit(_) | BenchError::OverMeter { .. })) => {
            let mut block = maker.estimate(Size::Iterations(1))?;
            block.underfilled = Some(match error {
                BenchError::DoesNotFit(gas) => {
                    format!("one iteration takes {gas} gas, more than a block has")
                }
                error => error.to_string(),
            });
            Ok((block, Size::Iterations(1)))
        }
        block => Ok((block?, Size::Gas(limit))),
    }
}

/// What running an empty block takes, kept like any other.
///
/// # Errors
/// See [`Failure`]; a store that cannot be written is told as one.
pub fn empty_block(
    prover: &dyn Prover,
    store: &Store,
    schedule: &Schedule,
) -> Result<Execution, Failure> {
    let runner = Runner {
        prover,
        store,
        progress: &Silent,
    };
    let run = |pass| {
        let ground = of_itself(schedule)?;
        empty(runner, Run { server: 0, pass }, &ground, Detail::All)
    };
    let runs = (0..prover.repeats().max(1)).map(run);
    let runs = runs.collect::<Result<_, _>>().map_err(Stop::told)?;
    Ok(Execution::all(runs))
}

/// The same, once.
pub(super) fn empty(
    runner: Runner<'_>,
    run: Run,
    ground: &Ground<'_>,
    detail: Detail,
) -> Result<Execution, Stop> {
    // Without iterations, one scenario's block is as empty as another's.
    let mut maker = Maker::new(runner.prover.form(), &scenarios()[0], ground)?;
    runner.run(run, &maker.question(Size::Iterations(0))?, detail)
}

/// Runs a scenario's block of this size on one server and keeps nothing.
///
/// # Errors
/// See [`Failure`].
pub fn ask(
    prover: &dyn Prover,
    server: usize,
    scenario: &Scenario,
    schedule: &Schedule,
    size: Size,
) -> Result<Execution, Failure> {
    let runner = Runner {
        prover,
        store: &Store::none(),
        progress: &Silent,
    };
    let outcome = || {
        let mut maker = Maker::new(prover.form(), scenario, &of_itself(schedule)?)?;
        let run = Run { server, pass: 0 };
        runner.run(run, &maker.question(size)?, Detail::All)
    };
    outcome().map_err(Stop::told)
}

/// Runs another project's block on one server, as often as the prover repeats, and checks what the guest says of it. Kept like any
/// other.
///
/// # Errors
/// See [`Failure`]; a store that cannot be written is told as one.
pub fn fixture_block(
    (prover, store): (&dyn Prover, &Store),
    server: usize,
    question: GuestQuestion,
) -> Result<Cost, Failure> {
    let runner = Runner {
        prover,
        store,
        progress: &Silent,
    };
    let question = Question::from(question);
    let run = |pass| runner.run(Run { server, pass }, &question, Detail::All);
    let runs = (0..prover.repeats().max(1)).map(run);
    let runs = runs.collect::<Result<Vec<_>, _>>().map_err(Stop::told)?;
    Ok(Cost::of(&Execution::all(runs)))
}

/// What blocks under a schedule are made of, where no cost line comes from another's.
fn of_itself(schedule: &Schedule) -> Result<Ground<'_>, Stop> {
    let stock = lang::fork_schedule(schedule.fork);
    let ground = Ground::new(schedule, schedule, stock);
    ground.map_err(|error| Stop::Campaign(CampaignError::Tariff(error)))
}
