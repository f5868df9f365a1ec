//! Price statements: from formulas on paper to the file's schedule.

use crate::{
    diag::{Diagnostic, Label},
    gas::{Entry, Expr, Fork, GasParam, Kind, Part, Ratio, Schedule, Source, Variable},
};

use super::{
    ast::{self, Pick, Span},
    built_in_texts::unknown_fork,
    checker::Checker,
    lowering::{Context, Current, lower},
    names::Chosen,
    price_checks,
    price_settings::{Measured, PriceSetting, Priced, parts},
};

/// The file's schedule: the parent's with this file's prices in it. Where these have no meaning, the parent's alone.
pub(super) fn prices<'t>(
    checker: &mut Checker<'_>,
    tree: &'t ast::File,
    file_name: &str,
    title: &str,
) -> (Schedule, Measured, Priced<'t>) {
    let mut schedule = match checker.parent {
        Some(parent) => parent.schedule.clone(),
        None => Schedule::new(title, fork(checker, tree)),
    };
    title.clone_into(&mut schedule.name);
    let mut measured = checker
        .parent
        .map(|p| p.measured.clone())
        .unwrap_or_default();
    let mut priced = Priced::new();
    // In the order written, which for a root is the order of the schedule.
    let mut order = Vec::new();
    for statement in &tree.prices {
        if statement.new.is_some() {
            new_prices(checker, statement, &mut priced, &mut order);
        } else {
            changed_prices(checker, statement, &mut priced, &mut order);
        }
    }
    if !price_checks::references(checker, &schedule, &priced) {
        return (schedule, measured, priced);
    }
    for name in &order {
        let (Some(settings), Some(kind)) = (priced.get(name), checker.names.kinds.get(name)) else {
            continue;
        };
        insert(
            checker.found,
            checker.file,
            &mut schedule,
            (name, *kind),
            settings,
            file_name,
        );
        if let Some(entry) = schedule.entry(name) {
            measured
                .entry(name.clone())
                .or_insert_with(|| entry.expr.variables());
        }
    }
    price_checks::formulas(checker, &schedule, &priced);
    (schedule, measured, priced)
}

/// The fork whose rules apply to a schedule that extends nothing.
fn fork(checker: &mut Checker<'_>, tree: &ast::File) -> Fork {
    let Some(word) = tree.header.as_ref().and_then(|h| h.fork.as_ref()) else {
        return Fork::Osaka;
    };
    if let Some(fork) = Fork::named(&word.text) {
        return fork;
    }
    let unknown = unknown_fork(&word.text, checker.file, word.span.clone());
    checker.found.push(unknown);
    Fork::Osaka
}

fn insert(
    found: &mut Vec<Diagnostic>,
    file: usize,
    schedule: &mut Schedule,
    (name, kind): (&str, Kind),
    settings: &[PriceSetting<'_>],
    file_name: &str,
) {
    for setting in settings {
        let Some(new) = setting.expr.clone() else {
            continue;
        };
        let expr = match (setting.part, schedule.entry(name)) {
            (Some(part), Some(entry)) => {
                schedule.with_part(&entry.expr, &GasParam::new(name, part), new)
            }
            _ => Ok(new),
        };
        match expr {
            Ok(expr) => schedule.insert(Entry {
                name: name.to_owned(),
                kind,
                expr,
                reason: setting.statement.reason.clone(),
                source: Source {
                    file: file_name.to_owned(),
                    line: setting.statement.line,
                },
            }),
            Err(error) => found.push(price_checks::finding(&error, name, setting, file)),
        }
    }
}

fn new_prices<'t>(
    checker: &mut Checker<'_>,
    statement: &'t ast::Price,
    priced: &mut Priced<'t>,
    order: &mut Vec<String>,
) {
    for pick in &statement.picks {
        if let Some(finding) = not_new(checker, pick) {
            checker.found.push(finding);
            continue;
        }
        if is_twice(checker, &pick.name, None, &pick.span, priced) {
            continue;
        }
        let context = Context {
            subject: &pick.name,
            variables: if statement.kind == Kind::Param {
                Some(&[])
            } else {
                None
            },
            current: Current::None("a new price has no price in the schedule extended"),
            prices: true,
            multiples: false,
        };
        let expr = match lower(&statement.value, &checker.names, &context) {
            Ok(expr) => Some(expr),
            Err(finding) => {
                checker.found.push(finding);
                None
            }
        };
        let failed = expr.is_none();
        add(
            priced,
            order,
            &pick.name,
            PriceSetting {
                part: None,
                new: true,
                pick: pick.span.clone(),
                statement,
                expr,
            },
        );
        if failed {
            break;
        }
    }
}

