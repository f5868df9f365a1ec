//! From measurements to costs.
//!
//! Costs measured so far are deterministic counts (cycles, prover gas), so a scenario's cost is a line through its
//! points and any distance from it is curvature, not noise.
//!
//! Invariant: nothing here touches the outside or draws random numbers.

mod affine;

pub use affine::{AffineCost, FitError};
