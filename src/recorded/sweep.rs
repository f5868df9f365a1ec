//! How prices follow a target, and which prover they hang on.

use serde::Serialize;

use super::{
    AnchorsError, BlockSelection, CostBasis, Dataset, NoBlocks, RecordedBlocks, fix_anchors,
    reprice,
};
use crate::{
    fit::count,
    gas::{FormulaError, GasParam},
    lang::{Limit, Plan},
    prove::ProverId,
    solve::{self, Because, Infeasible, LoopError, LoopOptions, Prices, Why},
};

/// The whole answer to `sweep`.
#[derive(Clone, Debug, Serialize)]
pub struct Sweep {
    /// The schedule's title.
    pub schedule: String,
    /// Where it was read from.
    pub file: String,
    /// The folder or file.
    pub runs: String,
    /// What is varied, with its unit, such as `Mgas of a full block`.
    pub axis: String,
    /// Parameters whose price changes anywhere.
    pub parameters: Vec<String>,
    /// Their prices today.
    pub current: Vec<f64>,
    /// One per value of the axis.
    pub points: Vec<SweepPoint>,
    /// What holds each price at the value in the middle, the most sensitive first.
    pub sensitivities: Vec<Sensitivity>,
}

/// One value of the axis.
#[derive(Clone, Debug, Serialize)]
pub struct SweepPoint {
    /// The value.
    pub value: f64,
    /// By parameter; absent where there is no answer.
    pub prices: Option<Vec<f64>>,
    /// The sum of relative changes.
    pub total_change: f64,
    /// Why there is no answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What one percent of a prover's speed is worth.
#[derive(Clone, Debug, Serialize)]
pub struct Sensitivity {
    /// The parameter.
    pub parameter: String,
    /// Its price.
    pub price: f64,
    /// The prover that holds it.
    pub prover: ProverId,
    /// The block that does.
    pub scenario: String,
    /// Gas per unit that the price falls by if that block were proven with one percent less work.
    pub gas_per_percent: f64,
}

/// What is varied of every target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SweepAxis {
    /// Gas of a full block, in millions.
    Gas,
    /// Seconds that proving it may take.
    Within,
    /// How many times the anchor's rate.
    Times,
    /// Provers that have to hold it.
    AtLeast,
}

impl SweepAxis {
    /// What it is, with its unit.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gas => "Mgas of a full block",
            Self::Within => "seconds within which it is proven",
            Self::Times => "times the anchor's rate",
            Self::AtLeast => "provers that have to hold it",
        }
    }

    /// `steps` values from `low` to `high`, evenly apart; of provers each whole number once.
    pub fn values(self, (low, high): (f64, f64), steps: u16) -> Vec<f64> {
        let last = f64::from(steps.saturating_sub(1).max(1));
        let value = |step| low + (high - low) * f64::from(step) / last;
        let mut values: Vec<f64> = (0..steps).map(value).collect();
        if self == Self::AtLeast {
            for value in &mut values {
                *value = value.round();
            }
            values.dedup();
        }
        values
    }

    /// The plan with every target's gas, time or number of provers set.
    fn vary(self, plan: &Plan, value: f64) -> Plan {
        let whole = |value: f64| count(value.round());
        let mut plan = plan.clone();
        for target in &mut plan.targets {
            match self {
                Self::Gas => target.gas = whole(value * 1e6),
                Self::Within => target.limit = Limit::Within(value),
                Self::Times => {
                    if let Limit::Anchor(anchor) = &mut target.limit {
                        anchor.times = value;
                    }
                }
                Self::AtLeast => target.at_least = usize::try_from(whole(value)).ok(),
            }
        }
        plan
    }
}

/// What was asked for, besides the runs.
#[derive(Clone, Copy)]
pub struct SweepQuestion<'a> {
    /// The schedule with its targets.
    pub plan: &'a Plan,
    /// Where it was read from.
    pub file: &'a str,
    /// The folder or file.
    pub runs: &'a str,
    /// What is varied.
    pub axis: SweepAxis,
    /// Its values.
    pub values: &'a [f64],
    /// Which blocks; what they cost is its [upper](CostBasis::Upper) cost of the varied target.
    pub selection: BlockSelection,
    /// How sure a cost is to hold: a probability.
    pub confidence: f64,
    /// Why there are no prices, in words.
    pub reason: &'a dyn Fn(&Infeasible, &Plan) -> Option<String>,
}

