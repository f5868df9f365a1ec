//! From a schedule to measured blocks: regenerated, run on every prover that a target is about, and kept.

use super::{
    Calibration, Campaign, CampaignError, Embedded, Failure, MeasuredBlock, Measurement, Progress,
    Prover,
    anchor::{self, AnchorError},
};
use crate::{
    bench::Scenario,
    gas::{Gas, Schedule},
    lang::{Target, Verb},
    store::Store,
};

/// A prover that can be asked.
pub struct Configured {
    /// The prover.
    pub prover: Box<dyn Prover>,
    /// What it does with blocks.
    pub verb: Verb,
    /// What its cycles are worth.
    pub calibration: Calibration,
}

impl Configured {
    /// Whether this target is about it.
    pub fn counts_for(&self, target: &Target) -> bool {
        let name = self.prover.name();
        let named = target.on.iter().any(|on| on == name);
        let unnamed = target.on.is_empty() && target.verb == Verb::Execute;
        target.verb == self.verb && (named || unnamed)
    }
}

/// Everything that measuring needs besides a schedule.
pub struct Measuring<'a> {
    /// The provers.
    pub provers: &'a [Configured],
    /// Finished results.
    pub store: &'a Store,
    /// What is measured.
    pub scenarios: Vec<&'a Scenario>,
    /// Told how far it is.
    pub progress: &'a dyn Progress,
}

impl Measuring<'_> {
    /// Every scenario's full block under `schedule`, for each of `targets` on each of its provers.
    ///
    /// # Errors
    /// A schedule that cannot be charged, a store that cannot be written, or a prover that cannot be reached.
    pub fn run(
        &self,
        schedule: &Schedule,
        root: &Schedule,
        targets: &[Target],
    ) -> Result<Vec<MeasuredBlock>, CampaignError> {
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

    /// Fixes what the anchors of `targets` come to: the blocks of their operations under `root`, whatever scenarios are chosen.
    ///
    /// # Errors
    /// An anchor without a rate, or those of [`Self::run`].
    pub fn fix_anchors(&self, root: &Schedule, targets: &mut [Target]) -> Result<(), AnchorError> {
        if targets.iter().all(|target| target.anchor().is_none()) {
            return Ok(());
        }
        let measuring = Measuring {
            scenarios: anchor::scenarios(root, targets)?,
            ..*self
        };
        let blocks = measuring.run(root, root, targets);
        anchor::fix(targets, &blocks.map_err(AnchorError::Campaign)?)
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
    ) -> Result<Vec<MeasuredBlock>, CampaignError> {
        let mut campaign = self.on(root, configured, limit);
        // What is proven for minutes is first counted in seconds.
        let embedded = match (configured.prover.is_timed(), configured.verb) {
            (true, Verb::Prove) => Embedded::new().ok(),
            _ => None,
        };
        campaign.forecast = embedded.as_ref().map(|one| one as &dyn Prover);
        let measured = campaign.measure(schedule)?;
        reached(&measured)?;
        let seconds = |one| MeasuredBlock::of(one, &configured.calibration, target);
        Ok(measured.into_iter().map(seconds).collect())
    }

    /// What the store has of [`Self::campaign`]; nothing is run.
    pub fn kept(
        &self,
        schedule: &Schedule,
        root: &Schedule,
        configured: &Configured,
        limit: Gas,
    ) -> Vec<Option<MeasuredBlock>> {
        let kept = self.on(root, configured, limit).kept(schedule);
        let seconds = |one| MeasuredBlock::of(one, &configured.calibration, 0);
        kept.into_iter().map(|one| one.map(seconds)).collect()
    }

    fn on<'b>(
        &'b self,
        root: &'b Schedule,
        configured: &'b Configured,
        limit: Gas,
    ) -> Campaign<'b> {
        Campaign {
            prover: &*configured.prover,
            forecast: None,
            store: self.store,
            scenarios: self.scenarios.clone(),
            limit,
            root,
            progress: self.progress,
        }
    }
}

fn reached(measured: &[Measurement]) -> Result<(), CampaignError> {
    let lost = measured
        .iter()
        .filter_map(|one| one.cost.as_ref().err())
        .filter(|failure| matches!(failure, Failure::Transport { .. }));
    match lost.clone().next() {
        None => Ok(()),
        Some(first) => Err(CampaignError::Unreached {
            blocks: lost.count(),
            of: measured.len(),
            first: first.clone(),
        }),
    }
}
