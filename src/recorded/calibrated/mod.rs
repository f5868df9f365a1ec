//! What costs are worth: counted costs joined with the times of the same fixtures, and fitted.

mod no_model;
mod pairs;
mod predicted;
mod stall;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use serde::Serialize;

use super::{Panel, Recorded, Run};
use crate::{
    fit::{Seen, real, relative},
    lang,
    prove::{Calibration, CostVector, Source},
};
use pairs::{ENOUGH, Joined, Pairs, family, forks, name};
use predicted::families;
use stall::stalls;

pub use no_model::NoModel;
pub use predicted::{Errors, Family, PredictedTime, Ranks};
pub use stall::Stall;

/// The median of predicted by real time outside of which a family is not covered.
const COVERED: (f64, f64) = (0.67, 1.5);

/// What to calibrate on.
#[derive(Clone, Copy, Debug)]
pub struct CalibrateQuestion<'a> {
    /// Where the results are from, in words.
    pub runs: &'a str,
    /// Only this zkVM; all where absent.
    pub zkvm: Option<&'a str>,
    /// No fixtures of these families.
    pub exclude: &'a [String],
    /// The costs that are weighed, by name; those that predict families best that they were not fitted on where empty.
    pub weigh: &'a [String],
}

/// The whole answer to `calibrate`: one model for each pair of sources.
#[derive(Clone, Debug, Serialize)]
pub struct Calibrated {
    /// The folders.
    pub runs: String,
    /// The models.
    pub models: Vec<Model>,
}

/// A model of one prover's times in one guest's costs.
#[derive(Clone, Debug, Serialize)]
pub struct Model {
    /// Who counted the costs.
    pub costs_of: Source,
    /// Who took the times.
    pub times_of: Source,
    /// What makes it doubtful that the two belong together.
    pub doubts: Vec<String>,
    /// Blocks with both.
    pub joined: usize,
    /// Blocks with costs that nobody timed.
    pub without_time: usize,
    /// Blocks with times that nobody counted.
    pub without_costs: usize,
    /// Blocks with both that are no pair, by operation: the forks of the two price it differently.
    pub repriced: BTreeMap<String, usize>,
    /// Blocks that crashed when they were proven, by name: lower bounds.
    pub crashed: Vec<String>,
    /// Blocks that took far longer than their own line over gas levels lets expect: left out.
    pub stalls: Vec<Stall>,
    /// Seconds of a block without costs.
    pub fixed_s: f64,
    /// Seconds per million of each cost.
    pub s_per_million: BTreeMap<String, f64>,
    /// How far predicted times are from real ones.
    pub errors: Errors,
    /// The same where each family is predicted from the others: the error to expect for an operation that nobody timed.
    pub left_out: Errors,
    /// Whether predicted and real times put blocks of one gas level in the same order.
    pub ranks: Vec<Ranks>,
    /// By family, the most underestimated first.
    pub families: Vec<Family>,
    /// Families that are predicted wrong by more than half.
    pub not_covered: Vec<String>,
    /// Every block.
    #[serde(skip)]
    pub points: Vec<PredictedTime>,
}

