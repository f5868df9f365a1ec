//! Programs small enough to solve by hand.

use super::*;
use crate::solve::{Because, SolveError};

#[test]
fn one_price_rises_to_what_its_block_needs() {
    // 1000 MULMOD and 2000 POP must be worth 14,500 gas: MULMOD = (14,500 - 4000) / 1000 = 10.5, whole 11.
    let rows = vec![row(
        "mulmod/a",
        "MULMOD",
        &[("MULMOD", 1_000.0), ("POP", 2_000.0)],
        14_500.0,
    )];
    let problem = problem(&plan(small(), vary(&["MULMOD"])), rows).unwrap();
    let found = proposal(&problem);
    assert_eq!(found.prices, [(param("MULMOD"), gas(11))].into());
    assert!(
        (found.relaxed - 2.5 / 8.0).abs() < 1e-7,
        "{}",
        found.relaxed
    );
    assert!((found.total_change - 3.0 / 8.0).abs() < 1e-12);
    let why = &found.why[&param("MULMOD")];
    assert!(
        matches!(&why.because, Because::Block { row: 0, id } if id.to_string() == "`mulmod/a` on `sp1`")
    );
    // One percent of 14,500 gas over 1000 units: 0.145 gas; as a part of 8 gas: 0.018125.
    assert!((why.saved - 0.145).abs() < 1e-9);
    assert!((why.dual - 0.145 / 8.0).abs() < 1e-6, "{}", why.dual);
}

#[test]
fn the_cheaper_relative_change_is_chosen() {
    // Per gas gained, COLD at 2600 x 10 units moves least: 1 % of it is 260 gas, 1 % of ADD is 30.
    let rows = vec![row(
        "mix",
        "ADD",
        &[("ADD", 1_000.0), ("COLD", 10.0)],
        30_000.0,
    )];
    let problem = problem(&plan(small(), vary(&["ADD", "COLD"])), rows).unwrap();
    let found = proposal(&problem);
    assert_eq!(found.prices[&param("ADD")], gas(3));
    assert_eq!(found.prices[&param("COLD")], gas(2_700));
    assert!(!found.why.contains_key(&param("ADD")));
}

#[test]
fn nothing_changes_when_every_block_holds() {
    let rows = vec![row("add", "ADD", &[("ADD", 1_000.0)], 3_000.0)];
    let problem = problem(&plan(small(), vary(&["ADD", "MUL", "MODEXP"])), rows).unwrap();
    let found = proposal(&problem);
    assert_eq!(found.prices, problem.start_prices());
    assert!(found.why.is_empty());
    assert_eq!(problem.schedule(&found.prices).unwrap(), small());
}

#[test]
fn a_price_of_zero_is_bounded_in_gas() {
    // A BLAKE2F block of 100 calls with one round each, worth 15,000 gas: base 149 and per_round 1, or base 0 and per_round 150.
    // Base counts 1.49 steps of 100 gas, per_round 149.
    let rows = || {
        vec![row(
            "b2f",
            "BLAKE2F",
            &[("BLAKE2F.base", 100.0), ("BLAKE2F.per_round", 100.0)],
            15_000.0,
        )]
    };
    let mut spec = vary(&["BLAKE2F.base", "BLAKE2F.per_round"]);
    let found = proposal(&problem(&plan(small(), spec.clone()), rows()).unwrap());
    assert_eq!(found.prices[&param("BLAKE2F.base")], gas(149));
    assert_eq!(found.prices[&param("BLAKE2F.per_round")], gas(1));
    spec.bounds.push(bound("BLAKE2F.base", None, Some(100.0)));
    let found = proposal(&problem(&plan(small(), spec), rows()).unwrap());
    assert_eq!(found.prices[&param("BLAKE2F.base")], gas(100));
    assert_eq!(found.prices[&param("BLAKE2F.per_round")], gas(50));
}

#[test]
fn changed_prices_are_multiples_and_unchanged_ones_stay() {
    let rows = vec![
        row("mulmod", "MULMOD", &[("MULMOD", 1_000.0)], 11_100.0),
        row("mul", "MUL", &[("MUL", 1_000.0)], 5_000.0),
        row("add", "ADD", &[("ADD", 1_000.0)], 2_000.0),
    ];
    let mut spec = vary(&["MULMOD", "MUL", "ADD"]);
    spec.round.to = Step::Gas(5);
    let found = proposal(&problem(&plan(small(), spec.clone()), rows.clone()).unwrap());
    assert_eq!(
        found.prices,
        [
            (param("MULMOD"), gas(15)),
            (param("MUL"), gas(5)),
            (param("ADD"), gas(3))
        ]
        .into()
    );
    // A bound between the need and the next multiple comes first.
    spec.bounds.push(bound("MULMOD", None, Some(13.0)));
    let found = proposal(&problem(&plan(small(), spec), rows).unwrap());
    assert_eq!(found.prices[&param("MULMOD")], gas(13));
}

