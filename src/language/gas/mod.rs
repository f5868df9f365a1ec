//! The field's words as plain data: gas parameters, operations, cost formulas, schedules, usage.
//!
//! The words that the guest program needs as well are the engine's.
//!
//! Invariant: nothing here reads a file, knows revm or fails for outside reasons.

pub mod catalogue;
mod edit;
mod entry;
mod formula;
pub mod meter;
pub mod metering;
mod schedule;
mod usage;

pub use entry::{Entry, Kind, Source};
pub use formula::{CostFormula, Linear, Rate};
pub use meter::{Meter, MeterFill, Metered};
pub use reprice_engine::{
    Expr, Fork, FormulaError, Gas, GasParam, MAX_PRICE, Part, Ratio, Variable, grouped,
};
pub use schedule::Schedule;
pub use usage::Usage;