/// Fits a model for everything that was timed.
///
/// # Errors
/// [`NoModel`], of the first pair where none gives a model.
pub fn calibrated(
    recorded: &[Recorded],
    question: &CalibrateQuestion<'_>,
) -> Result<Calibrated, NoModel> {
    let asked = |run: &&Run| !question.exclude.contains(&family(&run.test));
    let runs = || recorded.iter().flat_map(|one| &one.runs).filter(asked);
    let everything = Recorded {
        runs: runs()
            .filter(|run| run.proving.is_some())
            .cloned()
            .collect(),
        ..Recorded::default()
    };
    let panel = Panel::of(&everything, &lang::osaka());
    let costs = by_source(runs().filter(|run| run.costs.is_some()));
    let times = by_source(runs().filter(|run| run.proving.is_some()));
    if costs.is_empty() {
        return Err(NoModel::NoCosts);
    }
    if times.is_empty() {
        return Err(NoModel::NoTimes);
    }
    let wanted = |source: &Source| question.zkvm.is_none_or(|zkvm| source.zkvm_name() == zkvm);
    let names = |sources: &BTreeMap<Arc<Source>, Vec<&Run>>| {
        let names = sources.keys().map(|one| one.zkvm_name().to_owned());
        names.collect::<BTreeSet<String>>()
    };
    if let Some(zkvm) = question.zkvm
        && !names(&times).contains(zkvm)
    {
        return Err(NoModel::NotTimed(zkvm.to_owned(), names(&times)));
    }
    let mut models = Vec::new();
    let mut first = None;
    for (times_of, timed) in times.iter().filter(|(source, _)| wanted(source)) {
        for costs_of in closest(times_of, costs.keys()) {
            match model(
                (costs_of, &costs[costs_of]),
                (times_of, timed),
                stalls(&panel, times_of),
                question.weigh,
            ) {
                Ok(model) => models.push(model),
                Err(error) => first = first.or(Some(error)),
            }
        }
    }
    if models.is_empty() {
        return Err(first.unwrap_or_else(|| NoModel::OtherZkvm(names(&costs), names(&times))));
    }
    Ok(Calibrated {
        runs: question.runs.to_owned(),
        models,
    })
}

fn by_source<'a>(runs: impl Iterator<Item = &'a Run>) -> BTreeMap<Arc<Source>, Vec<&'a Run>> {
    let mut all: BTreeMap<_, Vec<&Run>> = BTreeMap::new();
    for run in runs {
        all.entry(Arc::clone(&run.source)).or_default().push(run);
    }
    all
}

/// Of the sources of costs those that fit these times best: the same version and guest, or else all of the same zkVM.
fn closest<'a>(
    times: &Source,
    costs: impl Iterator<Item = &'a Arc<Source>>,
) -> Vec<&'a Arc<Source>> {
    let same: Vec<_> = costs
        .filter(|one| one.zkvm_name() == times.zkvm_name())
        .collect();
    let exact: Vec<_> = same
        .iter()
        .copied()
        .filter(|one| one.zkvm == times.zkvm && one.guest == times.guest)
        .collect();
    if exact.is_empty() { same } else { exact }
}

fn model(
    (costs_of, counted): (&Arc<Source>, &[&Run]),
    (times_of, timed): (&Arc<Source>, &[&Run]),
    stalls: Vec<Stall>,
    weigh: &[String],
) -> Result<Model, NoModel> {
    let stalled: BTreeSet<&str> = stalls.iter().map(|one| one.test.as_str()).collect();
    let pairs = Pairs::of(counted, timed, &stalled);
    check(&pairs, (costs_of, counted), (times_of, timed))?;
    let (joined, crashes) = (&pairs.joined, &pairs.crashed);
    let names = chosen(joined, crashes, weigh)?;
    let fit = Fit::of(joined, crashes, &names).ok_or(NoModel::Nothing)?;
    if fit.weights[1..].iter().all(|weight| *weight <= 0.0) {
        return Err(NoModel::Nothing);
    }
    let left_out = predictions_left_out(joined, crashes, &names);
    let points = joined.iter().map(|one| PredictedTime {
        family: one.family.clone(),
        level_mgas: one.test.level_mgas,
        real_s: one.time.figure(),
        predicted_s: fit.seconds(&one.costs),
    });
    let points: Vec<PredictedTime> = points.collect();
    let families = families(&points, &left_out);
    let uncovered = families
        .iter()
        .filter(|family| family.ratio < COVERED.0 || family.ratio > COVERED.1);
    let ratios = |of: &dyn Fn(usize) -> f64| Errors::of((0..points.len()).map(of));
    let weights = names.iter().zip(&fit.weights[1..]);
    let mut doubts = Calibration {
        costs_of: Some((**costs_of).clone()),
        times_of: Some((**times_of).clone()),
        ..Calibration::measured(String::new(), 0.0, String::new())
    }
    .doubts(costs_of);
    doubts.extend(forks(counted, timed));
    Ok(Model {
        costs_of: (**costs_of).clone(),
        times_of: (**times_of).clone(),
        doubts,
        joined: points.len(),
        without_time: pairs.without_time,
        without_costs: pairs.without_costs,
        repriced: pairs.repriced,
        crashed: crashes.iter().map(|one| name(one.test)).collect(),
        stalls,
        fixed_s: fit.weights[0],
        s_per_million: weights
            .filter(|(_, weight)| **weight > 0.0)
            .map(|(name, weight)| (name.clone(), *weight))
            .collect(),
        errors: ratios(&|at| points[at].predicted_s / points[at].real_s),
        left_out: ratios(&|at| left_out[at] / points[at].real_s),
        ranks: Ranks::of(&points),
        not_covered: uncovered.map(|family| family.name.clone()).collect(),
        families,
        points,
    })
}

