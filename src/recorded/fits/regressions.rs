//! Regressions per operation, prover and test, as gas-fitting scripts make them; with what they cannot know.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Flag;
use crate::{
    fit::{IDENTIFIED, Regression, RobustLine, normal_quantile, real},
    gas::{CostFormula, GasParam, Part, Schedule},
    prove::ProverId,
    recorded::{Recorded, Run, SIZES, Size, test_name::schedule_name},
};

/// Below this, a fit explains too little.
const POOR: f64 = 0.9;
/// Scenarios whose own costs differ by more are not one population.
const POOLED: f64 = 1.5;
/// An intercept may be off the fixed cost by this share of it.
const OFF: f64 = 0.5;

/// One regression.
#[derive(Clone, Debug, Serialize)]
pub struct TestRegression {
    /// The operation, as a schedule names it.
    pub operation: String,
    /// The prover.
    pub prover: ProverId,
    /// The test whose measurements are fitted.
    pub test: String,
    /// Measurements.
    pub nobs: usize,
    /// Milliseconds without executions.
    pub intercept_ms: f64,
    /// The part of the variance explained.
    pub r_squared: f64,
    /// With the coefficients' own part taken off.
    pub r_squared_adjusted: f64,
    /// See [`Regression`].
    pub condition_index: f64,
    /// Per execution first, then per unit of size.
    pub coefficients: Vec<Coefficient>,
    /// What to beware of.
    pub flags: Vec<Flag>,
}

/// One coefficient.
#[derive(Clone, Debug, Serialize)]
pub struct Coefficient {
    /// `slope` for executions, or the size's name: `msg_size`.
    pub name: String,
    /// The parameter that it prices.
    pub parameter: String,
    /// Milliseconds per unit.
    pub ms: f64,
    /// 95 % interval, valid at 0.
    pub interval_ms: (f64, f64),
    /// The same for every coefficient of every regression at once.
    pub simultaneous_ms: (f64, f64),
    /// Gas per unit of the price that the target asks for.
    pub price: f64,
    /// Variance inflation.
    pub inflation: f64,
}

/// The worst regression of a parameter.
#[derive(Clone, Debug, Serialize)]
pub struct WorstRegression {
    /// The parameter.
    pub parameter: String,
    /// Gas per unit.
    pub price: f64,
    /// Its simultaneous interval, gas per unit.
    pub interval: (f64, f64),
    /// Its prover.
    pub prover: ProverId,
    /// Its test.
    pub test: String,
    /// How many there are.
    pub fits: usize,
    /// What to beware of.
    pub flags: Vec<Flag>,
}

/// Every regression that the runs allow; `rate` and `fixed_s` of a prover.
pub fn regressions(
    recorded: &Recorded,
    schedule: &Schedule,
    prover: &dyn Fn(&Run) -> (f64, f64),
) -> Vec<TestRegression> {
    let mut groups: BTreeMap<(String, ProverId, &str), Vec<&Run>> = BTreeMap::new();
    for run in &recorded.runs {
        if let (Some(operation), Some(_), Some(Ok(_))) =
            (&run.target_opcode, run.executions, &run.proving)
        {
            let operation = schedule_name(operation);
            let key = (operation, run.source.prover(), run.test.function.as_str());
            groups.entry(key).or_default().push(run);
        }
    }
    let mut fits: Vec<(TestRegression, Regression)> = groups
        .into_iter()
        .filter_map(|((operation, name, test), runs)| {
            one(&operation, &name, test, &runs, schedule, prover(runs[0]))
        })
        .collect();
    let many = fits.iter().map(|(row, _)| row.coefficients.len()).sum();
    for (row, fit) in &mut fits {
        let simultaneous = fit.simultaneous(many);
        for (at, coefficient) in row.coefficients.iter_mut().enumerate() {
            let (low, high) = simultaneous[at + 1];
            coefficient.simultaneous_ms = (low * 1e3, high * 1e3);
        }
    }
    fits.into_iter().map(|(row, _)| row).collect()
}

