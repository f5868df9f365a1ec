//! Random problems, judged by their definition and by a second solver that shares no code with the first.

use std::time::Instant;

use microlp::{ComparisonOp, OptimizationDirection};
use proptest::prelude::*;

use super::*;
use crate::solve::{FURTHEST_RISE, Prices, RelaxedLimit};

const FURTHEST: f64 = FURTHEST_RISE as f64;

/// A problem by its definition.
#[derive(Clone, Debug)]
struct Instance {
    starts: Vec<u64>,
    /// Units by parameter, and what the row needs as a multiple of its gas at the start.
    rows: Vec<(Vec<(usize, f64)>, f64)>,
    /// Highest multiples of the start.
    highs: Vec<Option<f64>>,
    /// `price of a >= factor * price of b`.
    relations: Vec<(usize, usize, f64)>,
    /// The first so many parameters move together.
    together: usize,
    kept: usize,
    step: u64,
    objective: Objective,
}

fn instances(limited: bool) -> impl Strategy<Value = Instance> {
    let high = if limited {
        prop::option::weighted(0.7, 1.0..40.0_f64).boxed()
    } else {
        Just(None).boxed()
    };
    let related = if limited { 0..3_usize } else { 0..1 };
    (3..16_usize).prop_flat_map(move |n| {
        let row = (
            prop::collection::vec((0..n, 1.0..1e5_f64), 1..6),
            0.3..30.0_f64,
        );
        (
            prop::collection::vec(1..3_000_u64, n),
            prop::collection::vec(row, 1..20),
            prop::collection::vec(high.clone(), n),
            prop::collection::vec((0..n, 0..n, 0.2..1.5_f64), related.clone()),
            0..4_usize,
            0..3_usize,
            prop::sample::select(vec![1_u64, 1, 5]),
            prop::sample::select(vec![
                Objective::TotalChange,
                Objective::TotalChange,
                Objective::LargestChange,
            ]),
        )
            .prop_map(
                |(starts, rows, highs, relations, together, kept, step, objective)| Instance {
                    starts,
                    rows,
                    highs,
                    relations: relations.into_iter().filter(|(a, b, _)| a != b).collect(),
                    together,
                    kept,
                    step,
                    objective,
                },
            )
    })
}

impl Instance {
    fn name(i: usize) -> String {
        format!("P{i}")
    }

    /// Whether a parameter may move: the last ones are kept, unless nothing would be left.
    fn moves(&self, i: usize) -> bool {
        i < 2 || i + self.kept < self.starts.len()
    }

    fn high(&self, i: usize) -> f64 {
        let start = self.starts[i] as f64;
        self.highs[i].map_or(FURTHEST * start, |h| (h * start).floor())
    }

    fn need(&self, row: usize) -> f64 {
        let (units, times) = &self.rows[row];
        times
            * units
                .iter()
                .map(|(i, u)| u * self.starts[*i] as f64)
                .sum::<f64>()
    }

    fn problem(&self) -> Problem {
        let names: Vec<String> = (0..self.starts.len()).map(Self::name).collect();
        let priced = names.iter().zip(&self.starts);
        let schedule = schedule(priced.map(|(n, s)| (n.as_str(), number(*s))).collect());
        let all: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut spec = vary(&all);
        spec.vary
            .push(selection(&all[..self.together.min(all.len())], true));
        let kept: Vec<&str> = (0..all.len())
            .filter(|i| !self.moves(*i))
            .map(|i| all[i])
            .collect();
        spec.keep.push(selection(&kept, false));
        spec.round.to = Step::Gas(self.step);
        spec.minimize = self.objective;
        for i in (0..all.len()).filter(|i| self.highs[*i].is_some()) {
            spec.bounds.push(bound(all[i], None, Some(self.high(i))));
        }
        for (a, b, factor) in &self.relations {
            spec.relations.push(relation(
                &[(all[*a], 1.0), (all[*b], -factor)],
                0.0,
                Compare::Ge,
            ));
        }
        let rows = (0..self.rows.len()).map(|r| {
            let mut units: BTreeMap<GasParam, f64> = BTreeMap::new();
            for (i, u) in &self.rows[r].0 {
                *units.entry(param(all[*i])).or_default() += u;
            }
            Row {
                units,
                ..row(&format!("row{r}"), "", &[], self.need(r))
            }
        });
        problem(&plan(schedule, spec), rows.collect()).unwrap()
    }

