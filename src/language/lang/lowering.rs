//! Formulas of the tree to formulas of the schedule: names get their meaning.

use crate::{
    diag::{Diagnostic, Fix},
    gas::{CostFormula, Expr, GasParam, Part, Ratio, Variable},
};

use super::{
    ast::{self, ExprKind, Infix, Span, Word},
    names::Names,
    quantities::{Dimension, unit},
};

/// Nodes of a formula, once `current` is written out.
const MAX_NODES: usize = 2_000;
/// Levels of a formula, once `current` is written out: bounds recursion over it.
const MAX_LEVELS: usize = 128;

/// What `current` stands for.
pub(super) enum Current {
    /// There is none, and why.
    None(&'static str),
    /// An operation's whole formula.
    Formula(CostFormula),
    /// One price.
    Price(Ratio),
    /// Whatever the schedule's own price becomes.
    Own,
}

/// Where a formula stands.
pub(super) struct Context<'a> {
    /// What is being priced, for messages.
    pub subject: &'a str,
    /// What the operation is measured by; `None`: a new operation, by anything.
    pub variables: Option<&'a [Variable]>,
    pub current: Current,
    /// Whether other prices may be referred to.
    pub prices: bool,
    /// Whether `200x` means 200 times `current`.
    pub multiples: bool,
}

impl Context<'_> {
    /// Where only numbers and constants make sense.
    pub(super) const fn constant() -> Self {
        Self {
            subject: "",
            variables: Some(&[]),
            current: Current::None("a constant is the same for every price"),
            prices: false,
            multiples: false,
        }
    }
}

/// The schedule's formula for the tree's, references symbolic.
pub(super) fn lower(
    expr: &ast::Expr,
    names: &Names,
    context: &Context<'_>,
) -> Result<Expr, Diagnostic> {
    let lowering = Lowering { names, context };
    let lowered = lowering.expr(expr, false)?;
    if exceeds(&lowered) {
        return Err(
            Diagnostic::error("too-complex", "this formula is too large").at(
                names.file,
                &expr.span,
                "too large once `current` is written out",
            ),
        );
    }
    Ok(lowered)
}

/// The number that a formula of constants is.
pub(super) fn number(expr: &ast::Expr, names: &Names) -> Result<Ratio, Diagnostic> {
    let lowered = lower(expr, names, &Context::constant())?;
    let unknown = |param: &GasParam| Err(crate::gas::FormulaError::UnknownParam(param.clone()));
    lowered.evaluate(&|_| 0, &unknown).map_err(|error| {
        let code = match error {
            crate::gas::FormulaError::DivisionByZero => "division-by-zero",
            _ => "price-too-large",
        };
        Diagnostic::error(code, error.to_string()).at(names.file, &expr.span, "")
    })
}

fn exceeds(expr: &Expr) -> bool {
    let mut nodes = 0;
    let mut open = vec![(expr, 1)];
    while let Some((expr, level)) = open.pop() {
        nodes += 1;
        if nodes > MAX_NODES || level > MAX_LEVELS {
            return true;
        }
        open.extend(expr.children().into_iter().map(|c| (c, level + 1)));
    }
    false
}

struct Lowering<'a> {
    names: &'a Names,
    context: &'a Context<'a>,
}

