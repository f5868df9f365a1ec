//! `reprice search SCHEDULE --beat TIME`.

use std::{path::PathBuf, time::Duration};

use super::{
    block_size::DEFAULT_LIMIT,
    destination::{Destination, OutputOption},
    duration::duration,
    exit::{Exit, Failure, Outcome},
    format::Format,
    machine::{self, Machine},
    output::Terminal,
    progress::Bar,
    schedules::{self, Constants},
    selection::Selection,
};
use crate::{
    adversary::{Attack, AttackError, Hunt, Spoils, s_per_gas},
    gas::Gas,
    lang::Target,
    prove::{MeasuredBlock, Measuring},
    report::{
        beaten::{self, AttackLine, BeatReport, FoundLine, KnownLine},
        report_lines::{meets, prover_line, target_line},
    },
};

/// Gas of the small blocks that programs are tried in.
const TRIED_IN: Gas = 60_000;
/// What was found has to be this many times dearer than what is known to count: below, it is the same block with less around it.
pub const WORSE: f64 = 1.01;

const TO: OutputOption = OutputOption {
    flag: "--to",
    extension: "toml",
};

/// How a schedule is attacked.
#[derive(clap::Args, Clone, Debug)]
pub struct BeatArgs {
    /// Instead: look for programs that are dearer under a SCHEDULE than any scenario, for so long, such as 60s or 1h
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub beat: Option<Duration>,
    /// With --beat: write what is found to this file, as scenarios
    #[arg(long, value_name = "FILE.toml", requires = "beat")]
    to: Option<PathBuf>,
    #[command(flatten)]
    pub selection: Selection,
    #[command(flatten)]
    machine: Machine,
}

/// What a command says beside that.
pub struct Beat<'a> {
    pub schedule: &'a str,
    pub constants: &'a Constants,
    pub seed: u64,
    pub tries: Option<u64>,
    pub gas: Option<Gas>,
    pub format: Format,
}

pub fn run(args: &BeatArgs, beat: &Beat<'_>, terminal: &Terminal) -> Outcome {
    let options = beat.constants.options();
    let (mut plan, mut inputs) = schedules::plan_and_files(beat.schedule, &options, terminal)?;
    inputs.extend(args.selection.inputs());
    let to = args.to.as_deref();
    let to = to
        .map(|path| Destination::new(TO, path, &inputs))
        .transpose()?;
    let config = args.machine.config()?;
    let store = args.machine.store(&config);
    let provers = machine::configured(&plan, &config, &store, terminal)?;
    let added = args.selection.read()?;
    let bar = Bar::new(terminal);
    bar.stage("what is known".into());
    let measuring = Measuring {
        provers: &provers,
        store: &store,
        scenarios: args.selection.scenarios(&plan.schedule, &added)?,
        progress: &bar,
    };
    measuring.fix_anchors(&plan.root, &mut plan.targets)?;
    let tried_in = beat.gas.unwrap_or(TRIED_IN);
    let places: Vec<(usize, Option<&Target>)> = if plan.targets.is_empty() {
        vec![(0, None)]
    } else {
        plan.targets.iter().map(Some).enumerate().collect()
    };
    let pairs = places
        .iter()
        .flat_map(|place| provers.iter().map(move |one| (place, one)));
    let counts =
        pairs.filter(|((_, target), one)| target.is_none_or(|target| one.counts_for(target)));
    let pairs: Vec<_> = counts.collect();
    let time = args
        .beat
        .map(|time| time / u32::try_from(pairs.len().max(1)).unwrap_or(1));
    let mut attacks = Vec::new();
    for ((at, target), configured) in pairs {
        let limit = target.map_or(DEFAULT_LIMIT, |target| target.gas);
        let attack = Attack {
            measuring: &measuring,
            configured,
            schedule: &plan.schedule,
            root: &plan.root,
            target: *at,
            limit,
            gas: tried_in,
            hunt: Hunt {
                seed: beat.seed,
                tries: beat.tries,
                time,
            },
            prefix: "found",
        };
        let name = configured.prover.name();
        attacks.push(attack_line(name, limit, *target, &measuring, attack.run()?));
    }
    bar.clear();
    machine::say_damaged(&store, terminal);
    let report = BeatReport {
        schedule: plan.name.clone(),
        file: beat.schedule.to_owned(),
        targets: plan.targets.iter().map(target_line).collect(),
        provers: provers
            .iter()
            .map(|one| prover_line(one, &plan.targets))
            .collect(),
        seed: beat.seed,
        tried_in,
        attacks,
    };
    let table = |report: &_| beaten::table(report, terminal.width);
    let text = beat.format.text("beat", &report, table)?;
    let written = match to.filter(|_| !report.holds()) {
        Some(to) => to.write_and_say(&report.scenarios(), terminal),
        None => Ok(()),
    };
    terminal.result(&text)?;
    written?;
    Ok(Exit::from_answer(report.holds()))
}

fn attack_line(
    prover: &str,
    gas: Gas,
    target: Option<&Target>,
    measuring: &Measuring<'_>,
    spoils: Spoils,
) -> AttackLine {
    let known = |block: &MeasuredBlock| KnownLine {
        scenario: block.id.scenario.clone(),
        s_per_mgas: s_per_gas(block) * 1e6,
    };
    let found = spoils.found.into_iter().filter_map(|one| {
        let ratio = one.ratio().filter(|ratio| *ratio >= WORSE)?;
        Some(FoundLine {
            scenario: one.scenario.id.clone(),
            s_per_mgas: s_per_gas(&one.block) * 1e6,
            known: known(one.known.as_ref()?),
            ratio,
            meets: target.map(|target| meets(&one.block, target)),
            operation: one.operation,
            program: one.program,
            entry: one.entry,
        })
    });
    AttackLine {
        prover: prover.to_owned(),
        gas,
        tries: spoils.tries,
        refused: spoils.refused,
        scenarios: measuring.scenarios.len(),
        operations: spoils.operations,
        dearest: spoils.worst.as_ref().map(known),
        found: found.collect(),
    }
}

/// Nothing was found out.
impl From<AttackError> for Failure {
    fn from(error: AttackError) -> Self {
        match error {
            AttackError::Campaign(error) => error.into(),
            error @ (AttackError::Prover(_) | AttackError::Scenario(_)) => {
                Self::outside(error.to_string())
            }
        }
    }
}
