//! `meter`: what ends a block beside its gas.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    diag::{Diagnostic, Label},
    gas::{
        CostFormula, FormulaError, GasParam, Kind, Meter, Metered, Part, Ratio, Schedule, Source,
        catalogue,
    },
};

use super::{
    ast::{self, Span},
    checker::Checker,
    lowering::{Context, Current, lower},
    names::Chosen,
    price_settings::{Measured, Priced, parts},
    quantities::gas,
};

/// Meters of a schedule.
const MAX_METERS: usize = 16;

/// Puts this file's meters into its schedule; one that it restates is replaced. Those that it inherits are looked at again,
/// because they count with its prices.
pub(super) fn meters(
    checker: &mut Checker<'_>,
    tree: &ast::File,
    file_name: &str,
    (schedule, measured, priced): (&mut Schedule, &Measured, &Priced<'_>),
) {
    inherited(checker, tree, schedule, priced);
    let mut seen = BTreeMap::new();
    for statement in &tree.meters {
        checker.once(&mut seen, &statement.name, "meter");
        let before = checker.found.len();
        let limit = gas(checker, &statement.limit);
        let entries = entries(checker, statement, schedule, measured);
        let broken = checker.found.iter().any(|finding| finding.code == "syntax");
        if entries.is_empty() && checker.found.len() == before && !broken {
            checker.found.push(
                Diagnostic::error("empty-selection", "this meter counts nothing").at(
                    checker.file,
                    &statement.name.span,
                    "no block will ever fill it",
                ),
            );
        }
        let Some(limit) = limit else { continue };
        let meter = Meter {
            name: statement.name.text.clone(),
            limit,
            entries,
            source: Source {
                file: file_name.to_owned(),
                line: statement.line,
            },
        };
        let known = schedule.meters.len();
        match schedule.meters.iter_mut().find(|m| m.name == meter.name) {
            Some(same) => *same = meter,
            None if known < MAX_METERS => schedule.meters.push(meter),
            None => {
                checker.found.push(too_many(checker, statement));
                return;
            }
        }
    }
}

fn too_many(checker: &Checker<'_>, statement: &ast::Meter) -> Diagnostic {
    let label = format!("more than {MAX_METERS} meters, inherited ones among them");
    Diagnostic::error("too-complex", "this schedule has too many meters").at(
        checker.file,
        &statement.name.span,
        label,
    )
}

fn entries(
    checker: &mut Checker<'_>,
    statement: &ast::Meter,
    schedule: &Schedule,
    measured: &Measured,
) -> Vec<Metered> {
    let mut all: Vec<Metered> = Vec::new();
    // By operation, the parts that are counted already.
    let mut places: BTreeMap<String, Vec<(Part, Span)>> = BTreeMap::new();
    for entry in &statement.entries {
        for one in checker.names.choose(&entry.picks, None, checker.found) {
            if !counted(&one, schedule) {
                if one.named {
                    checker.found.push(never_counted(checker, &one));
                }
                continue;
            }
            let part = one.part.unwrap_or(Part::Whole);
            let others = places.entry(one.operation.clone()).or_default();
            let overlaps = |other: &Part| *other == part || [*other, part].contains(&Part::Whole);
            if let Some((_, first)) = others.iter().find(|(other, _)| overlaps(other)) {
                checker.found.push(twice(checker, &one, first.clone()));
                // A pattern would object once for every name it stands for.
                break;
            }
            match metered(checker, entry, &one, schedule, measured) {
                Ok(metered) => {
                    all.push(metered);
                    others.push((part, one.span));
                }
                Err(finding) => {
                    checker.found.push(finding);
                    break;
                }
            }
        }
    }
    all
}

/// Whether anything is ever charged for it by itself.
fn counted(one: &Chosen, schedule: &Schedule) -> bool {
    let kind = schedule.entry(&one.operation).map(|entry| entry.kind);
    kind != Some(Kind::Param) || catalogue::is_charge(&one.operation)
}

fn never_counted(checker: &Checker<'_>, one: &Chosen) -> Diagnostic {
    let name = &one.operation;
    Diagnostic::error(
        "not-counted",
        format!("nothing is charged for `{name}` by itself"),
    )
    .at(
        checker.file,
        &one.span,
        "a rule, or a part of what others cost",
    )
    .help("count the operations that cost it")
}

fn twice(checker: &Checker<'_>, one: &Chosen, first: Span) -> Diagnostic {
    let name = &one.operation;
    Diagnostic::error(
        "priced-twice",
        format!("`{name}` is counted twice on this meter"),
    )
    .at(checker.file, &one.span, "and again here")
    .also_at(checker.file, &first, "first here")
}

fn metered(
    checker: &Checker<'_>,
    entry: &ast::Metered,
    one: &Chosen,
    schedule: &Schedule,
    measured: &Measured,
) -> Result<Metered, Diagnostic> {
    let name = &one.operation;
    let param = GasParam::new(name.as_str(), one.part.unwrap_or(Part::Whole));
    // What has no formula is a finding already.
    if let (Some(part), Ok(formula)) = (one.part, schedule.formula(name)) {
        let has = parts(&formula);
        if !has.contains(&part) {
            let text = part.name().unwrap_or("");
            let span = one.span.end.saturating_sub(text.len())..one.span.end;
            return Err(checker.names.unknown_part(text, &span, name, &has));
        }
    }
    let variables = match one.part {
        Some(_) => &[][..],
        None => measured.get(name).map_or(&[][..], Vec::as_slice),
    };
    let context = Context {
        subject: &param.to_string(),
        variables: Some(variables),
        current: Current::Own,
        prices: true,
        multiples: false,
    };
    let metered = Metered {
        expr: lower(&entry.value, &checker.names, &context)?,
        reason: entry.reason.clone(),
        param,
    };
    match problem(&metered, schedule) {
        None => Ok(metered),
        Some(problem) => {
            Err(problem.at(Label::primary(checker.file, entry.value.span.clone(), "")))
        }
    }
}

/// Why an operation cannot be counted so.
struct Problem {
    code: &'static str,
    message: String,
    help: Option<&'static str>,
}

impl Problem {
    fn at(self, label: Label) -> Diagnostic {
        let finding = Diagnostic::error(self.code, self.message).label(label);
        match self.help {
            Some(help) => finding.help(help),
            None => finding,
        }
    }
}

fn problem(metered: &Metered, schedule: &Schedule) -> Option<Problem> {
    let name = &metered.param.operation;
    let not_counted = |message: String, help| {
        let code = "not-counted";
        Some(Problem {
            code,
            message,
            help: Some(help),
        })
    };
    // A price without a value is a finding of the price.
    let formula = schedule.formula(name).ok()?;
    let weight = match metered.weight(schedule) {
        Err(error) => return Some(without_value(&error, name)),
        Ok(None) => {
            return not_counted(
                format!("what `{name}` counts is no sum"),
                "write numbers times `current` and times variables, and add them up",
            );
        }
        Ok(Some(weight)) => weight,
    };
    let variables: Vec<_> = match &formula {
        CostFormula::Other(_) if weight.constant != Ratio::ZERO || !weight.per.is_empty() => {
            return not_counted(
                format!("`{name}` is not charged by units that could be counted"),
                "count a multiple of its price, such as `2 * current`",
            );
        }
        CostFormula::Other(_) => Vec::new(),
        CostFormula::Linear { per, .. } => per.iter().map(|(variable, _)| *variable).collect(),
    };
    let charged = variables.iter().map(|v| Part::Per(*v)).chain([Part::Base]);
    for part in charged
        .filter(|part| matches!(metered.param.part, Part::Whole) || metered.param.part == *part)
    {
        match metered.each(schedule, &GasParam::new(name.as_str(), part)) {
            Err(error) => return Some(without_value(&error, name)),
            Ok(each) if each < Ratio::ZERO => {
                return Some(Problem {
                    code: "negative-price",
                    message: format!("`{name}` would count less than nothing"),
                    help: None,
                });
            }
            Ok(Ratio::ZERO) if name.ends_with("_DIVISOR") => {
                return Some(without_value(&FormulaError::DivisionByZero, name));
            }
            Ok(_) => {}
        }
    }
    None
}

fn without_value(error: &FormulaError, name: &str) -> Problem {
    let code = match error {
        FormulaError::UnknownParam(_) => "unknown-part",
        FormulaError::NotConstant(_) => "ambiguous-part",
        FormulaError::Cycle(_) => "price-cycle",
        FormulaError::DivisionByZero => "division-by-zero",
        FormulaError::Negative(_) => "negative-price",
        FormulaError::Overflow | FormulaError::TooLarge(_) => "price-too-large",
    };
    Problem {
        code,
        message: format!("`{name}`: {error}"),
        help: None,
    }
}

/// What inherited meters count, under the prices of this file.
fn inherited(
    checker: &mut Checker<'_>,
    tree: &ast::File,
    schedule: &Schedule,
    priced: &Priced<'_>,
) {
    let restated: BTreeSet<&str> = tree.meters.iter().map(|m| m.name.text.as_str()).collect();
    let meters = schedule.meters.iter();
    for meter in meters.filter(|m| !restated.contains(m.name.as_str())) {
        for entry in &meter.entries {
            let setting = priced.get(&entry.param.operation).and_then(|s| s.first());
            if let (Some(setting), Some(problem)) = (setting, problem(entry, schedule)) {
                let label = format!("counted by the meter `{}`, which is inherited", meter.name);
                let label = Label::primary(checker.file, setting.pick.clone(), label);
                checker.found.push(problem.at(label));
            }
        }
    }
}
