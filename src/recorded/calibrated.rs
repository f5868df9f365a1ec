//! What costs are worth: counted costs joined with the times of the same fixtures, and fitted.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::Arc,
};

use serde::Serialize;

use super::{Panel, Point, Recorded, Run, Series, Test};
use crate::{
    fit::{Seen, median, quantile, real, relative},
    lang,
    prove::{Calibration, CostVector, Source},
};

/// Joined blocks from which on a model is fitted.
const ENOUGH: usize = 8;
/// The median of predicted by real time outside of which a family is not covered.
const COVERED: (f64, f64) = (0.67, 1.5);
/// An error that counts as hit.
const HIT: f64 = 0.1;

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
    /// By family, the most underestimated first.
    pub families: Vec<Family>,
    /// Families that are predicted wrong by more than half.
    pub not_covered: Vec<String>,
    /// Every block.
    #[serde(skip)]
    pub points: Vec<PredictedTime>,
}

/// A block that took too long.
#[derive(Clone, Debug, Serialize)]
pub struct Stall {
    /// The test.
    pub test: String,
    /// Seconds that it took.
    pub real_s: f64,
    /// Seconds that the other gas levels let expect.
    pub expected_s: f64,
}

/// Relative errors.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Errors {
    /// Their mean.
    pub mean: f64,
    /// Their median.
    pub median: f64,
    /// What nine of ten are below.
    pub p90: f64,
    /// The part of blocks within 10 %.
    pub within_10_percent: f64,
}

/// Blocks of one benchmark function.
#[derive(Clone, Debug, Serialize)]
pub struct Family {
    /// The function, without `test_`.
    pub name: String,
    /// Blocks.
    pub blocks: usize,
    /// Predicted by real time: median, lowest, highest.
    pub ratio: f64,
    /// The lowest of them.
    pub lowest: f64,
    /// The highest.
    pub highest: f64,
    /// The part of blocks within 10 %.
    pub within_10_percent: f64,
    /// Median of predicted by real time where it was left out of the fit.
    pub left_out: f64,
}

/// A block's time as it was, and as it is predicted.
#[derive(Clone, Debug)]
pub struct PredictedTime {
    /// Its family.
    pub family: String,
    /// Seconds.
    pub real_s: f64,
    /// Seconds.
    pub predicted_s: f64,
}

/// Why there is no model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoModel {
    /// No result has costs.
    NoCosts,
    /// No result has a time.
    NoTimes,
    /// The zkVM that is asked for was not timed; those that were.
    NotTimed(String, BTreeSet<String>),
    /// Costs and times are of different zkVMs.
    OtherZkvm(BTreeSet<String>, BTreeSet<String>),
    /// No fixture has both; one of each.
    NoOverlap(Source, String, Source, String),
    /// Too few fixtures have both.
    TooFew(usize),
    /// All joined fixtures are of one family.
    OneFamily(String, usize),
    /// A cost that is to be weighed is not counted for every block.
    NotCounted(String, Vec<String>),
    /// The fit gives no weight above 0.
    Nothing,
}

impl fmt::Display for NoModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let listed =
            |names: &BTreeSet<String>| names.iter().cloned().collect::<Vec<_>>().join(", ");
        match self {
            Self::NoCosts => f.write_str("no result has counted costs: none was executed only"),
            Self::NoTimes => f.write_str("no result has a time: none was proven"),
            Self::NotTimed(zkvm, times) => {
                write!(f, "nothing was timed on `{zkvm}`, but on {}", listed(times))
            }
            Self::OtherZkvm(costs, times) => write!(
                f,
                "costs are of {}, and times of {}",
                listed(costs),
                listed(times)
            ),
            Self::NoOverlap(costs, cost, times, time) => write!(
                f,
                "no fixture has both costs and a time: `{cost}` was counted on {costs}, `{time}` timed on {times}"
            ),
            Self::TooFew(n) => write!(
                f,
                "{n} fixtures have both costs and a time, and a model takes {ENOUGH}"
            ),
            Self::OneFamily(family, n) => write!(
                f,
                "all {n} fixtures with both costs and a time are of `{family}`: what other operations cost is not in them"
            ),
            Self::NotCounted(name, known) => write!(
                f,
                "`{name}` is not counted for every fixture; these are: {}",
                known.join(", ")
            ),
            Self::Nothing => f.write_str("no cost explains these times"),
        }
    }
}

