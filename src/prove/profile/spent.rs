//! What running a part of the guest takes.

use std::ops::{Add, AddAssign, Sub};

use crate::fit::real;

/// What one unit of SP1's gas is in what it is summed up from, three times the area of the trace and its complexity: the
/// executor divides by 10, and by 19.1 to be near the gas of its fourth version.
pub(super) const GAS_SHARES: u64 = 191;

/// What something took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    /// Instructions of the zkVM.
    pub cycles: u64,
    /// SP1's own gas in 191ths: its estimate is a sum of whole ones, rounded down in the end.
    pub gas_shares: u64,
}

impl Spent {
    /// SP1's own gas.
    pub fn gas(self) -> f64 {
        real(self.gas_shares) / real(GAS_SHARES)
    }
}

impl Add for Spent {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            cycles: self.cycles + other.cycles,
            gas_shares: self.gas_shares + other.gas_shares,
        }
    }
}

impl AddAssign for Spent {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

/// What is left, which is nothing where more is taken.
impl Sub for Spent {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self {
            cycles: self.cycles.saturating_sub(other.cycles),
            gas_shares: self.gas_shares.saturating_sub(other.gas_shares),
        }
    }
}
