//! One operation's line in a schedule.

use serde::{Deserialize, Serialize};

use super::Expr;

/// What kind of thing carries a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// An EVM instruction, or a family that execution-specs prices as one (`PUSH`, `DUP`, `SWAP`, `LOG`).
    Opcode,
    /// A precompiled contract.
    Precompile,
    /// Anything else: access, memory, transactions, refunds, rules.
    Param,
}

impl Kind {
    /// The keyword in schedules.
    pub const fn keyword(self) -> &'static str {
        match self {
            Self::Opcode => "opcode",
            Self::Precompile => "precompile",
            Self::Param => "param",
        }
    }
}

/// Where a price was written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// The schedule's file, or a built-in's name.
    pub file: String,
    /// 1-based line; 0 when nobody wrote it (a solver did).
    pub line: usize,
}

/// One operation's line in a schedule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The operation, such as `MULMOD`.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// Its formula. References to other parameters stay symbolic, so that a child's price reaches every formula that uses it.
    pub expr: Expr,
    /// The comment right above the price.
    pub reason: Option<String>,
    /// Where it was last written.
    pub source: Source,
}
