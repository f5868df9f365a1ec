//! Text to tree. Never fails: what cannot be read becomes a diagnostic, and the rest is still there.

use pest::{Parser as _, iterators::Pair};

use crate::{
    diag::{Diagnostic, FileId},
    gas::Kind,
};

use super::{
    Compare,
    ast::{self, ClauseKind, Word},
    expressions,
    grammar::{
        Grammar, Node, Rule, content, is_mark, kind_of, quantity, quoted, span, word, words,
    },
    syntax_errors,
};

/// Bytes of source beyond which a file is refused: no price list is that long, and every step stays quick.
const MAX_SOURCE: usize = 4 * 1024 * 1024;

/// Reads a file into a tree; findings go to `found`.
pub(super) fn parse(text: &str, file: FileId, found: &mut Vec<Diagnostic>) -> ast::File {
    let mut tree = ast::File::default();
    if text.len() > MAX_SOURCE {
        found.push(
            Diagnostic::error("too-complex", "this file is longer than 4 MiB").at(
                file,
                &(0..0),
                "",
            ),
        );
        return tree;
    }
    match Grammar::parse(Rule::file, text) {
        Ok(pairs) => {
            let mut builder = Builder {
                text,
                file,
                found,
                bad: Vec::new(),
                known: (0, 1),
            };
            for node in pairs.flat_map(Pair::into_inner) {
                builder.item(node, &mut tree);
            }
            let bad = builder.bad;
            syntax_errors::explain_lines(text, file, &bad, found);
        }
        // Every line is a statement or `unknown`, so only the limit on nesting is left to fail.
        Err(error) => found.push(syntax_errors::too_deep(text, file, &error)),
    }
    tree
}

/// The one formula of a command-line argument; `None` after a finding.
pub(super) fn argument(text: &str, file: FileId, found: &mut Vec<Diagnostic>) -> Option<ast::Expr> {
    match Grammar::parse(Rule::argument, text) {
        Ok(pairs) => {
            let expr = pairs.flat_map(Pair::into_inner).next()?;
            expressions::expr(expr, file, found)
        }
        Err(error) => {
            found.push(syntax_errors::expected(text, file, 0, &error, None));
            None
        }
    }
}

struct Builder<'a, 'd> {
    text: &'a str,
    file: FileId,
    found: &'d mut Vec<Diagnostic>,
    /// Where a bad line starts, and how to read it again.
    bad: Vec<(usize, Rule)>,
    /// A place in the text, and its line.
    known: (usize, usize),
}

