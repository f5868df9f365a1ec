//! The field's words as plain data: gas parameters, operations, cost formulas, schedules, usage.
//!
//! Invariant: nothing here reads a file, knows revm or fails for outside reasons. `no_std`, because
//! the guest program compiles it too.

pub mod catalogue;
mod display;
mod edit;
mod formula;
pub mod meter;
mod operation;
mod ratio;
mod schedule;
mod usage;
mod variable;

pub use display::grouped;
pub use formula::{CostFormula, Expr, FormulaError, Linear, Rate};
pub use meter::{Meter, MeterFill, Metered};
pub use operation::{Fork, GasParam, Kind, Part};
pub use ratio::Ratio;
pub use schedule::{Entry, Schedule, Source};
pub use usage::Usage;
pub use variable::Variable;

/// An amount of gas.
pub type Gas = u64;

/// Prices above this are refused: sums of them could overflow revm's unchecked gas arithmetic.
pub const MAX_PRICE: Gas = 1 << 40;
