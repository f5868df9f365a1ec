//! The gas-schedule language: text in, a [`Plan`] and diagnostics out.
//!
//! ```text
//! text --parser--> ast --loader--> with what it extends --inheritance--> layers of prices and requests --> Plan
//! ```
//!
//! Reading order: `grammar/gas.pest`, `ast`, `loader`, `inheritance`, `prices`, `lowering`, `meters`, `solve_block`, [`Plan`].
//!
//! Invariants: touches nothing outside, files come through the [`Files`] it is given; reading never fails, it
//! answers with diagnostics; no input makes it panic, hang or exhaust the stack: what could grow has a limit.

mod ast;
mod bindings;
mod built_in_texts;
mod builtin;
mod checker;
mod contradiction;
mod eels_names;
mod explanations;
mod expressions;
mod formatter;
mod goals;
mod grammar;
mod import;
mod inheritance;
mod layer;
mod loader;
mod lowering;
mod meters;
mod names;
mod parser;
mod paths;
mod plan;
mod price_checks;
mod price_settings;
mod prices;
mod quantities;
mod requirements;
mod schedule_text;
mod solve_block;
mod suggest;
mod syntax_errors;

#[cfg(test)]
mod tests;

pub use built_in_texts::{builtin, builtins};
pub use builtin::{osaka, schedule as fork_schedule};
pub use eels_names::{multiplier, spec_name, unit as unit_of};
pub use explanations::{codes, explain};
pub use formatter::{Unreadable, format};
pub use import::{ImportFormat, Imported, REST, Weights, import, weights};
pub use loader::{Files, Loaded, NoFiles, Options, load};
pub use plan::{
    Anchor, AnchorRate, Bound, Compare, Limit, Mix, Objective, Plan, ProverSpec, Relation,
    Resource, Rounding, Selection, SolveSpec, Step, Target, Verb,
};
pub use schedule_text::write;
