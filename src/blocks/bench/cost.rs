//! Gas and usage as functions of the iteration count, and how many iterations a block holds.

use super::{
    BenchError,
    affine::{Affine, Line, Metered, Rules, Sample, add, signed, unbounded},
};
use crate::{
    evm::rest,
    gas::{FormulaError, Gas, MeterFill, Schedule, Usage, metering},
};

/// What a transaction of a scenario costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cost {
    /// Gas that a transaction's limit has to cover, the floor aside: all meters, before refunds.
    pub needed: Line,
    gas: Metered<Line>,
    /// Refunds before the cap.
    refund: Line,
    rules: Rules,
    usage: Metered<Affine>,
    /// The schedule's own meters.
    gauges: Vec<Gauge>,
}

/// A meter, and what a transaction counts on it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Gauge {
    meter: String,
    limit: Gas,
    counted: Line,
}

impl Gauge {
    /// The most iterations of a transaction behind those that count `used`.
    fn largest(&self, used: Gas) -> u64 {
        let room = i128::from(self.limit) - i128::from(used) - self.counted.intercept;
        let steps = match self.counted.slope {
            ..=0 if room < 0 => 0,
            ..=0 => return u64::MAX,
            slope => room.div_euclid(slope),
        };
        u64::try_from(steps.max(0)).unwrap_or(u64::MAX)
    }
}

impl Cost {
    /// Every transaction is one iteration.
    pub(super) fn alone(sample: Sample, rules: Rules) -> Self {
        let each = |usage| Affine {
            base: Usage::default(),
            each: unbounded(usage),
        };
        let gas = Metered {
            execution: Line::proportional(sample.gas.execution),
            state: Line::proportional(sample.gas.state),
        };
        Self {
            needed: gas.execution.plus(gas.state),
            gas,
            refund: Line::proportional(sample.refund),
            rules,
            usage: Metered {
                execution: each(sample.usage.execution),
                state: each(sample.usage.state),
            },
            gauges: Vec::new(),
        }
    }

    /// The cost that explains two samples with different counts; `None` if none does.
    pub(super) fn through(a: &Sample, b: &Sample, rules: Rules) -> Option<Self> {
        let line = |from: Gas, to: Gas| Line::through((a.count, from), (b.count, to));
        let usage = |from, to| Affine::through((a.count, from), (b.count, to));
        let gas = Metered {
            execution: line(a.gas.execution, b.gas.execution)?,
            state: line(a.gas.state, b.gas.state)?,
        };
        Some(Self {
            needed: gas.execution.plus(gas.state),
            gas,
            refund: line(a.refund, b.refund)?,
            rules,
            usage: Metered {
                execution: usage(&a.usage.execution, &b.usage.execution)?,
                state: usage(&a.usage.state, &b.usage.state)?,
            },
            gauges: Vec::new(),
        })
    }

    /// The same, on the meters of `schedule` as well. These count all that ran, whatever the block's gas is made of.
    pub(super) fn with_meters(mut self, schedule: &Schedule) -> Result<Self, FormulaError> {
        let Metered { execution, state } = &self.usage;
        for meter in &schedule.meters {
            let of = |a: &Usage, b: &Usage| {
                let mut all = a.clone();
                all.merge(b);
                meter.count(schedule, &all)
            };
            self.gauges.push(Gauge {
                meter: meter.name.clone(),
                limit: meter.limit,
                counted: Line {
                    intercept: of(&execution.base, &state.base)?,
                    slope: of(&execution.each, &state.each)?,
                },
            });
        }
        Ok(self)
    }

    /// The meter that a block of transactions with these counts fills most.
    pub(super) fn fullest_meter(&self, parts: &[u64]) -> Option<MeterFill> {
        let fill = |gauge: &Gauge| {
            let counted = parts
                .iter()
                .map(|count| i128::from(gauge.counted.at(*count)));
            MeterFill {
                meter: gauge.meter.clone(),
                fill: metering::fill(counted.sum(), gauge.limit),
            }
        };
        // The first of equals.
        let all = self.gauges.iter().rev().map(fill);
        all.max_by(|a, b| a.fill.total_cmp(&b.fill))
    }

    /// The meter on which one iteration is too much.
    pub(super) fn over_meter(&self) -> Option<BenchError> {
        let gauge = self.gauges.iter().find(|gauge| gauge.largest(0) == 0)?;
        Some(BenchError::OverMeter {
            meter: gauge.meter.clone(),
            counted: gauge.counted.at(1),
        })
    }

    /// Gas that the block counts for a transaction of `count` iterations.
    pub(super) fn used(&self, count: u64) -> Metered<Gas> {
        Metered {
            execution: self.unfloored(count).max(self.rules.floor),
            state: self.gas.state.at(count),
        }
    }

    /// Gas that the limit of a transaction of `count` iterations has to cover.
    pub(super) fn limit(&self, count: u64) -> Gas {
        self.needed.at(count).max(self.rules.floor)
    }

    /// State gas that a transaction has to have beside what it uses.
    pub(super) const fn returned(&self) -> Gas {
        self.rules.returned
    }

    /// The most iterations of a transaction with this gas.
    pub(super) fn largest(&self, gas: i128) -> u64 {
        if gas < i128::from(self.rules.floor) {
            return 0;
        }
        self.needed.largest(gas)
    }

    fn unfloored(&self, count: u64) -> Gas {
        self.gas.execution.at(count) - self.refunded(count)
    }

    fn refunded(&self, count: u64) -> Gas {
        let most = self.gas.execution.at(count) / self.rules.refund_divisor.max(1);
        self.refund.at(count).min(most)
    }

