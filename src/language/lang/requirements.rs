//! `require`: bounds of prices and relations between them, as numbers.

use std::collections::BTreeMap;

use crate::{
    diag::{Diagnostic, Label},
    gas::{CostFormula, Expr, FormulaError, GasParam, Part, Ratio, Schedule},
};

use super::{
    Bound, Compare, Relation,
    ast::{self, ExprKind, Span},
    checker::Checker,
    layer::{NamedBound, params},
    lowering::{Context, Current, lower},
    names::Chosen,
    price_settings::parts,
};

/// Reads requirements against one schedule.
pub(super) struct Requirements<'c, 'a, 's> {
    checker: &'c mut Checker<'a>,
    schedule: &'s Schedule,
    /// Prices looked up before.
    known: BTreeMap<GasParam, Ratio>,
}

impl<'c, 'a, 's> Requirements<'c, 'a, 's> {
    pub(super) const fn new(checker: &'c mut Checker<'a>, schedule: &'s Schedule) -> Self {
        Self {
            checker,
            schedule,
            known: BTreeMap::new(),
        }
    }

    /// `selection in low .. high`, for each parameter of the selection.
    pub(super) fn bounds(
        &mut self,
        chosen: &[Chosen],
        low: &ast::Expr,
        high: &ast::Expr,
        label: &Label,
    ) -> Vec<NamedBound> {
        let relative = is_relative(low) && is_relative(high);
        let mut all = Vec::new();
        for one in chosen {
            let own = params(self.schedule, one);
            if one.named && own.len() > 1 && !relative {
                let finding = self.ambiguous(&one.operation, &one.span, &own);
                self.checker.found.push(finding);
                return all;
            }
            for param in own {
                match self.bound(one, &param, relative, low, high, label) {
                    Ok(bound) => all.extend(bound.map(|bound| NamedBound {
                        bound,
                        named: one.named,
                    })),
                    Err(finding) => {
                        self.checker.found.push(finding);
                        return all;
                    }
                }
            }
        }
        all
    }

    fn bound(
        &mut self,
        one: &Chosen,
        param: &GasParam,
        relative: bool,
        low: &ast::Expr,
        high: &ast::Expr,
        label: &Label,
    ) -> Result<Option<Bound>, Diagnostic> {
        let file = self.checker.file;
        if self.is_factor(param) && !relative {
            if !one.named {
                return Ok(None);
            }
            return Err(Diagnostic::error(
                "unit-mismatch",
                format!("`{param}` is bounded by multiples, not by gas"),
            )
            .at(
                file,
                &(low.span.start..high.span.end),
                "expected such as 1x .. 200x",
            )
            .note("its formula is not linear: the solver multiplies all of it"));
        }
        let current = self.current(param);
        let bottom = self.limit(low, param, current)?;
        let top = self.limit(high, param, current)?;
        if bottom > top || top < Ratio::ZERO {
            return Err(Diagnostic::error(
                "contradiction",
                format!("no price of {param} meets this requirement"),
            )
            .at(
                file,
                &(low.span.start..high.span.end),
                format!("at least {bottom} and at most {top}"),
            ));
        }
        let multiple = [(low, "low"), (high, "high")]
            .into_iter()
            .find(|(e, _)| is_relative(e));
        if one.named && current == Ratio::ZERO && multiple.is_some() {
            let (expr, _) = multiple.unwrap_or((high, ""));
            self.checker.found.push(
                Diagnostic::warning(
                    "relative-to-zero",
                    format!("`{param}` is 0, and so is every multiple of it"),
                )
                .at(file, &expr.span, "stays 0")
                .help(format!(
                    "bound it in gas, such as: require {param} in 0 .. 100"
                )),
            );
        }
        Ok(Some(Bound {
            param: param.clone(),
            low: Some(bottom.max(Ratio::ZERO).to_f64()),
            high: Some(top.to_f64()),
            label: label.clone(),
        }))
    }

    /// The number at one end of a bound.
    fn limit(
        &mut self,
        expr: &ast::Expr,
        param: &GasParam,
        current: Ratio,
    ) -> Result<Ratio, Diagnostic> {
        let context = Context {
            subject: &param.to_string(),
            variables: Some(&[]),
            current: Current::Price(current),
            prices: true,
            multiples: true,
        };
        let lowered = lower(expr, &self.checker.names, &context)?;
        let sum = self.sum(&lowered, expr)?;
        sum.terms
            .iter()
            .try_fold(sum.constant, |total, (param, factor)| {
                let price = self.price(param);
                factor
                    .checked_mul(price)
                    .and_then(|term| total.checked_add(term))
                    .ok_or_else(|| self.overflow(expr))
            })
    }

    /// `left compare right`, when it says anything about prices.
    pub(super) fn relation(
        &mut self,
        left: &ast::Expr,
        compare: Compare,
        right: &ast::Expr,
        label: &Label,
    ) -> Option<Relation> {
        match self.try_relation(left, compare, right, label) {
            Ok(relation) => Some(relation),
            Err(finding) => {
                self.checker.found.push(finding);
                None
            }
        }
    }

