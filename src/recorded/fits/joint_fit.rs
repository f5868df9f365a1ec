//! Everything a prover was measured on, at once.

use serde::Serialize;

use crate::{
    fit::{Feature, Joint, joint, real},
    prove::{ProverId, Source},
    recorded::{Dataset, Series},
};

/// What a unit of each gas parameter costs one prover.
#[derive(Clone, Debug, Serialize)]
pub struct JointFit {
    /// The prover.
    pub prover: ProverId,
    /// Blocks.
    pub blocks: usize,
    /// The condition index with every parameter by itself, and after merging those that are not told apart.
    pub condition_before: f64,
    /// After merging.
    pub condition_index: f64,
    /// The part of the weighted variance explained.
    pub r_squared: f64,
    /// The median distance of a block from the fit, relative.
    pub median_error: f64,
    /// What was fitted.
    pub directions: Vec<FittedParameters>,
}

/// A parameter, or several that are only known together.
#[derive(Clone, Debug, Serialize)]
pub struct FittedParameters {
    /// The parameters.
    pub parameters: Vec<String>,
    /// Microseconds per unit; of several, per gas they cost today.
    pub cost_us: f64,
    /// 95 % interval, valid at 0.
    pub interval_us: (f64, f64),
    /// The same for all directions at once.
    pub simultaneous_us: (f64, f64),
    /// Gas per unit that the target asks for; of several, times today's price.
    pub price: f64,
    /// Variance inflation.
    pub inflation: f64,
    /// Blocks that use it.
    pub blocks: usize,
}

/// A parameter that makes up less than this of the gas of every block is not what any of them measures.
const TRACE: f64 = 2e-3;

/// Every block of one prover whose usage is known; `rate` turns its seconds into gas.
pub(super) fn joint_fit(dataset: &Dataset, source: &Source, rate: f64) -> Option<JointFit> {
    let (panel, schedule) = (&dataset.panel, &dataset.schedule);
    let fixed_s = panel.empty_block_s(source);
    let params = schedule.params().ok()?;
    let mut features: Vec<Feature> = Vec::new();
    for param in &params {
        let worth = real(schedule.price(param).ok()?.max(1));
        features.push(Feature {
            name: param.to_string(),
            units: Vec::new(),
            worth,
        });
    }
    let (mut costs, mut times) = (Vec::new(), Vec::new());
    let mut shares = vec![0.0_f64; params.len()];
    for point in panel.of_source(source).flat_map(Series::sound) {
        let run = &dataset.recorded.runs[point.run];
        let Ok(usage) = dataset.usage(run, point.gas) else {
            continue;
        };
        let used = schedule.attribute(&usage).ok()?;
        for (at, (feature, param)) in features.iter_mut().zip(&params).enumerate() {
            let units = real(used.get(param).copied().unwrap_or(0).max(0).unsigned_abs());
            shares[at] = shares[at].max(units * feature.worth / real(point.gas.max(1)));
            feature.units.push(units);
        }
        costs.push((point.seconds - fixed_s).max(0.0));
        times.push(point.seconds);
    }
    // What is nowhere more than a trace is set-up, the same in every block: the fixed cost has it.
    let mut share = shares.iter();
    features.retain(|_| share.next().is_some_and(|share| *share >= TRACE));
    let fit = joint(&features, &costs, &times)?;
    Some(JointFit::of(source.prover(), &fit, rate))
}

impl JointFit {
    fn of(prover: ProverId, fit: &Joint, rate: f64) -> Self {
        let directions = fit.directions.iter().map(|d| FittedParameters {
            parameters: d.names.clone(),
            cost_us: d.cost * 1e6,
            interval_us: (d.interval.0 * 1e6, d.interval.1 * 1e6),
            simultaneous_us: (d.simultaneous.0 * 1e6, d.simultaneous.1 * 1e6),
            price: d.cost * rate,
            inflation: d.inflation,
            blocks: d.observations,
        });
        Self {
            prover,
            blocks: fit.observations,
            condition_before: fit.condition_before,
            condition_index: fit.condition_index,
            r_squared: fit.r_squared,
            median_error: fit.median_error,
            directions: directions.collect(),
        }
    }
}
