//! The grammar as pest reads it, and what its smallest nodes say: words, quantities, and the places they have.

use pest::iterators::Pair;

use crate::gas::Kind;

use super::ast::{self, Word};

/// What pest makes of `grammar/gas.pest`.
#[derive(pest_derive::Parser)]
#[grammar = "../../grammar/gas.pest"]
pub(super) struct Grammar;

/// A part of the text that a rule of the grammar matched.
pub(super) type Node<'a> = Pair<'a, Rule>;

/// Keywords and punctuation: they carry no content of their own.
pub(super) fn is_mark(rule: Rule) -> bool {
    matches!(
        rule,
        Rule::assign
            | Rule::comma
            | Rule::range
            | Rule::open
            | Rule::close
            | Rule::left
            | Rule::right
    ) || keyword(rule).is_some()
}

/// The keyword that a rule is, in backticks.
pub(super) fn keyword(rule: Rule) -> Option<&'static str> {
    Some(match rule {
        Rule::schedule_kw => "`schedule`",
        Rule::extends_kw => "`extends`",
        Rule::let_kw => "`let`",
        Rule::group_kw => "`group`",
        Rule::new_kw => "`new`",
        Rule::opcode_kw => "`opcode`",
        Rule::precompile_kw => "`precompile`",
        Rule::param_kw => "`param`",
        Rule::meter_kw => "`meter`",
        Rule::target_kw => "`target`",
        Rule::within_kw => "`within`",
        Rule::at_kw => "`at`",
        Rule::the => "`the`",
        Rule::rate => "`rate`",
        Rule::median => "`median`",
        Rule::percentile => "`percentile`",
        Rule::on_kw => "`on`",
        Rule::of_kw => "`of`",
        Rule::prover_kw => "`prover`",
        Rule::variant_kw => "`variant`",
        Rule::solve_kw => "`solve`",
        Rule::vary_kw => "`vary`",
        Rule::keep_kw => "`keep`",
        Rule::require_kw => "`require`",
        Rule::in_kw => "`in`",
        Rule::minimize_kw => "`minimize`",
        Rule::round_kw => "`round`",
        Rule::include_kw => "`include`",
        Rule::to_kw => "`to`",
        _ => return None,
    })
}

pub(super) fn quantity(node: &Node<'_>) -> ast::Quantity {
    let mut parts = node.clone().into_inner().map(|n| word(&n));
    ast::Quantity {
        number: parts.next().unwrap_or_else(|| word(node)),
        unit: parts.next(),
        span: span(node),
    }
}

pub(super) fn kind_of(node: &Node<'_>) -> Kind {
    match node.as_str().trim_end() {
        "opcode" => Kind::Opcode,
        "precompile" => Kind::Precompile,
        _ => Kind::Param,
    }
}

/// The parts that carry meaning, without keywords and punctuation.
pub(super) fn content(node: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    node.into_inner().filter(|n| !is_mark(n.as_rule()))
}

pub(super) fn word(node: &Node<'_>) -> Word {
    Word {
        text: node.as_str().trim_end().to_owned(),
        span: span(node),
    }
}

pub(super) fn words(labels: Node<'_>) -> Vec<Word> {
    content(labels).map(|n| word(&n)).collect()
}

/// A text in quotes: the span has the quotes, the text has not.
pub(super) fn quoted(node: &Node<'_>) -> Word {
    Word {
        text: node.as_str().trim_matches('"').to_owned(),
        span: span(node),
    }
}

/// A span without the blanks and the comment that an optional last part leaves at the end.
pub(super) fn span(node: &Node<'_>) -> ast::Span {
    let start = node.as_span().start();
    let mut text = node.as_str().trim_end();
    let last_line = text.rfind('\n').map_or(0, |at| at + 1);
    if let Some(comment) = text[last_line..].find('#')
        && !text[last_line..].contains('"')
    {
        text = text[..last_line + comment].trim_end();
    }
    start..start + text.len()
}
