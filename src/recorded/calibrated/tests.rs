//! Calibrations of published sets, to the figures that are shipped and documented.

use std::{fs, path::Path, process::Command, sync::Arc};

use super::{
    super::{Recorded, Run, Test, read},
    CalibrateQuestion, Model, calibrated,
};
use crate::prove::{Calibration, CostVector, Source};

/// A published set; `None`, said aloud, where it is not there.
fn published(name: &str) -> Option<Recorded> {
    let archive = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared/data/runs")
        .join(name);
    if !archive.exists() {
        std::eprintln!("skipped: no {}", archive.display());
        return None;
    }
    let root = tempfile::tempdir().unwrap();
    let status = Command::new("tar")
        .arg("-xJf")
        .arg(&archive)
        .arg("-C")
        .arg(root.path())
        .status();
    assert!(status.unwrap().success());
    Some(read(root.path()).unwrap())
}

const QUESTION: CalibrateQuestion<'_> = CalibrateQuestion {
    runs: "published",
    zkvm: None,
    exclude: &[],
    weigh: &[],
};

fn of<'a>(models: &'a [Model], zkvm: &str, times: usize) -> &'a Model {
    let found = models.iter().filter(|one| one.times_of.zkvm == zkvm);
    found
        .max_by_key(|one| one.joined.abs_diff(times) == 0)
        .unwrap()
}

/// 45 s + 0.391 s per million cycles, a least-squares line, misses these by 65 % in the mean.
#[test]
fn published_runs_of_one_guest() {
    let Some(recorded) = published("runs-1xL40s-reth-7c1256a72.tar.xz") else {
        return;
    };
    let answer = calibrated(&[recorded], &QUESTION).unwrap();
    let sp1 = of(&answer.models, "sp1-v5.2.3", 516);
    assert_eq!((sp1.joined, sp1.crashed.len()), (516, 11));
    assert!(
        sp1.doubts.is_empty() && sp1.errors.mean < 0.12,
        "{:?}",
        sp1.errors
    );
    assert!((sp1.fixed_s - 12.2).abs() < 0.2 && (sp1.s_per_million["cycles"] - 0.408).abs() < 0.01);
    for family in &sp1.families {
        let covered = (0.67..=1.5).contains(&family.ratio);
        assert_eq!(
            covered,
            !sp1.not_covered.contains(&family.name),
            "{family:?}"
        );
    }
    let zisk = of(&answer.models, "zisk-v0.14.0", 445);
    assert!(zisk.errors.mean < 0.12, "{:?}", zisk.errors);
}

/// Steps say little of what precompiled circuits take: each family that they miss by more than half is named.
#[test]
fn published_runs_of_zisk() {
    let Some(costs) = published("executions-eest-fd1dd63-reth.tar.xz") else {
        return;
    };
    let Some(times) = published("runs-8x5090-fd1dd63.tar.xz") else {
        return;
    };
    let answer = calibrated(&[costs, times], &QUESTION).unwrap();
    let reth = answer.models.iter().find(|one| one.doubts.is_empty());
    let reth = reth.unwrap();
    assert_eq!(reth.times_of.zkvm, "zisk-v0.16.1");
    assert!(reth.joined > 7_000 && reth.errors.mean < 0.17);
    for family in &reth.families {
        let covered = (0.67..=1.5).contains(&family.ratio);
        let named = reth.not_covered.contains(&family.name);
        assert_eq!(covered, !named, "{family:?}");
    }
    for accelerated in ["sha256", "ecrecover", "keccak_max_permutations"] {
        assert!(reth.not_covered.iter().any(|name| name == accelerated));
    }
}

/// What our guest costs, as it was measured once.
fn guest_costs() -> Recorded {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/calibration/guest-costs.csv");
    let text = fs::read_to_string(file).unwrap();
    let shipped = Calibration::sp1_l40s();
    let source: Arc<Source> = Arc::new(shipped.costs_of.unwrap());
    let run = |line: &str| {
        let mut cells = line.splitn(3, ',');
        let cycles = cells.next().unwrap().parse().unwrap();
        let gas = cells.next().unwrap().parse().unwrap();
        let name = cells.next().unwrap();
        Run {
            file: name.into(),
            test: Test::parse(name),
            source: Arc::clone(&source),
            gas_used: None,
            opcode_count: None,
            target_opcode: None,
            executions: None,
            costs: Some(CostVector {
                prover_gas: Some(gas),
                ..CostVector::cycles(cycles)
            }),
            execution: None,
            proving: None,
        }
    };
    Recorded {
        runs: text.lines().skip(2).map(run).collect(),
        ..Recorded::default()
    }
}

#[test]
fn the_shipped_calibration_is_what_the_command_finds() {
    let Some(times) = published("runs-1xL40s-reth-7c1256a72.tar.xz") else {
        return;
    };
    let question = CalibrateQuestion {
        zkvm: Some("sp1"),
        weigh: &["prover_gas".to_owned()],
        ..QUESTION
    };
    let answer = calibrated(&[guest_costs(), times.only_times()], &question).unwrap();
    let shipped = Calibration::sp1_l40s();
    let model = answer
        .models
        .iter()
        .find(|one| Some(&one.times_of) == shipped.times_of.as_ref())
        .unwrap();
    let found = model.calibration("");
    assert_eq!(model.joined, 366);
    assert_eq!(
        (found.fixed_s, &found.s_per_million, found.error),
        (shipped.fixed_s, &shipped.s_per_million, shipped.error)
    );
    assert_eq!(found.not_covered, shipped.not_covered);
    assert!(!model.doubts.is_empty());
    // Costs are of Osaka, which prices it otherwise than Prague, of which times are.
    assert_eq!(model.repriced.keys().collect::<Vec<_>>(), ["MODEXP"]);
    for ranks in &model.ranks {
        assert!(ranks.by_block > 0.85 && ranks.by_family > 0.85, "{ranks:?}");
    }
}