    /// What a block of transactions with these counts counts, in units of its prices.
    pub(super) fn usage(&self, parts: &[u64]) -> Usage {
        let used = Metered::sum(parts.iter().map(|count| self.used(*count)));
        if used.state > used.execution {
            return cleared(self.usage.state.of(parts));
        }
        let floored = |count: &&u64| self.unfloored(**count) < self.rules.floor;
        let paying: Vec<u64> = parts.iter().filter(|c| !floored(c)).copied().collect();
        let mut usage = self.usage.execution.of(&paying);
        let kept = |count: &u64| self.refund.at(*count) - self.refunded(*count);
        usage.add_rest(rest::REFUND_CAP, signed(paying.iter().map(kept).sum()));
        let floors = signed((parts.len() - paying.len()) as u64);
        add(&mut usage, &self.rules.floor_units, floors);
        cleared(usage)
    }
}

/// Without what comes to nothing.
fn cleared(mut usage: Usage) -> Usage {
    usage.counts.retain(|_, units| *units != 0);
    usage.rest.retain(|_, gas| *gas != 0);
    usage
}

/// Bounds of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bounds {
    /// Gas of the block; `None` if any, and whatever it counts on meters.
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

/// The iterations of each transaction of the fullest block within `bounds` and on every meter: each transaction takes as many as it can.
/// After refunds there is room for further, ever smaller ones. Empty if not one iteration fits.
pub(super) fn fill(cost: &Cost, bounds: &Bounds) -> Vec<u64> {
    let mut parts = Vec::new();
    let mut used = Metered::default();
    let mut counted = vec![0; cost.gauges.len()];
    let mut left = bounds.iterations.unwrap_or(u64::MAX);
    loop {
        let block = bounds
            .block
            .map_or(Gas::MAX, |gas| gas.saturating_sub(used.counted()));
        let room = i128::from(bounds.transaction.min(block)) - i128::from(bounds.slack);
        let metered = cost.gauges.iter().zip(&counted);
        let metered = metered.map(|(gauge, used)| gauge.largest(*used)).min();
        let metered = metered.filter(|_| bounds.block.is_some());
        let most = cost.largest(room).min(metered.unwrap_or(u64::MAX));
        let count = most.min(bounds.per_transaction).min(left);
        if count == 0 {
            return parts;
        }
        parts.push(count);
        left -= count;
        used = used.plus(cost.used(count));
        for (gauge, counted) in cost.gauges.iter().zip(&mut counted) {
            *counted += gauge.counted.at(count);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gas::GasParam;
    use std::collections::BTreeMap;

    fn units(param: &GasParam, units: i64) -> Usage {
        let mut usage = Usage::default();
        usage.add(param.clone(), units);
        usage
    }

    fn cost() -> Cost {
        let add = GasParam::whole("ADD");
        let sample = |count: u64| Sample {
            count,
            refund: 25 * count,
            gas: Metered {
                execution: 21_000 + 125 * count,
                state: 0,
            },
            usage: Metered {
                execution: units(&add, 7 + 3 * signed(count)),
                state: Usage::default(),
            },
        };
        let rules = Rules {
            refund_divisor: 10,
            floor: 21_200,
            floor_units: units(&GasParam::whole("TX_FLOOR_BASE"), 1),
            returned: 0,
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
        assert_eq!(cost().used(10).execution, 22_250 - 250);
        assert_eq!(cost().used(1_000).execution, 146_000 - 14_600);
    }

    #[test]
    fn the_floor_hides_the_first_iterations() {
        let of = |count| (cost().used(count).execution, cost().limit(count));
        assert_eq!((of(1), of(3)), ((21_200, 21_200), (21_300, 21_375)));
        let floor = units(&GasParam::whole("TX_FLOOR_BASE"), 1);
        assert_eq!(cost().usage(&[1]), floor);
        assert_eq!(cost().usage(&[1, 1]).counts.len(), 1);
        let both = cost().usage(&[1, 10]);
        assert_eq!(both.counts[&GasParam::whole("ADD")], 7 + 30);
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
            used += cost().used(*count).counted();
        }
        assert!(used + cost().needed.at(1) + 50 > 3_000_000);
        assert_eq!(parts[..3], [7831, 7831, 7831]);
        assert!(used > 2_970_000);
    }

    /// State gas has a budget of its own, as large as that of execution (EIP-8037).
    #[test]
    fn the_larger_meter_fills_the_block() {
        let (execution, state) = (GasParam::whole("SSTORE"), GasParam::whole("STATE"));
        let sample = |count: u64| Sample {
            count,
            refund: 0,
            gas: Metered {
                execution: 15_000 + 100 * count,
                state: 900 * count,
            },
            usage: Metered {
                execution: units(&execution, signed(count)),
                state: units(&state, signed(count)),
            },
        };
        let rules = Rules {
            refund_divisor: 5,
            floor: 0,
            floor_units: Usage::default(),
            returned: 0,
        };
        let cost = Cost::through(&sample(10), &sample(20), rules).unwrap();
        let parts = fill(&cost, &bounds(3_000_000));
        let used = Metered::sum(parts.iter().map(|count| cost.used(*count)));
        assert!(
            used.state > 2_970_000 && used.state <= 3_000_000,
            "{used:?}"
        );
        assert!(used.execution < 1_000_000);
        assert_eq!(cost.usage(&parts).counts.keys().next(), Some(&state));
        assert_eq!(cost.usage(&[1]).counts.keys().next(), Some(&execution));
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
