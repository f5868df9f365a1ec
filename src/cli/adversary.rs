//! `propose --adversary`: a proposal is attacked, and proposed again until it stands.

use std::{path::PathBuf, time::Duration};

use super::{
    beat::{Fight, TRIED_IN},
    destination::{Destination, Input, OutputOption},
    duration::duration,
    exit::Failure,
    output::Terminal,
};
use crate::{
    adversary::Hunt,
    bench::Scenario,
    gas::Schedule,
    lang::Plan,
    prove::Measuring,
    report::{
        proposal::{AdversaryLine, AdversaryRound},
        report_lines::meets,
    },
};

/// Proposals that are attacked before the last is left as it is.
const ROUNDS: usize = 4;

const TO: OutputOption = OutputOption {
    flag: "--adversary-to",
    extension: "toml",
};

/// Who tries to break a proposal.
#[derive(clap::Args, Clone, Debug)]
pub struct AdversaryArgs {
    /// Attack the proposal with a search over programs for so long, and propose again with what misses the target; as
    /// `reprice search --beat` does
    #[arg(
        long,
        value_name = "TIME",
        value_parser = duration,
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "60s",
        conflicts_with_all = ["runs", "bench_csv"]
    )]
    adversary: Option<Duration>,
    /// Programs that it tries at most each time, so that it can be done again
    #[arg(long, value_name = "N", requires = "adversary", value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    adversary_tries: Option<u64>,
    /// Write what it found to this file, as scenarios
    #[arg(long, value_name = "FILE.toml", requires = "adversary")]
    adversary_to: Option<PathBuf>,
}

/// What an adversary has found so far.
#[derive(Debug, Default)]
pub struct Adversary {
    hunt: Option<Hunt>,
    /// What missed the target: the next proposal has to hold it.
    pub found: Vec<Scenario>,
    entries: Vec<String>,
    rounds: Vec<AdversaryRound>,
}

impl AdversaryArgs {
    /// The file that what is found is written to.
    ///
    /// # Errors
    /// It cannot be written, or is one of `inputs`.
    pub fn destination(&self, inputs: &[Input]) -> Result<Option<Destination>, Failure> {
        let to = self.adversary_to.as_deref();
        to.map(|path| Destination::new(TO, path, inputs))
            .transpose()
    }

    /// Who has found nothing yet.
    pub fn adversary(&self) -> Adversary {
        Adversary {
            hunt: self.adversary.map(|time| Hunt {
                seed: 1,
                tries: self.adversary_tries,
                time: Some(time),
            }),
            ..Adversary::default()
        }
    }
}

impl Adversary {
    /// Attacks a proposal, unless it has done so often enough. Whether there is to be another one.
    ///
    /// # Errors
    /// Blocks could not be measured.
    pub fn breaks(
        &mut self,
        measuring: &Measuring<'_>,
        schedule: &Schedule,
        plan: &Plan,
    ) -> Result<bool, Failure> {
        let Some(hunt) = self.hunt.filter(|_| self.rounds.len() < ROUNDS) else {
            return Ok(false);
        };
        let number = self.rounds.len() + 1;
        let fight = Fight {
            measuring,
            schedule,
            plan,
            gas: TRIED_IN,
            // Not the same programs again.
            hunt: Hunt {
                seed: hunt.seed + self.rounds.len() as u64,
                ..hunt
            },
            prefix: &format!("adversary-{number}"),
        };
        let mut round = AdversaryRound {
            tries: 0,
            missed: Vec::new(),
        };
        for fought in fight.everywhere()? {
            round.tries += fought.spoils.tries;
            for one in fought.spoils.found {
                if fought
                    .target
                    .is_some_and(|target| !meets(&one.block, target))
                {
                    round.missed.push(one.scenario.id.clone());
                    self.found.push(one.scenario);
                    self.entries.push(one.entry);
                }
            }
        }
        let broken = !round.missed.is_empty();
        self.rounds.push(round);
        Ok(broken)
    }

    /// What the proposal says of it; nothing where there was none, or nothing to attack.
    pub fn line(&self) -> Option<AdversaryLine> {
        (!self.rounds.is_empty()).then(|| AdversaryLine {
            rounds: self.rounds.clone(),
        })
    }

    /// Writes what was found.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(&self, to: &Destination, plan: &Plan, terminal: &Terminal) -> Result<(), Failure> {
        if self.entries.is_empty() {
            return Ok(());
        }
        let head = format!("# Found against proposals for \"{}\".\n\n", plan.name);
        to.write_and_say(&(head + &self.entries.join("\n")), terminal)
    }
}
