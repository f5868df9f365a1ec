//! The fewest changes, against every choice there is; and problems of many blocks.

use microlp::{ComparisonOp, OptimizationDirection};
use proptest::prelude::*;

use super::*;

/// Blocks as units by parameter with what they need.
type Blocks = Vec<(Vec<(usize, f64)>, f64)>;

fn problem_of(starts: &[u64], blocks: &Blocks, highs: &[f64], minimize: Objective) -> Problem {
    let names: Vec<String> = (0..starts.len()).map(|i| format!("P{i}")).collect();
    let priced = names.iter().zip(starts);
    let schedule = schedule(priced.map(|(n, s)| (n.as_str(), number(*s))).collect());
    let all: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut spec = vary(&all);
    spec.minimize = minimize;
    for (name, high) in all.iter().zip(highs) {
        spec.bounds.push(bound(name, None, Some(*high)));
    }
    let rows = blocks.iter().enumerate().map(|(r, (units, need))| {
        let units: Vec<(&str, f64)> = units.iter().map(|(i, u)| (all[*i], *u)).collect();
        row(&format!("row{r}"), "", &units, *need)
    });
    let rows = rows.collect();
    problem(&plan(schedule, spec), rows).unwrap()
}

/// Whether the parameters of `choice` alone can meet every block.
fn enough(starts: &[u64], blocks: &Blocks, highs: &[f64], choice: usize) -> bool {
    blocks.iter().all(|(units, need)| {
        let gas: f64 = units
            .iter()
            .map(|(i, u)| {
                u * if choice >> i & 1 == 1 {
                    highs[*i]
                } else {
                    starts[*i] as f64
                }
            })
            .sum();
        gas >= *need
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_choice_of_fewer_is_enough(
        starts in prop::collection::vec(1..500_u64, 6),
        rows in prop::collection::vec((prop::collection::btree_map(0..6_usize, 1.0..1e3_f64, 1..4), 1.2..9.0_f64), 1..7),
        highs in prop::collection::vec(2.0..30.0_f64, 6),
    ) {
        let blocks: Blocks = rows
            .into_iter()
            .map(|(units, times)| {
                let gas: f64 = units.iter().map(|(i, u)| u * starts[*i] as f64).sum();
                (units.into_iter().collect(), times * gas)
            })
            .collect();
        let highs: Vec<f64> = highs.iter().zip(&starts).map(|(h, s)| (h * *s as f64).floor()).collect();
        let least = (0..1_usize << 6)
            .filter(|choice| enough(&starts, &blocks, &highs, *choice))
            .map(usize::count_ones)
            .min();
        let found = solve(&problem_of(&starts, &blocks, &highs, Objective::NumberOfChanges)).unwrap();
        match (found, least) {
            (Answer::Proposal(found), Some(least)) => {
                prop_assert_eq!(found.why.len(), least as usize);
                prop_assert!((found.relaxed - f64::from(least)).abs() < 1e-9);
            }
            (Answer::Infeasible(_), None) => {}
            (found, least) => prop_assert!(false, "{least:?}: {found:?}"),
        }
    }
}

/// As many blocks and prices as all published runs of one year together have.
fn many() -> (Vec<u64>, Blocks) {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = |below: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % below
    };
    let starts: Vec<u64> = (0..120).map(|_| 2 + next(3_000)).collect();
    let blocks = (0..16_864)
        .map(|r| {
            let own = (r % 108, 1e4 + next(100_000) as f64);
            let glue = (0..6).map(|_| (108 + next(12) as usize, next(20_000) as f64 / 10.0));
            let mut units: BTreeMap<usize, f64> = glue.collect();
            units.insert(own.0, own.1);
            let gas: f64 = units.iter().map(|(i, u)| u * starts[*i] as f64).sum();
            (
                units.into_iter().collect(),
                gas * (0.2 + next(4_000) as f64 / 100.0),
            )
        })
        .collect();
    (starts, blocks)
}

#[test]
fn of_many_blocks_none_is_forgotten() {
    let (starts, blocks) = many();
    let highs: Vec<f64> = starts.iter().map(|s| *s as f64 * 10_000.0).collect();
    let problem = problem_of(&starts, &blocks, &highs, Objective::TotalChange);
    let found = proposal(&problem);
    for (units, need) in &blocks {
        let price = |i: usize| found.prices[&param(&format!("P{i}"))].ticks() as f64;
        let gas: f64 = units.iter().map(|(i, u)| u * price(*i)).sum();
        assert!(gas >= need * (1.0 - 1e-10));
    }
    // A second solver, which sees every block at once.
    let mut lp = microlp::Problem::new(OptimizationDirection::Minimize);
    let prices: Vec<_> = highs
        .iter()
        .zip(&starts)
        .map(|(high, start)| lp.add_var(1.0, (1.0, high / *start as f64)))
        .collect();
    for (units, need) in &blocks {
        let terms: Vec<_> = units
            .iter()
            .map(|(i, u)| (prices[*i], u * starts[*i] as f64 / need))
            .collect();
        lp.add_constraint(terms.as_slice(), ComparisonOp::Ge, 1.0);
    }
    let best = lp.solve().unwrap().into_solution().unwrap().objective() - starts.len() as f64;
    assert!(
        (found.relaxed - best).abs() <= 1e-6 * best,
        "{} against {best}",
        found.relaxed
    );
}
