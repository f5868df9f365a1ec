//! Recorded results, as files and as a table: any text is read or refused, and what is read can be grouped.
#![no_main]

use std::{
    path::Path,
    sync::{Arc, LazyLock},
};

use libfuzzer_sys::fuzz_target;
use reprice::{
    gas::Schedule,
    lang,
    prove::Source,
    recorded::{Panel, Recorded, bench_csv, result},
};
use reprice_fuzz::{files, sow};

static OSAKA: LazyLock<Schedule> = LazyLock::new(lang::osaka);

fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = files(&["fixtures/runs", "fixtures/calibration"], "json");
    seeds.push(
        b"test_title,client_name,run_duration_ms,test_opcode,opcount,block_limit_million\n\
        \"test_arithmetic.py::test_arithmetic[opcode_ADD-benchmark-gas-value_5M]\",reth-v1__zisk-v1,1200,ADD,1000,5\n\
        test_x[op_MUL],reth-v1__zisk-v1,2400.5,,,10\n"
            .to_vec(),
    );
    seeds
}

fuzz_target!(
    init: sow("run_results", seeds()),
    |text: &str| {
        let mut recorded = bench_csv(text).unwrap_or_default();
        if let Ok(run) = result(Path::new("guest/zkvm/a.json"), text, &Arc::new(Source::default())) {
            recorded.runs.push(run);
        }
        grouped(&recorded);
    }
);

/// What every question about results begins with.
fn grouped(recorded: &Recorded) {
    for run in &recorded.runs {
        run.level();
    }
    let panel = Panel::of(recorded, &OSAKA);
    for series in &panel.series {
        assert!(series.points.iter().all(|point| point.seconds >= 0.0));
        series.linearity(panel.empty_block_s(&series.source));
    }
}
