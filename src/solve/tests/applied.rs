//! Prices written into a schedule.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::{
    gas::CostFormula,
    lang::{self, Files, Options},
    solve::{Prices, apply},
};

fn applied(prices: &[(&str, Price)]) -> Schedule {
    let prices: Prices = prices.iter().map(|(n, p)| (param(n), *p)).collect();
    apply(&small(), &prices).unwrap()
}

fn written(schedule: &Schedule, name: &str) -> String {
    schedule.entry(name).unwrap().expr.to_string()
}

#[test]
fn a_referred_price_changes_where_it_is_defined() {
    let new = applied(&[("COLD", gas(3_000))]);
    assert_eq!(written(&new, "COLD"), "3_000");
    assert_eq!(written(&new, "BALANCE"), "COLD * cold + WARM * warm");
    assert_eq!(
        new.formula("BALANCE")
            .unwrap()
            .cost(|v| u64::from(v == Variable::Cold)),
        Some(3_000)
    );
}

#[test]
fn a_coefficient_is_replaced_where_it_stands() {
    let new = applied(&[("KECCAK256.per_word", gas(9))]);
    assert_eq!(written(&new, "KECCAK256"), "30 + 9 * words");
    // CREATE2 hashes, so it follows.
    assert_eq!(new.price(&param("CREATE2.per_word")).unwrap(), 9);
    assert_eq!(
        written(&new, "CREATE2"),
        "32_000 + KECCAK256.per_word * words"
    );
}

#[test]
fn the_base_is_replaced_and_the_rest_stays_symbolic() {
    let new = applied(&[("MCOPY.base", gas(7))]);
    assert_eq!(written(&new, "MCOPY"), "7 + 3 * words");
    let new = applied(&[("MCOPY.per_word", gas(7))]);
    assert_eq!(written(&new, "MCOPY"), "VERY_LOW + 7 * words");
    let new = applied(&[("BLAKE2F.base", gas(170))]);
    assert_eq!(written(&new, "BLAKE2F"), "170 + 1 * rounds");
    let new = applied(&[("BLAKE2F.base", gas(0))]);
    assert_eq!(new, small());
}

#[test]
fn a_price_that_follows_another_is_stated_when_it_differs() {
    let new = applied(&[("ADD", gas(4))]);
    assert_eq!(written(&new, "ADD"), "4");
    // ADD is to stay at 3 although VERY_LOW moves.
    let new = applied(&[("ADD", gas(3)), ("VERY_LOW", gas(5))]);
    assert_eq!(new.price(&param("ADD")).unwrap(), 3);
    assert_eq!(new.price(&param("MCOPY.base")).unwrap(), 5);
    // Nothing differs: nothing is restated.
    assert_eq!(applied(&[("ADD", gas(3))]), small());
}

#[test]
fn a_factor_wraps_the_formula() {
    let new = applied(&[("MODEXP", Price::Factor(137))]);
    assert_eq!(
        written(&new, "MODEXP"),
        "ceil(137 * max(500, words**2) / 100)"
    );
    let cost = |words| new.formula("MODEXP").unwrap().cost(|_| words);
    assert_eq!(cost(1), Some(685));
    assert_eq!(cost(101), Some(13_976)); // 10201 * 1.37 = 13975.37
    assert_eq!(applied(&[("MODEXP", Price::UNCHANGED)]), small());
}

#[test]
fn products_are_multiplied_out_only_when_needed() {
    let tangled = times(number(2), plus(number(3), Expr::Variable(Variable::Words)));
    let start = schedule(vec![("OP", tangled)]);
    let prices: Prices = [(param("OP.per_word"), gas(5))].into();
    assert_eq!(
        written(&apply(&start, &prices).unwrap(), "OP"),
        "6 + 5 * words"
    );
}

#[test]
fn unknown_parameters_are_refused() {
    let prices: Prices = [(param("NOSUCH"), gas(5))].into();
    assert!(apply(&small(), &prices).is_err());
    let prices: Prices = [(param("KECCAK256.per_point"), gas(5))].into();
    assert!(apply(&small(), &prices).is_err());
}

/// A file that is not on disk.
struct Text(String);

impl Files for Text {
    fn read(&self, _: &str) -> Result<String, String> {
        Ok(self.0.clone())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    /// What is proposed is what is written to a file, and what is read from it again.
    #[test]
    fn proposed_prices_read_back(changes in prop::collection::vec((any::<usize>(), 1_u64..1 << 30), 0..20)) {
        let osaka = lang::osaka();
        let params = osaka.params().unwrap();
        let prices = changes.iter().map(|(which, ticks)| {
            let param = &params[which % params.len()];
            let curve = matches!(osaka.formula(&param.operation), Ok(CostFormula::Other(_)));
            let price = if curve { Price::Factor(ticks % 20_000 + 1) } else { Price::Gas(*ticks) };
            (param.clone(), price)
        });
        // Differences of prices can become negative, which no schedule may be.
        let Ok(proposed) = apply(&osaka, &prices.collect()) else { return Ok(()) };
        prop_assume!(proposed.params().is_ok());
        let text = lang::write(&proposed, "osaka", &osaka, "Proposed", &BTreeMap::new());
        let read = lang::load("proposed.gas", &Text(text.clone()), &Options::default());
        let read = read.plan.unwrap().schedule;
        for entry in proposed.entries() {
            prop_assert_eq!(proposed.formula(&entry.name), read.formula(&entry.name), "{}", &text);
        }
    }
}
