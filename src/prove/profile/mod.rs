//! Where a block's cost goes: which functions of the guest, which EVM operations, which system calls.
//!
//! The guest's bytes are those that everything else runs. It is gone through instruction by instruction on SP1's executor
//! (`replay`); jumps give the call stack (`calls`, `tree`), `guest/build.sh`'s table the names on it (`symbols`), and what a name
//! is for is in one place (`phases`). So nothing is estimated: the parts add up to the whole, to the cycle.

mod calls;
mod phases;
mod profiled;
mod replay;
mod scenario_block;
mod spent;
mod symbols;
#[cfg(test)]
mod tests;
mod tree;

pub use phases::Phase;
pub use profiled::{Place, Profile, Times, accepted};
pub use scenario_block::{ScenarioBlock, scenario_block};
pub use spent::Spent;
