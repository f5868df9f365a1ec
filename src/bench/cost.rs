//! Gas and usage as functions of the iteration count, and how many iterations a block holds.

use std::collections::BTreeMap;

use crate::{
    evm::rest,
    gas::{Gas, Usage},
};

/// What one transaction of so many iterations took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sample {
    pub count: u64,
    /// Gas before refunds, and before the calldata floor.
    pub needed: Gas,
    /// What would come back were there no cap.
    pub refund: Gas,
    /// What it used.
    pub usage: Usage,
}

/// Rules about the gas of a transaction as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rules {
    /// At most one part in this many of the gas comes back (EIP-3529).
    pub refund_divisor: Gas,
    /// The least that a scenario's transactions cost, for their calldata (EIP-7623).
    pub floor: Gas,
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
    fn largest(self, gas: i128) -> u64 {
        let steps = (gas - self.intercept).div_euclid(self.slope.max(1));
        u64::try_from(steps.max(0)).unwrap_or(u64::MAX)
    }
}

/// What a transaction of a scenario costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cost {
    /// Gas before refunds and the floor.
    pub needed: Line,
    /// Refunds before the cap.
    refund: Line,
    rules: Rules,
    /// What a transaction uses beside its iterations; negative where more than their share is measured in them.
    base: Usage,
    /// What an iteration uses.
    each: Usage,
}

impl Cost {
    /// Every transaction is one iteration.
    pub(super) fn alone(sample: Sample, rules: Rules) -> Self {
        Self {
            needed: Line::proportional(sample.needed),
            refund: Line::proportional(sample.refund),
            rules,
            base: Usage::default(),
            each: unbounded(sample.usage),
        }
    }

    /// The cost that explains two samples with different counts; `None` if none does.
    pub(super) fn through(a: &Sample, b: &Sample, rules: Rules) -> Option<Self> {
        let line = |from: Gas, to: Gas| Line::through((a.count, from), (b.count, to));
        let (few, more) = (unbounded(a.usage.clone()), unbounded(b.usage.clone()));
        let (mut base, mut each) = (Usage::default(), Usage::default());
        for (param, (intercept, slope)) in lines(&few.counts, &more.counts, a.count, b.count)? {
            base.add(param.clone(), intercept);
            each.add(param, slope);
        }
        for (rule, (intercept, slope)) in lines(&few.rest, &more.rest, a.count, b.count)? {
            base.add_rest(&rule, intercept);
            each.add_rest(&rule, slope);
        }
        Some(Self {
            needed: line(a.needed, b.needed)?,
            refund: line(a.refund, b.refund)?,
            rules,
            base,
            each,
        })
    }

    /// Gas that the block counts for a transaction of `count` iterations.
    pub(super) fn used(&self, count: u64) -> Gas {
        self.unfloored(count).max(self.rules.floor)
    }

    /// Gas that the limit of a transaction of `count` iterations has to cover.
    pub(super) fn limit(&self, count: u64) -> Gas {
        self.needed.at(count).max(self.rules.floor)
    }

    /// The most iterations of a transaction with this gas.
    pub(super) fn largest(&self, gas: i128) -> u64 {
        if gas < i128::from(self.rules.floor) {
            return 0;
        }
        self.needed.largest(gas)
    }

    fn unfloored(&self, count: u64) -> Gas {
        self.needed.at(count) - self.refunded(count)
    }

    fn refunded(&self, count: u64) -> Gas {
        let most = self.needed.at(count) / self.rules.refund_divisor.max(1);
        self.refund.at(count).min(most)
    }