/// Whether anything can be learnt from them.
fn check(
    pairs: &Pairs<'_>,
    (costs_of, counted): (&Source, &[&Run]),
    (times_of, timed): (&Source, &[&Run]),
) -> Result<(), NoModel> {
    let joined = &pairs.joined;
    let families: BTreeSet<&str> = joined.iter().map(|one| one.family.as_str()).collect();
    let first = |runs: &[&Run]| runs.first().map_or_else(String::new, |run| name(&run.test));
    match (joined.len(), families.first()) {
        (0, _) if !pairs.repriced.is_empty() => {
            let operations = pairs.repriced.keys().cloned();
            Err(NoModel::Repriced(operations.collect()))
        }
        (0, _) => Err(NoModel::NoOverlap(
            costs_of.clone(),
            first(counted),
            times_of.clone(),
            first(timed),
        )),
        (n, Some(one)) if families.len() == 1 => Err(NoModel::OneFamily((*one).to_owned(), n)),
        (n, _) if n < ENOUGH => Err(NoModel::TooFew(n)),
        _ => Ok(()),
    }
}

/// The costs that are weighed: those asked for, or of the kinds that are counted those that predict families best that they were
/// not fitted on.
fn chosen(
    joined: &[Joined<'_>],
    crashes: &[Joined<'_>],
    weigh: &[String],
) -> Result<Vec<String>, NoModel> {
    let all = || joined.iter().chain(crashes);
    let known: BTreeSet<String> = all()
        .flat_map(|one| one.costs.named())
        .filter(|(_, amount)| *amount > 0)
        .map(|(name, _)| name)
        .filter(|name| all().all(|one| one.costs.get(name).is_some()))
        .collect();
    if let Some(missing) = weigh.iter().find(|name| !known.contains(*name)) {
        let known = known.into_iter().collect();
        return Err(NoModel::NotCounted(missing.clone(), known));
    }
    if !weigh.is_empty() {
        return Ok(weigh.to_vec());
    }
    let kind = |name: &String| name.split('.').next().unwrap_or_default().to_owned();
    let kinds: BTreeSet<String> = known.iter().map(kind).collect();
    // Instructions or what the zkVM makes of them, each alone and with the system calls; or the areas.
    let sets: [&[&str]; 5] = [
        &["cycles"],
        &["prover_gas"],
        &["cycles", "syscall"],
        &["prover_gas", "syscall"],
        &["area"],
    ];
    let possible = sets
        .iter()
        .filter(|set| set.iter().all(|one| kinds.contains(*one)));
    let mut best: Option<(f64, Vec<String>)> = None;
    for set in possible {
        let names = known
            .iter()
            .filter(|name| set.contains(&kind(name).as_str()));
        let names: Vec<String> = names.cloned().collect();
        let predicted = predictions_left_out(joined, crashes, &names);
        let ratios = predicted
            .iter()
            .zip(joined)
            .map(|(s, one)| s / one.time.figure());
        let error = Errors::of(ratios).mean;
        if best.as_ref().is_none_or(|(least, _)| error < *least) {
            best = Some((error, names));
        }
    }
    best.map(|(_, names)| names).ok_or(NoModel::Nothing)
}

/// Weights: the fixed part, then seconds per million of each cost.
struct Fit<'a> {
    names: &'a [String],
    weights: Vec<f64>,
}

impl<'a> Fit<'a> {
    fn of<'b>(
        joined: impl IntoIterator<Item = &'b Joined<'b>>,
        crashes: impl IntoIterator<Item = &'b Joined<'b>>,
        names: &'a [String],
    ) -> Option<Self> {
        let rows: Vec<&Joined<'_>> = joined.into_iter().chain(crashes).collect();
        let mut columns = vec![vec![1.0; rows.len()]];
        columns.extend(names.iter().map(|name| {
            let amount = |row: &&Joined<'_>| real(row.costs.get(name).unwrap_or(0)) / 1e6;
            rows.iter().map(amount).collect::<Vec<f64>>()
        }));
        let seen: Vec<Seen> = rows.iter().map(|row| row.time).collect();
        let weights = relative(&columns, &seen)?;
        Some(Self { names, weights })
    }

    fn seconds(&self, costs: &CostVector) -> f64 {
        let terms = self.names.iter().zip(&self.weights[1..]);
        let terms = terms.map(|(name, s)| real(costs.get(name).unwrap_or(0)) / 1e6 * s);
        self.weights[0] + terms.sum::<f64>()
    }
}