#[test]
fn factors_move_in_hundredths() {
    // The formula's gas at factor 1 is 10,000; 13,650 are needed: 136.5 hundredths, whole 137.
    let rows = vec![row("modexp", "MODEXP", &[("MODEXP", 10_000.0)], 13_650.0)];
    let mut spec = vary(&["MODEXP"]);
    spec.round.to = Step::Gas(5);
    spec.bounds.push(bound("MODEXP", Some(1.0), Some(200.0)));
    let found = proposal(&problem(&plan(small(), spec), rows).unwrap());
    assert_eq!(found.prices[&param("MODEXP")], Price::Factor(137));
    assert_eq!(found.prices[&param("MODEXP")].to_string(), "1.37x");
}

#[test]
fn a_group_moves_by_one_factor() {
    // MULMOD must double; its group follows, MUL though nothing asks for it.
    let rows = vec![row("mulmod", "MULMOD", &[("MULMOD", 1_000.0)], 15_900.0)];
    let mut spec = vary(&["ADD", "MULMOD"]);
    spec.vary.push(selection(&["MUL", "MULMOD"], true));
    let found = proposal(&problem(&plan(small(), spec), rows).unwrap());
    assert_eq!(
        found.prices,
        [
            (param("ADD"), gas(3)),
            (param("MUL"), gas(10)),
            (param("MULMOD"), gas(16))
        ]
        .into()
    );
}

#[test]
fn kept_prices_stay_even_when_what_they_follow_moves() {
    let rows = vec![row(
        "very-low",
        "VERY_LOW",
        &[("MCOPY.base", 1_000.0), ("ADD", 1_000.0)],
        10_000.0,
    )];
    let mut spec = vary(&["VERY_LOW", "ADD"]);
    spec.keep.push(selection(&["ADD"], false));
    let problem = problem(&plan(small(), spec), rows).unwrap();
    let found = proposal(&problem);
    // MCOPY.base follows VERY_LOW: 3 x 1000 for ADD leaves 7000 for it.
    assert_eq!(found.prices, [(param("VERY_LOW"), gas(7))].into());
    let new = problem.schedule(&found.prices).unwrap();
    assert_eq!(new.price(&param("ADD")).unwrap(), 3);
    assert_eq!(new.price(&param("MCOPY.base")).unwrap(), 7);
}

#[test]
fn what_follows_a_price_is_counted_with_it() {
    // The refund follows STORAGE_SET, so a set and its refund cancel: only 10 of 40 sets count.
    let rows = vec![row(
        "sstore",
        "STORAGE_SET",
        &[("STORAGE_SET", 40.0), ("REFUND", -30.0)],
        300_000.0,
    )];
    let found = proposal(&problem(&plan(small(), vary(&["STORAGE_SET"])), rows).unwrap());
    // 40 x - 30 (x - 100) >= 300,000  <=>  x >= 29,700.
    assert_eq!(found.prices[&param("STORAGE_SET")], gas(29_700));
}

#[test]
fn a_price_that_another_subtracts_can_vary_with_it() {
    // REFUND and RESET are STORAGE_SET - WARM, which has no value for a WARM above 20,000.
    let mut schedule = small();
    let refund = schedule.entry("REFUND").unwrap().clone();
    schedule.insert(Entry {
        name: "RESET".into(),
        ..refund
    });
    let rows = vec![row(
        "sload",
        "WARM",
        &[("WARM", 40.0), ("RESET", 10.0)],
        209_000.0,
    )];
    let found = proposal(&problem(&plan(schedule, vary(&["WARM", "REFUND"])), rows).unwrap());
    // 40 x + 10 (20,000 - x) >= 209,000.
    assert_eq!(found.prices[&param("WARM")], gas(300));
}

#[test]
fn relations_hold_after_rounding() {
    let rows = vec![row("mulmod", "MULMOD", &[("MULMOD", 1_000.0)], 10_500.0)];
    let mut spec = vary(&["MULMOD", "MUL"]);
    spec.relations = vec![relation(
        &[("MULMOD", 1.0), ("MUL", -2.0)],
        0.0,
        Compare::Eq,
    )];
    let found = proposal(&problem(&plan(small(), spec.clone()), rows.clone()).unwrap());
    assert_eq!(
        found.prices,
        [(param("MULMOD"), gas(12)), (param("MUL"), gas(6))].into()
    );
    let why = |name| &found.why[&param(name)].because;
    assert!(matches!(why("MULMOD"), Because::Block { .. }));
    assert!(matches!(why("MUL"), Because::Relation(label) if label.text == "MULMOD"));
    // MUL <= MULMOD - 6, as a `<=`.
    spec.relations = vec![relation(
        &[("MUL", 1.0), ("MULMOD", -1.0)],
        6.0,
        Compare::Le,
    )];
    let found = proposal(&problem(&plan(small(), spec), rows).unwrap());
    assert_eq!(
        found.prices,
        [(param("MULMOD"), gas(11)), (param("MUL"), gas(5))].into()
    );
}

