//! From measurements to costs.
//!
//! Deterministic counts (cycles, prover gas) give a scenario's cost as a line through its points ([`AffineCost`]). Measured
//! seconds are noisy and sometimes wrong by minutes: their line is robust ([`RobustLine`]).
//!
//! Invariant: nothing here touches the outside, and what draws random numbers draws the same ones every time.

mod affine_cost;
mod joint;
mod nnls;
mod rank;
mod real;
mod regression;
mod relative;
mod robust;
mod stalls;
mod student;

pub use affine_cost::{AffineCost, FitError};
pub use joint::{Direction, Feature, Joint, joint};
pub use nnls::Design;
pub use rank::rank_correlation;
pub use real::{count, real, real_signed};
pub use regression::{IDENTIFIED, Regression};
pub use relative::{Seen, relative};
pub use robust::{Linearity, RobustLine, median, quantile};
pub use stalls::{STALL, STALL_S};
pub use student::{normal_quantile, student_quantile};
