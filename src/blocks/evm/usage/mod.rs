//! What blocks use, counted in the units that are priced: executions in the loop that runs a call, units by the wrapped
//! instructions and precompiles that tell the ledger, and what belongs to whole transactions by their handler.

mod counts;
mod execution_loop;
mod handler;
mod ledger;
mod tally;

pub use counts::rest;
pub use ledger::{CountingEvmFactory, CountingLedger};
pub use tally::{Tally, Used};
