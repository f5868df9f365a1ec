//! Statements as rows of cells: what stands in columns where statements of one kind follow one another.

use pest::iterators::Pairs;

use super::super::grammar::{Node, Rule};
use super::tokens::{Gap, Token, gap, tokens};

/// Characters that a line stays within where a comma or an operator allows it.
pub(super) const WIDTH: usize = 120;

/// A line of the formatted text, before columns are as wide as they have to be.
#[derive(Debug)]
pub(super) enum FormattedLine<'a> {
    Blank,
    Comment { indent: usize, text: &'a str },
    Cells(CellRow<'a>),
}

/// A statement, or one line of a block.
#[derive(Debug)]
pub(super) struct CellRow<'a> {
    pub indent: usize,
    /// Rows with the same number stand in the same columns.
    pub run: usize,
    /// Never empty, nor is any of them.
    pub cells: Vec<Vec<Piece<'a>>>,
    /// The comment behind it.
    pub comment: Option<&'a str>,
}

/// A part of a cell.
#[derive(Clone, Debug)]
pub(super) enum Piece<'a> {
    Token(Token<'a>),
    /// A comment inside a statement, behind the token before it or on a line of its own.
    Comment {
        text: &'a str,
        own_line: bool,
    },
}

/// The file as lines.
pub(super) fn lines<'a>(text: &'a str, file: Pairs<'a, Rule>) -> Vec<FormattedLine<'a>> {
    let mut walk = Walk {
        text,
        read: 0,
        lines: Vec::new(),
        run: 0,
        shape: None,
    };
    for item in file.flat_map(pest::iterators::Pair::into_inner) {
        walk.item(&item);
    }
    walk.before(text.len(), 0);
    walk.lines
}

struct Walk<'a> {
    text: &'a str,
    /// How far the text has been read.
    read: usize,
    lines: Vec<FormattedLine<'a>>,
    run: usize,
    /// What the last statement was, if one like it may stand in its columns.
    shape: Option<Rule>,
}

const INDENT: usize = 2;

impl<'a> Walk<'a> {
    fn item(&mut self, node: &Node<'a>) {
        let parts = inner(node);
        match node.as_rule() {
            Rule::header => self.statement(node.as_rule(), vec![tokens(node)]),
            Rule::binding | Rule::group | Rule::target => {
                let all = tokens(node);
                let (head, rest) = all.split_at(all.len().min(1));
                let (name, rest) = rest.split_at(rest.len().min(1));
                let cells = vec![head.to_vec(), name.to_vec(), rest.to_vec()];
                self.statement(node.as_rule(), cells);
            }
            Rule::price | Rule::new_price => {
                let mut kind = Vec::new();
                let mut cells = Vec::new();
                for part in flat(parts) {
                    match part.as_rule() {
                        Rule::entry => cells = halves(&part),
                        _ => kind.extend(tokens(&part)),
                    }
                }
                cells.insert(0, kind);
                self.statement(Rule::price, cells);
            }
            Rule::prices
            | Rule::new_prices
            | Rule::meter
            | Rule::prover
            | Rule::variant
            | Rule::solve => self.block(node.as_rule(), &flat(parts)),
            _ => {}
        }
    }

    /// A statement without a block, at the left edge.
    fn statement(&mut self, shape: Rule, cells: Vec<Vec<Token<'a>>>) {
        let Some(start) = first(&cells) else { return };
        let blank = self.before(start, 0);
        if blank || self.shape != Some(shape) {
            self.run += 1;
        }
        self.shape = Some(shape);
        self.row(0, cells);
    }

