//! Requirements that no prices meet, where that takes no solver to see.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    diag::{Diagnostic, Label},
    gas::{GasParam, Ratio, Schedule},
};

use super::{Compare, Relation, SolveSpec};

/// Contradictions reported at most: one wrong number can contradict many requirements.
const MAX_FINDINGS: usize = 10;
/// Differences below this are rounding.
const TOLERANCE: f64 = 1e-9;

/// One end of what a price may be, and who says so.
#[derive(Clone)]
struct End {
    value: f64,
    /// The requirement; `None`: the price does not vary.
    label: Option<Label>,
    why: String,
}

/// What a price may be.
struct Interval {
    low: End,
    high: End,
}

/// Reports every contradiction found.
pub(super) fn find(spec: &SolveSpec, schedule: &Schedule, found: &mut Vec<Diagnostic>) {
    let mut search = Search {
        schedule,
        intervals: BTreeMap::new(),
        reported: BTreeSet::new(),
        found,
    };
    let kept: BTreeSet<&GasParam> = spec.keep.iter().flat_map(|s| &s.params).collect();
    for param in spec.vary.iter().flat_map(|s| &s.params) {
        if !kept.contains(param) {
            search.free(param);
        }
    }
    for bound in &spec.bounds {
        for (value, at_least) in [(bound.low, true), (bound.high, false)] {
            if let Some(value) = value {
                search.limit(&bound.param, value, at_least, &bound.label, "");
            }
        }
    }
    let (single, several): (Vec<_>, Vec<_>) = spec
        .relations
        .iter()
        .partition(|r| search.free_terms(r).len() <= 1);
    for relation in single {
        search.single(relation);
    }
    for relation in several {
        search.several(relation);
    }
}

struct Search<'a> {
    schedule: &'a Schedule,
    /// Prices that vary, and those that a requirement is about.
    intervals: BTreeMap<GasParam, Interval>,
    reported: BTreeSet<(usize, usize, usize)>,
    found: &'a mut Vec<Diagnostic>,
}

impl Search<'_> {
    fn free(&mut self, param: &GasParam) {
        let end = |value, why: &str| End {
            value,
            label: None,
            why: why.to_owned(),
        };
        let interval = Interval {
            low: end(0.0, "no price is below 0"),
            high: end(f64::INFINITY, ""),
        };
        self.intervals.insert(param.clone(), interval);
    }

    fn interval(&mut self, param: &GasParam) -> &mut Interval {
        let schedule = self.schedule;
        self.intervals.entry(param.clone()).or_insert_with(|| {
            let price = schedule.price(param).unwrap_or(0);
            let end = End {
                value: Ratio::from(price).to_f64(),
                label: None,
                why: format!("{param} does not vary: it is {price}"),
            };
            Interval {
                low: end.clone(),
                high: end,
            }
        })
    }

    fn limit(&mut self, param: &GasParam, value: f64, at_least: bool, label: &Label, since: &str) {
        let interval = self.interval(param);
        let new = End {
            value,
            label: Some(label.clone()),
            why: format!(
                "at {} {}{since}",
                if at_least { "least" } else { "most" },
                plain(value)
            ),
        };
        let slack = TOLERANCE * value.abs().max(1.0);
        let against = if at_least && value > interval.high.value + slack {
            interval.high.clone()
        } else if !at_least && value < interval.low.value - slack {
            interval.low.clone()
        } else {
            if at_least && value > interval.low.value {
                interval.low = new;
            } else if !at_least && value < interval.high.value {
                interval.high = new;
            }
            return;
        };
        let message = match &against.label {
            Some(_) => format!("no price of {param} meets both requirements"),
            None => format!("no price of {param} meets this requirement"),
        };
        self.report(message, &new, &against);
    }

    fn report(&mut self, message: String, new: &End, against: &End) {
        let Some(label) = &new.label else { return };
        let other = against.label.as_ref().map_or(usize::MAX, |l| l.span.start);
        let key = (label.file, label.span.start, other);
        if self.reported.len() >= MAX_FINDINGS || !self.reported.insert(key) {
            return;
        }
        let primary = Label::primary(label.file, label.span.clone(), new.why.as_str());
        let finding = Diagnostic::error("contradiction", message).label(primary);
        self.found.push(match &against.label {
            Some(l) => finding.also_at(l.file, &l.span, against.why.as_str()),
            None => finding.note(against.why.as_str()),
        });
    }

    fn free_terms<'r>(&self, relation: &'r Relation) -> Vec<&'r (GasParam, f64)> {
        let varies = |p: &GasParam| self.intervals.contains_key(p);
        relation.terms.iter().filter(|(p, _)| varies(p)).collect()
    }

    /// A relation with one price that varies, which it bounds, or none.
    fn single(&mut self, relation: &Relation) {
        let free = self.free_terms(relation).first().copied().cloned();
        let Some((param, factor)) = free.or_else(|| relation.terms.first().cloned()) else {
            return;
        };
        let mut rest = relation.constant;
        let mut since = Vec::new();
        for (other, coefficient) in relation.terms.iter().filter(|(p, _)| *p != param) {
            let price = self.schedule.price(other).unwrap_or(0);
            rest += coefficient * Ratio::from(price).to_f64();
            since.push(format!("{other} is {price}"));
        }
        let since = if since.is_empty() {
            String::new()
        } else {
            format!(", since {}", since.join(" and "))
        };
        let value = -rest / factor;
        let at_least = (relation.compare == Compare::Ge) == (factor > 0.0);
        if relation.compare == Compare::Eq || at_least {
            self.limit(&param, value, true, &relation.label, &since);
        }
        if relation.compare == Compare::Eq || !at_least {
            self.limit(&param, value, false, &relation.label, &since);
        }
    }

    /// A relation between several prices: what its sum can be, given what each of them may be.
    fn several(&mut self, relation: &Relation) {
        let (mut least, mut most) = (relation.constant, relation.constant);
        let mut why = Vec::new();
        for (param, factor) in &relation.terms {
            let interval = self.interval(param);
            let (low, high) = (interval.low.value, interval.high.value);
            let ends = if *factor > 0.0 {
                (low, high)
            } else {
                (high, low)
            };
            least += factor * ends.0;
            most += factor * ends.1;
            why.push(if high - low < TOLERANCE {
                format!("{param} is {}", plain(low))
            } else if high.is_infinite() {
                format!("{param} is at least {}", plain(low))
            } else {
                format!("{param} is {} to {}", plain(low), plain(high))
            });
        }
        let slack = TOLERANCE * least.abs().max(most.abs()).clamp(1.0, 1e18);
        let too_much = least > slack && relation.compare != Compare::Ge;
        let too_little = most < -slack && relation.compare != Compare::Le;
        if too_much || too_little {
            let end = |label: Option<Label>, why: String| End {
                value: 0.0,
                label,
                why,
            };
            self.report(
                "no prices meet this requirement".to_owned(),
                &end(Some(relation.label.clone()), String::new()),
                &end(None, why.join("; ")),
            );
        }
    }
}

/// A number with at most two decimals, and none it does not need.
fn plain(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
