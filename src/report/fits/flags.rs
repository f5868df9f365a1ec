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

impl Flag {
    /// In words.
    pub fn text(&self) -> String {
        use super::super::number::three_digits as digits;
        match self {
            Self::OneSize { parameters } => format!(
                "one size only: {} are not told apart, and only their sum at that size is known",
                parameters.join(" and ")
            ),
            Self::Unit {
                measured,
                priced,
                factor,
            } => format!(
                "measured per {measured}, priced per {priced}: times {factor}, not divided by it"
            ),
            Self::Pooled {
                factor,
                worst_ms,
                scenario,
            } => format!(
                "pools scenarios that differ {}x: {scenario} alone takes {} ms",
                digits(*factor),
                digits(*worst_ms)
            ),
            Self::PoorFit { r_squared } => format!("explains {:.0} % only", r_squared * 100.0),
            Self::Intercept { fitted_s, fixed_s } => format!(
                "begins at {} s where an empty block takes {} s",
                digits(*fitted_s),
                digits(*fixed_s)
            ),
            Self::AtBound => "at its bound of 0: see the interval".into(),
            Self::Collinear { condition_index } => {
                format!(
                    "columns nearly in proportion (condition index {})",
                    digits(*condition_index)
                )
            }
            Self::WinnersCurse { rivals, excess_ms } => format!(
                "worst of {rivals} that noise could have ordered: about {} ms of it is luck",
                digits(*excess_ms)
            ),
        }
    }
}
