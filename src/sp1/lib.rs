//! What an execution on SP1's executor costs, from pieces of its trace.
//!
//! A crate of its own because it follows traces instruction by instruction: that has to be optimised where nothing else of ours is.

mod trace_costs;

pub use trace_costs::{Counted, PIECE, TraceCosts, execute, trace_costs};