impl std::error::Error for NoModel {}

/// A block with both.
struct Joined<'a> {
    test: &'a Test,
    family: String,
    costs: CostVector,
    time: Seen,
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
    let mut costs: BTreeMap<Key<'_>, (&Test, CostVector)> = BTreeMap::new();
    for run in counted {
        if let Some(of) = &run.costs {
            costs.insert(key(&run.test), (&run.test, of.clone()));
        }
    }
    let mut times: BTreeMap<Key<'_>, (&Run, Vec<f64>)> = BTreeMap::new();
    for run in timed {
        let (_, seconds) = times.entry(key(&run.test)).or_insert((run, Vec::new()));
        seconds.extend(
            run.proving
                .iter()
                .flatten()
                .map(|one| one.proving_s)
                .filter(|s| *s > 0.0),
        );
    }
    let mut joined = Vec::new();
    let mut crashes = Vec::new();
    for (at, (run, seconds)) in &mut times {
        let Some((test, of)) = costs.get(at) else {
            continue;
        };
        let one = |time| Joined {
            test,
            family: family(test),
            costs: of.clone(),
            time,
        };
        if !seconds.is_empty() {
            joined.push(one(Seen::Value(median(seconds))));
        } else if matches!(run.proving, Some(Err(_))) {
            crashes.push(one(Seen::AtLeast(0.0)));
        }
    }
    joined.retain(|one| !stalls.iter().any(|stall| stall.test == name(one.test)));
    check(&joined, (costs_of, counted), (times_of, timed))?;
    bound(&mut crashes, &joined);
    let without_time = costs.keys().filter(|at| !times.contains_key(*at)).count();
    let without_costs = times.keys().filter(|at| !costs.contains_key(*at)).count();
    let names = chosen(&joined, &crashes, weigh)?;
    let fit = Fit::of(&joined, &crashes, &names).ok_or(NoModel::Nothing)?;
    if fit.weights[1..].iter().all(|weight| *weight <= 0.0) {
        return Err(NoModel::Nothing);
    }
    let left_out = predictions_left_out(&joined, &crashes, &names);
    let points = joined.iter().map(|one| PredictedTime {
        family: one.family.clone(),
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
        without_time,
        without_costs,
        crashed: crashes.iter().map(|one| name(one.test)).collect(),
        stalls,
        fixed_s: fit.weights[0],
        s_per_million: weights
            .filter(|(_, weight)| **weight > 0.0)
            .map(|(name, weight)| (name.clone(), *weight))
            .collect(),
        errors: ratios(&|at| points[at].predicted_s / points[at].real_s),
        left_out: ratios(&|at| left_out[at] / points[at].real_s),
        not_covered: uncovered.map(|family| family.name.clone()).collect(),
        families,
        points,
    })
}

/// What makes two results of one fixture: releases name the file that it stands in differently.
type Key<'a> = (&'a str, &'a str, Option<u64>);

fn key(test: &Test) -> Key<'_> {
    (&test.function, &test.params, test.level_mgas)
}

fn name(test: &Test) -> String {
    at_level(&test.scenario(), test.level_mgas)
}

fn at_level(scenario: &str, mgas: Option<u64>) -> String {
    mgas.map_or_else(
        || scenario.to_owned(),
        |mgas| format!("{scenario} at {mgas} Mgas"),
    )
}

fn family(test: &Test) -> String {
    let function = test
        .function
        .strip_prefix("test_")
        .unwrap_or(&test.function);
    function
        .strip_prefix("worst_")
        .unwrap_or(function)
        .to_owned()
}