/// Why `new` cannot introduce this name.
fn not_new(checker: &Checker<'_>, pick: &Pick) -> Option<Diagnostic> {
    let at = |text: String| Label::primary(checker.file, pick.span.clone(), text);
    if pick.name.contains('*') || pick.part.is_some() {
        return Some(
            Diagnostic::error("not-new", "`new` introduces a plain name")
                .label(at("this is a pattern or a part".to_owned())),
        );
    }
    let name = &pick.name;
    let bound = checker.names.constants.contains_key(name) || name == "current";
    if bound || name.parse::<Variable>().is_ok() {
        return Some(
            Diagnostic::error("reserved-name", format!("`{name}` means something already"))
                .label(at("not free for a price".to_owned())),
        );
    }
    let parent = checker.parent?;
    let entry = parent.schedule.entry(name)?;
    Some(
        Diagnostic::error("not-new", format!("`{name}` is not new"))
            .label(at(format!("priced by `{}` already", parent.name)))
            .note(format!("{} prices {name} = {}", parent.name, entry.expr))
            .help(format!(
                "to change its price: {} {name} = ...",
                entry.kind.keyword()
            )),
    )
}

fn changed_prices<'t>(
    checker: &mut Checker<'_>,
    statement: &'t ast::Price,
    priced: &mut Priced<'t>,
    order: &mut Vec<String>,
) {
    let chosen = checker
        .names
        .choose(&statement.picks, Some(statement.kind), checker.found);
    for one in chosen {
        if is_twice(checker, &one.operation, one.part, &one.span, priced) {
            // A pattern would object once for every name it stands for.
            if one.named {
                continue;
            }
            return;
        }
        let expr = match changed(checker, statement, &one) {
            Ok(expr) => Some(expr),
            Err(finding) => {
                checker.found.push(finding);
                None
            }
        };
        let failed = expr.is_none();
        add(
            priced,
            order,
            &one.operation,
            PriceSetting {
                part: one.part,
                new: false,
                pick: one.span,
                statement,
                expr,
            },
        );
        // One broken formula is one finding, however many prices it was for.
        if failed {
            return;
        }
    }
}

/// The new formula of an operation, or of one of its parts.
fn changed(
    checker: &Checker<'_>,
    statement: &ast::Price,
    one: &Chosen,
) -> Result<Expr, Diagnostic> {
    let name = &one.operation;
    let at = |text: &str| Label::primary(checker.file, one.span.clone(), text);
    // Without a parent only `new` prices exist, and those are priced twice or not at all.
    let old = checker
        .parent
        .and_then(|p| Some((p, p.schedule.entry(name)?, p.schedule.formula(name).ok()?)));
    let Some((parent, entry, formula)) = old else {
        return Err(
            Diagnostic::error("unknown-name", format!("nothing is called `{name}` yet"))
                .label(at("introduced by `new` elsewhere in this file")),
        );
    };
    let Some(part) = one.part else {
        let variables = parent.measured.get(name).map_or(&[][..], Vec::as_slice);
        let context = Context {
            subject: name,
            variables: Some(variables),
            current: Current::Formula(formula.clone()),
            prices: true,
            multiples: false,
        };
        let expr = lower(&statement.value, &checker.names, &context).map_err(|finding| {
            if finding.code == "unknown-variable" {
                finding.note(format!("{} prices {name} = {}", parent.name, entry.expr))
            } else {
                finding
            }
        })?;
        return match price_checks::dropped(checker, statement, entry, &formula, &expr) {
            Some(finding) => Err(finding),
            None => Ok(expr),
        };
    };
    let param = GasParam::new(name.as_str(), part);
    let has = parts(&formula);
    let price = parent
        .schedule
        .price(&param)
        .ok()
        .filter(|_| has.contains(&part));
    let Some(price) = price else {
        let span = one.span.end - part.name().map_or(0, str::len)..one.span.end;
        return Err(checker
            .names
            .unknown_part(part.name().unwrap_or(""), &span, name, &has));
    };
    let context = Context {
        subject: &param.to_string(),
        variables: Some(&[]),
        current: Current::Price(Ratio::from(price)),
        prices: true,
        multiples: false,
    };
    lower(&statement.value, &checker.names, &context)
}

/// Objects to a price that this file has set before.
fn is_twice(
    checker: &mut Checker<'_>,
    name: &str,
    part: Option<Part>,
    span: &Span,
    priced: &Priced<'_>,
) -> bool {
    let first = priced
        .get(name)
        .and_then(|settings| settings.iter().find(|s| s.overlaps(part)));
    let Some(first) = first else { return false };
    checker.found.push(
        Diagnostic::error("priced-twice", format!("`{name}` is priced twice"))
            .at(checker.file, span, "and again here")
            .also_at(checker.file, &first.pick, "first here")
            .help("keep one; to price it differently in a variant, use `let` and `variant`"),
    );
    true
}

fn add<'t>(
    priced: &mut Priced<'t>,
    order: &mut Vec<String>,
    name: &str,
    setting: PriceSetting<'t>,
) {
    let settings = priced.entry(name.to_owned()).or_default();
    if settings.is_empty() {
        order.push(name.to_owned());
    }
    settings.push(setting);
}
