//! A list's prices in the schedule of its fork.

use std::collections::BTreeMap;

use crate::{
    diag::{Diagnostic, FileId, Fix},
    gas::{Entry, GasParam, Kind, MAX_PRICE, Part, Ratio, Schedule, Source, catalogue},
    lang::{
        builtin,
        eels_names::{self, Sets},
        suggest,
    },
};

use super::price_list::{ListedName, ListedPrice, PriceList, Span};

/// The fork's schedule with the list's prices in it.
pub(super) fn schedule(list: PriceList, file: FileId, found: &mut Vec<Diagnostic>) -> Schedule {
    let mut schedule = builtin::schedule(list.fork).clone();
    schedule.name = list.title;
    let mut apply = Apply {
        constants: eels_names::constants(&schedule),
        schedule,
        set: BTreeMap::new(),
        file,
        found,
    };
    // What includes another price comes after it.
    let (last, first): (Vec<ListedPrice>, Vec<ListedPrice>) =
        list.cells.into_iter().partition(|cell| match &cell.name {
            ListedName::Including(..) => true,
            ListedName::Constant(name) => {
                let known = eels_names::constant(name, &apply.constants);
                matches!(known, Ok(Sets::Including(..)))
            }
            _ => false,
        });
    for cell in first.iter().chain(&last) {
        apply.cell(cell);
    }
    apply.schedule
}

struct Apply<'d> {
    schedule: Schedule,
    constants: Vec<(&'static str, Sets)>,
    /// What has been set, and where.
    set: BTreeMap<GasParam, (Ratio, Span)>,
    file: FileId,
    found: &'d mut Vec<Diagnostic>,
}