    /// The smallest objective over real prices, by a simplex method; `None` when infeasible.
    fn second_opinion(&self) -> Option<f64> {
        let largest_only = self.objective == Objective::LargestChange;
        let mut lp = microlp::Problem::new(OptimizationDirection::Minimize);
        let largest = lp.add_var(if largest_only { 1.0 } else { 0.0 }, (0.0, f64::INFINITY));
        let factor = lp.add_var(0.0, (0.0, f64::INFINITY));
        let mut prices = Vec::new();
        for (i, start) in self.starts.iter().enumerate() {
            let start = *start as f64;
            let high = if self.moves(i) { self.high(i) } else { start };
            // As multiples of the start, and no price falls.
            let price = lp.add_var(if largest_only { 0.0 } else { 1.0 }, (1.0, high / start));
            lp.add_constraint([(largest, 1.0), (price, -1.0)], ComparisonOp::Ge, -1.0);
            if i < self.together && self.moves(i) {
                lp.add_constraint([(price, 1.0), (factor, -1.0)], ComparisonOp::Eq, 0.0);
            }
            prices.push(price);
        }
        let value = |i: usize| self.starts[i] as f64;
        for (r, (units, _)) in self.rows.iter().enumerate() {
            let need = self.need(r);
            let mut terms = vec![0.0; prices.len()];
            for (i, u) in units {
                terms[*i] += u * value(*i) / need;
            }
            let terms: Vec<_> = prices
                .iter()
                .copied()
                .zip(terms)
                .filter(|(_, a)| *a != 0.0)
                .collect();
            lp.add_constraint(terms.as_slice(), ComparisonOp::Ge, 1.0);
        }
        for (a, b, factor) in &self.relations {
            let terms = [
                (prices[*a], 1.0),
                (prices[*b], -factor * value(*b) / value(*a)),
            ];
            lp.add_constraint(terms, ComparisonOp::Ge, 0.0);
        }
        match lp.solve() {
            Ok(outcome) => {
                let offset = if largest_only {
                    0.0
                } else {
                    prices.len() as f64
                };
                Some(outcome.into_solution().unwrap().objective() - offset)
            }
            Err(microlp::Error::Infeasible) => None,
            Err(error) => panic!("{error}"),
        }
    }