impl<'a> Builder<'a, '_> {
    fn item(&mut self, node: Node<'a>, tree: &mut ast::File) {
        match node.as_rule() {
            Rule::header => self.header(node, tree),
            Rule::binding => {
                let binding = self.assignment(node);
                tree.bindings
                    .extend(binding.map(|(name, value)| (word(&name), value)));
            }
            Rule::group => {
                let mut inner = content(node);
                if let (Some(name), Some(selection)) = (inner.next(), inner.next()) {
                    tree.groups.push((word(&name), picks(selection)));
                }
            }
            Rule::new_price | Rule::new_prices => {
                let mut inner = node.into_inner();
                if let (Some(new), Some(prices)) = (inner.next(), inner.next()) {
                    self.prices(prices, Some(&span(&new)), tree);
                }
            }
            Rule::price | Rule::prices => self.prices(node, None, tree),
            Rule::meter => self.meter(node, tree),
            Rule::target => tree.targets.extend(target(node)),
            Rule::prover => self.prover(node, tree),
            Rule::variant => self.variant(node, tree),
            Rule::solve => self.solve(node, tree),
            Rule::unknown => self.bad.push((node.as_span().start(), Rule::lone)),
            _ => {}
        }
    }

    /// The line of a place, from 1. Places are asked for in order: the lines between two are counted once.
    fn line(&mut self, at: usize) -> usize {
        let (from, line) = if self.known.0 <= at {
            self.known
        } else {
            (0, 1)
        };
        self.known = (at, line + self.text[from..at].matches('\n').count());
        self.known.1
    }

    fn header(&mut self, node: Node<'a>, tree: &mut ast::File) {
        let whole = span(&node);
        let mut title = String::new();
        let (mut parent, mut fork) = (None, None);
        for part in content(node) {
            match part.as_rule() {
                Rule::string if title.is_empty() && parent.is_none() => title = quoted(&part).text,
                Rule::string => {
                    parent = Some(ast::Parent {
                        word: quoted(&part),
                        quoted: true,
                    });
                }
                Rule::name => {
                    parent = Some(ast::Parent {
                        word: word(&part),
                        quoted: false,
                    });
                }
                Rule::fork => fork = Some(word(&part)),
                _ => {}
            }
        }
        if tree.header.is_some() {
            self.found
                .push(Diagnostic::error("syntax", "a second `schedule` line").at(
                    self.file,
                    &whole,
                    "only one a file",
                ));
            return;
        }
        tree.header = Some(ast::Header {
            title,
            parent,
            fork,
            span: whole,
        });
    }

    /// What a statement with a block consists of, keywords and marks aside. `again` is the rule by which a broken line is
    /// read again.
    fn parts(&mut self, node: Node<'a>, again: Rule) -> Vec<Node<'a>> {
        let mut block = 0..0;
        let mut parts = Vec::new();
        for part in node.into_inner() {
            match part.as_rule() {
                Rule::open => block = span(&part),
                Rule::bad => self.bad.push((part.as_span().start(), again)),
                Rule::unclosed => self.unclosed(&block),
                rule if is_mark(rule) => {}
                _ => parts.push(part),
            }
        }
        parts
    }

    /// What is left of `=`, and the formula to its right.
    fn assignment(&mut self, node: Node<'a>) -> Option<(Node<'a>, ast::Expr)> {
        let mut inner = content(node);
        let (left, value) = (inner.next()?, inner.next()?);
        Some((left, self.expr(value)?))
    }

    fn prices(&mut self, node: Node<'a>, new: Option<&ast::Span>, tree: &mut ast::File) {
        let mut kind = Kind::Param;
        for part in self.parts(node, Rule::lone_entry) {
            if part.as_rule() == Rule::kind {
                kind = kind_of(&part);
                continue;
            }
            let start = part.as_span().start();
            if let Some((selection, value)) = self.assignment(part) {
                tree.prices.push(ast::Price {
                    new: new.cloned(),
                    kind,
                    picks: picks(selection),
                    value,
                    reason: reason(self.text, start),
                    line: self.line(start),
                });
            }
        }
    }

    fn meter(&mut self, node: Node<'a>, tree: &mut ast::File) {
        let line = self.line(node.as_span().start());
        let (mut name, mut limit) = (None, None);
        let mut entries = Vec::new();
        for part in self.parts(node, Rule::lone_entry) {
            let start = part.as_span().start();
            match part.as_rule() {
                Rule::name => name = Some(word(&part)),
                Rule::quantity => limit = Some(quantity(&part)),
                _ => {
                    if let Some((selection, value)) = self.assignment(part) {
                        entries.push(ast::Metered {
                            picks: picks(selection),
                            value,
                            reason: reason(self.text, start),
                        });
                    }
                }
            }
        }
        if let (Some(name), Some(limit)) = (name, limit) {
            tree.meters.push(ast::Meter {
                name,
                limit,
                entries,
                line,
            });
        }
    }

    fn prover(&mut self, node: Node<'a>, tree: &mut ast::File) {
        let mut parts = self.parts(node, Rule::lone_setting).into_iter();
        if let Some(name) = parts.next() {
            tree.provers.push(ast::Prover {
                name: word(&name),
                settings: parts.filter_map(setting).collect(),
            });
        }
    }

    fn variant(&mut self, node: Node<'a>, tree: &mut ast::File) {
        let mut parts = self.parts(node, Rule::lone_value).into_iter();
        if let Some(name) = parts.next() {
            let values = parts.filter_map(|part| self.assignment(part));
            tree.variants.push(ast::Variant {
                name: word(&name),
                values: values.map(|(name, value)| (word(&name), value)).collect(),
            });
        }
    }

    fn solve(&mut self, node: Node<'a>, tree: &mut ast::File) {
        let whole = span(&node);
        let mut clauses = Vec::new();
        for part in self.parts(node, Rule::lone_clause) {
            let at = span(&part);
            if let Some(kind) = self.clause(part) {
                clauses.push(ast::Clause { kind, span: at });
            }
        }
        let solve = tree.solve.get_or_insert(ast::Solve {
            clauses: Vec::new(),
            span: whole,
        });
        solve.clauses.extend(clauses);
    }

    fn clause(&mut self, node: Node<'a>) -> Option<ClauseKind> {
        let rule = node.as_rule();
        let mut inner = content(node).peekable();
        Some(match rule {
            Rule::vary => ClauseKind::Vary {
                together: inner.next_if(|n| n.as_rule() == Rule::together).is_some(),
                picks: picks(inner.next()?),
            },
            Rule::keep => ClauseKind::Keep {
                picks: picks(inner.next()?),
            },
            Rule::require => {
                let requirement = inner.next()?;
                let bounds = requirement.as_rule() == Rule::bounds;
                let mut inner = content(requirement);
                let (first, second, third) = (inner.next()?, inner.next()?, inner.next()?);
                if bounds {
                    let (low, high) = (self.expr(second), self.expr(third));
                    ClauseKind::Bounds {
                        picks: picks(first),
                        low: low?,
                        high: high?,
                    }
                } else {
                    let (left, right) = (self.expr(first), self.expr(third));
                    ClauseKind::Relation {
                        left: left?,
                        compare: match second.as_str() {
                            "<=" => Compare::Le,
                            ">=" => Compare::Ge,
                            _ => Compare::Eq,
                        },
                        right: right?,
                    }
                }
            }
            Rule::minimize => ClauseKind::Minimize {
                words: inner.map(|n| word(&n)).collect(),
            },
            Rule::round => ClauseKind::Round {
                how: word(&inner.next()?),
                to: inner.next().map(|n| quantity(&n)),
            },
            Rule::include => ClauseKind::Include {
                path: quoted(&inner.next()?),
            },
            _ => return None,
        })
    }

    fn expr(&mut self, node: Node<'a>) -> Option<ast::Expr> {
        expressions::expr(node, self.file, self.found)
    }

    fn unclosed(&mut self, open: &ast::Span) {
        let brace = open.start..open.start + usize::from(open.end > open.start);
        self.found
            .push(Diagnostic::error("syntax", "expected `}`").at(
                self.file,
                &brace,
                "this block is never closed",
            ));
    }
}