/// Whether anything can be learnt from them.
fn check(
    joined: &[Joined<'_>],
    (costs_of, counted): (&Source, &[&Run]),
    (times_of, timed): (&Source, &[&Run]),
) -> Result<(), NoModel> {
    let families: BTreeSet<&str> = joined.iter().map(|one| one.family.as_str()).collect();
    let first = |runs: &[&Run]| runs.first().map_or_else(String::new, |run| name(&run.test));
    match (joined.len(), families.first()) {
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

/// A block that crashed takes at least as long as any that costs no more of anything.
fn bound(crashes: &mut Vec<Joined<'_>>, joined: &[Joined<'_>]) {
    for crash in crashes.iter_mut() {
        let costs = crash.costs.named();
        let less = |one: &&Joined<'_>| {
            costs
                .iter()
                .all(|(name, amount)| one.costs.get(name).is_none_or(|own| own <= *amount))
        };
        let longest = joined.iter().filter(less).map(|one| one.time.figure());
        crash.time = Seen::AtLeast(longest.fold(0.0, f64::max));
    }
    crashes.retain(|one| one.time.figure() > 0.0);
}

/// The forks that costs and times were made on, where they differ.
fn forks(counted: &[&Run], timed: &[&Run]) -> Option<String> {
    let of = |runs: &[&Run]| -> BTreeSet<String> {
        let fork = |run: &&Run| {
            let file = run.file.to_string_lossy().into_owned();
            let (_, rest) = file.split_once("fork_")?;
            Some(rest.split('-').next()?.to_owned())
        };
        runs.iter().filter_map(fork).collect()
    };
    let (costs, times) = (of(counted), of(timed));
    let listed = |forks: BTreeSet<String>| forks.into_iter().collect::<Vec<_>>().join(", ");
    (costs != times && !costs.is_empty() && !times.is_empty()).then(|| {
        format!(
            "fork: its costs are of {}, its times of {}",
            listed(costs),
            listed(times)
        )
    })
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

/// Times far above the line through the same test's other gas levels.
fn stalls(panel: &Panel, source: &Source) -> Vec<Stall> {
    let own = panel
        .stalls()
        .filter(|(series, _)| *series.source == *source);
    let stall = |(series, point): (&Series, &Point)| Stall {
        test: at_level(&series.scenario, Some(point.level / 1_000_000)),
        real_s: point.seconds,
        expected_s: series
            .line
            .as_ref()
            .map_or(0.0, |line| line.at(real(point.gas))),
    };
    own.map(stall).collect()
}

impl Errors {
    fn of(ratios: impl Iterator<Item = f64>) -> Self {
        let mut errors: Vec<f64> = ratios.map(|ratio| (ratio - 1.0).abs()).collect();
        errors.sort_by(f64::total_cmp);
        if errors.is_empty() {
            return Self::default();
        }
        let hits = errors.iter().filter(|error| **error <= HIT).count();
        Self {
            mean: errors.iter().sum::<f64>() / real(errors.len() as u64),
            median: quantile(&errors, 0.5),
            p90: quantile(&errors, 0.9),
            within_10_percent: real(hits as u64) / real(errors.len() as u64),
        }
    }
}

fn families(points: &[PredictedTime], left_out: &[f64]) -> Vec<Family> {
    let mut by_name: BTreeMap<&str, Vec<(f64, f64)>> = BTreeMap::new();
    for (point, left_out) in points.iter().zip(left_out) {
        let ratios = (point.predicted_s / point.real_s, left_out / point.real_s);
        by_name.entry(&point.family).or_default().push(ratios);
    }
    let one = |(name, all): (&str, Vec<(f64, f64)>)| {
        let mut ratios: Vec<f64> = all.iter().map(|(ratio, _)| *ratio).collect();
        let mut left_out: Vec<f64> = all.iter().map(|(_, ratio)| *ratio).collect();
        Family {
            name: name.to_owned(),
            blocks: all.len(),
            ratio: median(&mut ratios),
            lowest: ratios.iter().copied().fold(f64::INFINITY, f64::min),
            highest: ratios.iter().copied().fold(0.0, f64::max),
            within_10_percent: Errors::of(ratios.iter().copied()).within_10_percent,
            left_out: median(&mut left_out),
        }
    };
    let mut all: Vec<Family> = by_name.into_iter().map(one).collect();
    all.sort_by(|a, b| a.ratio.total_cmp(&b.ratio));
    all
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
