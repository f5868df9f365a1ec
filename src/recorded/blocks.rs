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
    prove::{BlockId, Measured, MeasuredBlock, Source, rates::effective_rate},
    solve::Measure,
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
    /// Which block. Its scenario has the gas level, too: `mod_arithmetic[...]@10M`.
    pub id: BlockId,
    /// What it used.
    pub usage: Usage,
    /// Gas that its usage does not explain, under the prices it was run under.
    pub rest: i128,
    /// What it cost, or how it crashed.
    pub cost: Result<BlockCost, String>,
    /// Seconds of an empty block.
    pub fixed_s: f64,
}

/// What a recorded block cost.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BlockCost {
    /// Seconds beyond the fixed cost.
    pub seconds: f64,
    /// Where those seconds lie with 95 %.
    pub interval: (f64, f64),
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
                let cost = BlockCost {
                    seconds: basis::cost(series, point, known, choice),
                    interval: basis::interval(series, point, known),
                };
                let usage = if priced {
                    usage(run, point.gas, counts, fork)
                } else {
                    Ok(Usage::default())
                };
                blocks.add(usage.map(|usage| Block {
                    id: id(run, series, point.gas),
                    rest: unexplained(point.gas, &usage, fork),
                    source: Arc::clone(&series.source),
                    usage,
                    cost: Ok(cost),
                    fixed_s,
                }));
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
                let usage = if priced {
                    usage(run, gas, counts, fork)
                } else {
                    Ok(Usage::default())
                };
                blocks.add(usage.map(|usage| Block {
                    id: id(run, series, gas),
                    rest: unexplained(gas, &usage, fork),
                    source: Arc::clone(&series.source),
                    usage,
                    cost: Err(crash.class.name().into()),
                    fixed_s,
                }));
            }
        }
        blocks
    }

    fn leave_out(&mut self, why: &str) {
        *self.left_out.entry(why.to_owned()).or_default() += 1;
    }

    fn add(&mut self, block: Result<Block, String>) {
        match block {
            Ok(block) => self.all.push(block),
            Err(why) => self.leave_out(&why),
        }
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

/// What a run used, or why that is not known.
fn usage(run: &Run, gas: Gas, counts: &OpcodeCounts, fork: &Schedule) -> Result<Usage, String> {
    let counted = counts.of(run).ok_or("no opcode counts")?;
    units(&run.test, &counted, gas, fork).map_err(|why| why.to_string())
}

fn unexplained(gas: Gas, usage: &Usage, fork: &Schedule) -> i128 {
    i128::from(gas) - fork.gas(usage).unwrap_or(0)
}

fn id(run: &Run, series: &Series, gas: Gas) -> BlockId {
    let mgas = run.test.level_mgas.unwrap_or(gas / 1_000_000);
    BlockId {
        scenario: format!("{}@{mgas}M", series.scenario),
        operation: series.operation.clone().unwrap_or_default(),
        prover: series.source.prover(),
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

    /// How it crashed.
    pub fn crash(&self) -> Option<&String> {
        self.cost.as_ref().err()
    }

    /// Under `schedule`, for one of a plan's targets. A crashed block costs without end.
    ///
    /// # Errors
    /// A formula without a value.
    pub fn under(
        &self,
        schedule: &Schedule,
        target: usize,
        measured: Measured,
    ) -> Result<MeasuredBlock, FormulaError> {
        let cost = self.cost.as_ref().ok();
        Ok(MeasuredBlock {
            id: self.id.clone(),
            target,
            usage: self.usage.clone(),
            gas_used: self.gas(schedule)?,
            meter: self.meter(schedule)?,
            cost_s: cost.map_or(f64::INFINITY, |cost| cost.seconds),
            cost_interval: cost.map(|cost| cost.interval),
            fixed_s: self.fixed_s,
            measured,
            cost: None,
            underfilled: None,
            failure: self.crash().cloned(),
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
        let block = self.under(schedule, 0, Measured::Predicted)?;
        let fits = block.fits(target.gas);
        let rate = effective_rate(target.gas, target.within_s, self.fixed_s);
        let rate = rate.map(|rate| rate * block.full_share(target.gas));
        Ok(JudgedBlock {
            id: block.id,
            gas_used: block.gas_used,
            cost_s: self.cost.as_ref().ok().map(|cost| cost.seconds),
            needed_rate: rate,
            // Who needs more gas than a block has for a crash cannot cause it.
            crash: self.crash().cloned().filter(|_| fits),
            out_of_reach: self.crash().is_some() && !fits,
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
    /// What was asked for so far, round by round.
    pub history: Vec<Vec<MeasuredBlock>>,
}

impl Measure for Repriced<'_> {
    type Error = FormulaError;

    fn rows(&mut self, schedule: &Schedule) -> Result<Vec<MeasuredBlock>, FormulaError> {
        // The first round is under the prices that the plan begins with, whose gas is what was measured; in later ones only
        // the gas is another, and so the figure a prediction.
        let measured = if self.history.is_empty() {
            Measured::FullBlock
        } else {
            Measured::Predicted
        };
        let mut round = Vec::new();
        for (at, target) in self.targets.iter().enumerate() {
            for block in &self.blocks.all {
                let on = target.on.iter().any(|on| on == block.source.zkvm_name());
                let priced = block.under(schedule, at, measured)?;
                // A crashed block says nothing of its cost. It stands against the proposal unless prices rule it out.
                if on && (block.cost.is_ok() || priced.fits(target.gas)) {
                    round.push(priced);
                }
            }
        }
        let proven = round.iter().filter(|block| block.failure.is_none());
        let rows = proven.cloned().collect();
        self.history.push(round);
        Ok(rows)
    }
}
