//! How far each operation is from a target on recorded runs.

use std::{collections::BTreeMap, sync::Arc};

use serde::Serialize;

use super::{
    Panel, ProvingTarget, Series,
    left_out::{CrashedBlock, StalledBlock, crashed, stalled},
};
use crate::{
    fit::{median, real},
    prove::{Source, rates::absolute_ratio},
};

/// What a ratio compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RatioMode {
    /// The largest block's whole time, the fixed cost included.
    Absolute,
    /// The time that more gas takes, against the anchor rate.
    Marginal,
    /// The time that more gas takes, against what is left of the time limit after the fixed cost.
    Effective,
}

impl RatioMode {
    /// What the figures are, in a sentence.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Absolute => "anchor rate / throughput of the largest block, fixed cost included",
            Self::Marginal => "anchor rate / rate between gas levels, without the fixed cost",
            Self::Effective => {
                "rate needed once the fixed cost is paid / rate between gas levels: above 1, a full block misses"
            }
        }
    }
}

/// The whole answer to `ratios`.
#[derive(Clone, Debug, Serialize)]
pub struct Ratios {
    /// The folder or file.
    pub runs: String,
    /// The target.
    pub target: ProvingTarget,
    /// What is compared.
    pub mode: RatioMode,
    /// Provers that have to hold the target; all where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_least: Option<usize>,
    /// Who proved, in the columns' order.
    pub provers: Vec<ComparedProver>,
    /// One row per scenario, the worst first.
    pub scenarios: Vec<ScenarioRatios>,
    /// One row per operation: its worst scenario, the worst first.
    pub operations: Vec<ScenarioRatios>,
    /// Blocks that did not come back.
    pub crashes: Vec<CrashedBlock>,
    /// Blocks left out as stalls.
    pub stalls: Vec<StalledBlock>,
}

/// A prover of a comparison.
#[derive(Clone, Debug, Serialize)]
pub struct ComparedProver {
    /// As in [`Source`]: zkVM, guest, machine.
    pub name: String,
    /// Short, for a column's head.
    pub short: String,
    /// Seconds of an empty block.
    pub fixed_s: f64,
    /// Rate its work has to reach; absent where the fixed cost alone misses the target.
    pub effective_rate: Option<f64>,
    /// Scenarios measured.
    pub scenarios: usize,
    /// The median ratio of all its scenarios.
    pub median: f64,
    /// Scenarios above 1, crashed ones included.
    pub above: usize,
}

/// The ratios of a scenario, or of an operation's worst scenario.
#[derive(Clone, Debug, Serialize)]
pub struct ScenarioRatios {
    /// The operation; empty where unknown.
    pub operation: String,
    /// The scenario; the one with the worst ratio.
    pub scenario: String,
    /// By prover; absent where it was not measured there.
    pub ratios: Vec<Option<Ratio>>,
    /// The worst of them.
    pub worst: f64,
    /// The `at_least`-th best: what remains when only so many provers have to hold the target.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counted: Option<f64>,
}

/// One ratio.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Ratio {
    /// Above 1: too slow.
    pub value: f64,
    /// Whether a larger block of it crashed, so that the true ratio is at least this.
    pub at_least: bool,
}

/// What was asked for, besides the runs.
#[derive(Clone, Copy, Debug)]
pub struct RatioQuestion<'a> {
    /// The folder or file.
    pub runs: &'a str,
    /// The target.
    pub target: ProvingTarget,
    /// What is compared.
    pub mode: RatioMode,
    /// Provers that have to hold the target.
    pub at_least: Option<usize>,
    /// Seconds of an empty block, instead of those estimated.
    pub fixed_s: Option<f64>,
}

