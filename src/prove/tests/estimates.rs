//! Costs of full blocks from those of small ones, where these follow a rule.

use std::{cell::RefCell, collections::BTreeMap};

use crate::{
    fit::real,
    prove::{
        Basis, CHECK_TOLERANCE, Cost, CostVector,
        confirm::{Known, confirm},
        estimate::{Detail, Full, Ran, Run, estimate},
        line::steady,
    },
};

fn full(iterations: u64) -> Full {
    Full {
        iterations,
        gas: 30_000_000,
        transactions: 1,
        is_precompile: true,
    }
}

fn opcode(iterations: u64) -> Full {
    Full {
        is_precompile: false,
        ..full(iterations)
    }
}

fn ran(cycles: u64) -> Ran {
    Ran {
        costs: CostVector::cycles(cycles),
        transactions: 1,
    }
}

const NOTHING: CostVector = CostVector {
    total_num_cycles: 0,
    total_num_system_calls: None,
    prover_gas: None,
    system_calls: BTreeMap::new(),
    areas: BTreeMap::new(),
};

fn estimated(iterations: u64, cycles: impl Fn(u64) -> u64) -> (Cost, Vec<u64>) {
    let runs = RefCell::new(Vec::new());
    let run = |n: u64, _| {
        runs.borrow_mut().push(n);
        Ok::<_, ()>(ran(cycles(n)))
    };
    let cost = estimate(full(iterations), &NOTHING, &run).unwrap();
    (cost, runs.into_inner())
}

/// A cost under prices that are read in so many cycles less, of a block of so many iterations that uses something else.
fn confirmed(
    (cost, iterations, reading): (&Cost, u64, u64),
    full: Full,
    run: Run<'_, ()>,
) -> Result<Option<Cost>, ()> {
    let empty = CostVector::cycles(reading);
    let known = Known {
        cost,
        iterations,
        is_same: false,
        empty: [&empty, &NOTHING],
        run: &|_, _| Err(()),
    };
    confirm(&known, full, run)
}

/// What a block costs that reads state: each path through a trie shares nodes with the others.
fn state(n: u64, detail: Detail) -> Ran {
    let levels = real(n.max(1)).log2();
    let nodes = crate::fit::count(real(n) * (20.0 - levels));
    let cycles = 600_000 + 5_000 * n + 3_000 * nodes;
    let all = CostVector {
        total_num_system_calls: Some(200 + 2 * n + 4 * nodes),
        ..CostVector::cycles(cycles)
    };
    let costs = match detail {
        Detail::Cycles => all,
        Detail::All => CostVector {
            prover_gas: Some(cycles + 1_500 * (200 + 2 * n + 4 * nodes)),
            ..all
        },
    };
    Ran {
        costs,
        transactions: 1,
    }
}

#[test]
fn what_reads_state_is_counted_in_the_whole_block() {
    let told = estimate(opcode(12_000), &NOTHING, &|n, detail| {
        Ok::<_, ()>(state(n, detail))
    })
    .unwrap();
    assert!(
        matches!(told.basis, Basis::Counted { error, .. } if error < 1e-6),
        "expected a plane, got {told:?}"
    );
    let exact = state(12_000, Detail::All).costs;
    assert_eq!(told.costs, exact);
    // Under other prices fewer fit; one run tells.
    let runs = RefCell::new(Vec::new());
    let run = |n, detail| {
        runs.borrow_mut().push((n, detail));
        Ok::<_, ()>(state(n, detail))
    };
    let other = confirmed((&told, 12_000, 0), opcode(3_000), &run);
    let other = other.unwrap().unwrap();
    assert_eq!(other.costs, state(3_000, Detail::All).costs);
    assert_eq!(*runs.borrow(), [(3_000, Detail::Cycles)]);
}

