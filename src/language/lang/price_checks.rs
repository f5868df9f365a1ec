//! Whether the file's prices have values: references that end, numbers that fit, nothing free by accident.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
};

use crate::{
    diag::{Diagnostic, FileId, Label},
    gas::{
        CostFormula, Entry, Expr, FormulaError, GasParam, Kind, Part, Ratio, Schedule, Variable,
    },
};

use super::{
    ast,
    checker::Checker,
    price_settings::{PriceSetting, Priced, parts},
};

/// References within references: bounds recursion over them.
const MAX_REFERENCES: usize = 16;

/// Whether every chain of references ends soon enough. A finding otherwise.
pub(super) fn references(
    checker: &mut Checker<'_>,
    parent: &Schedule,
    priced: &Priced<'_>,
) -> bool {
    let mut edges: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for entry in parent.entries() {
        let settings = priced.get(&entry.name).map_or(&[][..], Vec::as_slice);
        if settings.iter().all(|s| s.part.is_some()) {
            edges
                .entry(&entry.name)
                .or_default()
                .extend(mentioned(&entry.expr));
        }
    }
    for (name, settings) in priced {
        for expr in settings.iter().filter_map(|s| s.expr.as_ref()) {
            edges.entry(name).or_default().extend(mentioned(expr));
        }
    }
    let walk = ReferenceWalk {
        edges: &edges,
        depths: RefCell::default(),
    };
    for (name, settings) in priced {
        let Err(cycle) = walk.depth(name, &mut Vec::new()) else {
            continue;
        };
        let (code, message) = if cycle {
            ("price-cycle", format!("`{name}` is defined by itself"))
        } else {
            (
                "too-complex",
                format!("`{name}` refers to prices that refer to prices, too often"),
            )
        };
        let finding = Diagnostic::error(code, message);
        checker.found.push(match settings.first() {
            Some(setting) => finding.at(
                checker.file,
                &setting.statement.value.span,
                "leads back here",
            ),
            None => finding,
        });
        return false;
    }
    true
}

struct ReferenceWalk<'a> {
    edges: &'a BTreeMap<&'a str, BTreeSet<&'a str>>,
    depths: RefCell<BTreeMap<&'a str, usize>>,
}

impl<'a> ReferenceWalk<'a> {
    /// How many references follow one another from here at most; the error says whether they go in a circle.
    fn depth(&self, name: &'a str, path: &mut Vec<&'a str>) -> Result<usize, bool> {
        if let Some(&known) = self.depths.borrow().get(name) {
            return if known + path.len() > MAX_REFERENCES {
                Err(false)
            } else {
                Ok(known)
            };
        }
        if path.contains(&name) {
            return Err(true);
        }
        if path.len() > MAX_REFERENCES {
            return Err(false);
        }
        path.push(name);
        let mut deepest = 0;
        for next in self.edges.get(name).into_iter().flatten() {
            deepest = deepest.max(1 + self.depth(next, path)?);
        }
        path.pop();
        self.depths.borrow_mut().insert(name, deepest);
        Ok(deepest)
    }
}

/// The operations that a formula refers to.
fn mentioned(expr: &Expr) -> BTreeSet<&str> {
    let mut all = BTreeSet::new();
    let mut open = vec![expr];
    while let Some(expr) = open.pop() {
        if let Expr::Param(param) = expr {
            all.insert(param.operation.as_str());
        }
        open.extend(expr.children());
    }
    all
}

