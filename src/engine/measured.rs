//! What an instruction is measured by as it runs.

use super::formula::Units;

/// What one execution is about to use.
#[derive(Clone, Copy, Debug, Default)]
pub struct Measured {
    /// What its formula multiplies.
    pub units: Units,
    /// A call whose target's code is elsewhere (EIP-7702).
    pub delegated: bool,
    /// A SELFDESTRUCT that gives a refund.
    pub destroys: bool,
}

impl From<Units> for Measured {
    fn from(units: Units) -> Self {
        Self {
            units,
            ..Self::default()
        }
    }
}