#[test]
fn of_large_iterations_one_confirms() {
    let run = |n: u64, _| Ok::<_, ()>(ran(600_000 + 90_000_000 * n));
    let known = estimate(full(20), &NOTHING, &run).unwrap();
    assert!(
        matches!(known.basis, Basis::Affine { checked: 3, .. }),
        "expected a line, got {known:?}"
    );
    let only = |n, detail| if n == 1 { run(n, detail) } else { Err(()) };
    let cost = confirmed((&known, 20, 0), full(5), &only);
    let cost = cost.unwrap().unwrap();
    assert_eq!(cost.costs.total_num_cycles, 600_000 + 90_000_000 * 5);
}

#[test]
fn a_distance_from_the_line_that_grows_with_iterations_is_carried_to_the_full_block() {
    // What a block takes once hides at the first check that iterations after the 700th take 3 % more.
    let cycles = |n: u64| 10_000_000 + 1_000 * n + 30 * n.saturating_sub(700);
    let (cost, runs) = estimated(1_000_000, cycles);
    assert!(runs.contains(&2_000), "{runs:?}");
    assert_eq!(cost.costs.total_num_cycles, cycles(1_000_000));
}

#[test]
fn a_block_of_few_iterations_is_run_whole() {
    let (cost, runs) = estimated(5, |n| 100_000 + 50 * n);
    assert_eq!(
        (cost.costs.total_num_cycles, cost.basis),
        (100_250, Basis::Whole)
    );
    assert_eq!(runs, [5]);
}

#[test]
fn a_slow_block_is_extrapolated_and_checked_outside_the_fit() {
    let (cost, runs) = estimated(1_000_000, |n| 100_000 + 5_000 * n);
    assert_eq!(cost.costs.total_num_cycles, 100_000 + 5_000 * 1_000_000);
    let Basis::Affine {
        points,
        checked,
        error,
    } = cost.basis
    else {
        panic!("expected a line")
    };
    assert!(checked > points[1].0 && error < 1e-9);
    assert!(
        runs.iter().sum::<u64>() < 50_000,
        "most of the block was run: {runs:?}"
    );
}

#[test]
fn a_line_of_other_prices_serves_if_one_block_confirms_it() {
    let run = |n: u64, _| Ok::<_, ()>(ran(107_000 + 5_000 * n));
    let line = |low, high| {
        let basis = Basis::Affine {
            points: [
                (10, CostVector::cycles(low)),
                (20, CostVector::cycles(high)),
            ],
            checked: 60,
            error: 0.0,
        };
        Cost::counted(CostVector::default(), basis)
    };
    let known = line(150_000, 200_000);
    let cost = confirmed((&known, 3_000, 7_000), full(1_000), &run).unwrap();
    assert_eq!(
        cost.unwrap().costs,
        CostVector::cycles(100_000 + 5_000 * 1_000)
    );
    let dearer = line(150_000, 250_000);
    let cost = confirmed((&dearer, 3_000, 7_000), full(1_000), &run);
    assert_eq!(cost, Ok(None));
    // A block hardly larger than the check is run itself.
    let cost = confirmed((&known, 3_000, 7_000), full(120), &run);
    assert_eq!(cost, Ok(None));
}

#[test]
fn a_block_whose_calls_grow_with_its_cycles_is_counted() {
    // Cycles are on no line over iterations.
    let costs = |n: u64, extra: u64| {
        let cycles = 100_000 + 10 * n * n;
        CostVector {
            total_num_system_calls: Some(cycles / 100 + extra),
            prover_gas: Some(2 * cycles),
            ..CostVector::cycles(cycles)
        }
    };
    let known = Cost::counted(costs(1_000, 0), Basis::Whole);
    let empty = [costs(0, 0), costs(0, 0)];
    let ask = |extra| {
        let known = Known {
            cost: &known,
            iterations: 1_000,
            is_same: false,
            empty: empty.each_ref(),
            run: &|_, _| Err(()),
        };
        let run = |n, detail| {
            assert_eq!((n, detail), (500, Detail::Cycles));
            Ok::<_, ()>(Ran {
                costs: costs(n, extra),
                transactions: 1,
            })
        };
        confirm(&known, opcode(500), &run).unwrap()
    };
    assert_eq!(ask(0).map(|cost| cost.costs), Some(costs(500, 0)));
    // A twentieth more calls: of these nobody knows what they cost.
    assert_eq!(ask(1_300), None);
}