    fn try_relation(
        &mut self,
        left: &ast::Expr,
        compare: Compare,
        right: &ast::Expr,
        label: &Label,
    ) -> Result<Relation, Diagnostic> {
        let a = self.side(left, right)?;
        let b = self.side(right, left)?;
        let whole = left.span.start..right.span.end;
        let overflow = || self.overflow(left);
        let difference = a.plus(b, Ratio::integer(-1)).ok_or_else(overflow)?;
        if difference.terms.is_empty() {
            return Err(
                Diagnostic::error("empty-selection", "this requirement is about no price").at(
                    self.checker.file,
                    &whole,
                    "",
                ),
            );
        }
        Ok(Relation {
            terms: difference
                .terms
                .into_iter()
                .map(|(p, f)| (p, f.to_f64()))
                .collect(),
            constant: difference.constant.to_f64(),
            compare,
            label: label.clone(),
        })
    }

    /// One side of a relation. `current` and `2x` are about the price alone on the other side, if there is one.
    fn side(&mut self, expr: &ast::Expr, other: &ast::Expr) -> Result<Sum, Diagnostic> {
        let alone = match &other.kind {
            ExprKind::Reference(name) => name.parse::<GasParam>().ok(),
            _ => None,
        };
        let alone = alone.filter(|p| self.checker.names.kinds.contains_key(&p.operation));
        let context = Context {
            subject: "a requirement",
            variables: Some(&[]),
            current: match &alone {
                Some(param) => Current::Price(self.current(param)),
                None => Current::None("of which price? write one alone on the other side"),
            },
            prices: true,
            multiples: true,
        };
        let lowered = lower(expr, &self.checker.names, &context)?;
        self.sum(&lowered, expr)
    }

    /// The linear form of an expression over prices.
    fn sum(&self, expr: &Expr, written: &ast::Expr) -> Result<Sum, Diagnostic> {
        let of = |e: &Expr| self.sum(e, written);
        let fits = |sum: Option<Sum>| sum.ok_or_else(|| self.overflow(written));
        Ok(match expr {
            Expr::Param(param) => {
                self.check_own(param, written)?;
                Sum {
                    terms: BTreeMap::from([(param.clone(), Ratio::ONE)]),
                    constant: Ratio::ZERO,
                }
            }
            Expr::Neg(a) => fits(of(a)?.scaled(Ratio::integer(-1)))?,
            Expr::Add(a, b) => fits(of(a)?.plus(of(b)?, Ratio::ONE))?,
            Expr::Sub(a, b) => fits(of(a)?.plus(of(b)?, Ratio::integer(-1)))?,
            Expr::Mul(a, b) => match (of(a)?, of(b)?) {
                (a, b) if a.terms.is_empty() => fits(b.scaled(a.constant))?,
                (a, b) if b.terms.is_empty() => fits(a.scaled(b.constant))?,
                _ => return Err(self.not_linear(written)),
            },
            Expr::Div(a, b) => match (of(a)?, of(b)?) {
                (_, b) if b.terms.is_empty() && b.constant == Ratio::ZERO => {
                    return Err(self.without_value(&FormulaError::DivisionByZero, written));
                }
                (a, b) if b.terms.is_empty() => {
                    fits(Ratio::ONE.checked_div(b.constant).and_then(|f| a.scaled(f)))?
                }
                _ => return Err(self.not_linear(written)),
            },
            other => {
                let unknown = |_: &GasParam| Err(FormulaError::Overflow);
                let constant = other.evaluate(&|_| 0, &unknown);
                let mentions = other.children().into_iter().any(mentions_price);
                if mentions {
                    return Err(self.not_linear(written));
                }
                Sum {
                    terms: BTreeMap::new(),
                    constant: constant.map_err(|error| self.without_value(&error, written))?,
                }
            }
        })
    }

    /// A requirement is about prices that can be set, one at a time.
    fn check_own(&self, param: &GasParam, written: &ast::Expr) -> Result<(), Diagnostic> {
        let name = &param.operation;
        let own = self.schedule.params_of(name).unwrap_or_default();
        let span = written
            .place_of(&param.to_string())
            .unwrap_or_else(|| written.span.clone());
        if own.contains(param) {
            if self.is_factor(param) {
                return Err(Diagnostic::error(
                    "unit-mismatch",
                    format!("`{param}` has no price in gas to compare"),
                )
                .at(self.checker.file, &span, "its formula is not linear")
                .help(format!("bound its factor: require {param} in 1x .. 200x")));
            }
            return Ok(());
        }
        if param.part == Part::Whole && own.len() > 1 {
            return Err(self.ambiguous(name, &span, &own));
        }
        let chosen = Chosen {
            operation: name.clone(),
            part: (param.part != Part::Whole).then_some(param.part),
            named: true,
            span: span.clone(),
        };
        let finding = no_own_price(self.checker, self.schedule, &chosen);
        Err(finding.unwrap_or_else(|| {
            Diagnostic::error("unknown-part", format!("there is no price `{param}`")).at(
                self.checker.file,
                &span,
                "no such part",
            )
        }))
    }

