//! Published regressions, to the printed digits, and what is wrong with them.

use std::{fs, path::Path};

use super::*;
use crate::{lang::osaka, recorded};

/// The published table, and the regressions of the measurements it is made of; `None`, said aloud, where they are not
/// there.
fn published() -> Option<(String, Vec<TestRegression>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/repricing-proposal");
    let (Ok(results), Ok(bench)) = (
        fs::read_to_string(folder.join("results.csv")),
        fs::read_to_string(folder.join("gas_bench_data.csv")),
    ) else {
        std::eprintln!("skipped: no {}", folder.display());
        return None;
    };
    let recorded = recorded::bench_csv(&bench).unwrap();
    Some((results, regressions(&recorded, &osaka(), &|_| (12e6, 3.5))))
}

fn one<'a>(
    rows: &'a [TestRegression],
    operation: &str,
    guest: &str,
    test: &str,
) -> &'a TestRegression {
    rows.iter()
        .find(|row| {
            row.operation == operation && row.prover.to_string().contains(guest) && row.test == test
        })
        .unwrap()
}

#[test]
fn the_published_table_is_reproduced_as_a_whole() {
    let Some((results, rows)) = published() else {
        return;
    };
    let head: Vec<&str> = results.lines().next().unwrap().split(',').collect();
    let mut compared = 0;
    for line in results.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let cell = |name: &str| cells[head.iter().position(|h| *h == name).unwrap()];
        let operation = cell("opcode").replacen("BLS12_", "BLS_", 1);
        let (guest, _) = cell("client_name").split_once("__").unwrap();
        let row = one(&rows, &operation, guest, cell("test_name"));
        assert_eq!(row.nobs.to_string(), cell("nobs"), "{line}");
        let mut same = |name: &str, found: f64| {
            let published: f64 = cell(name).parse().unwrap();
            let near = (found - published).abs() <= 1e-8 * published.abs().max(1e-9);
            assert!(
                near,
                "{operation} {guest} {name}: {found}, published {published}"
            );
            compared += 1;
        };
        same("intercept", row.intercept_ms);
        same("rsquared", row.r_squared);
        same("rsquared_adj", row.r_squared_adjusted);
        same("slope", row.coefficients[0].ms);
        for coefficient in &row.coefficients[1..] {
            same(&coefficient.name, coefficient.ms);
        }
    }
    assert_eq!((rows.len(), compared), (44, 182));
}

#[test]
fn mulmod_is_reproduced_to_the_printed_digits() {
    let Some((_, rows)) = published() else {
        return;
    };
    for (guest, n, intercept, slope) in [
        ("ethrex", 25, "6019.81", "0.17499386"),
        ("reth-v", 32, "1518.38", "0.04761371"),
    ] {
        let row = one(&rows, "MULMOD", guest, "test_mod_arithmetic");
        assert_eq!(row.nobs, n);
        assert_eq!(format!("{:.2}", row.intercept_ms), intercept);
        assert_eq!(format!("{:.8}", row.coefficients[0].ms), slope);
    }
}

#[test]
fn where_it_misleads_is_said() {
    let Some((_, rows)) = published() else {
        return;
    };
    // Published: 1 gas. The unit was inverted.
    for (guest, price) in [("ethrex", 156.0), ("reth-v", 167.0)] {
        let row = one(&rows, "KECCAK256", guest, "test_keccak_diff_mem_msg_sizes");
        assert_eq!(row.coefficients[1].parameter, "KECCAK256.per_word");
        assert!(
            (row.coefficients[1].price.round() - price).abs() < 0.5,
            "{}",
            row.coefficients[1].price
        );
        assert!(
            row.flags
                .iter()
                .any(|f| matches!(f, Flag::Unit { factor: 32, .. }))
        );
    }
    // Published: 422,029 gas for a base price that one length cannot tell from the price per word.
    let row = one(&rows, "KECCAK256", "ethrex", "test_keccak_max_permutations");
    assert!(row.flags.iter().any(|f| matches!(f, Flag::OneSize { .. })));
    // Operands of different sizes in one fit: the worst costs more than the slope, and the intercept takes the rest.
    let row = one(&rows, "MULMOD", "ethrex", "test_mod_arithmetic");
    let pooled = row.flags.iter().find_map(|f| match f {
        Flag::Pooled { worst_ms, .. } => Some(*worst_ms),
        _ => None,
    });
    assert!(pooled.unwrap() > row.coefficients[0].ms);
    let worst = worst(&rows);
    let ecadd = worst.iter().find(|w| w.parameter == "ECADD").unwrap();
    assert!(
        ecadd
            .flags
            .iter()
            .any(|f| matches!(f, Flag::WinnersCurse { .. }))
    );
    for row in rows.iter().flat_map(|r| &r.coefficients) {
        let (low, high) = row.interval_ms;
        assert!(low >= 0.0 && low <= high, "{row:?}");
        assert!(
            row.simultaneous_ms.0 <= low && high <= row.simultaneous_ms.1 + 1e-9,
            "{row:?}"
        );
    }
}
