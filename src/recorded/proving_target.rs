//! What is asked of a prover.

use serde::Serialize;

use crate::{fit::real, gas::Gas, prove::rates::effective_rate};

/// Gas of a full block, and the time that proving it may take.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ProvingTarget {
    /// Gas of a full block.
    pub gas: Gas,
    /// Seconds.
    pub within_s: f64,
}

impl ProvingTarget {
    /// Gas per second.
    pub fn anchor_rate(&self) -> f64 {
        real(self.gas) / self.within_s
    }

    /// Gas per second that the work needs once an empty block's `fixed_s` are paid; `None` where those alone miss the target.
    pub fn effective_rate(&self, fixed_s: f64) -> Option<f64> {
        effective_rate(self.gas, self.within_s, fixed_s)
    }

    /// The rate that turns a prover's seconds into prices: [`Self::effective_rate`], 0 where there is none.
    pub fn rate_or_none(&self, fixed_s: f64) -> f64 {
        self.effective_rate(fixed_s).unwrap_or(0.0)
    }
}