#[test]
fn a_bound_above_the_start_moves_the_price_by_itself() {
    let rows = vec![row("add", "ADD", &[("ADD", 1_000.0)], 1_000.0)];
    let mut spec = vary(&["MUL", "POP"]);
    spec.bounds = vec![bound("MUL", Some(7.0), None), bound("POP", None, Some(1.0))];
    let found = proposal(&problem(&plan(small(), spec), rows).unwrap());
    assert_eq!(
        found.prices,
        [(param("MUL"), gas(7)), (param("POP"), gas(1))].into()
    );
    assert_eq!(found.why[&param("MUL")].because, Because::Bound);
}

#[test]
fn the_largest_change_is_evened_out() {
    // 1000 ADD and 1000 MUL at 3 + 5 gas, 16,000 needed: MUL alone would rise by 160 %, both by 100 %.
    let rows = vec![row(
        "mix",
        "MUL",
        &[("ADD", 1_000.0), ("MUL", 1_000.0)],
        16_000.0,
    )];
    let mut spec = vary(&["ADD", "MUL"]);
    let total = proposal(&problem(&plan(small(), spec.clone()), rows.clone()).unwrap());
    assert_eq!(
        total.prices,
        [(param("ADD"), gas(3)), (param("MUL"), gas(13))].into()
    );
    spec.minimize = Objective::LargestChange;
    let largest = proposal(&problem(&plan(small(), spec.clone()), rows.clone()).unwrap());
    assert_eq!(
        largest.prices,
        [(param("ADD"), gas(6)), (param("MUL"), gas(10))].into()
    );
    assert!((largest.relaxed - 1.0).abs() < 1e-6 && (largest.largest_change - 1.0).abs() < 1e-12);
    spec.minimize = Objective::NumberOfChanges;
    // One price can do for both rows, at whatever it costs.
    let fewest = proposal(&problem(&plan(small(), spec), rows).unwrap());
    assert_eq!(fewest.why.len(), 1);
    assert!((fewest.relaxed - 1.0).abs() < 1e-12);
}

#[test]
fn the_cheapest_two_of_three_provers() {
    let on = |prover: &str, need: f64| Row {
        id: id("mulmod", "MULMOD", prover),
        ..row("mulmod", "MULMOD", &[("MULMOD", 1_000.0)], need)
    };
    let rows = vec![
        on("zisk/reth", 9_000.0),
        on("zisk/ethrex", 11_000.0),
        on("sp1", 20_000.0),
        on("openvm", 12_000.0),
    ];
    let mut plan = plan(small(), vary(&["MULMOD"]));
    plan.targets = vec![target(&["zisk", "sp1", "openvm"], Some(2))];
    let found = proposal(&problem(&plan, rows.clone()).unwrap());
    assert_eq!(found.prices[&param("MULMOD")], gas(12));
    assert_eq!(found.provers, [["zisk", "openvm"]]);
    plan.targets[0].at_least = None;
    assert_eq!(
        proposal(&problem(&plan, rows.clone()).unwrap()).prices[&param("MULMOD")],
        gas(20)
    );
    plan.targets[0].on.push("risc0".into());
    let unmeasured = solve(&problem(&plan, rows).unwrap()).unwrap_err();
    assert_eq!(
        unmeasured.to_string(),
        "the target counts `risc0`, which has no measurement"
    );
}

#[test]
fn every_parameter_has_its_worst_scenario() {
    let rows = vec![
        row("mul/a", "MUL", &[("MUL", 1_000.0)], 3_000.0),
        row("mul/b", "MUL", &[("MUL", 1_000.0)], 4_000.0),
        row(
            "keccak",
            "KECCAK256",
            &[("KECCAK256.per_word", 100.0), ("MUL", 10_000.0)],
            4_000.0,
        ),
    ];
    let problem = problem(&plan(small(), vary(&["MUL"])), rows).unwrap();
    let start = problem.start_prices();
    assert_eq!(problem.worst_row(&param("MUL"), &start), Some(1));
    assert!((problem.ratio(1, &start) - 0.8).abs() < 1e-12);
    assert_eq!(
        problem.worst_row(&param("KECCAK256.per_word"), &start),
        Some(2)
    );
    assert_eq!(problem.worst_row(&param("KECCAK256.base"), &start), None);
}

#[test]
fn rows_that_are_not_numbers_are_refused() {
    let broken = Row {
        cost_s: f64::NAN,
        ..row("mul", "MUL", &[("MUL", 1.0)], 1.0)
    };
    assert!(matches!(
        problem(&plan(small(), vary(&["MUL"])), vec![broken]),
        Err(SolveError::BadRow(_))
    ));
}

/// Two digits make 58 no 60, and of 1,234 no number that nobody can keep in mind.
#[test]
fn prices_keep_so_many_digits() {
    let proposed = |need: f64| {
        let rows = vec![row("mulmod/a", "MULMOD", &[("MULMOD", 1.0)], need)];
        let mut spec = vary(&["MULMOD"]);
        spec.round.to = Step::Digits(2);
        let found = proposal(&problem(&plan(small(), spec), rows).unwrap());
        found.prices[&param("MULMOD")]
    };
    for (need, price) in [
        (8.5, 9),
        (57.2, 58),
        (99.1, 100),
        (996.0, 1_000),
        (1_234.0, 1_300),
    ] {
        assert_eq!(proposed(need), gas(price), "{need}");
    }
}
