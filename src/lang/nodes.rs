//! Small parts of statements: quantities, selections, words, and the places they have.

use crate::gas::Kind;

use super::{
    ast::{self, Word},
    parse::{Node, Rule},
    syntax,
};

pub(super) fn target(node: Node<'_>) -> Option<ast::Target> {
    let whole = span(&node);
    let mut inner = node.into_inner();
    inner.next()?;
    let verb = word(&inner.next()?);
    let gas = quantity(inner.next()?)?;
    let within = span(&inner.next()?);
    let time = quantity(inner.next()?)?;
    let (mut quorum, mut on) = (None, Vec::new());
    for part in inner {
        match part.as_rule() {
            Rule::quorum => quorum = part.into_inner().next().map(|n| word(&n)),
            Rule::labels => on = words(part),
            _ => {}
        }
    }
    Some(ast::Target {
        verb,
        gas,
        within,
        time,
        quorum,
        on,
        span: whole,
    })
}

pub(super) fn setting(node: Node<'_>) -> Option<(Word, Vec<Word>)> {
    let mut inner = content(node);
    let (key, value) = (inner.next()?, inner.next()?);
    let values = match value.as_rule() {
        Rule::labels => words(value),
        Rule::string => vec![quoted(&value)],
        _ => vec![word(&value)],
    };
    Some((word(&key), values))
}

pub(super) fn quantity(node: Node<'_>) -> Option<ast::Quantity> {
    let whole = span(&node);
    let mut inner = node.into_inner();
    Some(ast::Quantity {
        number: word(&inner.next()?),
        unit: inner.next().map(|n| word(&n)),
        span: whole,
    })
}

pub(super) fn picks(selection: Node<'_>) -> Vec<ast::Pick> {
    content(selection).filter_map(pick).collect()
}

fn pick(node: Node<'_>) -> Option<ast::Pick> {
    let whole = span(&node);
    let mut kind = None;
    let mut pattern = None;
    for part in node.into_inner() {
        match part.as_rule() {
            Rule::kind => kind = Some(kind_of(&part)),
            _ => pattern = Some(word(&part)),
        }
    }
    let pattern = pattern?;
    let start = pattern.span.start;
    let (name, part) = match pattern.text.split_once('.') {
        Some((name, part)) => {
            let at = start + name.len() + 1;
            let part = Word {
                text: part.to_owned(),
                span: at..pattern.span.end,
            };
            (name.to_owned(), Some(part))
        }
        None => (pattern.text, None),
    };
    Some(ast::Pick {
        kind,
        name_span: start..start + name.len(),
        name,
        part,
        span: whole,
    })
}

/// The comment lines right above the line of `offset`, joined; a comment further up is about something else.
pub(super) fn reason(text: &str, offset: usize) -> Option<String> {
    let line_start = text[..offset].rfind('\n').map_or(0, |at| at + 1);
    // Only the first price of a line has the comment above it.
    if text[line_start..offset].contains('{') {
        return None;
    }
    let mut lines: Vec<&str> = text[..line_start]
        .lines()
        .rev()
        .map_while(|line| line.trim().strip_prefix('#'))
        .map(str::trim)
        .collect();
    lines.reverse();
    let joined = lines.join(" ").trim().to_owned();
    (!joined.is_empty()).then_some(joined)
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
    node.into_inner().filter(|n| !syntax::is_mark(n.as_rule()))
}

pub(super) fn word(node: &Node<'_>) -> Word {
    Word {
        text: node.as_str().trim_end().to_owned(),
        span: span(node),
    }
}

fn words(labels: Node<'_>) -> Vec<Word> {
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