/// Checks every formula of the new schedule, and what this file's prices come to.
pub(super) fn formulas(checker: &mut Checker<'_>, schedule: &Schedule, priced: &Priced<'_>) {
    // A statement for several names is wrong once.
    let mut seen = BTreeSet::new();
    for setting in priced.values().flatten() {
        if let Some(finding) = mixed_units(checker, setting)
            && seen.insert(setting.statement.line)
        {
            checker.found.push(finding);
        }
    }
    let mut elsewhere = None;
    let mut blamed: BTreeSet<(&str, usize)> = BTreeSet::new();
    let before = checker.found.len();
    for entry in schedule.entries() {
        let name = entry.name.as_str();
        let formula = schedule.formula(name).and_then(|formula| {
            for measure in [0, 1, 1_000] {
                cost_at(&formula, measure)?;
            }
            Ok(formula)
        });
        let settings = priced.get(name).map_or(&[][..], Vec::as_slice);
        match (formula, settings) {
            (Err(error), []) => elsewhere = elsewhere.or(Some((name, error))),
            (Err(error), [.., setting]) => {
                let finding = finding(&error, name, setting, checker.file);
                let place = finding.place().map_or(0, |l| l.span.start);
                if blamed.insert((finding.code, place)) {
                    checker.found.push(finding);
                }
            }
            (Ok(formula), settings) => {
                for setting in settings.iter().filter(|s| !s.new) {
                    free_of_charge(checker, schedule, (name, entry.kind), &formula, setting);
                }
            }
        }
    }
    // A price that nobody touched has no value: something it refers to was changed here.
    if let Some((name, error)) = elsewhere
        && checker.found[before..]
            .iter()
            .all(|d| d.code == "free-of-charge")
        && let Some(entry) = schedule.entry(name)
    {
        let mentioned = mentioned(&entry.expr);
        let setting = mentioned
            .iter()
            .find_map(|m| priced.get(*m))
            .and_then(|s| s.first());
        if let Some(setting) = setting.or_else(|| priced.values().flatten().next()) {
            checker
                .found
                .push(finding(&error, name, setting, checker.file));
        }
    }
}

/// A formula without a value, as a finding at the price that this file set.
pub(super) fn finding(
    error: &FormulaError,
    name: &str,
    setting: &PriceSetting<'_>,
    file: FileId,
) -> Diagnostic {
    let value = &setting.statement.value;
    let at = |text: String| Label::primary(file, value.span.clone(), text);
    match error {
        FormulaError::UnknownParam(param) | FormulaError::NotConstant(param) => {
            let written = param.to_string();
            let span = value
                .place_of(&written)
                .unwrap_or_else(|| value.span.clone());
            let label = |text: &str| Label::primary(file, span.clone(), text);
            if matches!(error, FormulaError::UnknownParam(_)) {
                return Diagnostic::error("unknown-part", format!("there is no price `{written}`"))
                    .label(label("no such part"));
            }
            Diagnostic::error(
                "ambiguous-part",
                format!("`{written}` is a formula, not a number"),
            )
            .label(label("which of its prices?"))
            .help(format!("name a part, such as {written}.base"))
        }
        FormulaError::Cycle(_) => {
            Diagnostic::error("price-cycle", format!("`{name}` is defined by itself"))
                .label(at("leads back here".to_owned()))
        }
        FormulaError::DivisionByZero => {
            Diagnostic::error("division-by-zero", format!("`{name}` divides by zero"))
                .label(at("for some inputs, or for all".to_owned()))
        }
        FormulaError::Negative(price) => Diagnostic::error(
            "negative-price",
            format!("`{name}` would cost less than nothing"),
        )
        .label(at(format!("a price of {price}"))),
        FormulaError::Overflow => {
            Diagnostic::error("price-too-large", format!("`{name}` would cost too much"))
                .label(at("a number here is too large".to_owned()))
        }
        FormulaError::TooLarge(_) => {
            Diagnostic::error("price-too-large", format!("`{name}` would cost too much"))
                .label(at("more than 2^40 gas, which no block has".to_owned()))
        }
    }
}