    fn ambiguous(&self, name: &str, span: &Span, own: &[GasParam]) -> Diagnostic {
        let parts: Vec<String> = own.iter().map(ToString::to_string).collect();
        Diagnostic::error(
            "ambiguous-part",
            format!("`{name}` has more than one price"),
        )
        .at(self.checker.file, span, "which of its prices?")
        .help(format!("name one: {}", parts.join(" or ")))
    }

    /// Whether the parameter is the factor of a formula that is not linear.
    fn is_factor(&self, param: &GasParam) -> bool {
        matches!(
            self.schedule.formula(&param.operation),
            Ok(CostFormula::Other(_))
        )
    }

    /// The price in the schedule extended; a new price's own.
    fn current(&mut self, param: &GasParam) -> Ratio {
        let parent = self
            .checker
            .parent
            .and_then(|p| p.schedule.price(param).ok());
        match parent {
            Some(price) => Ratio::from(price),
            None => self.price(param),
        }
    }

    fn price(&mut self, param: &GasParam) -> Ratio {
        if let Some(known) = self.known.get(param) {
            return *known;
        }
        let price = Ratio::from(self.schedule.price(param).unwrap_or(0));
        self.known.insert(param.clone(), price);
        price
    }

    fn not_linear(&self, written: &ast::Expr) -> Diagnostic {
        Diagnostic::error("not-linear", "the solver cannot work with this requirement")
            .at(
                self.checker.file,
                &written.span,
                "not a sum of prices times numbers",
            )
            .help("say it with several requirements that are sums")
    }

    fn overflow(&self, written: &ast::Expr) -> Diagnostic {
        self.without_value(&FormulaError::Overflow, written)
    }

    fn without_value(&self, error: &FormulaError, written: &ast::Expr) -> Diagnostic {
        let code = match error {
            FormulaError::DivisionByZero => "division-by-zero",
            _ => "price-too-large",
        };
        Diagnostic::error(code, error.to_string()).at(self.checker.file, &written.span, "")
    }
}

/// Why a named choice stands for no parameter.
pub(super) fn no_own_price(
    checker: &Checker<'_>,
    schedule: &Schedule,
    one: &Chosen,
) -> Option<Diagnostic> {
    let name = &one.operation;
    let entry = schedule.entry(name)?;
    // A formula without a value is a finding already.
    let formula = schedule.formula(name).ok()?;
    let has = parts(&formula);
    let shown = one.part.map_or_else(
        || name.clone(),
        |p| GasParam::new(name.as_str(), p).to_string(),
    );
    if let Some(part) = one.part
        && !has.contains(&part)
    {
        let text = part.name().unwrap_or("");
        let start = one.span.end.saturating_sub(text.len());
        return Some(
            checker
                .names
                .unknown_part(text, &(start..one.span.end), name, &has),
        );
    }
    let at = Label::primary(checker.file, one.span.clone(), "made of other prices alone");
    Some(
        Diagnostic::error(
            "indirect-price",
            format!("`{shown}` has no price of its own"),
        )
        .label(at)
        .note(format!("{name} = {}", entry.expr))
        .help("name the prices it is made of"),
    )
}

fn mentions_price(expr: &Expr) -> bool {
    matches!(expr, Expr::Param(_)) || expr.children().into_iter().any(mentions_price)
}

/// Whether an expression is about the current price: `200x`, `current + 5`.
fn is_relative(expr: &ast::Expr) -> bool {
    match &expr.kind {
        ExprKind::Number(_) => false,
        ExprKind::Quantity(_, unit) => unit.text == "x",
        ExprKind::Reference(name) => name == "current",
        ExprKind::Neg(a) => is_relative(a),
        ExprKind::Infix(_, a, b) => is_relative(a) || is_relative(b),
        ExprKind::Call(_, all) => all.iter().any(is_relative),
    }
}

/// A sum of prices under construction.
struct Sum {
    terms: BTreeMap<GasParam, Ratio>,
    constant: Ratio,
}

impl Sum {
    /// Times a number; `None` when it leaves exact arithmetic.
    fn scaled(mut self, factor: Ratio) -> Option<Self> {
        self.constant = self.constant.checked_mul(factor)?;
        for coefficient in self.terms.values_mut() {
            *coefficient = coefficient.checked_mul(factor)?;
        }
        self.terms.retain(|_, c| *c != Ratio::ZERO);
        Some(self)
    }

    /// Plus `factor` times another.
    fn plus(mut self, other: Self, factor: Ratio) -> Option<Self> {
        let other = other.scaled(factor)?;
        self.constant = self.constant.checked_add(other.constant)?;
        for (param, coefficient) in other.terms {
            let sum = self.terms.entry(param).or_insert(Ratio::ZERO);
            *sum = sum.checked_add(coefficient)?;
        }
        self.terms.retain(|_, c| *c != Ratio::ZERO);
        Some(self)
    }
}