impl Apply<'_> {
    fn cell(&mut self, cell: &ListedPrice) {
        match &cell.name {
            ListedName::Param(name) => self.price(&GasParam::whole(*name), cell),
            ListedName::Including(price, other) => self.including(price, other, cell),
            ListedName::Multiplier(operation) => self.multiplier(operation, cell),
            ListedName::Operation(name, part) => self.operation(name, *part, cell),
            ListedName::Constant(name) => {
                match eels_names::constant(name, &self.constants).cloned() {
                    Ok(Sets::Prices(params)) => {
                        for param in params {
                            self.price(&param, cell);
                        }
                    }
                    Ok(Sets::Multiplier(operation)) => self.multiplier(operation, cell),
                    Ok(Sets::Including(price, other)) => self.including(price, other, cell),
                    Err((why, close)) => self.unknown(name, &why, close, cell),
                }
            }
        }
    }

    fn operation(&mut self, name: &str, part: Option<Part>, cell: &ListedPrice) {
        let name =
            catalogue::family(name).map_or_else(|| catalogue::alias(name), |(family, ..)| family);
        let Some(entry) = self.schedule.entry(name).filter(|e| e.kind != Kind::Param) else {
            let operations = self.schedule.entries().iter();
            let known = operations
                .filter(|e| e.kind != Kind::Param)
                .map(|e| e.name.as_str());
            let close = suggest::closest(name, known).map(str::to_owned);
            return self.unknown(name, "no operation is called so", close, cell);
        };
        let linear = !entry.expr.variables().is_empty();
        let part = part.unwrap_or(if linear { Part::Base } else { Part::Whole });
        let part = if part == Part::Base && !linear {
            Part::Whole
        } else {
            part
        };
        self.price(&GasParam::new(name, part), cell);
    }

    fn price(&mut self, param: &GasParam, cell: &ListedPrice) {
        let Some(gas) = whole(cell.price) else {
            return self.no_price(cell);
        };
        if let Some((other, span)) = self.set.get(param) {
            // A family's members are one price: the list may say it as often as it likes.
            if *other != cell.price {
                let finding = Diagnostic::error(
                    "priced-twice",
                    format!("`{param}` is one price, and the list has two"),
                )
                .at(self.file, &cell.span, format!("{} here", cell.price))
                .also_at(self.file, span, format!("{other} here"));
                self.found.push(finding);
            }
            return;
        }
        let parts = self
            .schedule
            .params_of(&param.operation)
            .unwrap_or_default();
        if !parts.contains(param) {
            let own: Vec<String> = parts
                .iter()
                .map(|p| format!("{p} ({})", eels_names::unit(p)))
                .collect();
            let finding = Diagnostic::error(
                "unknown-part",
                format!("`{}` has no price of that kind", param.operation),
            )
            .at(
                self.file,
                &cell.span,
                match param.part.name() {
                    Some(part) => format!("this would be `{param}`, and there is no `{part}`"),
                    None => "this would be a constant price".to_owned(),
                },
            );
            self.found.push(if own.is_empty() {
                finding.note(format!(
                    "it is made of other prices alone: {} = {}",
                    param.operation,
                    self.formula(&param.operation)
                ))
            } else {
                finding.note(format!("its prices: {}", own.join(", ")))
            });
            return;
        }
        if self.schedule.set(param, gas).is_err() {
            return self.no_price(cell);
        }
        self.set
            .insert(param.clone(), (cell.price, cell.span.clone()));
        self.reason(&param.operation, cell);
    }

    fn formula(&self, name: &str) -> String {
        self.schedule
            .entry(name)
            .map(|e| e.expr.to_string())
            .unwrap_or_default()
    }

    fn reason(&mut self, operation: &str, cell: &ListedPrice) {
        let (Some(reason), Some(entry)) = (&cell.reason, self.schedule.entry(operation)) else {
            return;
        };
        let before = entry
            .reason
            .as_ref()
            .map_or_else(String::new, |own| format!("{own} "));
        let entry = Entry {
            reason: Some(format!("{before}{reason}")),
            ..entry.clone()
        };
        self.schedule.insert(entry);
    }

    fn multiplier(&mut self, operation: &str, cell: &ListedPrice) {
        let changed = self.schedule.entry(operation).and_then(|entry| {
            let expr = eels_names::with_multiplier(&entry.expr, cell.price)?;
            Some(Entry {
                expr,
                source: Source::default(),
                ..entry.clone()
            })
        });
        match changed {
            Some(entry) if whole(cell.price).is_some() => self.schedule.insert(entry),
            _ => self.no_price(cell),
        }
    }

    /// Sets a price to what is left of the cell's without the other price that is in it.
    fn including(&mut self, price: &'static str, other: &'static str, cell: &ListedPrice) {
        let included = self
            .schedule
            .price(&GasParam::whole(other))
            .unwrap_or_default();
        let rest = cell.price.checked_sub(Ratio::from(included));
        match rest.filter(|rest| *rest >= Ratio::ZERO) {
            Some(rest) => {
                let cell = ListedPrice {
                    name: ListedName::Param(price),
                    price: rest,
                    span: cell.span.clone(),
                    reason: None,
                };
                self.price(&GasParam::whole(price), &cell);
            }
            None => self.no_price(cell),
        }
    }

    fn no_price(&mut self, cell: &ListedPrice) {
        self.found.push(
            Diagnostic::error("out-of-range", format!("{} is no price", cell.price)).at(
                self.file,
                &cell.span,
                "a price is a whole number from 0 to 2^40",
            ),
        );
    }

    fn unknown(&mut self, name: &str, why: &str, close: Option<String>, cell: &ListedPrice) {
        let finding = Diagnostic::error("unknown-name", format!("nothing is called `{name}`"))
            .at(self.file, &cell.span, why);
        self.found.push(finding.fix(close.map(|close| Fix {
            message: format!("did you mean `{close}`?"),
            file: self.file,
            span: cell.span.clone(),
            replacement: close,
            sure: false,
        })));
    }
}

/// A price in whole gas, in the range of prices.
fn whole(price: Ratio) -> Option<u64> {
    let gas = u64::try_from(price.numerator()).ok()?;
    (price.is_integer() && gas <= MAX_PRICE).then_some(gas)
}
