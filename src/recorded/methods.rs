//! Three ways from recorded runs to prices, side by side.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{
    Dataset, RecordedBlocks, Run,
    fits::{regressions, worst},
    judgement::{JudgedBlock, JudgedSchedule, judge},
};
use crate::{
    fit::{count, real},
    gas::{FormulaError, GasParam},
    lang::{Plan, Target},
    prove::rates::asked_rate,
    solve::{self, Price, Prices, apply},
};

/// How prices are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MethodName {
    /// Today's price times the worst ratio of the operation's blocks.
    Ratio,
    /// The worst regression of time by executions.
    Regression,
    /// The least change with which every block holds.
    Program,
}

impl MethodName {
    /// As the command line and tables have it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ratio => "ratio",
            Self::Regression => "regression",
            Self::Program => "program",
        }
    }

    /// What it does.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Ratio => "today's price times the worst ratio of the operation's own blocks",
            Self::Regression => "a regression per operation, the worst of all tests and provers",
            Self::Program => "the least change with which every block holds",
        }
    }
}

/// The answer to `propose --method`.
#[derive(Clone, Debug, Serialize)]
pub struct Methods {
    /// The schedule's title.
    pub schedule: String,
    /// Where it was read from.
    pub file: String,
    /// The folder or file.
    pub runs: String,
    /// The methods, in the columns' order.
    pub methods: Vec<Method>,
    /// The parameters that may move.
    pub parameters: Vec<String>,
    /// Their prices today.
    pub current: Vec<f64>,
}

/// One method.
#[derive(Clone, Debug, Serialize)]
pub struct Method {
    /// `ratio`, `regression` or `program`.
    pub name: &'static str,
    /// What it does.
    pub meaning: &'static str,
    /// By parameter; absent where it has nothing to say.
    pub prices: Vec<Option<f64>>,
    /// What its prices are worth on the same blocks; absent where there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub judged: Option<JudgedSchedule>,
}

/// What the methods have in common.
#[derive(Clone, Copy, Debug)]
pub struct MethodsQuestion<'a> {
    /// What was asked.
    pub plan: &'a Plan,
    /// Where it was read from.
    pub file: &'a str,
    /// The folder or file.
    pub runs: &'a str,
    /// The blocks as they were measured.
    pub measured: &'a RecordedBlocks,
    /// The program's answer.
    pub found: &'a solve::Report,
}

/// Every method asked for, judged on the same blocks.
///
/// # Errors
/// A formula without a value.
pub fn methods(
    question: &MethodsQuestion,
    names: &[MethodName],
    dataset: &Dataset,
) -> Result<Methods, FormulaError> {
    let plan = question.plan;
    let start = question.found.problem.start_prices();
    let one = |name: &MethodName| {
        let prices = match name {
            MethodName::Ratio => question.by_ratio(&start)?,
            MethodName::Regression => question.by_regression(&start, dataset),
            MethodName::Program => {
                let proposal = question.found.proposal.as_ref();
                proposal.map_or_else(Prices::new, |proposal| proposal.prices.clone())
            }
        };
        let price = |param| prices.get(param).map(|price| price.value());
        Ok(Method {
            name: name.name(),
            meaning: name.meaning(),
            prices: start.keys().map(price).collect(),
            judged: if prices.is_empty() {
                None
            } else {
                Some(question.judged(name.name(), &prices)?)
            },
        })
    };
    Ok(Methods {
        schedule: plan.name.clone(),
        file: question.file.into(),
        runs: question.runs.into(),
        methods: names.iter().map(one).collect::<Result<_, _>>()?,
        parameters: start.keys().map(ToString::to_string).collect(),
        current: start.values().map(|price| price.value()).collect(),
    })
}

impl MethodsQuestion<'_> {
    fn target(&self) -> &Target {
        &self.plan.targets[0]
    }

    fn judged(&self, name: &str, prices: &Prices) -> Result<JudgedSchedule, FormulaError> {
        let schedule = apply(&self.plan.schedule, prices)?;
        judge((name, name), &schedule, self.target(), &self.measured.all)
    }

    /// Today's prices times the worst ratio of the operation's blocks; never less than today.
    fn by_ratio(&self, start: &Prices) -> Result<Prices, FormulaError> {
        let mut worst: BTreeMap<&str, f64> = BTreeMap::new();
        for block in &self.measured.all {
            let judged = JudgedBlock::of(block, &self.plan.schedule, self.target())?;
            if let Some(overshoot) = judged.overshoot().filter(|x| *x > 0.0) {
                let worst = worst.entry(&block.id.operation).or_insert(1.0);
                *worst = worst.max(1.0 / overshoot);
            }
        }
        let times = |(param, price): (&GasParam, &Price)| {
            let ratio = worst.get(param.operation.as_str())?;
            let ticks = rounded_up(real(price.ticks()) * ratio);
            Some((param.clone(), price.with_ticks(ticks)))
        };
        Ok(start.iter().filter_map(times).collect())
    }

    /// What the worst regression of each price says. It has nothing to say of formulas that are not linear.
    fn by_regression(&self, start: &Prices, dataset: &Dataset) -> Prices {
        let of_run = |run: &Run| {
            let mut measured = self.measured.all.iter();
            let own = measured.find(|block| block.source == run.source);
            let fixed_s = own.map_or(0.0, |block| block.fixed_s);
            let begin = dataset.panel.empty_block_s(&run.source);
            let prover = run.source.prover();
            let rate = asked_rate(self.target(), &prover, fixed_s);
            (rate.unwrap_or(0.0), begin)
        };
        let recorded = dataset.counts.filled(&dataset.recorded);
        let worst = worst(&regressions(&recorded, &self.plan.root, &of_run));
        let price = |(param, price): (&GasParam, &Price)| {
            let name = param.to_string();
            let found = worst.iter().find(|worst| worst.parameter == name)?;
            let gas = Price::Gas(rounded_up(found.price));
            matches!(price, Price::Gas(_)).then(|| (param.clone(), gas))
        };
        start.iter().filter_map(price).collect()
    }
}

/// The least whole price that is not below `price`, between 0 and 10^12.
fn rounded_up(price: f64) -> u64 {
    count(price.ceil().clamp(0.0, 1e12))
}
