//! Where a regression misleads.

use serde::Serialize;

/// A reason not to take a coefficient for a price.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "flag", rename_all = "kebab-case")]
pub enum Flag {
    /// Base and unit price are not told apart: every measurement has the same size.
    OneSize {
        /// The parameters of which only a sum is known.
        parameters: Vec<String>,
    },
    /// The coefficient is per another unit than the price.
    Unit {
        /// What the coefficient is per.
        measured: String,
        /// What the price is per.
        priced: String,
        /// The first in one of the second: the coefficient has to be multiplied by it.
        factor: u64,
    },
    /// The test pools scenarios whose own costs differ: the coefficient is near their mean, and the worst is priced too low.
    Pooled {
        /// The cost of the worst scenario by that of the cheapest.
        factor: f64,
        /// The worst scenario's own cost, milliseconds per execution.
        worst_ms: f64,
        /// Its name.
        scenario: String,
    },
    /// The fit explains too little.
    PoorFit {
        /// The part of the variance explained.
        r_squared: f64,
    },
    /// The intercept is not what an empty block takes: the fit has put cost where it is not.
    Intercept {
        /// Seconds of the intercept.
        fitted_s: f64,
        /// Seconds of an empty block.
        fixed_s: f64,
    },
    /// The coefficient is 0 only because it may not be less: its interval says what it may be.
    AtBound,
    /// The columns are nearly in proportion.
    Collinear {
        /// The condition index.
        condition_index: f64,
    },
    /// The worst of several fits that noise alone could have ordered: its excess is partly luck.
    WinnersCurse {
        /// How many fits it may have been the worst of by chance.
        rivals: usize,
        /// How much of it chance explains, milliseconds.
        excess_ms: f64,
    },
}