impl Lowering<'_> {
    /// `scaled`: inside anything but a sum. There `current` is numbers; as a summand it leaves to other parameters
    /// what the parent left to them.
    fn expr(&self, expr: &ast::Expr, scaled: bool) -> Result<Expr, Diagnostic> {
        let boxed = |e: &ast::Expr, scaled| self.expr(e, scaled).map(Box::new);
        Ok(match &expr.kind {
            ExprKind::Number(number) => Expr::Number(*number),
            ExprKind::Quantity(number, word) => self.quantity(*number, word, &expr.span)?,
            ExprKind::Reference(name) => self.reference(name, &expr.span, scaled)?,
            ExprKind::Neg(a) => Expr::Neg(boxed(a, true)?),
            ExprKind::Infix(infix, a, b) => match infix {
                Infix::Add => Expr::Add(boxed(a, scaled)?, boxed(b, scaled)?),
                Infix::Sub => Expr::Sub(boxed(a, scaled)?, boxed(b, true)?),
                Infix::Mul => Expr::Mul(boxed(a, true)?, boxed(b, true)?),
                Infix::Div => Expr::Div(boxed(a, true)?, boxed(b, true)?),
                Infix::Pow => Expr::Pow(boxed(a, true)?, boxed(b, true)?),
            },
            ExprKind::Call(name, arguments) => self.call(name, arguments)?,
        }
        .simplified())
    }

    fn call(&self, name: &Word, arguments: &[ast::Expr]) -> Result<Expr, Diagnostic> {
        let mut all = arguments
            .iter()
            .map(|a| self.expr(a, true))
            .collect::<Result<Vec<_>, _>>()?;
        let one = |all: &mut Vec<Expr>| match all.pop() {
            Some(only) if all.is_empty() => Ok(Box::new(only)),
            _ => Err(Diagnostic::error(
                "unknown-function",
                format!("`{}` takes one number", name.text),
            )
            .at(self.names.file, &name.span, "given more")),
        };
        Ok(match name.text.as_str() {
            "min" => Expr::Min(all),
            "max" => Expr::Max(all),
            "ceil" => Expr::Ceil(one(&mut all)?),
            "floor" => Expr::Floor(one(&mut all)?),
            other => {
                const KNOWN: [&str; 4] = ["min", "max", "ceil", "floor"];
                return Err(Diagnostic::error(
                    "unknown-function",
                    format!("there is no function `{other}`"),
                )
                .at(self.names.file, &name.span, "not a function")
                .note("functions: min, max, ceil, floor")
                .fix(self.names.did_you_mean(other, &name.span, KNOWN)));
            }
        })
    }

    fn quantity(&self, number: Ratio, word: &Word, span: &Span) -> Result<Expr, Diagnostic> {
        let file = self.names.file;
        let (dimension, size) = unit(word, file)?;
        let mismatch = |text: &str| {
            Diagnostic::error(
                "unit-mismatch",
                format!("expected gas, found {}", dimension.name()),
            )
            .at(file, span, text)
        };
        match dimension {
            Dimension::Gas | Dimension::Share => {
                number.checked_mul(size).map(Expr::Number).ok_or_else(|| {
                    Diagnostic::error("price-too-large", "this number is too large".to_owned())
                        .at(file, span, "")
                })
            }
            Dimension::Multiple => match &self.context.current {
                Current::Price(price) if self.context.multiples => Ok(Expr::Mul(
                    Box::new(Expr::Number(number)),
                    Box::new(Expr::Number(*price)),
                )
                .simplified()),
                Current::None(_) => Err(mismatch("a multiple of what?")),
                _ => Err(
                    mismatch("a multiple, which is written `* current` in a formula").fix(Some(
                        Fix {
                            message: "multiply the current price".to_owned(),
                            file,
                            span: word.span.clone(),
                            replacement: " * current".to_owned(),
                            sure: true,
                        },
                    )),
                ),
            },
            Dimension::Time | Dimension::Rate | Dimension::Digits => {
                Err(mismatch("a price is an amount of gas"))
            }
        }
    }

    fn reference(&self, name: &str, span: &Span, scaled: bool) -> Result<Expr, Diagnostic> {
        if name == "current" {
            return self.current(span, scaled);
        }
        if let Some(value) = self.names.constant(name) {
            return Ok(Expr::Number(value));
        }
        if let Ok(variable) = name.parse::<Variable>()
            && self
                .context
                .variables
                .is_none_or(|all| all.contains(&variable))
        {
            return Ok(Expr::Variable(variable));
        }
        let (operation, part) = match name.split_once('.') {
            None => (name, None),
            Some((operation, part)) => (operation, Some(part)),
        };
        if !self.context.prices || !self.names.kinds.contains_key(operation) {
            return Err(self.unknown(name, operation, span));
        }
        let part = match part {
            None => Part::Whole,
            Some(text) => Part::named(text).ok_or_else(|| {
                let at = span.start + operation.len() + 1..span.end;
                self.names.unknown_part(text, &at, operation, &[])
            })?,
        };
        Ok(Expr::Param(GasParam::new(operation, part)))
    }

    fn current(&self, span: &Span, scaled: bool) -> Result<Expr, Diagnostic> {
        match &self.context.current {
            Current::None(why) => Err(Diagnostic::error(
                "no-current",
                "there is no `current` price here".to_owned(),
            )
            .at(self.names.file, span, *why)),
            Current::Price(price) => Ok(Expr::Number(*price)),
            Current::Own => Ok(crate::gas::meter::current()),
            Current::Formula(CostFormula::Other(expr)) => Ok(expr.clone()),
            Current::Formula(CostFormula::Linear { base, per }) => {
                let constant = (*base > 0 || per.is_empty()).then(|| Expr::number(*base));
                let rates = per.iter().map(|(variable, rate)| match &rate.from {
                    Some(owner) if !scaled => Expr::Param(owner.clone()).per(*variable),
                    _ => Expr::number(rate.price).per(*variable),
                });
                Ok(Expr::sum(constant.into_iter().chain(rates)))
            }
        }
    }

    /// A word that means nothing here: a variable if it looks like one, else a name.
    fn unknown(&self, name: &str, operation: &str, span: &Span) -> Diagnostic {
        let at = span.start..span.start + operation.len();
        let file = self.names.file;
        if !self.context.prices {
            let constants = self.names.constants.keys().map(String::as_str);
            return Diagnostic::error("unknown-name", format!("no constant is called `{name}`"))
                .at(file, span, "not bound by `let` above")
                .fix(self.names.did_you_mean(name, span, constants));
        }
        let lower_case = !name.chars().any(|c| c.is_ascii_uppercase());
        let variables = self.context.variables.unwrap_or(Variable::ALL);
        if !lower_case {
            return self.names.unknown(operation, &at, None, false);
        }
        let subject = self.context.subject;
        let finding = Diagnostic::error(
            "unknown-variable",
            format!("`{subject}` is not priced per `{name}`"),
        )
        .at(file, span, "no such variable here");
        let known = variables.iter().map(|v| v.name());
        let constants = self.names.constants.keys().map(String::as_str);
        match variables {
            [] => finding
                .note(format!("`{subject}` is priced per execution alone"))
                .fix(self.names.did_you_mean(name, span, constants)),
            [only] => {
                let words = *only == Variable::Words && name == Variable::Bytes.name();
                let finding = if words {
                    finding.note("a word is 32 bytes: a price per word is 32 times one per byte")
                } else {
                    finding
                };
                finding.fix(Some(Fix {
                    message: format!("its variable is `{only}`"),
                    file,
                    span: span.clone(),
                    replacement: only.name().to_owned(),
                    // Bytes are no words: the number may have to change as well.
                    sure: false,
                }))
            }
            all => {
                let list: Vec<&str> = all.iter().map(|v| v.name()).collect();
                finding
                    .note(format!("its variables: {}", list.join(", ")))
                    .fix(self.names.did_you_mean(name, span, known.chain(constants)))
            }
        }
    }
}