/// Warns when something that cost gas no longer does.
fn free_of_charge(
    checker: &mut Checker<'_>,
    schedule: &Schedule,
    (name, kind): (&str, Kind),
    formula: &CostFormula,
    setting: &PriceSetting<'_>,
) {
    let Some(old) = checker.parent.and_then(|p| p.schedule.formula(name).ok()) else {
        return;
    };
    let (CostFormula::Linear { base, per }, CostFormula::Linear { base: old_base, .. }) =
        (formula, &old)
    else {
        return;
    };
    // Every access is cold or warm.
    let charged = |variable| per.iter().any(|(v, rate)| *v == variable && rate.price > 0);
    let accesses = charged(Variable::Cold) && charged(Variable::Warm);
    // Parameters may be nothing: a refund that ends, a charge that an EIP removes.
    if kind == Kind::Param
        || accesses
        || *base > 0
        || *old_base == 0
        || setting.part.is_some_and(|p| p != Part::Base)
    {
        return;
    }
    let exact = schedule
        .entry(name)
        .and_then(|e| schedule.linear_of(&e.expr).ok().flatten());
    let exact = exact.map_or(Ratio::ZERO, |l| l.constant);
    let value = &setting.statement.value.span;
    let (message, label) = if exact > Ratio::ZERO {
        (
            format!("`{name}` rounds down to 0 gas"),
            format!("{exact} is 0 when rounded down"),
        )
    } else if per.is_empty() {
        (format!("`{name}` costs nothing"), "0 gas".to_owned())
    } else {
        let first = parts(formula).get(1).and_then(|p| p.name()).unwrap_or("");
        (
            format!("`{name}` can cost nothing"),
            format!("0 gas where `{first}` has nothing to multiply"),
        )
    };
    let finding = Diagnostic::warning("free-of-charge", message)
        .at(checker.file, value, label)
        .note("an operation that costs nothing can fill a block without end");
    let text = checker.text.get(value.clone()).unwrap_or("");
    checker
        .found
        .push(if exact > Ratio::ZERO && text.len() < 60 {
            finding.help(format!("write `max(1, {text})`"))
        } else {
            finding
        });
}

/// A constant where a formula with variables was: most likely its writer did not think of them.
pub(super) fn dropped(
    checker: &Checker<'_>,
    statement: &ast::Price,
    entry: &Entry,
    old: &CostFormula,
    new: &Expr,
) -> Option<Diagnostic> {
    let lost = entry.expr.variables();
    if lost.is_empty() || !new.variables().is_empty() {
        return None;
    }
    let name = &entry.name;
    let list: Vec<&str> = lost.iter().map(|v| v.name()).collect();
    let terms = match list.as_slice() {
        [one] => format!("the {one} term"),
        [most @ .., last] => format!("the {} and {last} terms", most.join(", ")),
        [] => String::new(),
    };
    let label = Label::primary(
        checker.file,
        statement.value.span.clone(),
        format!("a constant would drop {terms}"),
    );
    let parent = checker.parent.map_or("", |p| p.name.as_str());
    let note = format!("{parent} prices {name} = {}", entry.expr);
    let value = checker.text.get(statement.value.span.clone()).unwrap_or("");
    let keep = format!(
        "for a constant all the same: {name} = {value} + 0 * {}",
        list.first()?
    );
    let own_base = matches!(old, CostFormula::Linear { base, .. } if *base > 0);
    let finding = if own_base {
        Diagnostic::error(
            "ambiguous-part",
            format!("`{name}` has more than one price"),
        )
        .label(label)
        .note(note)
        .help(format!(
            "to change the constant part: {} {name}.base = {value}",
            entry.kind.keyword()
        ))
    } else {
        let owner = match old {
            CostFormula::Linear { per, .. } => {
                per.iter().find_map(|(v, r)| Some((v, r.from.as_ref()?)))
            }
            CostFormula::Other(_) => None,
        };
        let finding = Diagnostic::error(
            "indirect-price",
            format!("`{name}` has no constant price to set"),
        )
        .label(label)
        .note(note);
        match owner {
            Some((variable, owner)) => finding.help(format!(
                "to change what {} costs: param {owner} = {value}",
                match variable {
                    Variable::Cold | Variable::Warm => format!("a {variable} access"),
                    other => format!("a {}", other.unit()),
                }
            )),
            None => finding,
        }
    };
    Some(finding.help(keep))
}