fn seconds(run: &Run) -> f64 {
    match &run.proving {
        Some(Ok(proven)) => proven.proving_s,
        _ => f64::NAN,
    }
}

fn executions(run: &Run) -> f64 {
    real(run.executions.unwrap_or(0))
}

fn one(
    operation: &str,
    prover: &ProverId,
    test: &str,
    runs: &[&Run],
    schedule: &Schedule,
    (rate, fixed_s): (f64, f64),
) -> Option<(TestRegression, Regression)> {
    let sizes = sizes(runs);
    let mut features = vec![runs.iter().map(|run| executions(run)).collect::<Vec<f64>>()];
    for size in &sizes {
        let times = |run: &&Run| executions(run) * real(size.stated(&run.test).unwrap_or(0));
        features.push(runs.iter().map(times).collect());
    }
    let times: Vec<f64> = runs.iter().map(|run| seconds(run)).collect();
    let fit = Regression::fit(&features, &times)?;
    let formula = schedule.formula(operation).ok();
    let mut coefficients = Vec::new();
    for at in 1..fit.coefficients.len() {
        let size = at.checked_sub(2).map(|i| sizes[i]);
        let per_unit = size.map_or(1, |size| size.per_unit);
        let (low, high) = fit.intervals[at];
        coefficients.push(Coefficient {
            name: size.map_or("slope", |size| size.name).into(),
            parameter: parameter(operation, size, formula.as_ref()),
            ms: fit.coefficients[at] * 1e3,
            interval_ms: (low * 1e3, high * 1e3),
            simultaneous_ms: (0.0, f64::INFINITY),
            price: fit.coefficients[at] * real(per_unit) * rate,
            inflation: fit.inflations[at],
        });
    }
    let row = TestRegression {
        operation: operation.into(),
        prover: prover.clone(),
        test: test.into(),
        nobs: fit.observations,
        intercept_ms: fit.coefficients[0] * 1e3,
        r_squared: fit.r_squared,
        r_squared_adjusted: fit.r_squared_adjusted,
        condition_index: fit.condition_index,
        flags: flags(operation, runs, &sizes, &fit, formula.as_ref(), fixed_s),
        coefficients,
    };
    Some((row, fit))
}

/// The sizes that differ among the runs: one that does not tells nothing.
fn sizes(runs: &[&Run]) -> Vec<Size> {
    let differs = |size: &Size| {
        let mut stated = runs.iter().map(|run| size.stated(&run.test));
        let first = stated.next().flatten();
        first.is_some() && stated.any(|other| other.is_some() && other != first)
    };
    SIZES.into_iter().filter(differs).collect()
}

fn parameter(operation: &str, size: Option<Size>, formula: Option<&CostFormula>) -> String {
    let part = match (size, formula) {
        (Some(size), _) => Part::Per(size.variable),
        (None, Some(CostFormula::Linear { per, .. })) if !per.is_empty() => Part::Base,
        _ => Part::Whole,
    };
    GasParam::new(operation, part).to_string()
}

fn flags(
    operation: &str,
    runs: &[&Run],
    sizes: &[Size],
    fit: &Regression,
    formula: Option<&CostFormula>,
    fixed_s: f64,
) -> Vec<Flag> {
    let mut flags = Vec::new();
    if let (true, Some(CostFormula::Linear { per, .. })) = (sizes.is_empty(), formula)
        && !per.is_empty()
    {
        let units = per
            .iter()
            .map(|(v, _)| GasParam::new(operation, Part::Per(*v)));
        let base = GasParam::new(operation, Part::Base);
        flags.push(Flag::OneSize {
            parameters: [base]
                .into_iter()
                .chain(units)
                .map(|p| p.to_string())
                .collect(),
        });
    }
    for size in sizes.iter().filter(|size| size.per_unit != 1) {
        flags.push(Flag::Unit {
            measured: "byte".into(),
            priced: size.variable.unit().into(),
            factor: size.per_unit,
        });
    }
    // What differs by size is no pool: the size's own coefficient takes it.
    if sizes.is_empty() {
        flags.extend(pooled(runs));
    }
    if fit.r_squared < POOR {
        flags.push(Flag::PoorFit {
            r_squared: fit.r_squared,
        });
    }
    if (fit.coefficients[0] - fixed_s).abs() > OFF * fixed_s {
        flags.push(Flag::Intercept {
            fitted_s: fit.coefficients[0],
            fixed_s,
        });
    }
    if fit.coefficients.iter().skip(1).any(|c| *c == 0.0) {
        flags.push(Flag::AtBound);
    }
    if fit.condition_index > IDENTIFIED {
        flags.push(Flag::Collinear {
            condition_index: fit.condition_index,
        });
    }
    flags
}

