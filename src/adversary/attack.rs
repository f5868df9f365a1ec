//! A search for worse blocks than there are scenarios: the worst of these in full blocks, then the search, then what it found in
//! large ones.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    genome::Genome,
    hunt::{Catch, Hunt, hunt},
};
use crate::{
    bench::{Scenario, ScenarioError, scenarios_in},
    fit::real,
    gas::{Gas, Schedule},
    prove::{CampaignError, Configured, Failure, MeasuredBlock, Measuring, Probe},
};

/// What was found has to be so many times as dear in small blocks as what is known to be worth a full one.
const PROMISING: f64 = 1.0;
/// What was found is measured in a block of at most so much gas. Some of it never costs the same twice, and is run whole; what is
/// done once in a transaction makes it look cheaper by less than one per cent.
const CONFIRMED_IN: Gas = 3_000_000;

/// Which blocks are to be beaten.
pub struct Attack<'a> {
    /// Measures full blocks; its scenarios are those to be beaten.
    pub measuring: &'a Measuring<'a>,
    /// On which of its provers.
    pub configured: &'a Configured,
    /// The prices.
    pub schedule: &'a Schedule,
    /// Those that cost lines are drawn under.
    pub root: &'a Schedule,
    /// The target that full blocks are for, by its place among the plan's; 0 where there is none.
    pub target: usize,
    /// Gas of a full block.
    pub limit: Gas,
    /// Gas of the small blocks that are tried.
    pub gas: Gas,
    /// How long, and from where.
    pub hunt: Hunt,
    /// What names of scenarios begin with.
    pub prefix: &'a str,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Spoils {
    /// Genomes tried.
    pub tries: u64,
    /// How many of them made no block.
    pub refused: u64,
    /// How many operations there were programs for.
    pub operations: usize,
    /// What was found of each operation, the worst against what is known first.
    pub found: Vec<Worse>,
    /// The worst block of any operation that is known.
    pub worst: Option<MeasuredBlock>,
}

/// The dearest block that was found of an operation, dearer than all that are known or not.
#[derive(Clone, Debug)]
pub struct Worse {
    /// The operation.
    pub operation: String,
    /// What it does, in a line.
    pub program: String,
    /// As a scenario.
    pub scenario: Scenario,
    /// Its entry in a file of scenarios.
    pub entry: String,
    /// A large block of it.
    pub block: MeasuredBlock,
    /// The worst block of the operation that is known.
    pub known: Option<MeasuredBlock>,
}

/// Why an attack could not go on.
#[derive(Debug)]
pub enum AttackError {
    /// Full blocks could not be measured.
    Campaign(CampaignError),
    /// The prover does not answer.
    Prover(Failure),
    /// What was found cannot be written down: a mistake of ours.
    Scenario(ScenarioError),
}

impl std::fmt::Display for AttackError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Campaign(error) => error.fmt(f),
            Self::Prover(error) => error.fmt(f),
            Self::Scenario(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for AttackError {}

impl From<CampaignError> for AttackError {
    fn from(error: CampaignError) -> Self {
        Self::Campaign(error)
    }
}

impl Worse {
    /// How many times the work of the worst block known it takes by gas; `None` where none is known.
    pub fn ratio(&self) -> Option<f64> {
        let known = s_per_gas(self.known.as_ref()?);
        (known > 0.0).then(|| s_per_gas(&self.block) / known)
    }
}

/// Seconds of work a gas.
pub fn s_per_gas(block: &MeasuredBlock) -> f64 {
    block.cost_s / real(block.gas_used.max(1))
}

impl Attack<'_> {
    /// Looks for worse blocks than those of the scenarios.
    ///
    /// # Errors
    /// See [`AttackError`].
    pub fn run(&self) -> Result<Spoils, AttackError> {
        let known = self.blocks(self.measuring.scenarios.clone(), self.root, self.limit)?;
        let mut worst: BTreeMap<&str, &MeasuredBlock> = BTreeMap::new();
        for block in known.iter().filter(|block| block.cost_s.is_finite()) {
            let of = worst.entry(&block.id.operation).or_insert(block);
            if s_per_gas(block) > s_per_gas(of) {
                *of = block;
            }
        }
        let wanted: BTreeSet<String> = worst.keys().map(|name| (*name).to_owned()).collect();
        let probe = Probe::new(self.configured, self.schedule, self.gas)?;
        let Catch {
            tries,
            refused,
            operations,
            dearest,
        } = hunt(
            self.configured,
            &probe,
            self.schedule,
            &wanted,
            self.hunt,
            self.measuring.progress,
        )
        .map_err(AttackError::Prover)?;
        let promising = dearest.into_iter().filter(|(operation, (cost, _))| {
            let known = worst.get(operation.as_str()).map(|block| s_per_gas(block));
            known.is_none_or(|known| *cost >= PROMISING * known)
        });
        let mut named = Vec::new();
        for (operation, (_, genome)) in promising {
            let id = format!(
                "{}/{}",
                self.prefix,
                operation.to_lowercase().replace('_', "-")
            );
            if let Some(scenario) = genome
                .scenario(&id, &operation)
                .map_err(AttackError::Scenario)?
            {
                named.push((operation, genome, scenario));
            }
        }
        // Under these prices only: nobody asks for another line of theirs.
        let limit = self.limit.min(CONFIRMED_IN);
        let scenarios = named.iter().map(|(.., scenario)| scenario).collect();
        let blocks = self.blocks(scenarios, self.schedule, limit)?;
        let mut found = Vec::new();
        for ((operation, genome, scenario), block) in named.iter().zip(blocks) {
            let known = worst.get(operation.as_str()).map(|block| (*block).clone());
            let one = Worse {
                operation: operation.clone(),
                program: genome.text(),
                scenario: scenario.clone(),
                entry: String::new(),
                block,
                known,
            };
            found.push(self.told(one, genome, tries)?);
        }
        let order = |one: &Worse| one.ratio().unwrap_or(f64::INFINITY);
        found.sort_by(|a, b| order(b).total_cmp(&order(a)));
        let overall = worst.values().copied();
        let overall = overall.max_by(|a, b| s_per_gas(a).total_cmp(&s_per_gas(b)));
        Ok(Spoils {
            tries,
            refused,
            operations,
            found,
            worst: overall.cloned(),
        })
    }

    /// With its sentence.
    fn told(&self, one: Worse, genome: &Genome, tries: u64) -> Result<Worse, AttackError> {
        let against = match (one.ratio(), &one.known) {
            (Some(ratio), Some(known)) => {
                format!(
                    ": {ratio:.3} times the work of {} for its gas",
                    known.id.scenario
                )
            }
            _ => String::new(),
        };
        let (name, seed) = (&self.schedule.name, self.hunt.seed);
        let why = format!(
            "found by a search over programs, {tries} tries from seed {seed} under \"{name}\"{against}"
        );
        let id = one.scenario.id.clone();
        let entry = genome.entry(&id, &one.operation, &why).unwrap_or_default();
        let read = scenarios_in(&id, &entry).map_err(AttackError::Scenario)?;
        let scenario = read.into_iter().next().unwrap_or(one.scenario);
        Ok(Worse {
            scenario,
            entry,
            ..one
        })
    }

    fn blocks(
        &self,
        scenarios: Vec<&Scenario>,
        root: &Schedule,
        limit: Gas,
    ) -> Result<Vec<MeasuredBlock>, CampaignError> {
        let measuring = Measuring {
            provers: self.measuring.provers,
            store: self.measuring.store,
            scenarios,
            progress: self.measuring.progress,
        };
        measuring.campaign(self.schedule, root, self.configured, self.target, limit)
    }
}
