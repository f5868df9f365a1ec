//! Formulas: the grammar's flat list of operands and operators to a tree.

use std::sync::LazyLock;

use pest::pratt_parser::{Assoc, Op, PrattParser};

use crate::{
    diag::{Diagnostic, FileId},
    gas::Ratio,
};

use super::{
    ast::{Expr, ExprKind, Infix},
    grammar::{Node, Rule, quantity, span, word},
};

/// Operators, the loosest first. `a - b - c` is `(a - b) - c`, while `a ** b ** c` is `a ** (b ** c)`; and `**` binds tighter
/// than a minus before it.
static PRECEDENCE: LazyLock<PrattParser<Rule>> = LazyLock::new(|| {
    let left = |rule| Op::infix(rule, Assoc::Left);
    PrattParser::new()
        .op(left(Rule::add) | left(Rule::sub))
        .op(left(Rule::mul) | left(Rule::div))
        .op(Op::prefix(Rule::neg))
        .op(Op::infix(Rule::pow, Assoc::Right))
});

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
    match tree(node, file) {
        Ok(expr) => Some(expr),
        Err(finding) => {
            found.push(finding);
            None
        }
    }
}

fn tree(node: Node<'_>, file: FileId) -> Result<Expr, Diagnostic> {
    let operands_and_operators = node
        .into_inner()
        .filter(|part| !matches!(part.as_rule(), Rule::left | Rule::right));
    PRECEDENCE
        .map_primary(|part| operand(part, file))
        .map_prefix(|minus, right| {
            let right = right?;
            Ok(Expr {
                span: minus.as_span().start()..right.span.end,
                kind: ExprKind::Neg(Box::new(right)),
            })
        })
        .map_infix(|left, operator, right| {
            let (left, right) = (left?, right?);
            let infix = match operator.as_rule() {
                Rule::add => Infix::Add,
                Rule::sub => Infix::Sub,
                Rule::mul => Infix::Mul,
                Rule::div => Infix::Div,
                _ => Infix::Pow,
            };
            Ok(Expr {
                span: left.span.start..right.span.end,
                kind: ExprKind::Infix(infix, Box::new(left), Box::new(right)),
            })
        })
        .parse(operands_and_operators)
}

fn operand(node: Node<'_>, file: FileId) -> Result<Expr, Diagnostic> {
    let at = span(&node);
    let kind = match node.as_rule() {
        Rule::expr => return tree(node, file),
        Rule::call => {
            let name = node
                .clone()
                .into_inner()
                .find(|n| n.as_rule() == Rule::name);
            let arguments = node
                .clone()
                .into_inner()
                .filter(|n| n.as_rule() == Rule::expr);
            let arguments: Result<_, _> = arguments.map(|n| tree(n, file)).collect();
            ExprKind::Call(word(&name.unwrap_or(node)), arguments?)
        }
        Rule::quantity => {
            let quantity = quantity(&node);
            let number = decimal(&quantity.number.text).ok_or_else(|| {
                Diagnostic::error("price-too-large", "this number is too large").at(
                    file,
                    &quantity.number.span,
                    "more digits than any price has",
                )
            })?;
            match quantity.unit {
                None => ExprKind::Number(number),
                Some(unit) => ExprKind::Quantity(number, unit),
            }
        }
        _ => ExprKind::Reference(word(&node).text),
    };
    Ok(Expr { kind, span: at })
}

/// `1_000.5` as an exact number; `None` when it has too many digits.
pub(super) fn decimal(text: &str) -> Option<Ratio> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let decimals = text.split_once('.').map_or(0, |(_, after)| after.len());
    let scale = 10_i128.checked_pow(u32::try_from(decimals).ok()?)?;
    Ratio::new(digits.parse().ok()?, scale)
}
