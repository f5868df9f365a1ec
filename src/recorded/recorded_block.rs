//! From recorded runs to blocks that can be priced again: what each used, and what it cost.

use std::{collections::BTreeMap, sync::Arc};

use super::{BlockSelection, Dataset, Run, Series, Unpriced, WorkCost};
use crate::{
    gas::{FormulaError, Gas, Schedule, Usage},
    lang::{Plan, Target},
    prove::{BlockId, Measured, MeasuredBlock, Source},
};

/// A recorded block.
#[derive(Clone, Debug)]
pub struct RecordedBlock {
    /// Who proved it.
    pub source: Arc<Source>,
    /// Which block. Its scenario has the gas level, too: `mod_arithmetic[...]@10M`.
    pub id: BlockId,
    /// What it used.
    pub usage: Usage,
    /// Gas that its usage does not explain, under the prices it was run under.
    pub rest: i128,
    /// What its work costs, or how it crashed.
    pub work: Result<WorkCost, String>,
    /// Seconds of an empty block.
    pub fixed_s: f64,
    /// Gas levels of its scenario that were proven on this prover and are no stalls.
    pub levels: usize,
}

/// Recorded blocks, and why others are not among them.
#[derive(Clone, Debug, Default)]
pub struct RecordedBlocks {
    /// The blocks, in the panel's order.
    pub all: Vec<RecordedBlock>,
    /// By reason, how many are left out.
    pub left_out: BTreeMap<String, usize>,
}

/// None of the recorded blocks can be priced.
#[derive(Clone, Debug)]
pub struct NoBlocks {
    /// By reason, how many are left out.
    pub left_out: BTreeMap<String, usize>,
}

impl RecordedBlocks {
    /// The blocks of a selection. Without opcode counts a block can only be priced as it was run: with `priced`, those are
    /// left out, and without, they are blocks of gas that no price explains.
    pub fn of(dataset: &Dataset, selection: &BlockSelection, priced: bool) -> Self {
        let panel = &dataset.panel;
        let mut blocks = Self::default();
        let fixed_s = |series: &Series| {
            selection
                .fixed_s
                .unwrap_or_else(|| panel.fixed_s[&series.source])
        };
        for series in &panel.series {
            let own = series.points.iter().filter(|p| selection.has(p.level));
            for point in own {
                if point.stall {
                    blocks.leave_out("a stall, far above the other levels of its scenario");
                    continue;
                }
                let origin = Origin {
                    series,
                    run: &dataset.recorded.runs[point.run],
                    gas: point.gas,
                    fixed_s: fixed_s(series),
                };
                let known = (origin.fixed_s, panel.noise[&series.source]);
                let work = WorkCost::of(series, point, known, selection);
                blocks.add(origin.block(dataset, priced, Ok(work)));
            }
        }
        for run in &dataset.recorded.runs {
            let (Some(Err(crash)), Some(level)) = (&run.proving, run.level()) else {
                continue;
            };
            let series = panel.series.iter().find(|series| {
                series.source == run.source && series.scenario == run.test.scenario()
            });
            if let (true, Some(series)) = (selection.has(level), series) {
                let origin = Origin {
                    series,
                    run,
                    gas: run.gas_used.unwrap_or(level),
                    fixed_s: fixed_s(series),
                };
                let crash = crash.class.name().to_owned();
                blocks.add(origin.block(dataset, priced, Err(crash)));
            }
        }
        blocks
    }

    /// The blocks that `plan` can be solved for: priced, and of its provers and guests.
    ///
    /// # Errors
    /// There are none.
    pub fn of_plan(
        dataset: &Dataset,
        plan: &Plan,
        selection: &BlockSelection,
    ) -> Result<Self, NoBlocks> {
        let blocks = Self::of(dataset, selection, true).named_by(plan);
        if blocks.all.is_empty() {
            return Err(NoBlocks {
                left_out: blocks.left_out,
            });
        }
        Ok(blocks)
    }

    fn leave_out(&mut self, why: &str) {
        *self.left_out.entry(why.to_owned()).or_default() += 1;
    }

    fn add(&mut self, block: Result<RecordedBlock, Unpriced>) {
        match block {
            Ok(block) => self.all.push(block),
            Err(why) => self.leave_out(&why.to_string()),
        }
    }

    /// The blocks of provers that a target names, of the guests that the plan counts.
    fn named_by(mut self, plan: &Plan) -> Self {
        let counts = |source: &Source| {
            let named = plan.targets.iter().any(|target| counts_for(source, target));
            let spec = plan.provers.iter().find(|p| p.name == source.zkvm_name());
            let guest = spec.is_none_or(|spec| {
                let is = |guest: &String| {
                    source.guest_name() == Some(guest) || source.guest.as_ref() == Some(guest)
                };
                spec.guests.is_empty() || spec.guests.iter().any(is)
            });
            named && guest
        };
        let before = self.all.len();
        self.all.retain(|block| counts(&block.source));
        let others = before - self.all.len();
        if others > 0 {
            let why = "of a prover or guest that the schedule does not name";
            self.left_out.insert(why.into(), others);
        }
        self
    }

    /// Who proved them, and the seconds of an empty block there.
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

/// Whether `target` names the zkVM of `source`.
pub fn counts_for(source: &Source, target: &Target) -> bool {
    target.on.iter().any(|on| on == source.zkvm_name())
}

/// What a block is made of, besides its usage.
struct Origin<'a> {
    series: &'a Series,
    run: &'a Run,
    gas: Gas,
    fixed_s: f64,
}

impl Origin<'_> {
    fn block(
        &self,
        dataset: &Dataset,
        priced: bool,
        work: Result<WorkCost, String>,
    ) -> Result<RecordedBlock, Unpriced> {
        let usage = if priced {
            dataset.usage(self.run, self.gas)?
        } else {
            Usage::default()
        };
        let explained = dataset.schedule.gas(&usage).unwrap_or(0);
        let level = self.run.test.level_mgas;
        let mgas = level.unwrap_or(self.gas / 1_000_000);
        Ok(RecordedBlock {
            source: Arc::clone(&self.series.source),
            id: BlockId {
                scenario: format!("{}@{mgas}M", self.series.scenario),
                operation: self.series.operation.clone().unwrap_or_default(),
                prover: self.series.source.prover(),
            },
            usage,
            rest: i128::from(self.gas) - explained,
            work,
            fixed_s: self.fixed_s,
            levels: self.series.sound().count(),
        })
    }
}

impl RecordedBlock {
    /// Gas of the same work under `schedule`.
    ///
    /// # Errors
    /// A formula without a value.
    pub fn gas(&self, schedule: &Schedule) -> Result<Gas, FormulaError> {
        let explained = schedule.gas(&self.usage)?;
        Ok(Gas::try_from((explained + self.rest).max(0)).unwrap_or(Gas::MAX))
    }

    /// How it crashed, if it did.
    pub fn crash(&self) -> Option<&str> {
        self.work.as_ref().err().map(String::as_str)
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
        let work = self.work.as_ref().ok();
        Ok(MeasuredBlock {
            id: self.id.clone(),
            target,
            usage: self.usage.clone(),
            gas_used: self.gas(schedule)?,
            meter: schedule.fullest_meter(&self.usage)?,
            cost_s: work.map_or(f64::INFINITY, |work| work.seconds),
            cost_interval: work.map(|work| work.interval),
            fixed_s: self.fixed_s,
            model_error: None,
            measured,
            cost: None,
            underfilled: None,
            failure: self.crash().map(str::to_owned),
        })
    }
}