    /// What transactions of these counts use together.
    pub(super) fn usage(&self, parts: &[u64]) -> Usage {
        let transactions = signed(parts.len() as u64);
        let iterations = signed(parts.iter().sum());
        let mut usage = Usage::default();
        for (part, times) in [(&self.base, transactions), (&self.each, iterations)] {
            for (param, units) in &part.counts {
                usage.add(param.clone(), units * times);
            }
            for (rule, gas) in &part.rest {
                usage.add_rest(rule, gas * times);
            }
        }
        let kept = |count: &u64| self.refund.at(*count) - self.refunded(*count);
        usage.add_rest(rest::REFUND_CAP, signed(parts.iter().map(kept).sum()));
        let raised = |count: &u64| self.used(*count) - self.unfloored(*count);
        usage.add_rest(rest::FLOOR, signed(parts.iter().map(raised).sum()));
        usage.counts.retain(|_, units| *units != 0);
        usage.rest.retain(|_, gas| *gas != 0);
        usage
    }
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Without what refund cap and floor add: they are rules about transactions as a whole.
fn unbounded(mut usage: Usage) -> Usage {
    usage.rest.remove(rest::REFUND_CAP);
    usage.rest.remove(rest::FLOOR);
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

/// Bounds of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bounds {
    /// Gas of the block; `None` if any.
    pub block: Option<Gas>,
    /// Gas limit of a transaction.
    pub transaction: Gas,
    /// Gas that a transaction's limit has to leave unused, so that the last call gets enough (EIP-150) and the
    /// last SSTORE is above its sentry.
    pub slack: Gas,
    /// Iterations that there is state for, or that were asked for.
    pub iterations: Option<u64>,
    /// Iterations of a transaction.
    pub per_transaction: u64,
}

/// The iterations of each transaction of the fullest block within `bounds`: each transaction takes as many as it can.
/// After refunds there is room for further, ever smaller ones. Empty if not one iteration fits.
pub(super) fn fill(cost: &Cost, bounds: &Bounds) -> Vec<u64> {
    let mut parts = Vec::new();
    let mut used: Gas = 0;
    let mut left = bounds.iterations.unwrap_or(u64::MAX);
    loop {
        let block = bounds
            .block
            .map_or(Gas::MAX, |gas| gas.saturating_sub(used));
        let room = i128::from(bounds.transaction.min(block)) - i128::from(bounds.slack);
        let most = cost.largest(room);
        let count = most.min(bounds.per_transaction).min(left);
        if count == 0 {
            return parts;
        }
        parts.push(count);
        left -= count;
        used = used.saturating_add(cost.used(count));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gas::GasParam;

    fn cost() -> Cost {
        let add = GasParam::whole("ADD");
        let sample = |count: u64| Sample {
            count,
            needed: 21_000 + 125 * count,
            refund: 25 * count,
            usage: Usage {
                counts: BTreeMap::from([(add.clone(), 7 + 3 * signed(count))]),
                ..Usage::default()
            },
        };
        let rules = Rules {
            refund_divisor: 10,
            floor: 21_200,
        };
        Cost::through(&sample(2), &sample(5), rules).unwrap()
    }

    fn bounds(block: Gas) -> Bounds {
        Bounds {
            block: Some(block),
            transaction: 1_000_000,
            slack: 50,
            iterations: None,
            per_transaction: u64::MAX,
        }
    }

    #[test]
    fn lines() {
        let line = Line::through((2, 21_250), (5, 21_625)).unwrap();
        assert_eq!(line, cost().needed);
        assert_eq!(line.at(10), 22_250);
        assert_eq!(line.largest(22_374), 10);
        assert_eq!(line.largest(20_000), 0);
        assert_eq!(Line::through((1, 5), (3, 6)), None);
        assert_eq!(Line::through((1, 5), (3, 3)), None);
    }

    #[test]
    fn refunds_are_capped() {
        assert_eq!(cost().used(10), 22_250 - 250);
        assert_eq!(cost().used(1_000), 146_000 - 14_600);
    }

    #[test]
    fn the_floor_hides_the_first_iterations() {
        assert_eq!((cost().used(1), cost().limit(1)), (21_200, 21_200));
        assert_eq!((cost().used(3), cost().limit(3)), (21_300, 21_375));
        let raised = BTreeMap::from([(rest::FLOOR.to_owned(), 100)]);
        assert_eq!(cost().usage(&[1]).rest, raised);
    }

    #[test]
    fn usage_of_several_transactions() {
        let usage = cost().usage(&[1_000, 10]);
        let add = GasParam::whole("ADD");
        assert_eq!(usage.counts, BTreeMap::from([(add, 2 * 7 + 1_010 * 3)]));
        let kept = BTreeMap::from([(rest::REFUND_CAP.to_owned(), 25_000 - 14_600)]);
        assert_eq!(usage.rest, kept);
    }

    #[test]
    fn the_fullest_block_is_within_bounds_and_one_more_is_not() {
        let parts = fill(&cost(), &bounds(3_000_000));
        let mut used = 0;
        for count in &parts {
            let needed = cost().needed.at(*count) + 50;
            assert!(needed <= 1_000_000 && used + needed <= 3_000_000);
            used += cost().used(*count);
        }
        assert!(used + cost().needed.at(1) + 50 > 3_000_000);
        assert_eq!(parts[..3], [7831, 7831, 7831]);
        assert!(used > 2_970_000);
    }

    #[test]
    fn nothing_fits() {
        assert_eq!(fill(&cost(), &bounds(21_000)), Vec::<u64>::new());
        let mut tight = bounds(3_000_000);
        tight.transaction = 21_100;
        assert_eq!(fill(&cost(), &tight), Vec::<u64>::new());
    }

    #[test]
    fn no_more_than_there_is_state_for() {
        let mut bounds = bounds(3_000_000);
        bounds.iterations = Some(10);
        assert_eq!(fill(&cost(), &bounds), [10]);
        bounds.per_transaction = 4;
        assert_eq!(fill(&cost(), &bounds), [4, 4, 2]);
    }
}