/// The ratios of everything in `panel`.
pub fn ratios(panel: &Panel, question: &RatioQuestion) -> Ratios {
    let sources: Vec<&Arc<Source>> = panel.fixed_s.keys().collect();
    let mut rows: BTreeMap<(&str, &str), Vec<Option<Ratio>>> = BTreeMap::new();
    for (at, source) in sources.iter().enumerate() {
        let fixed_s = question.fixed_s.unwrap_or(panel.fixed_s[*source]);
        for series in panel.of_source(source) {
            let key = (
                series.operation.as_deref().unwrap_or_default(),
                series.scenario.as_str(),
            );
            let row = rows.entry(key).or_insert_with(|| vec![None; sources.len()]);
            row[at] = ratio(series, fixed_s, question);
        }
    }
    let mut scenarios: Vec<ScenarioRatios> = rows
        .into_iter()
        .filter(|(_, ratios)| ratios.iter().any(Option::is_some))
        .map(|((operation, scenario), ratios)| row(operation, scenario, ratios, question.at_least))
        .collect();
    scenarios.sort_by(|a, b| b.worst.total_cmp(&a.worst));
    let provers = sources
        .iter()
        .enumerate()
        .map(|(at, source)| prover(panel, source, question, &scenarios, at))
        .collect();
    Ratios {
        runs: question.runs.into(),
        target: question.target,
        mode: question.mode,
        at_least: question.at_least,
        provers,
        operations: by_operation(&scenarios, question.at_least),
        scenarios,
        crashes: crashed(panel),
        stalls: stalled(panel),
    }
}

fn ratio(series: &Series, fixed_s: f64, question: &RatioQuestion) -> Option<Ratio> {
    let anchor = question.target.anchor_rate();
    let largest = series.sound().last()?;
    let at_least = series
        .crashes
        .iter()
        .any(|(level, _)| level.is_none_or(|level| level > largest.level));
    let slope = || series.line.as_ref().map(|line| line.slope);
    let value = match question.mode {
        RatioMode::Absolute => absolute_ratio(anchor, real(largest.gas) / largest.seconds),
        RatioMode::Marginal => anchor * slope()?,
        RatioMode::Effective => match question.target.effective_rate(fixed_s) {
            Some(rate) => rate * slope()?,
            None => f64::INFINITY,
        },
    };
    Some(Ratio { value, at_least })
}

fn row(
    operation: &str,
    scenario: &str,
    ratios: Vec<Option<Ratio>>,
    at_least: Option<usize>,
) -> ScenarioRatios {
    let mut values: Vec<f64> = ratios.iter().flatten().map(|r| r.value).collect();
    values.sort_by(f64::total_cmp);
    ScenarioRatios {
        operation: operation.into(),
        scenario: scenario.into(),
        worst: values.last().copied().unwrap_or(f64::NAN),
        counted: at_least.and_then(|k| values.get(k.checked_sub(1)?).copied()),
        ratios,
    }
}

/// Per prover the worst scenario of each operation, and the scenario that is worst of all.
fn by_operation(scenarios: &[ScenarioRatios], at_least: Option<usize>) -> Vec<ScenarioRatios> {
    let mut worst: BTreeMap<&str, (String, Vec<Option<Ratio>>)> = BTreeMap::new();
    // The worst scenario comes first.
    for row in scenarios.iter().filter(|row| !row.operation.is_empty()) {
        let entry = worst
            .entry(&row.operation)
            .or_insert_with(|| (row.scenario.clone(), vec![None; row.ratios.len()]));
        for (all, own) in entry.1.iter_mut().zip(&row.ratios) {
            *all = match (*all, *own) {
                (Some(a), Some(b)) => Some(Ratio {
                    value: a.value.max(b.value),
                    at_least: a.at_least || b.at_least,
                }),
                (a, b) => a.or(b),
            };
        }
    }
    let mut rows: Vec<ScenarioRatios> = worst
        .into_iter()
        .map(|(operation, (scenario, ratios))| row(operation, &scenario, ratios, at_least))
        .collect();
    rows.sort_by(|a, b| b.worst.total_cmp(&a.worst));
    rows
}

fn prover(
    panel: &Panel,
    source: &Arc<Source>,
    question: &RatioQuestion,
    scenarios: &[ScenarioRatios],
    at: usize,
) -> ComparedProver {
    let fixed_s = question.fixed_s.unwrap_or(panel.fixed_s[source]);
    let own: Vec<Ratio> = scenarios.iter().filter_map(|row| row.ratios[at]).collect();
    let mut values: Vec<f64> = own.iter().map(|ratio| ratio.value).collect();
    ComparedProver {
        name: source.to_string(),
        short: source.guest.clone().unwrap_or_else(|| source.zkvm.clone()),
        fixed_s,
        effective_rate: question.target.effective_rate(fixed_s),
        scenarios: own.len(),
        above: own.iter().filter(|r| r.value > 1.0 || r.at_least).count(),
        median: median(&mut values),
    }
}
