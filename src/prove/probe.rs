//! What the iterations of a scenario take by their gas, from two small blocks.

use super::{
    CampaignError, Configured, Failure, Silent,
    estimate::Detail,
    guest_input::{Ground, Maker},
    one_block::{Run, Runner, full},
    stop::Stop,
};
use crate::{
    bench::{BenchBlock, Scenario, Size},
    fit::real,
    gas::{Gas, Schedule, Usage},
    lang,
    store::Store,
};

/// The first of the two blocks has this part of the second's iterations.
const PART: u64 = 3;

/// Asks one prover about scenarios under one schedule, and keeps nothing.
pub struct Probe<'a> {
    configured: &'a Configured,
    ground: Ground<'a>,
    gas: Gas,
    store: Store,
}

/// What iterations take beyond those of a smaller block.
#[derive(Clone, Debug)]
pub struct Slope {
    /// Seconds of proving a gas.
    pub s_per_gas: f64,
    /// Their gas.
    pub gas: Gas,
    /// What they use.
    pub usage: Usage,
}

impl<'a> Probe<'a> {
    /// With blocks of about this much gas.
    ///
    /// # Errors
    /// A schedule that cannot be charged.
    pub fn new(
        configured: &'a Configured,
        schedule: &'a Schedule,
        gas: Gas,
    ) -> Result<Self, CampaignError> {
        let stock = lang::fork_schedule(schedule.fork);
        let ground = Ground::new(schedule, schedule, stock).map_err(CampaignError::Tariff)?;
        Ok(Self {
            configured,
            ground,
            gas,
            store: Store::none(),
        })
    }

    /// What further iterations of `scenario` take: what is done once in a block or a transaction has no part in it.
    ///
    /// # Errors
    /// There are no such blocks, or what the prover does with them; see [`Failure`].
    pub fn slope(&self, server: usize, scenario: &Scenario) -> Result<Slope, Failure> {
        let prover = &*self.configured.prover;
        let mut maker = Maker::new(prover.form(), scenario, &self.ground)?;
        let (largest, _) = full(&maker, self.gas)?;
        let few = (largest.iterations / PART).max(1);
        let more = largest.iterations.max(2 * few);
        let (low_s, low) = self.block(server, &mut maker, few)?;
        let (high_s, high) = self.block(server, &mut maker, more)?;
        let mut usage = high.usage;
        for (param, units) in low.usage.counts {
            usage.add(param, -units);
        }
        let gas = high.gas_used.saturating_sub(low.gas_used).max(1);
        Ok(Slope {
            s_per_gas: (high_s - low_s).max(0.0) / real(gas),
            gas,
            usage,
        })
    }

    /// Seconds beyond an empty block's, and what they are for.
    fn block(
        &self,
        server: usize,
        maker: &mut Maker<'_>,
        iterations: u64,
    ) -> Result<(f64, BenchBlock), Failure> {
        let Configured {
            prover,
            calibration,
            ..
        } = self.configured;
        let size = Size::Iterations(iterations);
        let block = maker.estimate(size)?;
        let runner = Runner {
            prover: &**prover,
            store: &self.store,
            progress: &Silent,
        };
        let detail = if !prover.is_timed() && calibration.weighs_cycles_alone() {
            Detail::Cycles
        } else {
            Detail::All
        };
        let run = Run { server, pass: 0 };
        let executed = runner.run(run, &maker.question(size)?, detail);
        let executed = executed.map_err(Stop::told)?;
        let seconds = calibration.seconds(&executed.costs, executed.time_ms());
        Ok((seconds, block))
    }
}
