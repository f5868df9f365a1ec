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
    gas::{Gas, Schedule},
    lang::{Plan, Target},
    prove::{Configured, MeasuredBlock, Measuring},
    report::{
        beaten::{self, AttackLine, BeatReport, FoundLine, KnownLine},
        report_lines::{meets, prover_line, target_line},
    },
};

/// Gas of the small blocks that programs are tried in.
pub const TRIED_IN: Gas = 60_000;
/// What was found has to be this many times dearer than what is known to count: below, it is the same block with less around it.
const WORSE: f64 = 1.01;

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
    let hunt = Hunt {
        seed: beat.seed,
        tries: beat.tries,
        time: args.beat,
    };
    let fight = Fight {
        measuring: &measuring,
        schedule: &plan.schedule,
        plan: &plan,
        gas: tried_in,
        hunt,
        prefix: "found",
    };
    let attacks = fight.everywhere()?;
    let attacks = attacks
        .into_iter()
        .map(|one| attack_line(one, measuring.scenarios.len()));
    let attacks = attacks.collect();
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

/// An attack on a schedule of a plan, wherever its targets count.
pub struct Fight<'a> {
    pub measuring: &'a Measuring<'a>,
    pub schedule: &'a Schedule,
    pub plan: &'a Plan,
    pub gas: Gas,
    /// The time is for all of them.
    pub hunt: Hunt,
    /// What names of scenarios begin with.
    pub prefix: &'a str,
}

/// What came of it on one prover, for one target.
pub struct Fought<'a> {
    prover: &'a str,
    limit: Gas,
    pub target: Option<&'a Target>,
    pub spoils: Spoils,
}

impl<'a> Fight<'a> {
    /// One attack after the other.
    ///
    /// # Errors
    /// See [`AttackError`].
    pub fn everywhere(&self) -> Result<Vec<Fought<'a>>, AttackError> {
        let targets: Vec<(usize, Option<&Target>)> = if self.plan.targets.is_empty() {
            vec![(0, None)]
        } else {
            self.plan.targets.iter().map(Some).enumerate().collect()
        };
        let provers = self.measuring.provers.iter();
        let pairs = provers.flat_map(|one| targets.iter().map(move |target| (one, *target)));
        let counts = |one: &Configured, target: Option<&Target>| {
            target.is_none_or(|target| one.counts_for(target))
        };
        let pairs = pairs.filter(|(one, (_, target))| counts(one, *target));
        let pairs: Vec<_> = pairs.collect();
        let parts = u32::try_from(pairs.len().max(1)).unwrap_or(u32::MAX);
        let mut all = Vec::new();
        for (number, (configured, (at, target))) in pairs.into_iter().enumerate() {
            let limit = target.map_or(DEFAULT_LIMIT, |target| target.gas);
            // Names tell apart what was found where.
            let prefix = match number {
                0 => self.prefix.to_owned(),
                number => format!("{}-{}", self.prefix, number + 1),
            };
            let attack = Attack {
                measuring: self.measuring,
                configured,
                schedule: self.schedule,
                root: &self.plan.root,
                target: at,
                limit,
                gas: self.gas,
                hunt: Hunt {
                    time: self.hunt.time.map(|time| time / parts),
                    ..self.hunt
                },
                prefix: &prefix,
            };
            all.push(Fought {
                prover: configured.prover.name(),
                limit,
                target,
                spoils: attack.run()?,
            });
        }
        Ok(all)
    }
}

fn attack_line(fought: Fought<'_>, scenarios: usize) -> AttackLine {
    let known = |block: &MeasuredBlock| KnownLine {
        scenario: block.id.scenario.clone(),
        s_per_mgas: s_per_gas(block) * 1e6,
    };
    let Fought {
        prover,
        limit,
        target,
        spoils,
    } = fought;
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
        gas: limit,
        tries: spoils.tries,
        refused: spoils.refused,
        scenarios,
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