fn target(node: Node<'_>) -> Option<ast::Target> {
    let whole = span(&node);
    let mut inner = node.into_inner();
    inner.next()?;
    let verb = word(&inner.next()?);
    let gas = quantity(&inner.next()?);
    let limit = inner.next()?;
    let limit = match limit.as_rule() {
        Rule::anchor => ast::Limit::Anchor(anchor(limit)?),
        _ => ast::Limit::Within(span(&limit), quantity(&inner.next()?)),
    };
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
        limit,
        quorum,
        on,
        span: whole,
    })
}

fn anchor(node: Node<'_>) -> Option<ast::Anchor> {
    let (mut times, mut statistic, mut of) = (None, None, None);
    let mut selection = None;
    for part in content(node) {
        match part.as_rule() {
            Rule::quantity => times = Some(quantity(&part)),
            Rule::statistic => {
                of = Some(part.as_span().start());
                let share = content(part).next().map(|n| word(&n));
                statistic = Some(share.map_or(ast::Statistic::Median, ast::Statistic::Percentile));
            }
            _ => selection = Some(part),
        }
    }
    let selection = selection?;
    let whole = span(&selection);
    Some(ast::Anchor {
        times,
        statistic,
        picks: picks(selection),
        span: of.unwrap_or(whole.start)..whole.end,
    })
}

fn setting(node: Node<'_>) -> Option<(Word, Vec<Word>)> {
    let mut inner = content(node);
    let (key, value) = (inner.next()?, inner.next()?);
    let values = match value.as_rule() {
        Rule::labels => words(value),
        _ => vec![quoted(&value)],
    };
    Some((word(&key), values))
}

fn picks(selection: Node<'_>) -> Vec<ast::Pick> {
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
fn reason(text: &str, offset: usize) -> Option<String> {
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