/// Whether the test's scenarios, each by itself, cost the same.
fn pooled(runs: &[&Run]) -> Option<Flag> {
    let mut own: BTreeMap<&str, Vec<(f64, f64)>> = BTreeMap::new();
    for run in runs {
        own.entry(&run.test.params)
            .or_default()
            .push((executions(run), seconds(run)));
    }
    let slopes = own.iter().filter_map(|(params, points)| {
        let slope = RobustLine::fit(points, None)?.slope;
        (points.len() > 2 && slope > 0.0).then_some((*params, slope))
    });
    let slopes: Vec<(&str, f64)> = slopes.collect();
    let worst = slopes.iter().max_by(|a, b| a.1.total_cmp(&b.1))?;
    let least = slopes.iter().min_by(|a, b| a.1.total_cmp(&b.1))?;
    let factor = worst.1 / least.1;
    (factor > POOLED).then(|| Flag::Pooled {
        factor,
        worst_ms: worst.1 * 1e3,
        scenario: worst.0.to_owned(),
    })
}

/// The worst regression of each parameter: what a proposal by regression would take.
pub fn worst(rows: &[TestRegression]) -> Vec<WorstRegression> {
    let mut by_parameter: BTreeMap<&str, Vec<(&TestRegression, &Coefficient)>> = BTreeMap::new();
    for row in rows {
        for coefficient in &row.coefficients {
            let all = by_parameter.entry(&coefficient.parameter).or_default();
            all.push((row, coefficient));
        }
    }
    let pick = |(parameter, all): (&str, Vec<(&TestRegression, &Coefficient)>)| {
        let &(row, top) = all.iter().max_by(|a, b| a.1.price.total_cmp(&b.1.price))?;
        let mut flags = row.flags.clone();
        flags.extend(curse(top, &all));
        let scale = if top.ms > 0.0 {
            top.price / top.ms
        } else {
            0.0
        };
        Some(WorstRegression {
            parameter: parameter.into(),
            price: top.price,
            interval: (top.simultaneous_ms.0 * scale, top.simultaneous_ms.1 * scale),
            prover: row.prover.clone(),
            test: row.test.clone(),
            fits: all.len(),
            flags,
        })
    };
    by_parameter.into_iter().filter_map(pick).collect()
}

/// The largest of several noisy figures is too large: by about what the largest of as many draws of their noise is.
fn curse(top: &Coefficient, all: &[(&TestRegression, &Coefficient)]) -> Option<Flag> {
    let rivals = all
        .iter()
        .filter(|(_, other)| other.interval_ms.1 >= top.interval_ms.0 && other.price > 0.0)
        .count();
    if rivals < 2 || !top.interval_ms.1.is_finite() {
        return None;
    }
    let error = (top.interval_ms.1 - top.interval_ms.0) / (2.0 * normal_quantile(0.975));
    // The expected largest of n normal draws, by Blom's approximation.
    let n = real(rivals as u64);
    let expected = normal_quantile((n - 0.375) / (n + 0.25));
    Some(Flag::WinnersCurse {
        rivals,
        excess_ms: expected * error,
    })
}