    fn block(&mut self, rule: Rule, parts: &[Node<'a>]) {
        let is = |wanted: Rule| parts.iter().position(|p| p.as_rule() == wanted);
        let (Some(open), Some(close)) = (is(Rule::open), is(Rule::close)) else {
            return;
        };
        let of = |nodes: &[Node<'a>]| nodes.iter().flat_map(tokens).collect::<Vec<_>>();
        let mut head = of(&parts[..open]);
        let whole = of(&parts[open..=close]);
        let start = |node: &Node<'a>| node.as_span().start();
        let written = &self.text[start(&parts[open])..start(&parts[close])];
        let width =
            |all: &[Token<'a>]| -> usize { all.iter().map(|t| t.text.chars().count() + 1).sum() };
        if !written.contains(['\n', '\r']) && width(&head) + width(&whole) <= WIDTH {
            // `variant strong { k = 8 }`: names in a column, and blocks in one.
            let mut cells = match rule {
                Rule::prover | Rule::variant => head.into_iter().map(|t| vec![t]).collect(),
                _ => vec![head],
            };
            cells.push(whole);
            self.statement(rule, cells);
            return;
        }
        head.extend(tokens(&parts[open]));
        self.shape = None;
        self.statement(rule, vec![head]);
        self.run += 1;
        for part in &parts[open + 1..close] {
            let cells = match part.as_rule() {
                Rule::entry | Rule::setting | Rule::value => halves(part),
                _ => {
                    let all = tokens(part);
                    let (keyword, rest) = all.split_at(all.len().min(1));
                    vec![keyword.to_vec(), rest.to_vec()]
                }
            };
            if let Some(start) = first(&cells) {
                self.before(start, INDENT);
                self.row(INDENT, cells);
            }
        }
        self.before(start(&parts[close]), INDENT);
        self.run += 1;
        self.row(0, vec![tokens(&parts[close])]);
        self.shape = None;
    }

    /// Puts what stands before the token at `to` on lines of its own, and says whether a line among it is empty.
    fn before(&mut self, to: usize, indent: usize) -> bool {
        let Gap {
            trailing,
            comments,
            blank,
        } = gap(&self.text[self.read..to], self.read == 0);
        self.read = to;
        if let (Some(text), Some(FormattedLine::Cells(row))) = (trailing, self.lines.last_mut()) {
            row.comment = Some(text);
        }
        let mut any = false;
        for (blank, text) in comments {
            any |= blank && self.blank();
            self.lines.push(FormattedLine::Comment { indent, text });
        }
        let ends = matches!(self.text[to..].bytes().next(), None | Some(b'}'));
        any | (blank && !ends && self.blank())
    }

    /// Adds an empty line, but not first thing in a file or a block.
    fn blank(&mut self) -> bool {
        let opens = |row: &CellRow<'_>| {
            let last = row.cells.iter().flatten().next_back();
            matches!(last, Some(Piece::Token(t)) if t.rule == Rule::open)
        };
        let wanted = match self.lines.last() {
            None => false,
            Some(FormattedLine::Cells(row)) => !opens(row),
            Some(_) => true,
        };
        if wanted {
            self.lines.push(FormattedLine::Blank);
        }
        wanted
    }

    fn row(&mut self, indent: usize, cells: Vec<Vec<Token<'a>>>) {
        let mut done = Vec::new();
        for cell in cells.into_iter().filter(|cell| !cell.is_empty()) {
            let mut pieces = Vec::new();
            for token in cell {
                let between = gap(&self.text[self.read.min(token.start)..token.start], false);
                let comment = |own_line| move |text| Piece::Comment { text, own_line };
                pieces.extend(between.trailing.map(comment(false)));
                pieces.extend(between.comments.into_iter().map(|(_, c)| comment(true)(c)));
                self.read = token.start + token.text.len();
                pieces.push(Piece::Token(token));
            }
            done.push(pieces);
        }
        self.lines.push(FormattedLine::Cells(CellRow {
            indent,
            run: self.run,
            cells: done,
            comment: None,
        }));
    }
}

fn inner<'a>(node: &Node<'a>) -> Vec<Node<'a>> {
    node.clone().into_inner().collect()
}

/// The parts of a statement, those of the statement behind `new` among them.
fn flat(parts: Vec<Node<'_>>) -> Vec<Node<'_>> {
    let mut all = Vec::new();
    for part in parts {
        match part.as_rule() {
            Rule::price | Rule::prices => all.extend(part.into_inner()),
            _ => all.push(part),
        }
    }
    all
}

/// What is left of `=`, and the rest.
fn halves<'a>(node: &Node<'a>) -> Vec<Vec<Token<'a>>> {
    let mut parts = node.clone().into_inner();
    let left = parts.next().iter().flat_map(tokens).collect();
    vec![left, parts.flat_map(|part| tokens(&part)).collect()]
}

fn first(cells: &[Vec<Token<'_>>]) -> Option<usize> {
    cells.iter().flatten().next().map(|t| t.start)
}
