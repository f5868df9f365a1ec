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
mod built_in_texts;
mod builtin;
mod check;
mod checker;
mod contradiction;
mod explain;
mod fmt;
mod formula;
mod goals;
mod grammar;
mod import;
mod layer;
mod load;
mod lower;
mod meters;
mod mixed;
mod names;
mod parse;
mod plan;
mod price_settings;
mod prices;
mod requests;
mod require;
mod specs;
mod suggest;
mod sum;
mod syntax;
mod units;
mod validate;
mod write;

#[cfg(test)]
mod tests;

pub use built_in_texts::{builtin, builtins};
pub use builtin::{osaka, schedule as fork_schedule};
pub use explain::{codes, explain};
pub use fmt::{Unreadable, format};
pub use import::{ImportFormat, Imported, Weights, import, weights};
pub use load::{Files, Loaded, NoFiles, Options, load};
pub use plan::{
    Bound, Compare, Mix, Objective, Plan, ProverSpec, Relation, Rounding, Selection, SolveSpec,
    Target, Verb,
};
pub use specs::{multiplier, spec_name, unit as unit_of};
pub use write::write;
