//! From a schedule to measured blocks: regenerated, run, and held against the targets.

use super::{exit::Failure, progress::Bar, provers::Configured};
use crate::{
    bench::Scenario,
    gas::{Gas, Schedule},
    lang::{Target, Verb},
    prove::{
        self, Basis, Embedded, Measurement, Prover,
        campaign::{Campaign, CampaignError},
    },
    report::{
        judged::Judged,
        proposal::{Measured, ProverLine},
    },
    solve::{MeasuredRow, target::effective_rate},
    store::Store,
};

/// Everything that measuring needs besides a schedule.
pub struct Line<'a> {
    /// The provers.
    pub provers: &'a [Configured],
    /// Finished results.
    pub store: &'a Store,
    /// What is measured.
    pub scenarios: Vec<&'a Scenario>,
    /// Progress.
    pub bar: &'a Bar,
}

impl Line<'_> {
    /// Every scenario's full block under `schedule`, for each of `targets` on each of its provers.
    ///
    /// # Errors
    /// A scenario without a block under this schedule, or a store that cannot be written.
    pub fn run(
        &self,
        schedule: &Schedule,
        root: &Schedule,
        targets: &[Target],
    ) -> Result<Vec<Judged>, Failure> {
        let mut all = Vec::new();
        for (at, target) in targets.iter().enumerate() {
            for configured in self.provers {
                if configured.counts_for(target) {
                    all.extend(self.campaign(schedule, root, configured, at, target.gas)?);
                }
            }
        }
        Ok(all)
    }

    /// Every scenario's block of `limit` gas under `schedule` on one prover.
    ///
    /// # Errors
    /// Those of [`Self::run`].
    pub fn campaign(
        &self,
        schedule: &Schedule,
        root: &Schedule,
        configured: &Configured,
        target: usize,
        limit: Gas,
    ) -> Result<Vec<Judged>, Failure> {
        let mut campaign = self.on(root, configured, limit);
        // What is proven for minutes is first counted in seconds.
        let embedded = match (configured.prover.is_timed(), configured.verb) {
            (true, Verb::Prove) => Embedded::new().ok(),
            _ => None,
        };
        campaign.forecast = embedded.as_ref().map(|one| one as &dyn Prover);
        let measured = campaign.measure(schedule).map_err(|error| {
            self.bar.clear();
            failed(&error)
        })?;
        self.reached(&measured)?;
        Ok(measured
            .into_iter()
            .map(|one| judged(one, configured, target))
            .collect())
    }
}

impl Line<'_> {
    /// Without a word from the prover there is no result, neither good nor bad.
    fn reached(&self, measured: &[Measurement]) -> Result<(), Failure> {
        let lost = |one: &&Measurement| matches!(one.cost, Err(prove::Failure::Transport { .. }));
        let all: Vec<&Measurement> = measured.iter().filter(lost).collect();
        let Some(Err(first)) = all.first().map(|one| &one.cost) else {
            return Ok(());
        };
        self.bar.clear();
        let blocks = all.len();
        let failure = Failure::outside(format!(
            "{blocks} of {} blocks were not run: {first}",
            measured.len()
        ));
        Err(failure.help("run it again: everything that was finished is kept"))
    }
}

impl<'a> Line<'a> {
    /// What the store has of [`Self::campaign`]; nothing is run.
    pub fn kept(
        &self,
        schedule: &Schedule,
        root: &Schedule,
        configured: &Configured,
        limit: Gas,
    ) -> Vec<Option<Judged>> {
        let kept = self.on(root, configured, limit).kept(schedule);
        kept.into_iter()
            .map(|one| one.map(|one| judged(one, configured, 0)))
            .collect()
    }

    fn on<'b>(&'b self, root: &'b Schedule, configured: &'b Configured, limit: Gas) -> Campaign<'b>
    where
        'a: 'b,
    {
        Campaign {
            prover: &*configured.prover,
            forecast: None,
            store: self.store,
            scenarios: self.scenarios.clone(),
            limit,
            root,
            progress: self.bar,
        }
    }
}

fn failed(error: &CampaignError) -> Failure {
    match error {
        CampaignError::Tariff(_) => Failure::start(error.to_string()),
        CampaignError::Store(_) => Failure::outside(error.to_string())
            .help("everything that was finished is kept: run it again when it can be written"),
        CampaignError::Threads(_) => Failure::outside(error.to_string()),
    }
}

fn judged(measurement: Measurement, configured: &Configured, target: usize) -> Judged {
    let (cost_s, cost_interval, measured, failure) = match &measurement.cost {
        Ok(cost) => {
            let measured = match cost.basis {
                Basis::Whole => Measured::FullBlock,
                Basis::Affine { .. } => Measured::Extrapolated,
            };
            let work_s = cost.time_ms.map_or_else(
                || configured.calibration.work_s(cost.cycles),
                |ms| (ms / 1e3 - configured.calibration.fixed_s).max(0.0),
            );
            let apart = cost
                .spread
                .zip(cost.time_ms)
                .map(|(spread, ms)| spread * ms / 1e3);
            let interval = apart.filter(|apart| *apart > 0.0);
            let interval = interval.map(|apart| ((work_s - apart).max(0.0), work_s + apart));
            (work_s, interval, measured, None)
        }
        Err(failure) => (
            f64::INFINITY,
            None,
            Measured::FullBlock,
            Some(failure.to_string()),
        ),
    };
    Judged {
        row: MeasuredRow {
            scenario: measurement.scenario,
            operation: measurement.operation,
            prover: measurement.prover,
            target,
            usage: measurement.usage,
            gas: measurement.gas_used,
            meter: measurement.meter,
            cost_s,
            cost_interval,
            fixed_s: configured.calibration.fixed_s,
        },
        measured,
        cost: measurement.cost.ok(),
        underfilled: measurement.underfilled,
        failure,
    }
}

/// A prover as reports show it, with the rate that the first target on it asks of the work.
pub fn prover_line(configured: &Configured, targets: &[Target]) -> ProverLine {
    let name = configured.prover.name();
    let calibration = &configured.calibration;
    let target = targets.iter().find(|target| configured.counts_for(target));
    ProverLine {
        name: name.into(),
        version: configured.prover.version(),
        modelled: !configured.prover.is_timed(),
        fixed_s: calibration.fixed_s,
        s_per_million_cycles: calibration.s_per_million_cycles,
        calibration: calibration.hardware.clone(),
        source: calibration.source.clone(),
        effective_rate: target
            .and_then(|target| effective_rate(target.gas, target.within_s, calibration.fixed_s)),
    }
}
