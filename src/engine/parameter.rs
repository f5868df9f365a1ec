//! Names of what is priced.

use alloc::string::String;
use core::{fmt, str::FromStr};
use serde::{Deserialize, Serialize};

use super::Variable;

/// The fork whose rules a schedule prices; its root schedule has the same name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fork {
    /// Mainnet from 2025-05.
    Prague,
    /// Mainnet from 2025-12.
    Osaka,
    /// Not live; as the pinned revm implements its development network 8.
    Amsterdam,
}

impl Fork {
    /// Every fork with a built-in schedule.
    pub const ALL: &[Self] = &[Self::Prague, Self::Osaka, Self::Amsterdam];

    /// The name in schedules, such as `osaka`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Prague => "prague",
            Self::Osaka => "osaka",
            Self::Amsterdam => "amsterdam",
        }
    }

    /// The fork called `name`.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|fork| fork.name() == name)
    }
}

/// A part of an operation's cost formula.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Part {
    /// The only price of an operation whose formula is one number; or, when it is not linear, its factor.
    Whole,
    /// The constant term of a linear formula with variables.
    Base,
    /// The coefficient of a variable.
    Per(Variable),
}

impl Part {
    /// The name after the dot, such as `per_word`; `None` for the whole.
    pub const fn name(self) -> Option<&'static str> {
        match self {
            Self::Whole => None,
            Self::Base => Some("base"),
            Self::Per(variable) => Some(variable.part()),
        }
    }

    /// The part called `name`, whether or not any operation has it.
    pub fn named(name: &str) -> Option<Self> {
        if name == "base" {
            return Some(Self::Base);
        }
        Variable::ALL
            .iter()
            .find(|v| v.part() == name)
            .map(|v| Self::Per(*v))
    }
}

/// One number of a schedule that can be set: `MULMOD`, `KECCAK256.per_word`, `COLD_ACCOUNT_ACCESS`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct GasParam {
    /// The operation's name in schedules.
    pub operation: String,
    /// Which of its prices.
    pub part: Part,
}

impl GasParam {
    /// A parameter by its operation and part.
    pub fn new(operation: impl Into<String>, part: Part) -> Self {
        Self {
            operation: operation.into(),
            part,
        }
    }

    /// The only price of `operation`.
    pub fn whole(operation: impl Into<String>) -> Self {
        Self::new(operation, Part::Whole)
    }
}

impl fmt::Display for GasParam {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.part.name() {
            None => f.pad(&self.operation),
            Some(part) => f.pad(&alloc::format!("{}.{part}", self.operation)),
        }
    }
}

impl FromStr for GasParam {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text.split_once('.') {
            None => Ok(Self::whole(text)),
            Some((operation, part)) => Ok(Self::new(operation, Part::named(part).ok_or(())?)),
        }
    }
}