#[test]
fn what_signatures_differ_by_makes_no_calls() {
    let of = |adds, keccaks| CostVector {
        system_calls: [("secp256k1_add", adds), ("keccak_permute", keccaks)]
            .map(|(kind, calls)| (kind.to_owned(), calls))
            .into(),
        ..CostVector::default()
    };
    let told = steady(&of(134, 10), &of(126, 36), 26.0);
    assert_eq!(told, of(134, 36));
    // One an iteration is no accident.
    assert_eq!(steady(&of(134, 10), &of(136, 12), 2.0), of(136, 12));
}

#[test]
fn a_block_that_uses_the_same_costs_the_same() {
    let cost = |n: u64, reading: u64| CostVector::cycles(50_000 + reading + n * n);
    let known = Cost::counted(cost(10_000, 0), Basis::Whole);
    let (own_empty, empty) = (cost(0, 3_000), cost(0, 0));
    let ask = |dearer: u64| {
        let known = Known {
            cost: &known,
            iterations: 10_000,
            is_same: true,
            empty: [&own_empty, &empty],
            run: &|n, _| Ok(ran(cost(n, 0).total_num_cycles)),
        };
        let run = |n, _| {
            assert!(n < 1_000, "{n}");
            Ok::<_, ()>(ran(cost(n, 3_000).total_num_cycles + dearer * n))
        };
        confirm(&known, opcode(10_000), &run).unwrap()
    };
    let expected = Cost::counted(cost(10_000, 3_000), Basis::Whole);
    assert_eq!(ask(0), Some(expected));
    // More than a hundredth of the block.
    assert_eq!(ask(200), None);
}

#[test]
fn transactions_beyond_those_of_the_line_cost_what_one_does() {
    // 30,000 a block, 20,000 a transaction, which 1,000 iterations fill, and 2,000 an iteration.
    let run = |n: u64, _| {
        let transactions = n.div_ceil(1_000);
        let costs = CostVector::cycles(30_000 + 20_000 * transactions + 2_000 * n);
        Ok::<_, ()>(Ran {
            costs,
            transactions,
        })
    };
    let of_many = Full {
        transactions: 50,
        ..opcode(50_000)
    };
    let empty = CostVector::cycles(30_000);
    let cost = estimate(of_many, &empty, &run).unwrap();
    assert_eq!(cost.costs, run(50_000, Detail::All).unwrap().costs);
    assert!(matches!(cost.basis, Basis::Affine { .. }), "{cost:?}");
    let known = Known {
        cost: &cost,
        iterations: 50_000,
        is_same: false,
        empty: [&empty; 2],
        run: &|_, _| Err(()),
    };
    let other = confirm(&known, of_many, &run).unwrap().unwrap();
    assert_eq!(other.costs, cost.costs);
}

#[test]
fn a_cost_that_is_not_affine_is_followed_up_to_the_whole_block() {
    let (cost, _) = estimated(100_000, |n| n * n);
    let whole = CostVector::cycles(100_000 * 100_000);
    assert_eq!(cost, Cost::counted(whole, Basis::Whole));
}

#[test]
fn a_bend_below_the_check_is_left_behind() {
    // Twice as dear per iteration up to 10,000 of them.
    let bent = |n: u64| 4_000 * n + 4_000 * n.min(10_000);
    let (cost, _) = estimated(10_000_000, bent);
    let exact = real(bent(10_000_000));
    assert!(
        (real(cost.costs.total_num_cycles) / exact - 1.0).abs() < CHECK_TOLERANCE,
        "{cost:?}"
    );
}