/// Every block's seconds from a fit without its family.
fn predictions_left_out(
    joined: &[Joined<'_>],
    crashes: &[Joined<'_>],
    names: &[String],
) -> Vec<f64> {
    let families: BTreeSet<&str> = joined.iter().map(|one| one.family.as_str()).collect();
    let mut fits = BTreeMap::new();
    for left_out in families {
        let others = |one: &&Joined<'_>| one.family != left_out;
        let fit = Fit::of(
            joined.iter().filter(others),
            crashes.iter().filter(others),
            names,
        );
        fits.insert(left_out, fit);
    }
    let seconds = |one: &Joined<'_>| {
        let fit = fits.get(one.family.as_str()).and_then(Option::as_ref);
        fit.map_or(f64::INFINITY, |fit| fit.seconds(&one.costs))
    };
    joined.iter().map(seconds).collect()
}

impl Calibrated {
    /// The best founded model of each zkVM: one whose costs and times belong together before one where that is doubtful, then the one
    /// that predicts best what it was not fitted on.
    pub fn best(&self) -> Vec<&Model> {
        let mut best: BTreeMap<&str, &Model> = BTreeMap::new();
        let rank = |one: &Model| (one.doubts.len(), one.left_out.mean);
        for model in &self.models {
            let known = best.entry(model.costs_of.zkvm_name()).or_insert(model);
            if rank(model) < rank(known) {
                *known = model;
            }
        }
        best.into_values().collect()
    }
}

impl Model {
    /// What a configuration says of it.
    pub fn calibration(&self, runs: &str) -> Calibration {
        let percent = |part: f64| (part * 100.0).round();
        Calibration {
            s_per_million: self
                .s_per_million
                .iter()
                .map(|(name, s)| (name.clone(), digits(*s)))
                .collect(),
            error: Some(digits(self.left_out.mean)),
            costs_of: Some(self.costs_of.clone()),
            times_of: Some(self.times_of.clone()),
            not_covered: self.not_covered.clone(),
            ..Calibration::measured(
                self.times_of.to_string(),
                digits(self.fixed_s),
                format!(
                    "fitted on {} fixtures of {runs}, {} % within 10 %",
                    self.joined,
                    percent(self.errors.within_10_percent)
                ),
            )
        }
    }
}

/// Four significant digits: more are noise.
fn digits(figure: f64) -> f64 {
    format!("{figure:.3e}").parse().unwrap_or(figure)
}
