//! What the iterations of a scenario take by their gas, from two small blocks.

use super::{
    CampaignError, Configured, Execution, Failure, Silent,
    estimate::Detail,
    guest_input::{Ground, Maker},
    one_block::{Run, Runner, full},
    stop::Stop,
};
use crate::{
    bench::{BenchError, Scenario, Size},
    fit::real,
    gas::{Gas, Schedule, Usage},
    lang,
    store::Store,
};

/// An iteration of more than so many times the gas of a block is not tried: provers take too long for it.
const LARGEST: Gas = 4;
/// The first of the two blocks has this part of the second's iterations.
const PART: u64 = 3;

/// Asks one prover about scenarios under one schedule, and keeps nothing.
pub struct Probe<'a> {
    configured: &'a Configured,
    ground: Ground<'a>,
    gas: Gas,
    store: Store,
}

/// Two blocks of a scenario, of which the second has more iterations.
pub struct Pair<'a> {
    probe: &'a Probe<'a>,
    server: usize,
    maker: Maker<'a>,
    sizes: [Size; 2],
    /// Gas of the iterations that the second has more.
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

    /// Two blocks of `scenario` to be run on a server: what is done once in a block or a transaction is in both.
    ///
    /// # Errors
    /// There are no such blocks, or one iteration is too large for them.
    pub fn pair<'b>(&'b self, server: usize, scenario: &'b Scenario) -> Result<Pair<'b>, Failure> {
        let prover = &*self.configured.prover;
        let maker = Maker::new(prover.form(), scenario, &self.ground)?;
        let (largest, _) = full(&maker, self.gas)?;
        if largest.gas_used > LARGEST * self.gas {
            return Err(BenchError::DoesNotFit(largest.gas_used).into());
        }
        let few = (largest.iterations / PART).max(1);
        let more = largest.iterations.max(2 * few);
        let sizes = [few, more].map(Size::Iterations);
        let [low, high] = sizes.map(|size| maker.estimate(size));
        let (low, high) = (low?, high?);
        Ok(Pair {
            probe: self,
            server,
            maker,
            sizes,
            gas: high.gas_used.saturating_sub(low.gas_used).max(1),
            usage: high.usage.without(&low.usage),
        })
    }
}

impl Pair<'_> {
    /// Cycles a gas of the iterations that the second block has more, where counting these is quicker than all that
    /// [`Self::s_per_gas`] needs.
    ///
    /// # Errors
    /// What the prover does with the blocks; see [`Failure`].
    pub fn cycles_per_gas(&mut self) -> Result<Option<f64>, Failure> {
        let quicker = !self.probe.configured.prover.counting().is_empty();
        if !quicker || self.cycles_suffice() {
            return Ok(None);
        }
        let cycles = |run: &Execution| real(run.costs.total_num_cycles);
        self.by_gas(Detail::Cycles, &cycles).map(Some)
    }

    /// Seconds a gas of the iterations that the second block has more.
    ///
    /// # Errors
    /// What the prover does with the blocks; see [`Failure`].
    pub fn s_per_gas(&mut self) -> Result<f64, Failure> {
        let detail = if self.cycles_suffice() {
            Detail::Cycles
        } else {
            Detail::All
        };
        let calibration = &self.probe.configured.calibration;
        let seconds = |run: &Execution| calibration.seconds(&run.costs, run.time_ms());
        self.by_gas(detail, &seconds)
    }

    fn cycles_suffice(&self) -> bool {
        let Configured {
            prover,
            calibration,
            ..
        } = self.probe.configured;
        !prover.is_timed() && calibration.weighs_cycles_alone()
    }

    fn by_gas(&mut self, detail: Detail, cost: &dyn Fn(&Execution) -> f64) -> Result<f64, Failure> {
        let runner = Runner {
            prover: &*self.probe.configured.prover,
            store: &self.probe.store,
            progress: &Silent,
        };
        let run = Run {
            server: self.server,
            pass: 0,
        };
        let mut costs = [0.0; 2];
        for (size, found) in self.sizes.into_iter().zip(&mut costs) {
            let executed = runner.run(run, &self.maker.question(size)?, detail);
            *found = cost(&executed.map_err(Stop::told)?);
        }
        let [low, high] = costs;
        Ok((high - low).max(0.0) / real(self.gas))
    }
}