/// Why there is no sweep.
#[derive(Debug)]
pub enum SweepError {
    /// There are no blocks.
    NoBlocks(NoBlocks),
    /// An anchor has no rate.
    Anchors(AnchorsError),
    /// Prices cannot be solved for.
    Loop(LoopError<FormulaError>),
}

/// Solves for prices at every value of the axis.
///
/// # Errors
/// See [`SweepError`].
pub fn sweep(dataset: &Dataset, question: &SweepQuestion) -> Result<Sweep, SweepError> {
    let mut answers = Vec::new();
    for value in question.values {
        let mut plan = question.axis.vary(question.plan, *value);
        let selection = BlockSelection {
            basis: CostBasis::Upper(question.confidence, plan.targets[0].gas),
            ..question.selection
        };
        let blocks = RecordedBlocks::of_plan(dataset, &plan, &selection);
        let blocks = blocks.map_err(SweepError::NoBlocks)?;
        fix_anchors(&mut plan.targets, &plan.root, &blocks).map_err(SweepError::Anchors)?;
        let answer = reprice(&plan, &blocks, LoopOptions::default());
        answers.push(answer.map_err(SweepError::Loop)?.found);
    }
    Ok(question.assembled(&answers))
}

impl SweepQuestion<'_> {
    fn assembled(&self, answers: &[solve::Report]) -> Sweep {
        let start = answers
            .first()
            .map_or_else(Prices::new, |answer| answer.problem.start_prices());
        let changed: Vec<&GasParam> = start
            .keys()
            .filter(|param| {
                let moved = |report: &solve::Report| {
                    let prices = report.proposal.as_ref().map(|p| &p.prices);
                    prices.is_some_and(|prices| prices.get(param) != start.get(param))
                };
                answers.iter().any(moved)
            })
            .collect();
        let amounts = |prices: &Prices| -> Vec<f64> {
            let price = |param: &&GasParam| prices.get(param).map_or(0.0, |p| p.value());
            changed.iter().map(price).collect()
        };
        let point = |(value, report): (&f64, &solve::Report)| SweepPoint {
            value: *value,
            prices: report.proposal.as_ref().map(|p| amounts(&p.prices)),
            total_change: report.proposal.as_ref().map_or(0.0, |p| p.total_change),
            reason: match &report.verdict {
                solve::Verdict::Infeasible(none) => (self.reason)(none, self.plan),
                _ => None,
            },
        };
        Sweep {
            schedule: self.plan.name.clone(),
            file: self.file.into(),
            runs: self.runs.into(),
            axis: self.axis.name().into(),
            parameters: changed.iter().map(ToString::to_string).collect(),
            current: amounts(&start),
            points: self.values.iter().zip(answers).map(point).collect(),
            sensitivities: answers
                .get(answers.len() / 2)
                .map_or_else(Vec::new, sensitivities),
        }
    }
}

fn sensitivities(report: &solve::Report) -> Vec<Sensitivity> {
    let Some(proposal) = &report.proposal else {
        return Vec::new();
    };
    let one = |(param, why): (&GasParam, &Why)| {
        let Because::Block { id, .. } = &why.because else {
            return None;
        };
        let price = *proposal.prices.get(param)?;
        Some(Sensitivity {
            parameter: param.to_string(),
            price: price.value(),
            prover: id.prover.clone(),
            scenario: id.scenario.clone(),
            gas_per_percent: why.saved,
        })
    };
    let mut all: Vec<Sensitivity> = proposal.why.iter().filter_map(one).collect();
    all.sort_by(|a, b| (b.gas_per_percent / b.price).total_cmp(&(a.gas_per_percent / a.price)));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_evenly_apart() {
        assert_eq!(SweepAxis::Gas.values((20.0, 60.0), 3), [20.0, 40.0, 60.0]);
        assert_eq!(SweepAxis::AtLeast.values((1.0, 2.0), 5), [1.0, 2.0]);
    }
}
