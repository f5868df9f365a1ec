//! The tree of one file, before any name means anything.

use std::ops::Range;

use crate::gas::{Kind, Ratio};

use super::Compare;

/// Byte offsets into the file.
pub(super) type Span = Range<usize>;

/// A word and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Word {
    pub text: String,
    pub span: Span,
}

/// A file's statements, by kind, each in order.
#[derive(Debug, Default)]
pub(super) struct File {
    pub header: Option<Header>,
    pub bindings: Vec<(Word, Expr)>,
    pub groups: Vec<(Word, Vec<Pick>)>,
    pub prices: Vec<Price>,
    pub meters: Vec<Meter>,
    pub targets: Vec<Target>,
    pub provers: Vec<Prover>,
    pub variants: Vec<Variant>,
    pub solve: Option<Solve>,
}

#[derive(Debug)]
pub(super) struct Header {
    pub title: String,
    pub parent: Option<Parent>,
    /// What follows `on`: whose rules apply.
    pub fork: Option<Word>,
    pub span: Span,
}

/// What follows `extends`.
#[derive(Debug)]
pub(super) struct Parent {
    pub word: Word,
    /// A path in quotes rather than a built-in's name.
    pub quoted: bool,
}

/// One `selection = formula`.
#[derive(Debug)]
pub(super) struct Price {
    /// The word `new`, if it is there.
    pub new: Option<Span>,
    pub kind: Kind,
    pub picks: Vec<Pick>,
    pub value: Expr,
    /// The comment lines right above.
    pub reason: Option<String>,
    pub line: usize,
}

/// `meter zk within 100 Mgas { ... }`.
#[derive(Debug)]
pub(super) struct Meter {
    pub name: Word,
    pub limit: Quantity,
    pub entries: Vec<Metered>,
    pub line: usize,
}

/// One `selection = formula` of a meter.
#[derive(Debug)]
pub(super) struct Metered {
    pub picks: Vec<Pick>,
    pub value: Expr,
    /// The comment lines right above.
    pub reason: Option<String>,
}

/// One name or pattern of a selection.
#[derive(Clone, Debug)]
pub(super) struct Pick {
    pub kind: Option<Kind>,
    /// The name, its `*` included.
    pub name: String,
    pub part: Option<Word>,
    /// The name alone, without kind and part.
    pub name_span: Span,
    /// All of it.
    pub span: Span,
}

#[derive(Debug)]
pub(super) struct Target {
    pub verb: Word,
    pub gas: Quantity,
    pub limit: Limit,
    pub quorum: Option<Word>,
    pub on: Vec<Word>,
    pub span: Span,
}

/// How fast a full block has to be.
#[derive(Debug)]
pub(super) enum Limit {
    /// `within 10 s`; where the word is.
    Within(Span, Quantity),
    Anchor(Anchor),
}

/// Which of several operations is meant.
#[derive(Debug)]
pub(super) enum Statistic {
    Median,
    /// `percentile 75`: its number.
    Percentile(Word),
}

/// `at 2x the rate of median of opcode *`.
#[derive(Debug)]
pub(super) struct Anchor {
    pub times: Option<Quantity>,
    /// Which of the operations; `None`: the slowest.
    pub statistic: Option<Statistic>,
    pub picks: Vec<Pick>,
    /// What is behind `the rate of`.
    pub span: Span,
}

#[derive(Clone, Debug)]
pub(super) struct Quantity {
    pub number: Word,
    pub unit: Option<Word>,
    pub span: Span,
}

#[derive(Debug)]
pub(super) struct Prover {
    pub name: Word,
    /// Key, and its values as written.
    pub settings: Vec<(Word, Vec<Word>)>,
}

#[derive(Debug)]
pub(super) struct Variant {
    pub name: Word,
    pub values: Vec<(Word, Expr)>,
}

#[derive(Debug)]
pub(super) struct Solve {
    pub clauses: Vec<Clause>,
    pub span: Span,
}

#[derive(Debug)]
pub(super) struct Clause {
    pub kind: ClauseKind,
    pub span: Span,
}

#[derive(Debug)]
pub(super) enum ClauseKind {
    Vary {
        together: bool,
        picks: Vec<Pick>,
    },
    Keep {
        picks: Vec<Pick>,
    },
    Bounds {
        picks: Vec<Pick>,
        low: Expr,
        high: Expr,
    },
    Relation {
        left: Expr,
        compare: Compare,
        right: Expr,
    },
    Minimize {
        words: Vec<Word>,
    },
    Round {
        how: Word,
        to: Option<Quantity>,
    },
    Include {
        path: Word,
    },
}

#[derive(Clone, Debug)]
pub(super) struct Expr {
    pub kind: ExprKind,
    pub span: Span,
}

impl Expr {
    /// Where the formula mentions a name.
    pub(super) fn place_of(&self, name: &str) -> Option<Span> {
        match &self.kind {
            ExprKind::Reference(text) => (text == name).then(|| self.span.clone()),
            ExprKind::Number(_) | ExprKind::Quantity(..) => None,
            ExprKind::Neg(a) => a.place_of(name),
            ExprKind::Infix(_, a, b) => a.place_of(name).or_else(|| b.place_of(name)),
            ExprKind::Call(_, all) => all.iter().find_map(|a| a.place_of(name)),
        }
    }
}

#[derive(Clone, Debug)]
pub(super) enum ExprKind {
    Number(Ratio),
    /// A number with a unit.
    Quantity(Ratio, Word),
    /// `k`, `words`, `current`, `MULMOD`, `KECCAK256.per_word`.
    Reference(String),
    Neg(Box<Expr>),
    Infix(Infix, Box<Expr>, Box<Expr>),
    Call(Word, Vec<Expr>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Infix {
    Add,
    Sub,
    Mul,
    Div,
    Pow,
}
