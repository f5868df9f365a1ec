//! From recorded runs to blocks that can be priced again: what each used, and what it cost.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    OpcodeCounts, Panel, Recorded, Run, Series,
    basis::{self, Basis},
    judgement::JudgedBlock,
    units,
};
use crate::{
    gas::{FormulaError, Gas, MeterFill, Schedule, Usage},
    lang::{Plan, Target},
    prove::Source,
    solve::{Measure, MeasuredRow, target::effective_rate},
};

/// Which blocks, and how they count.
#[derive(Clone, Copy, Debug)]
pub struct Choice {
    /// Gas levels, both included; all without.
    pub levels: Option<(Gas, Gas)>,
    /// Seconds of an empty block, instead of those estimated per prover.
    pub fixed_s: Option<f64>,
    /// What a block costs.
    pub basis: Basis,
}

/// A recorded block.
#[derive(Clone, Debug)]
pub struct Block {
    /// Who proved it.
    pub source: Arc<Source>,
    /// Its scenario and gas level: `mod_arithmetic[...]@10M`.
    pub name: String,
    /// The operation it stresses.
    pub operation: String,
    /// What it used.
    pub usage: Usage,
    /// Gas that its usage does not explain, under the prices it was run under.
    pub rest: i128,
    /// Seconds beyond the fixed cost; `None` where it crashed.
    pub cost_s: Option<f64>,
    /// Where those seconds lie with 95 %; `None` where it crashed.
    pub cost_interval: Option<(f64, f64)>,
    /// Why there is no cost.
    pub crash: Option<String>,
    /// Seconds of an empty block.
    pub fixed_s: f64,
}

/// Recorded blocks, and why others are not among them.
#[derive(Clone, Debug, Default)]
pub struct Blocks {
    /// The blocks, in the panel's order.
    pub all: Vec<Block>,
    /// By reason, how many are left out.
    pub left_out: BTreeMap<String, usize>,
}

impl Blocks {
    /// The blocks of `choice`. Without opcode counts a block can only be priced as it was run: with `priced`, those are
    /// left out, and without, they are blocks of gas that no price explains.
    pub fn of(
        recorded: &Recorded,
        panel: &Panel,
        counts: &OpcodeCounts,
        fork: &Schedule,
        choice: &Choice,
        priced: bool,
    ) -> Self {
        let mut blocks = Self::default();
        for series in &panel.series {
            let fixed_s = choice.fixed_s.unwrap_or(panel.fixed_s[&series.source]);
            for point in &series.points {
                if !within(choice, point.level) {
                    continue;
                }
                if point.stall {
                    blocks.leave_out("a stall, far above the other levels of its scenario");
                    continue;
                }
                let run = &recorded.runs[point.run];
                let known = (fixed_s, panel.noise[&series.source]);
                let cost_s = basis::cost(series, point, known, choice);
                let interval = basis::interval(series, point, known);
                blocks.add(run, series, point.gas, counts, fork, priced, |block| {
                    block.fixed_s = fixed_s;
                    block.cost_s = Some(cost_s);
                    block.cost_interval = Some(interval);
                });
            }
        }
        for run in &recorded.runs {
            let (Some(Err(crash)), Some(level)) = (&run.proving, run.level()) else {
                continue;
            };
            let series = panel.series.iter().find(|series| {
                series.source == run.source && series.scenario == run.test.scenario()
            });
            if let (true, Some(series)) = (within(choice, level), series) {
                let gas = run.gas_used.unwrap_or(level);
                let fixed_s = choice.fixed_s.unwrap_or(panel.fixed_s[&series.source]);
                blocks.add(run, series, gas, counts, fork, priced, |block| {
                    block.fixed_s = fixed_s;
                    block.crash = Some(crash.class.name().into());
                });
            }
        }
        blocks
    }

    fn leave_out(&mut self, why: &str) {
        *self.left_out.entry(why.to_owned()).or_default() += 1;
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "one block, from everything there is about it"
    )]
    fn add(
        &mut self,
        run: &Run,
        series: &Series,
        gas: Gas,
        counts: &OpcodeCounts,
        fork: &Schedule,
        priced: bool,
        finish: impl FnOnce(&mut Block),
    ) {
        let counted = counts.of(run);
        let usage = match &counted {
            _ if !priced => Usage::default(),
            None => return self.leave_out("no opcode counts"),
            Some(counted) => match units(&run.test, counted, gas, fork) {
                Ok(usage) => usage,
                Err(why) => return self.leave_out(&why.to_string()),
            },
        };
        let explained = fork.gas(&usage).unwrap_or(0);
        let mgas = run.test.level_mgas.unwrap_or(gas / 1_000_000);
        let mut block = Block {
            source: Arc::clone(&series.source),
            name: format!("{}@{mgas}M", series.scenario),
            operation: series.operation.clone().unwrap_or_default(),
            usage,
            rest: i128::from(gas) - explained,
            cost_s: None,
            cost_interval: None,
            crash: None,
            fixed_s: 0.0,
        };
        finish(&mut block);
        self.all.push(block);
    }

    /// The blocks of provers that a target names, of the guests that the plan counts.
    pub fn of_plan(&self, plan: &Plan) -> Self {
        let counts = |source: &Source| {
            let named = plan.targets.iter().flat_map(|t| &t.on);
            let mut on = named.filter(|name| *name == source.zkvm_name()).peekable();
            let spec = plan.provers.iter().find(|p| p.name == source.zkvm_name());
            let guest = spec.is_none_or(|spec| {
                let is = |guest: &String| {
                    source.guest_name() == Some(guest) || source.guest.as_ref() == Some(guest)
                };
                spec.guests.is_empty() || spec.guests.iter().any(is)
            });
            on.peek().is_some() && guest
        };
        let mut own = Self {
            all: self
                .all
                .iter()
                .filter(|b| counts(&b.source))
                .cloned()
                .collect(),
            left_out: self.left_out.clone(),
        };
        let others = self.all.len() - own.all.len();
        if others > 0 {
            own.left_out.insert(
                "of a prover or guest that the schedule does not name".into(),
                others,
            );
        }
        own
    }

    /// Who proved them.
    pub fn sources(&self) -> Vec<(Arc<Source>, f64)> {
        let mut sources: BTreeMap<Arc<Source>, f64> = BTreeMap::new();
        for block in &self.all {
            sources
                .entry(Arc::clone(&block.source))
                .or_insert(block.fixed_s);
        }
        sources.into_iter().collect()
    }
}

