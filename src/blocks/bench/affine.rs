//! What transactions take as functions of the iteration count: gas by meter, and usage.

use std::collections::BTreeMap;

use crate::{
    evm::rest,
    gas::{Gas, Usage},
};

/// What one transaction of so many iterations took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sample {
    pub count: u64,
    /// What would come back were there no cap.
    pub refund: Gas,
    /// Gas by meter.
    pub gas: Metered<Gas>,
    /// What it used of each meter.
    pub usage: Metered<Usage>,
}

/// One for each meter of a block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Metered<T> {
    /// Before refunds, and before the calldata floor.
    pub execution: T,
    /// EIP-8037.
    pub state: T,
}

impl Metered<Gas> {
    /// What the block counts: the larger.
    pub(super) fn counted(self) -> Gas {
        self.execution.max(self.state)
    }

    pub(super) fn plus(self, other: Self) -> Self {
        Self {
            execution: self.execution.saturating_add(other.execution),
            state: self.state.saturating_add(other.state),
        }
    }

    /// Of several transactions.
    pub(super) fn sum(all: impl Iterator<Item = Self>) -> Self {
        all.fold(Self::default(), Self::plus)
    }
}

/// Rules about the gas of a transaction as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rules {
    /// At most one part in this many of the gas comes back (EIP-3529).
    pub refund_divisor: Gas,
    /// The least that a scenario's transactions cost, for their calldata (EIP-7623).
    pub floor: Gas,
    /// The floor, in units of its prices.
    pub floor_units: Usage,
    /// State gas that is charged and comes back before the next is (EIP-8037): a transaction has to have it.
    pub returned: Gas,
}

/// `intercept + slope * count`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub intercept: i128,
    pub slope: i128,
}

impl Line {
    /// The line through two points with different counts; `None` if it falls or has no whole slope.
    pub(super) fn through(a: (u64, Gas), b: (u64, Gas)) -> Option<Self> {
        let (rise, run) = (
            i128::from(b.1) - i128::from(a.1),
            i128::from(b.0) - i128::from(a.0),
        );
        if run == 0 || rise % run != 0 || rise / run < 0 {
            return None;
        }
        let slope = rise / run;
        Some(Self {
            intercept: i128::from(a.1) - slope * i128::from(a.0),
            slope,
        })
    }

    /// The sum of both.
    pub(super) fn plus(self, other: Self) -> Self {
        Self {
            intercept: self.intercept + other.intercept,
            slope: self.slope + other.slope,
        }
    }

    /// The line through 0 and, at 1, `gas`.
    pub(super) fn proportional(gas: Gas) -> Self {
        Self {
            intercept: 0,
            slope: i128::from(gas),
        }
    }

    /// Its value, not below 0.
    pub(super) fn at(self, count: u64) -> Gas {
        let value = self.intercept + self.slope * i128::from(count);
        Gas::try_from(value.max(0)).unwrap_or(Gas::MAX)
    }

    /// The largest count whose value is at most `gas`; 0 if there is none.
    pub(super) fn largest(self, gas: i128) -> u64 {
        let steps = (gas - self.intercept).div_euclid(self.slope.max(1));
        u64::try_from(steps.max(0)).unwrap_or(u64::MAX)
    }
}

/// Usage as a function of the iteration count.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Affine {
    /// What a transaction uses beside its iterations; negative where more than their share is measured in them.
    pub base: Usage,
    /// What an iteration uses.
    pub each: Usage,
}

impl Affine {
    pub(super) fn through(a: (u64, &Usage), b: (u64, &Usage)) -> Option<Self> {
        let (few, more) = (unbounded(a.1.clone()), unbounded(b.1.clone()));
        let mut found = Self::default();
        for (param, (intercept, slope)) in lines(&few.counts, &more.counts, a.0, b.0)? {
            found.base.add(param.clone(), intercept);
            found.each.add(param, slope);
        }
        for (rule, (intercept, slope)) in lines(&few.rest, &more.rest, a.0, b.0)? {
            found.base.add_rest(&rule, intercept);
            found.each.add_rest(&rule, slope);
        }
        Some(found)
    }

    /// Of transactions with these counts.
    pub(super) fn of(&self, parts: &[u64]) -> Usage {
        let transactions = signed(parts.len() as u64);
        let iterations = signed(parts.iter().sum());
        let mut usage = Usage::default();
        for (part, times) in [(&self.base, transactions), (&self.each, iterations)] {
            add(&mut usage, part, times);
        }
        usage
    }
}

/// Adds `part` so many times.
pub(super) fn add(usage: &mut Usage, part: &Usage, times: i64) {
    for (param, units) in &part.counts {
        usage.add(param.clone(), units * times);
    }
    for (rule, gas) in &part.rest {
        usage.add_rest(rule, gas * times);
    }
}

pub(super) fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Without what the refund cap adds: it is a rule about transactions as a whole.
pub(super) fn unbounded(mut usage: Usage) -> Usage {
    usage.rest.remove(rest::REFUND_CAP);
    usage
}

/// Intercept and slope per key, of values at two counts.
fn lines<K: Clone + Ord>(
    few: &BTreeMap<K, i64>,
    more: &BTreeMap<K, i64>,
    few_count: u64,
    more_count: u64,
) -> Option<Vec<(K, (i64, i64))>> {
    let run = signed(more_count) - signed(few_count);
    let line = |key: &K| {
        let at = |map: &BTreeMap<K, i64>| map.get(key).copied().unwrap_or(0);
        let (low, rise) = (at(few), at(more) - at(few));
        let slope = rise.checked_div(run)?;
        (slope * run == rise).then(|| (key.clone(), (low - slope * signed(few_count), slope)))
    };
    more.keys()
        .chain(few.keys().filter(|key| !more.contains_key(key)))
        .map(line)
        .collect()
}
