//! Published measurements: read, priced again, fitted, and held against schedules.
//!
//! They come as result folders in the layout of zkevm-benchmark-workload, which are also written, or as one table:
//!
//! ```text
//! <folder>/.../hardware.json
//! <folder>/.../<guest>-<version>/<zkvm>-<version>/<test>.json      one result a file
//! ```
//!
//! A [`Dataset`] is all of them, grouped by scenario and prover ([`Panel`]), with opcode counts. From it follow the blocks that
//! can be priced again ([`RecordedBlocks`]), and every answer: [`ratios`], [`fits`], [`judgement`], [`sweep`], [`methods`]; each is
//! plain data, which `report` prints.
//!
//! Invariant: what cannot be understood is named with its file and field, and left out; it never stops the rest. A block that
//! crashed is a lower bound of a cost, and nothing missing.

mod bench_csv;
mod benchmarked;
pub mod calibrated;
mod csv_table;
mod dataset;
mod decisive;
pub mod fits;
pub mod judgement;
pub mod left_out;
pub mod methods;
mod opcode_counts;
mod panel;
mod priced_units;
mod proving_target;
pub mod ratios;
mod recorded_block;
mod repriced;
#[cfg(test)]
mod repriced_tests;
mod result_file;
mod result_folder;
mod run;
mod source_path;
pub mod sweep;
mod test_name;
#[cfg(test)]
mod tests;
mod work_cost;

pub use bench_csv::bench_csv;
pub use benchmarked::benchmarked;
pub use csv_table::CsvError;
pub use dataset::Dataset;
pub use decisive::Decisive;
pub use opcode_counts::{Counted, OpcodeCounts};
pub use panel::{Panel, Point, Series};
pub use priced_units::{EXPLAINED, SIZES, Size, Unpriced};
pub use proving_target::ProvingTarget;
pub use recorded_block::{NoBlocks, RecordedBlock, RecordedBlocks, counts_for};
pub use repriced::{AnchorsError, Repriced, fix_anchors, reprice};
pub use result_file::{Finished, Success};
pub use result_folder::{
    HARDWARE, Recorded, Refused, folder_of, hardware_text, read, result, result_files,
};
pub use run::{Crash, CrashClass, Executed, Proven, Run};
pub use test_name::Test;
pub use work_cost::{BlockSelection, CostBasis, WorkCost};
