//! Recorded results with everything that is known of them: what every question about recorded runs begins with.

use super::{OpcodeCounts, Panel, Recorded, Run, Unpriced, priced_units};
use crate::{
    gas::{Gas, Schedule, Usage},
    lang,
};

/// Recorded results, grouped, with their opcode counts.
#[derive(Clone, Debug)]
pub struct Dataset {
    /// The results.
    pub recorded: Recorded,
    /// The same by scenario and prover.
    pub panel: Panel,
    /// How often each opcode was executed, as far as that is known.
    pub counts: OpcodeCounts,
    /// The prices that the runs were made under: Osaka's.
    pub schedule: Schedule,
}

impl Dataset {
    /// Groups results.
    pub fn new(recorded: Recorded, counts: OpcodeCounts) -> Self {
        let schedule = lang::osaka();
        Self {
            panel: Panel::of(&recorded, &schedule),
            recorded,
            counts,
            schedule,
        }
    }

    /// What a run used, whose block is of `gas` gas.
    ///
    /// # Errors
    /// Why it is not known.
    pub fn usage(&self, run: &Run, gas: Gas) -> Result<Usage, Unpriced> {
        let counted = self.counts.of(run).ok_or(Unpriced::NoCounts)?;
        priced_units::usage(&run.test, &counted, gas, &self.schedule)
    }
}
