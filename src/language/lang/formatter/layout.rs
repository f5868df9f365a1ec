//! Lines of cells as text: columns, and where long lines break.

use std::collections::BTreeMap;

use super::super::grammar::Rule;
use super::{
    rows::{CellRow, FormattedLine, Piece, WIDTH},
    tokens::Token,
};

/// What is wider than this does not widen its column.
const WIDEST: usize = 40;
/// Further indentation of a statement that goes on, where no column says where.
const DEEPER: usize = 4;

/// The file's text, with a line feed at the end of each line.
pub(super) fn text(lines: &[FormattedLine<'_>]) -> String {
    let widths = widths(lines);
    let mut out = String::new();
    for line in lines {
        match line {
            FormattedLine::Blank => {}
            FormattedLine::Comment { indent, text } => {
                out.push_str(&" ".repeat(*indent));
                out.push_str(text);
            }
            FormattedLine::Cells(row) => put(
                &mut out,
                row,
                widths.get(&row.run).map_or(&[], Vec::as_slice),
            ),
        }
        out.push('\n');
    }
    out
}

/// How wide each column but the last is, by run.
fn widths(lines: &[FormattedLine<'_>]) -> BTreeMap<usize, Vec<usize>> {
    let mut all: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for line in lines {
        let FormattedLine::Cells(row) = line else {
            continue;
        };
        let Some(cells) = columns(row) else { continue };
        let widths = all.entry(row.run).or_default();
        widths.resize(widths.len().max(cells.len()), 0);
        for (width, cell) in widths.iter_mut().zip(cells) {
            *width = (*width).max(flat(cell).chars().count());
        }
    }
    all
}

/// The cells before the last, if the row stands in columns: none of them is too wide or has a comment.
fn columns<'r, 'a>(row: &'r CellRow<'a>) -> Option<&'r [Vec<Piece<'a>>]> {
    let (_, cells) = row.cells.split_last()?;
    let plain = |cell: &Vec<Piece<'a>>| {
        cell.iter().all(|p| matches!(p, Piece::Token(_))) && flat(cell).chars().count() <= WIDEST
    };
    cells.iter().all(plain).then_some(cells)
}

/// A cell on one line.
fn flat(cell: &[Piece<'_>]) -> String {
    let mut out = String::new();
    let mut before: Option<&Token<'_>> = None;
    for piece in cell {
        if let Piece::Token(token) = piece {
            if before.is_some_and(|before| !tight(before, token)) {
                out.push(' ');
            }
            out.push_str(token.text);
            before = Some(token);
        }
    }
    out
}

/// Whether no blank stands between two tokens.
fn tight(before: &Token<'_>, after: &Token<'_>) -> bool {
    match (before.rule, after.rule) {
        (_, Rule::comma | Rule::right | Rule::pow)
        | (Rule::left | Rule::neg | Rule::pow, _)
        | (Rule::name, Rule::left)
        | (Rule::open, Rule::close) => true,
        (_, Rule::unit) => matches!(after.text, "x" | "%"),
        _ => false,
    }
}

/// Whether a line may end behind a token.
const fn breaks(rule: Rule) -> bool {
    matches!(
        rule,
        Rule::comma | Rule::add | Rule::sub | Rule::mul | Rule::div | Rule::pow
    )
}

fn put(out: &mut String, row: &CellRow<'_>, widths: &[usize]) {
    let mut line = " ".repeat(row.indent);
    if let (Some(cells), Some(last)) = (columns(row), row.cells.last()) {
        for (cell, width) in cells.iter().zip(widths) {
            let text = flat(cell);
            let blanks = width + 1 - text.chars().count();
            line.push_str(&text);
            line.push_str(&" ".repeat(blanks));
        }
        let column = line.chars().count();
        // Behind `=`, what goes on stands below what is to the right of it.
        let assigned = matches!(last.first(), Some(Piece::Token(t)) if t.rule == Rule::assign);
        let deeper = match (cells, assigned) {
            ([], _) => column + DEEPER,
            (_, true) => column + 2,
            _ => column,
        };
        fill(out, line, last, deeper);
    } else {
        let all: Vec<Piece<'_>> = row.cells.iter().flatten().cloned().collect();
        fill(out, line, &all, row.indent + DEEPER);
    }
    if let Some(comment) = row.comment {
        out.push_str("  ");
        out.push_str(comment);
    }
}

/// Adds pieces to `line`, breaking where it gets too wide and where a comment asks for it.
fn fill(out: &mut String, mut line: String, pieces: &[Piece<'_>], deeper: usize) {
    let mut before: Option<&Token<'_>> = None;
    let mut rest = pieces;
    let next_line = |out: &mut String, line: &mut String| {
        out.push_str(line.trim_end());
        out.push('\n');
        *line = " ".repeat(deeper);
    };
    while let Some((piece, _)) = rest.split_first() {
        if let Piece::Comment { text, own_line } = piece {
            if *own_line {
                if !line.trim().is_empty() {
                    next_line(out, &mut line);
                }
            } else {
                line.push_str("  ");
            }
            line.push_str(text);
            next_line(out, &mut line);
            before = None;
            rest = &rest[1..];
            continue;
        }
        let length = rest
            .iter()
            .position(|p| !matches!(p, Piece::Token(t) if !breaks(t.rule)))
            .map_or(rest.len(), |at| {
                at + usize::from(matches!(rest[at], Piece::Token(_)))
            });
        let (unit, others) = rest.split_at(length);
        rest = others;
        let text = flat(unit);
        let (Some(Piece::Token(first)), Some(Piece::Token(last))) = (unit.first(), unit.last())
        else {
            continue;
        };
        let apart = before.is_some_and(|before| !tight(before, first));
        let wide = line.chars().count() + usize::from(apart) + text.chars().count() > WIDTH;
        // A unit too wide by itself goes where it is: a line more would not help it.
        if wide && before.is_some_and(|before| breaks(before.rule)) {
            next_line(out, &mut line);
        } else if apart {
            line.push(' ');
        }
        line.push_str(&text);
        before = Some(last);
    }
    out.push_str(line.trim_end());
}
