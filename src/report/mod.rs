//! Results as text: tables for people, JSON for programs, diagnostics for both.
//!
//! Invariant: plain data in, strings out. Nothing here writes, asks for the time or knows whether a terminal is
//! there; the same data gives the same text, and no table holds an escape sequence.

pub mod assembly;
pub mod beaten;
pub mod calibration;
pub mod compared_prices;
pub mod comparison;
pub mod costs;
pub mod csv;
pub mod diagnostics;
pub mod diff;
pub mod explanation;
pub mod export;
pub mod fits;
pub mod fixture_runs;
pub mod fixtures;
pub mod full_blocks;
pub mod grid;
pub mod json;
pub mod judgement;
pub mod margin;
pub mod measured;
pub mod meter_counts;
pub mod methods;
pub mod number;
pub mod profile;
pub mod proposal;
pub mod ratios;
pub mod report_lines;
pub mod repriced;
pub mod searched;
mod svg;
pub mod sweep;
pub mod table;
pub mod text;
pub mod verdict;
pub mod weighted;