    /// Whether whole prices are what was asked for.
    fn check(&self, prices: &Prices) -> Result<(), TestCaseError> {
        let price = |i: usize| {
            let set = prices.get(&param(&Self::name(i)));
            set.map_or(self.starts[i], |p| p.ticks())
        };
        for i in 0..self.starts.len() {
            prop_assert!(price(i) >= self.starts[i], "P{i} falls");
            prop_assert!(
                price(i) as f64 <= self.high(i).max(self.starts[i] as f64),
                "P{i} above its bound"
            );
            prop_assert_eq!(prices.contains_key(&param(&Self::name(i))), self.moves(i));
        }
        for (r, (units, _)) in self.rows.iter().enumerate() {
            let gas: f64 = units.iter().map(|(i, u)| u * price(*i) as f64).sum();
            prop_assert!(gas >= self.need(r) * (1.0 - 1e-10), "row{r} misses");
        }
        for (a, b, factor) in &self.relations {
            prop_assert!(price(*a) as f64 >= factor * price(*b) as f64 * (1.0 - 1e-10) - 1e-9);
        }
        // One factor: the ranges of factors that round to each member's price overlap.
        let group: Vec<usize> = (0..self.together).filter(|i| self.moves(*i)).collect();
        if group.iter().any(|i| price(*i) != self.starts[*i]) {
            let step = self.step as f64;
            let (mut least, mut most) = (1.0_f64, f64::INFINITY);
            for i in group {
                let (p, start) = (price(i) as f64, self.starts[i] as f64);
                let at_bound = p >= self.high(i);
                least = least.max((p - step) / start);
                most = most.min(if at_bound { self.high(i) } else { p } / start);
            }
            prop_assert!(least < most + 1e-9, "no common factor: {least} {most}");
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    /// Without upper limits every block can be helped.
    #[test]
    fn unlimited_problems_are_solved(instance in instances(false)) {
        let problem = instance.problem();
        match solve(&problem).unwrap() {
            Answer::Proposal(found) => {
                instance.check(&found.prices)?;
                let best = instance.second_opinion().unwrap();
                prop_assert!((found.relaxed - best).abs() <= 1e-6 * best.max(1.0), "{} against {best}", found.relaxed);
                // Members of a group that round up by more than their leader make room for a lower factor.
                let alone = instance.together < 2 && instance.objective == Objective::TotalChange;
                prop_assert!(!alone || found.total_change >= best - 1e-6);
                // A changed price has a block or a relation to blame.
                for why in found.why.values() {
                    prop_assert!(why.because != crate::solve::Because::Bound);
                }
                prop_assert_eq!(solve(&problem).unwrap(), Answer::Proposal(found));
            }
            Answer::Infeasible(none) => {
                // Only a block of hardly anything but kept prices cannot be helped.
                let named = matches!(&none, Infeasible::Blocks { blocks, .. } if !blocks.is_empty());
                prop_assert!(named, "{none:?}");
                prop_assert_eq!(instance.second_opinion(), None);
            }
        }
    }

    /// Bounds and relations: feasible exactly when the other solver says so.
    #[test]
    fn limited_problems_are_judged_alike(instance in instances(true)) {
        let problem = instance.problem();
        let best = instance.second_opinion();
        match solve(&problem).unwrap() {
            Answer::Proposal(found) => {
                instance.check(&found.prices)?;
                let best = best.unwrap();
                prop_assert!((found.relaxed - best).abs() <= 1e-6 * best.max(1.0), "{} against {best}", found.relaxed);
            }
            Answer::Infeasible(Infeasible::WholePrices { .. }) => {
                prop_assert!(best.is_some() && !instance.relations.is_empty());
            }
            Answer::Infeasible(none) => {
                prop_assert_eq!(best, None, "{:?}", none);
                if let Infeasible::Blocks { blocks, relaxation } = none {
                    prop_assert!(!blocks.is_empty());
                    prop_assert!(blocks.iter().all(|b| b.reached_rate < b.needed_rate));
                    // The relaxation is enough, and not much more than enough.
                    let enough = |slack: f64| {
                        let mut slower = instance.clone();
                        let RelaxedLimit::Within { within_s, .. } = relaxation[0].limit else {
                            panic!("{relaxation:?}");
                        };
                        let left = 10.0 / within_s * slack;
                        slower.rows.iter_mut().for_each(|(_, times)| *times *= left);
                        slower.second_opinion().is_some()
                    };
                    prop_assert!(enough(1.0 - 1e-4) && !enough(1.0 + 1e-4));
                }
            }
        }
    }
}

/// 300 rows over 150 prices, as large as the embedded benchmark corpus.
fn large() -> Instance {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = |below: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % below
    };
    let starts: Vec<u64> = (0..150).map(|_| 1 + next(3_000)).collect();
    let rows = (0..300)
        .map(|r| {
            let own = (r % 140, 1e4 + next(100_000) as f64);
            let glue = (0..8).map(|_| (140 + next(10) as usize, next(100_000) as f64 / 100.0));
            let units: Vec<_> = [own].into_iter().chain(glue.collect::<Vec<_>>()).collect();
            (units, 0.3 + next(50) as f64)
        })
        .collect();
    Instance {
        highs: vec![None; starts.len()],
        starts,
        rows,
        relations: vec![(10, 11, 0.5), (12, 13, 0.9)],
        together: 6,
        kept: 10,
        step: 5,
        objective: Objective::TotalChange,
    }
}

#[test]
fn a_large_problem_is_quick() {
    let instance = large();
    let problem = instance.problem();
    let start = Instant::now();
    let found = proposal(&problem);
    let taken = start.elapsed();
    instance.check(&found.prices).unwrap();
    let best = instance.second_opinion().unwrap();
    assert!((found.relaxed - best).abs() <= 1e-6 * best);
    // An order of magnitude above what it takes, for slow and busy machines.
    assert!(taken.as_millis() < 1_000, "{taken:?}");
    eprintln!("300 rows, 150 prices: {taken:?}");
}
