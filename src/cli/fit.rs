//! `reprice fit`.

use std::{path::PathBuf, sync::Arc};

use clap::ValueEnum;

use super::{
    compare::Format,
    exit::{Exit, Failure, Outcome},
    output::Terminal,
    recorded::{self, Where},
};
use crate::{
    fit::Feature,
    gas::Schedule,
    prove::recorded::{OpcodeCounts, Panel, Recorded, Run, Series, Source, units},
    report::{
        fits::{self, FitProver, Fits, JointFit, Parts},
        json,
        ratios::{self, Asked},
        table::Layout,
    },
};

const AFTER_HELP: &str = "\
Examples:
  reprice fit --runs results/
  reprice fit --runs results/ --counts trace_data.csv --part joint
  reprice fit --bench-csv gas_bench_data.csv --part regressions --target 12Mgas/1s --fixed 0

Three ways from times to costs. `lines`: per scenario and prover a robust line over its gas levels (Theil-Sen), stalls \
named and dropped, crashes kept as lower bounds. `regressions`: per operation, prover and test the least squares that \
published repricings rest on, with non-negative coefficients; where they mislead is said below. `joint`: all blocks of a \
prover at once, by what each of them used, which needs opcode counts (the records' own, or --counts); parameters that the \
blocks do not tell apart are merged, and only their sum is claimed. Intervals are valid at 0.

Exit status: 0 fitted, 2 the runs cannot be read.";

/// Fit costs to recorded runs, and say what the data does not tell
#[derive(clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Args {
    #[command(flatten)]
    place: Where,
    /// Table of opcode counts: `test_title`, `test_opcode`, `opcount` and a column per opcode; or a folder of fixtures, which are executed
    #[arg(long, value_name = "FILE")]
    counts: Option<PathBuf>,
    /// Gas of a full block and its time limit: what turns seconds into prices
    #[arg(long, value_name = "GAS/TIME", default_value = "60Mgas/8s", value_parser = recorded::target)]
    target: Asked,
    /// Seconds of an empty block, instead of those estimated per prover
    #[arg(long, value_name = "SECONDS", value_parser = recorded::seconds)]
    fixed: Option<f64>,
    /// Only this part; may be given several times
    #[arg(long, value_enum)]
    part: Vec<Part>,
    /// Show every row, and every block that crashed
    #[arg(long)]
    all: bool,
    /// The form of the result
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// A line per scenario and prover
    Lines,
    /// A regression per operation, prover and test
    Regressions,
    /// Everything of a prover at once
    Joint,
}

pub fn run(args: &Args, terminal: &Terminal) -> Outcome {
    let recorded = args.place.read(terminal)?;
    let panel = recorded::panel(&recorded)?;
    let counts = recorded::counts(args.counts.as_ref())?;
    let schedule = recorded::fork()?;
    let fixed_s = |source: &Arc<Source>| {
        args.fixed
            .unwrap_or_else(|| panel.fixed_s.get(source).copied().unwrap_or(0.0))
    };
    let rate =
        |source: &Arc<Source>| fits::rate(args.target.gas, args.target.within_s, fixed_s(source));
    let provers = panel.fixed_s.keys().map(|source| FitProver {
        name: source.to_string(),
        fixed_s: fixed_s(source),
        rate: rate(source),
    });
    // An intercept is compared with what an empty block takes, whatever counts as the fixed cost.
    let of_run = |run: &Run| {
        (
            rate(&run.source),
            panel.fixed_s.get(&run.source).copied().unwrap_or(0.0),
        )
    };
    let regressions = fits::regressions(&counts.filled(&recorded), &schedule, &of_run);
    let fits = Fits {
        runs: args.place.name(),
        target: args.target,
        provers: provers.collect(),
        lines: fits::lines(&panel),
        worst: fits::worst(&regressions),
        regressions,
        joint: panel
            .fixed_s
            .keys()
            .filter_map(|source| {
                let cost = (panel.fixed_s[source], rate(source));
                joint(&recorded, &panel, source, &counts, &schedule, cost)
            })
            .collect(),
        crashes: ratios::crashes(&panel),
        stalls: ratios::stalls(&panel),
    };
    let all = args.part.is_empty();
    let parts = Parts {
        lines: all || args.part.contains(&Part::Lines),
        regressions: all || args.part.contains(&Part::Regressions),
        joint: all || args.part.contains(&Part::Joint),
    };
    let layout = Layout {
        all: args.all,
        width: terminal.width,
    };
    let text = match args.format {
        Format::Table => fits::table(&fits, parts, layout),
        Format::Json => {
            json::document("fit", &fits).map_err(|error| Failure::outside(error.to_string()))?
        }
    };
    terminal.result(&text)?;
    Ok(Exit::Yes)
}

/// A parameter that makes up less than this of the gas of every block is not what any of them measures.
const TRACE: f64 = 2e-3;

/// Every block of one prover whose usage is known.
fn joint(
    recorded: &Recorded,
    panel: &Panel,
    source: &Source,
    counts: &OpcodeCounts,
    schedule: &Schedule,
    (fixed_s, rate): (f64, f64),
) -> Option<JointFit> {
    let params = schedule.params().ok()?;
    let mut features: Vec<Feature> = Vec::new();
    for param in &params {
        let worth = real(schedule.price(param).ok()?.max(1));
        features.push(Feature {
            name: param.to_string(),
            units: Vec::new(),
            worth,
        });
    }
    let (mut costs, mut times) = (Vec::new(), Vec::new());
    let mut shares = vec![0.0_f64; params.len()];
    for point in panel.of_source(source).flat_map(Series::sound) {
        let run = &recorded.runs[point.run];
        let Some(usage) = counts
            .of(run)
            .and_then(|counted| units(&run.test, &counted, point.gas, schedule).ok())
        else {
            continue;
        };
        let used = schedule.attribute(&usage).ok()?;
        for (at, (feature, param)) in features.iter_mut().zip(&params).enumerate() {
            let units = real(used.get(param).copied().unwrap_or(0).max(0).unsigned_abs());
            shares[at] = shares[at].max(units * feature.worth / real(point.gas.max(1)));
            feature.units.push(units);
        }
        costs.push((point.seconds - fixed_s).max(0.0));
        times.push(point.seconds);
    }
    // What is nowhere more than a trace is set-up, the same in every block: the fixed cost has it.
    let mut share = shares.iter();
    features.retain(|_| share.next().is_some_and(|share| *share >= TRACE));
    fits::joint_fits(&source.prover(), &features, &costs, &times, rate)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "prices and counts in a block are below 2^53"
)]
const fn real(count: u64) -> f64 {
    count as f64
}
