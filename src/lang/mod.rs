//! The gas-schedule language: text in, a [`Plan`] and diagnostics out.
//!
//! ```text
//! text --parse--> tree --load--> with what it extends --check--> layers of prices and requests --> Plan
//! ```
//!
//! Reading order: `grammar/gas.pest`, `ast`, `load`, `check`, `prices`, `lower`, `meters`, `requests`, [`Plan`].
//!
//! Invariants: touches nothing outside, files come through the [`Files`] it is given; reading never fails, it
//! answers with diagnostics; no input makes it panic, hang or exhaust the stack: what could grow has a limit.

mod ast;
mod bindings;
mod builtin;
mod check;
mod contradiction;
mod eels_names;
mod explain;
mod fmt;
mod formula;
mod goals;
mod import;
mod load;
mod lower;
mod meters;
mod mixed;
mod names;
mod nodes;
mod parse;
mod plan;
mod prices;
mod requests;
mod require;
mod suggest;
mod sum;
mod syntax;
mod units;
mod validate;
mod write;

#[cfg(test)]
mod tests;

pub use builtin::{NoFiles, builtin, builtins, osaka, schedule as fork_schedule};
pub use eels_names::{multiplier, spec_name, unit as unit_of};
pub use explain::{codes, explain};
pub use fmt::{Unreadable, format};
pub use import::{ImportFormat, Imported, Weights, import, weights};
pub use load::{Files, Loaded, Options, load};
pub use plan::{
    Bound, Compare, Mix, Objective, Plan, ProverSpec, Relation, Rounding, Selection, SolveSpec,
    Target, Verb,
};
pub use write::write;
