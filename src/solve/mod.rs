//! From a plan and measured blocks to prices.
//!
//! [`problem`] puts the plan's wishes and the rows into numbers, [`solve`] answers with a [`Proposal`] or says why there
//! is none, and [`closed_loop`] measures again under the proposal until every block holds.
//!
//! ```text
//! minimize    sum of |price - start| / start
//! subject to  units . price + rest >= needed rate * cost     for every block and prover that counts
//!             bounds, kept prices, groups, relations
//! ```
//!
//! Of the parts of one operation, whose sum that settles, each then moves to what the operation's own blocks tell that it costs, as
//! far as all of the above allow.
//!
//! Invariants: the same problem gives the same answer; a proposal is whole prices with which every row and relation
//! holds to the last digits of floating point; infeasible is an answer.

mod answer;
mod apply;
mod closed_loop;
mod dependents;
pub mod everyday_mix;
mod fewest;
mod infeasible;
mod parts;
mod price;
mod problem;
mod program;
mod refusal;
mod relax;
mod round;
mod row;
mod subsets;
#[cfg(test)]
mod tests;
mod touched;
mod variables;
mod why;

pub use answer::{Answer, Proposal, solve};
pub use apply::apply;
pub use closed_loop::{
    LoopError, LoopOptions, Measure, Missed, Report, Round, Verdict, closed_loop,
};
pub use infeasible::{Blocked, Cause, Infeasible, Relaxation, RelaxedLimit, TRACE};
pub use price::{Price, Prices};
pub use problem::{Problem, problem};
pub use refusal::{MAX_PROVERS, SolveError};
pub use row::Row;
pub use variables::{FURTHEST_RISE, ZERO_SCALE};
pub use why::{Because, RunnerUp, Why};