pub(super) fn within(choice: &Choice, level: Gas) -> bool {
    choice
        .levels
        .is_none_or(|(low, high)| (low..=high).contains(&level))
}

impl Block {
    /// Gas of the same work under `schedule`.
    ///
    /// # Errors
    /// A formula without a value.
    pub fn gas(&self, schedule: &Schedule) -> Result<Gas, FormulaError> {
        let explained = schedule.gas(&self.usage)?;
        Ok(Gas::try_from((explained + self.rest).max(0)).unwrap_or(Gas::MAX))
    }

    /// The meter that the same work fills most.
    fn meter(&self, schedule: &Schedule) -> Result<Option<MeterFill>, FormulaError> {
        schedule.fullest_meter(&self.usage)
    }

    /// Under `schedule`, for one of a plan's targets. A crashed block costs without end.
    ///
    /// # Errors
    /// A formula without a value.
    pub fn row(&self, schedule: &Schedule, target: usize) -> Result<MeasuredRow, FormulaError> {
        Ok(MeasuredRow {
            scenario: self.name.clone(),
            operation: self.operation.clone(),
            prover: self.source.prover(),
            target,
            usage: self.usage.clone(),
            gas: self.gas(schedule)?,
            meter: self.meter(schedule)?,
            cost_s: self.cost_s.unwrap_or(f64::INFINITY),
            cost_interval: self.cost_interval,
            fixed_s: self.fixed_s,
        })
    }

    /// Under `schedule`, against a full block of `gas` within `within_s`.
    ///
    /// # Errors
    /// A formula without a value.
    pub fn judgement(
        &self,
        schedule: &Schedule,
        target: &Target,
    ) -> Result<JudgedBlock, FormulaError> {
        let row = self.row(schedule, 0)?;
        let fits = row.fits(target.gas);
        let rate = effective_rate(target.gas, target.within_s, self.fixed_s);
        let rate = rate.map(|rate| rate * row.full_share(target.gas));
        Ok(JudgedBlock {
            scenario: self.name.clone(),
            operation: self.operation.clone(),
            prover: self.source.prover(),
            gas: row.gas,
            cost_s: self.cost_s,
            needed_rate: rate,
            // Who needs more gas than a block has for a crash cannot cause it.
            crash: self.crash.clone().filter(|_| fits),
            out_of_reach: self.crash.is_some() && !fits,
        })
    }
}

/// Recorded blocks as the closed loop asks for them: the same work under other prices is other gas, and takes as long as it
/// took.
pub struct Repriced<'a> {
    /// The blocks.
    pub blocks: &'a Blocks,
    /// How many targets there are, by the provers that each names.
    pub targets: &'a [Target],
    /// What was asked for so far.
    pub history: Vec<Vec<RepricedBlock>>,
}

/// A recorded block under the prices of one round.
#[derive(Clone, Debug)]
pub struct RepricedBlock {
    /// The block; its cost is infinite where it crashed.
    pub row: MeasuredRow,
    /// How it crashed.
    pub crash: Option<String>,
}

impl Measure for Repriced<'_> {
    type Error = FormulaError;

    fn rows(&mut self, schedule: &Schedule) -> Result<Vec<MeasuredRow>, FormulaError> {
        let mut round = Vec::new();
        for (at, target) in self.targets.iter().enumerate() {
            for block in &self.blocks.all {
                let on = target.on.iter().any(|on| on == block.source.zkvm_name());
                let row = block.row(schedule, at)?;
                // A crashed block says nothing of its cost. It stands against the proposal unless prices rule it out.
                if on && (block.crash.is_none() || row.fits(target.gas)) {
                    round.push(RepricedBlock {
                        row,
                        crash: block.crash.clone(),
                    });
                }
            }
        }
        let proven = round.iter().filter(|block| block.crash.is_none());
        let rows = proven.map(|block| block.row.clone()).collect();
        self.history.push(round);
        Ok(rows)
    }
}
