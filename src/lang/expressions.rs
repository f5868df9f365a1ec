//! Formulas: pest's flat list of operands and operators to a tree.

use pest::iterators::Pair;

use crate::{
    diag::{Diagnostic, FileId},
    gas::Ratio,
};

use super::{
    ast::{Expr, ExprKind, Infix, Span},
    grammar::{Node, Rule, quantity, span, word},
};

/// Operators in one formula. Also bounds how deep its tree can be, so that walking it cannot exhaust the stack.
const MAX_OPERATORS: usize = 100;

/// Builds a formula; `None` after a finding.
pub(super) fn expr(node: Node<'_>, file: FileId, found: &mut Vec<Diagnostic>) -> Option<Expr> {
    let operators = node
        .clone()
        .into_inner()
        .flatten()
        .filter(|n| !matches!(n.as_rule(), Rule::quantity | Rule::number | Rule::unit))
        .filter(|n| n.as_rule() != Rule::reference)
        .count();
    if operators > MAX_OPERATORS {
        found.push(
            Diagnostic::error("too-complex", "this formula has too many operators").at(
                file,
                &span(&node),
                format!("more than {MAX_OPERATORS} operators and parentheses"),
            ),
        );
        return None;
    }
    let mut builder = Builder { file, found };
    builder.expr(node)
}

struct Builder<'d> {
    file: FileId,
    found: &'d mut Vec<Diagnostic>,
}

/// An operator waiting for its right side.
#[derive(Clone, Copy)]
enum Waiting {
    Neg(usize),
    Infix(Infix),
}

impl Waiting {
    /// How tightly it binds; `**` binds tighter than a minus before it.
    const fn level(self) -> u8 {
        match self {
            Self::Infix(Infix::Add | Infix::Sub) => 1,
            Self::Infix(Infix::Mul | Infix::Div) => 2,
            Self::Neg(_) => 3,
            Self::Infix(Infix::Pow) => 4,
        }
    }
}

impl Builder<'_> {
    /// Operator precedence with two stacks.
    fn expr(&mut self, node: Node<'_>) -> Option<Expr> {
        let mut operands: Vec<Expr> = Vec::new();
        let mut waiting: Vec<Waiting> = Vec::new();
        for part in node.into_inner() {
            let next = match part.as_rule() {
                Rule::neg => {
                    waiting.push(Waiting::Neg(part.as_span().start()));
                    continue;
                }
                Rule::add => Infix::Add,
                Rule::sub => Infix::Sub,
                Rule::mul => Infix::Mul,
                Rule::div => Infix::Div,
                Rule::pow => Infix::Pow,
                Rule::left | Rule::right => continue,
                _ => {
                    operands.push(self.atom(part)?);
                    continue;
                }
            };
            let next = Waiting::Infix(next);
            // `a - b - c` is `(a - b) - c`, while `a ** b ** c` is `a ** (b ** c)`.
            while waiting.last().is_some_and(|top| {
                top.level() > next.level() || top.level() == next.level() && next.level() < 4
            }) {
                reduce(&mut operands, waiting.pop()?)?;
            }
            waiting.push(next);
        }
        while let Some(top) = waiting.pop() {
            reduce(&mut operands, top)?;
        }
        operands.pop()
    }

    fn atom(&mut self, node: Node<'_>) -> Option<Expr> {
        let at = span(&node);
        let kind = match node.as_rule() {
            Rule::expr => return self.expr(node),
            Rule::reference => ExprKind::Reference(word(&node).text),
            Rule::quantity => {
                let quantity = quantity(node)?;
                let number = self.number(&quantity.number.text, &quantity.number.span)?;
                match quantity.unit {
                    None => ExprKind::Number(number),
                    Some(unit) => ExprKind::Quantity(number, unit),
                }
            }
            Rule::call => {
                let mut inner = node.into_inner();
                let name = word(&inner.next()?);
                let arguments: Option<Vec<_>> = inner
                    .filter(|n| n.as_rule() == Rule::expr)
                    .map(|n: Pair<'_, Rule>| self.expr(n))
                    .collect();
                ExprKind::Call(name, arguments?)
            }
            _ => return None,
        };
        Some(Expr { kind, span: at })
    }

    fn number(&mut self, text: &str, at: &Span) -> Option<Ratio> {
        let number = decimal(text);
        if number.is_none() {
            self.found.push(
                Diagnostic::error("price-too-large", "this number is too large").at(
                    self.file,
                    at,
                    "more digits than any price has",
                ),
            );
        }
        number
    }
}

/// `1_000.5` as an exact number; `None` when it has too many digits.
pub(super) fn decimal(text: &str) -> Option<Ratio> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let decimals = text.split_once('.').map_or(0, |(_, after)| after.len());
    let scale = 10_i128.checked_pow(u32::try_from(decimals).ok()?)?;
    Ratio::new(digits.parse().ok()?, scale)
}

/// Takes the operator's operands off the stack and puts the result there.
fn reduce(operands: &mut Vec<Expr>, operator: Waiting) -> Option<()> {
    let right = operands.pop()?;
    let (kind, at) = match operator {
        Waiting::Neg(start) => {
            let at = start..right.span.end;
            (ExprKind::Neg(Box::new(right)), at)
        }
        Waiting::Infix(infix) => {
            let left = operands.pop()?;
            let at = left.span.start..right.span.end;
            (ExprKind::Infix(infix, Box::new(left), Box::new(right)), at)
        }
    };
    operands.push(Expr { kind, span: at });
    Some(())
}
