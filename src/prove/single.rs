//! Single blocks, outside of any campaign.

use super::{
    Execution, Failure, Prover,
    campaign::{Campaign, CampaignError, Silent},
    fill::{Run, Stop},
    form::{Ground, Maker},
};
use crate::{
    bench::{Scenario, Size, scenarios},
    gas::Schedule,
    lang,
    store::Store,
};

/// What running an empty block takes, kept like any other.
///
/// # Errors
/// See [`Failure`]; a store that cannot be written is told as one.
pub fn empty_block(
    prover: &dyn Prover,
    store: &Store,
    schedule: &Schedule,
) -> Result<Execution, Failure> {
    // Without iterations, one scenario's block is as empty as another's.
    let scenario = &scenarios()[0];
    let place = (prover, store);
    let run = |pass| {
        single(
            place,
            Run { server: 0, pass },
            scenario,
            schedule,
            Size::Iterations(0),
        )
    };
    let runs = (0..prover.repeats().max(1)).map(run);
    Ok(Execution::all(runs.collect::<Result<_, _>>()?))
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
    let run = Run { server, pass: 0 };
    single((prover, &Store::none()), run, scenario, schedule, size)
}

fn single(
    (prover, store): (&dyn Prover, &Store),
    run: Run,
    scenario: &Scenario,
    schedule: &Schedule,
    size: Size,
) -> Result<Execution, Failure> {
    let campaign = Campaign {
        prover,
        forecast: None,
        store,
        scenarios: Vec::new(),
        limit: 0,
        root: schedule,
        progress: &Silent,
    };
    let outcome = || {
        let stock = lang::fork_schedule(schedule.fork);
        let ground = Ground::new(schedule, schedule, stock)
            .map_err(|error| Stop::Campaign(CampaignError::Tariff(error)))?;
        let mut maker = Maker::new(prover.form(), scenario, &ground)?;
        campaign.run(run, &maker.question(size)?)
    };
    outcome().map_err(|stop| match stop {
        Stop::Failure(failure) => failure,
        Stop::Campaign(error) => Failure::Transport {
            reason: error.to_string(),
        },
    })
}
