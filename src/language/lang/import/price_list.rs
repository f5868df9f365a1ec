//! A price list as its format has it, before its names mean anything.

use crate::{
    diag::{Diagnostic, FileId},
    gas::{Fork, Part, Ratio},
};

pub(super) use crate::lang::ast::Span;

/// One price of a list, before its name means anything.
pub(super) struct ListedPrice {
    /// What the list sets.
    pub name: ListedName,
    pub price: Ratio,
    /// Where it stands.
    pub span: Span,
    /// The comment to put above it.
    pub reason: Option<String>,
}

/// What a format calls a price.
pub(super) enum ListedName {
    /// A constant of execution-specs.
    Constant(String),
    /// An operation, and a part of it; no part means the constant one.
    Operation(String, Option<Part>),
    /// A parameter, by its name here.
    Param(&'static str),
    /// The number that an operation's formula starts with.
    Multiplier(&'static str),
    /// A parameter, and another whose price the list adds to it.
    Including(&'static str, &'static str),
}

/// A list's content.
pub(super) struct PriceList {
    pub title: String,
    pub fork: Fork,
    pub cells: Vec<ListedPrice>,
}

/// Something in the list that cannot be read.
pub(super) fn unreadable(file: FileId, span: Span, message: impl Into<String>) -> Diagnostic {
    Diagnostic::error("syntax", message).at(file, &span, "")
}