/// What a formula costs at the measures given, for findings about single values.
fn cost_at(formula: &CostFormula, measure: u64) -> Result<(), FormulaError> {
    let CostFormula::Other(expr) = formula else {
        return Ok(());
    };
    let unknown = |param: &GasParam| Err(FormulaError::UnknownParam(param.clone()));
    expr.evaluate(&|_| measure, &unknown).map(drop)
}

// Prices per byte where words are counted, and the other way round: 32 times too dear or too cheap.

/// The unit that a parameter is a price of, where it is of a byte or of a word: as its part says, or its name.
fn byte_or_word(param: &GasParam) -> Option<Variable> {
    match param.part {
        Part::Per(variable) => [Variable::Bytes, Variable::Words]
            .into_iter()
            .find(|v| *v == variable),
        Part::Base => None,
        Part::Whole => [Variable::Bytes, Variable::Words].into_iter().find(|v| {
            let suffix = format!("_{}", v.part().to_uppercase());
            param.operation.ends_with(&suffix)
        }),
    }
}

/// The first price in `expr` that is multiplied by, or stands for a price of, the other unit. `wanted` is the unit of
/// the part that is set.
fn find_mixed(expr: &Expr, wanted: Option<Variable>) -> Option<(&GasParam, Variable)> {
    match expr {
        Expr::Param(_) | Expr::Mul(..) => mixed_factor(expr, wanted),
        // What is divided may be by the 32 bytes of a word.
        Expr::Div(a, b) => find_mixed(a, None).or_else(|| find_mixed(b, None)),
        other => other
            .children()
            .into_iter()
            .find_map(|child| find_mixed(child, wanted)),
    }
}

/// The same among the factors of a product.
fn mixed_factor(expr: &Expr, wanted: Option<Variable>) -> Option<(&GasParam, Variable)> {
    let mut factors = Vec::new();
    flatten(expr, &mut factors);
    let counted = factors.iter().find_map(|factor| match factor {
        Expr::Variable(variable) => [Variable::Bytes, Variable::Words]
            .into_iter()
            .find(|v| v == variable),
        _ => None,
    });
    let converts = |factor: &&Expr| match factor {
        Expr::Number(number) => number.is_integer() && number.numerator() % 32 == 0,
        _ => false,
    };
    let unit_of_product = counted.or(wanted).filter(|_| !factors.iter().any(converts));
    factors.into_iter().find_map(|factor| match factor {
        Expr::Param(param) => {
            let own = byte_or_word(param)?;
            unit_of_product
                .filter(|counted| *counted != own)
                .map(|counted| (param, counted))
        }
        Expr::Number(_) | Expr::Variable(_) => None,
        other => find_mixed(other, None),
    })
}

/// `a`, `b` and `c` of `a * b * c`.
fn flatten<'a>(expr: &'a Expr, factors: &mut Vec<&'a Expr>) {
    if let Expr::Mul(a, b) = expr {
        flatten(a, factors);
        flatten(b, factors);
    } else {
        factors.push(expr);
    }
}

/// A price of the other unit in what a file sets.
fn mixed_units(checker: &Checker<'_>, setting: &PriceSetting<'_>) -> Option<Diagnostic> {
    let part = match setting.part {
        Some(Part::Per(variable)) => Some(variable),
        _ => None,
    };
    let (param, counted) = find_mixed(setting.expr.as_ref()?, part)?;
    let own = byte_or_word(param)?;
    let text = |unit: Variable| {
        if unit == Variable::Bytes {
            "byte"
        } else {
            "word"
        }
    };
    let factor = if counted == Variable::Words {
        "32 *"
    } else {
        "1 / 32 *"
    };
    let message = format!(
        "`{param}` is a price per {}, not per {}",
        text(own),
        text(counted)
    );
    Some(
        Diagnostic::error("unit-mismatch", message)
            .at(
                checker.file,
                &setting.statement.value.span,
                format!("a price per {} is wanted", text(counted)),
            )
            .note("a word is 32 bytes: one price for the other is 32 times too low or too high")
            .help(format!("write `{factor} {param}`")),
    )
}
