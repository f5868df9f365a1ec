//! The gas-schedule language: text in, a [`Plan`] and diagnostics out.
//!
//! Invariant: touches nothing outside. Files come through the [`Files`] it is given.

mod plan;

pub use plan::{
    Bound, Compare, Objective, Plan, ProverSpec, Relation, Rounding, Selection, SolveSpec, Target,
    Verb,
};
