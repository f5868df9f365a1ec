//! `reprice propose`.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    path::{Path, PathBuf},
};

use clap::ValueEnum;

use super::{
    adversary::AdversaryArgs,
    destination::{Destination, Input, OutputOption},
    exit::{Exit, Failure, Outcome},
    fixtures::held::{HeldArgs, HeldFixtures},
    format::Format,
    machine::{self, Machine},
    margin::MarginArgs,
    output::Terminal,
    progress::Bar,
    recorded::{self, BlockArgs, ConfidenceArgs, RunsArgs},
    schedules::{self, Constants},
    selection::{Selection, priced},
    weights::Weighing,
};
use crate::{
    bench::{self, Scenario},
    gas::{FormulaError, Schedule},
    lang::{self, Plan},
    printable::printable,
    prove::{HeldFixture, MeasuredBlock, Measuring},
    recorded::{
        BlockSelection, CostBasis, RecordedBlocks, Repriced, fix_anchors,
        methods::{MethodName, MethodsQuestion, methods},
        reprice,
    },
    report::{
        assembly::{self, Facts},
        methods as methods_text,
        number::{mgas_per_s, three_digits},
        proposal::{AdversaryLine, FixturesLine, MixLine, ProposalReport, ProverLine, Verdict},
        report_lines::prover_line,
        repriced, table, verdict,
    },
    solve::{self, LoopOptions, Measure, Prices},
};

const AFTER_HELP: &str = "\
Examples:
  reprice propose schedules/zk-proving.gas
  reprice propose schedules/zk-proving.gas -o proposal.gas && reprice compare osaka proposal.gas
  reprice propose schedules/zk-proving.gas --all --format json
  reprice propose schedules/zk-proving.gas --scenario 'mulmod/*' --scenario 'push/*'
  reprice propose schedules/zk-proving.gas --weights mix.csv
  reprice propose schedules/zk-proving.gas --margin 12%
  reprice propose schedules/zk-proving.gas --fixtures blockchain_tests/benchmark --include 1M-
  reprice propose schedules/zk-proving.gas --adversary=10m --adversary-to found.toml
  reprice propose schedules/zk-recorded.gas --runs results/ --counts trace_data.csv
  reprice propose schedules/zk-recorded.gas --runs results/ --counts trace_data.csv --method ratio,regression,program

The verdict says by how much the closest block holds, and which blocks are too close to call because the model of proving \
time may be off by more. With --margin all of them are asked to hold by that much.

The schedule has to state a target, and a `solve` block that says which prices may move. Every scenario's block is \
regenerated under the schedule's prices and run on the target's provers; prices are solved for; the blocks are made \
again under the proposed prices and run again, until every one of them holds the target. What the table calls \
`after` is that last run, not a prediction. Results are kept: a second run of the same blocks takes no time.

A schedule that varies a handful of prices is judged by the blocks that answer to them: of operations whose price varies or was \
changed, and blocks most of whose gas comes from such prices. Others that miss the target already are counted under the verdict, \
and no part of it; --strict judges them, too.

With --adversary a proposal that holds is attacked by a search over programs; what it finds that misses the target is held by \
the next proposal, until it finds nothing more or has attacked four. The same search alone: `reprice search FILE --beat TIME`.

With --fixtures (or `include \"PATH\"` in the schedule's `solve` block) the blocks of others are held, too: each test's last valid \
block, its transactions executed again under every proposal's prices. What a full block pays once - headers, code, \
signatures - is taken off a small one.

With --runs or --bench-csv no prover is needed: prices follow from published measurements of the target's provers, as far as \
opcode counts say what each block used. Nothing is run again then, and `after` is a prediction; `reprice judge` holds it \
against other measurements. Gas levels that took far longer than the line of a scenario's others are stalls, and left out. A price \
that one block decides alone is named with it; where that is its scenario's only level, prices are solved for without it.

Exit status: 0 every block meets the target under the proposed prices, 1 it cannot be met or some miss it, \
2 the schedule, a prover or the configuration is not there, 3 something outside failed.";

/// Propose the prices that hold a schedule's target, and say why
#[derive(clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Args {
    /// Schedule with a target: a path
    schedule: String,
    /// Write the proposal as a schedule that extends this one
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    constants: Constants,
    #[command(flatten)]
    selection: Selection,
    #[command(flatten)]
    held: HeldArgs,
    #[command(flatten)]
    runs: RunsArgs,
    #[command(flatten)]
    blocks: BlockArgs,
    #[command(flatten)]
    confidence: ConfidenceArgs,
    /// With recorded runs: other ways to prices, side by side with the program
    #[arg(long, value_enum, value_delimiter = ',', default_value = "program")]
    method: Vec<Method>,
    /// Judge every block, also those that miss already and that none of these prices answers for
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    margin: MarginArgs,
    #[command(flatten)]
    weighing: Weighing,
    #[command(flatten)]
    adversary: AdversaryArgs,
    #[command(flatten)]
    machine: Machine,
    /// Show unchanged and unmeasured prices, too
    #[arg(long)]
    all: bool,
    /// The form of the result
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

/// How prices are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Method {
    /// Today's price times the worst ratio of the operation's blocks
    Ratio,
    /// The worst regression of time by executions
    Regression,
    /// The least change with which every block holds
    Program,
}

impl From<Method> for MethodName {
    fn from(method: Method) -> Self {
        match method {
            Method::Ratio => Self::Ratio,
            Method::Regression => Self::Regression,
            Method::Program => Self::Program,
        }
    }
}

const OUTPUT: OutputOption = OutputOption {
    flag: "-o",
    extension: "gas",
};

impl Args {
    fn loop_options(&self) -> LoopOptions {
        LoopOptions {
            strict: self.strict,
            ..LoopOptions::default()
        }
    }
}

pub fn run(args: &Args, terminal: &Terminal) -> Outcome {
    let options = args.constants.options();
    let (mut plan, files) = schedules::plan_and_files(&args.schedule, &options, terminal)?;
    let include = plan.solve.iter().flat_map(|solve| &solve.include);
    let include: Vec<PathBuf> = include.map(PathBuf::from).collect();
    let inputs = inputs(args, files, &include)?;
    let output = args.output.as_deref();
    let output = output.map(|path| Destination::new(OUTPUT, path, &inputs));
    let output = output.transpose()?;
    let output = output.as_ref();
    let adversary_to = args.adversary.destination(&inputs)?;
    if output.is_some() && args.method != [Method::Program] {
        return Err(
            Failure::start("several ways to prices are no one schedule to write")
                .help("leave `--method` out to write what the program proposes"),
        );
    }
    args.weighing.apply(&mut plan, terminal)?;
    args.margin.apply(&mut plan.targets);
    if plan.targets.is_empty() {
        return Err(Failure::start(format!(
            "`{}` states no target to propose prices for",
            args.schedule
        ))
        .help("write one, such as `target prove 60 Mgas within 10 s on sp1`")
        .help("`reprice measure` needs none"));
    }
    if args.runs.given() {
        if !include.is_empty() {
            terminal.say("fixtures that the schedule includes are not held: with recorded runs nothing is run\n");
        }
        return from_recorded(args, plan, output, terminal);
    }
    let config = args.machine.config()?;
    let store = args.machine.store(&config);
    let provers = machine::configured(&plan, &config, &store, terminal)?;
    let added = args.selection.read()?;
    let bar = Bar::new(terminal);
    let measuring = Measuring {
        provers: &provers,
        store: &store,
        scenarios: args.selection.scenarios(&plan.schedule, &added)?,
        progress: &bar,
    };
    let held_fixtures = args
        .held
        .read(&include, &plan.schedule, &provers, &bar, terminal)?;
    measuring.fix_anchors(&plan.root, &mut plan.targets)?;
    let mut adversary = args.adversary.adversary();
    let (found, history, without) = loop {
        let beaten = adversary.found.clone();
        let scenarios = measuring.scenarios.iter().copied().chain(&beaten);
        let mut rounds = Rounds {
            measuring: Measuring {
                scenarios: scenarios.collect(),
                ..measuring
            },
            held: &held_fixtures.fixtures,
            bar: &bar,
            plan: &plan,
            history: Vec::new(),
            without: BTreeMap::new(),
        };
        let found = solve::closed_loop(&plan, &mut rounds, args.loop_options())?;
        bar.stage("the adversary".into());
        let stands = matches!(found.verdict, solve::Verdict::Met);
        if !stands || !adversary.breaks(&rounds.measuring, &found.schedule, &plan)? {
            break (found, rounds.history, rounds.without);
        }
    };
    bar.clear();
    machine::say_damaged(&store, terminal);
    if let Some(to) = &adversary_to {
        adversary.write(to, &plan, terminal)?;
    }
    let lines = provers
        .iter()
        .map(|one| prover_line(one, &plan.targets))
        .collect();
    let answer = Answer {
        found: &found,
        history: &history,
        left_out: priced(&plan.schedule, &added).len() - measuring.scenarios.len(),
        adversary: adversary.line(),
        fixtures: fixtures_line(&held_fixtures, &without),
    };
    conclude(args, (&plan, answer), lines, output, terminal)
}

/// A proposal, and how it came about.
struct Answer<'a> {
    found: &'a solve::Report,
    history: &'a [Vec<MeasuredBlock>],
    /// Scenarios that nobody asked for.
    left_out: usize,
    adversary: Option<AdversaryLine>,
    fixtures: Option<FixturesLine>,
}

/// What the verdict says of fixtures; nothing where none are held.
fn fixtures_line(held: &HeldFixtures, without: &BTreeMap<String, String>) -> Option<FixturesLine> {
    (!held.fixtures.is_empty()).then(|| FixturesLine {
        held: held.fixtures.len() - without.len(),
        without_block: without.clone(),
        left_out: held.left_out(),
    })
}

/// Every file that decides what the proposal is.
fn inputs(args: &Args, schedules: Vec<Input>, include: &[PathBuf]) -> Result<Vec<Input>, Failure> {
    let mut inputs = schedules;
    let weights = args.weighing.weights.iter();
    inputs.extend(weights.map(|path| Input::new(path, "the weights that are read")));
    inputs.extend(args.selection.inputs());
    inputs.extend(args.runs.inputs(args.blocks.counts.as_deref()));
    inputs.extend(args.held.inputs(include));
    let config = args.machine.config_file()?;
    inputs.extend(config.map(|path| Input::new(path, "the configuration that is read")));
    Ok(inputs)
}

/// Prices from recorded runs alone: no prover is asked.
fn from_recorded(
    args: &Args,
    mut plan: Plan,
    output: Option<&Destination>,
    terminal: &Terminal,
) -> Outcome {
    recorded::only_proofs(&plan)?;
    let dataset = args.runs.dataset(args.blocks.counts.as_ref(), terminal)?;
    let measured = args.blocks.measured();
    let selection = BlockSelection {
        basis: CostBasis::Upper(args.confidence.confidence, plan.targets[0].gas),
        ..measured
    };
    let blocks = RecordedBlocks::of_plan(&dataset, &plan, &selection)?;
    fix_anchors(&mut plan.targets, &plan.root, &blocks)?;
    let plan = &plan;
    terminal.say(&repriced::left_out(&blocks));
    let Repriced {
        found,
        history,
        decisive,
    } = reprice(plan, &blocks, args.loop_options())?;
    for one in &decisive {
        terminal.say(&format!("warning: {}\n", printable(&one.to_string())));
    }
    if args.method == [Method::Program] {
        let lines = repriced::prover_lines(&blocks, &plan.targets);
        let answer = Answer {
            found: &found,
            history: &history,
            left_out: 0,
            adversary: None,
            fixtures: None,
        };
        return conclude(args, (plan, answer), lines, output, terminal);
    }
    let question = MethodsQuestion {
        plan,
        file: &args.schedule,
        runs: &args.runs.name(),
        measured: &RecordedBlocks::of_plan(&dataset, plan, &measured)?,
        found: &found,
    };
    let names: Vec<MethodName> = args.method.iter().map(|one| (*one).into()).collect();
    let answer = methods(&question, &names, &dataset)?;
    let table = |answer: &_| methods_text::table(answer, terminal.layout(args.all));
    terminal.result(&args.format.text("methods", &answer, table)?)?;
    Ok(Exit::Yes)
}

/// The answer, printed and written.
fn conclude(
    args: &Args,
    (plan, answer): (&Plan, Answer<'_>),
    lines: Vec<ProverLine>,
    output: Option<&Destination>,
    terminal: &Terminal,
) -> Outcome {
    let found = answer.found;
    let report = report(args, plan, lines, answer)?;
    let table = |report: &_| table::proposal(report, terminal.layout(args.all));
    let text = args.format.text("proposal", &report, table)?;
    let infeasible = matches!(report.verdict, Verdict::Infeasible { .. });
    let written = match output.filter(|_| !infeasible) {
        Some(output) => {
            let text = schedule_text(output, args, plan, &found.schedule, &report)?;
            output.write_and_say(&text, terminal)
        }
        None => Ok(()),
    };
    // What was found is not lost with the file.
    terminal.result(&text)?;
    written?;
    Ok(Exit::from_answer(report.verdict == Verdict::Holds))
}

/// Measures each round, and remembers what it measured.
struct Rounds<'a> {
    measuring: Measuring<'a>,
    held: &'a [HeldFixture],
    bar: &'a Bar,
    plan: &'a Plan,
    history: Vec<Vec<MeasuredBlock>>,
    /// Fixtures that have no block under the prices measured last, and why.
    without: BTreeMap<String, String>,
}

impl Measure for Rounds<'_> {
    type Error = Failure;

    fn rows(&mut self, schedule: &Schedule) -> Result<Vec<MeasuredBlock>, Failure> {
        let stage = match self.history.len() {
            0 => "current prices".into(),
            round => format!("proposal {round}"),
        };
        self.bar.stage(stage.clone());
        let targets = &self.plan.targets;
        let mut judged = self.measuring.run(schedule, &self.plan.root, targets)?;
        if !self.held.is_empty() {
            self.bar.stage(format!("{stage}, fixtures"));
            let held = self.measuring.held(self.held, schedule, targets)?;
            judged.extend(held.blocks);
            self.without = held.without;
        }
        let proven = judged.iter().filter(|one| one.failure.is_none());
        let rows = proven.cloned().collect();
        self.history.push(judged);
        Ok(rows)
    }
}

fn report(
    args: &Args,
    plan: &Plan,
    provers: Vec<ProverLine>,
    answer: Answer<'_>,
) -> Result<ProposalReport, Failure> {
    let Answer {
        found,
        history,
        left_out,
        adversary,
        fixtures,
    } = answer;
    let before = history.first().map_or(&[][..], Vec::as_slice);
    let after = history.last().map_or(&[][..], Vec::as_slice);
    let same = |one: &MeasuredBlock, other: &MeasuredBlock| {
        one.id == other.id && one.target == other.target
    };
    let is_judged = |one: &&MeasuredBlock| !found.untouched.iter().any(|other| same(one, other));
    let failed = after.iter().filter(|one| one.failure.is_some());
    let failed = failed.filter(is_judged).count();
    // The solver has crashed blocks as what rules them out.
    let as_recorded = |one: &MeasuredBlock| {
        let recorded = before.iter().find(|other| same(one, other));
        recorded.unwrap_or(one).clone()
    };
    let untouched: Vec<MeasuredBlock> = found.untouched.iter().map(as_recorded).collect();
    let verdict = match &found.verdict {
        solve::Verdict::Met if failed == 0 => Verdict::Holds,
        solve::Verdict::Met => Verdict::Misses { blocks: failed },
        solve::Verdict::Infeasible(none) => verdict::verdict(none, plan),
        solve::Verdict::Cycles(missed) | solve::Verdict::RoundsSpent(missed) => Verdict::Misses {
            blocks: missed.len() + failed,
        },
    };
    // The last prices that were measured; a proposal beyond them is none.
    let unchanged = Prices::new();
    let prices = found
        .rounds
        .last()
        .map_or(&unchanged, |round| &round.prices);
    let only_sums = found.proposal.as_ref();
    let only_sums = only_sums.map_or(&[][..], |proposal| &proposal.only_sums);
    let why = found
        .proposal
        .as_ref()
        .map(|proposal| proposal.why.clone())
        .unwrap_or_default();
    assembly::report(Facts {
        plan,
        file: &args.schedule,
        provers,
        start: &plan.schedule,
        proposed: &found.schedule,
        prices,
        why: &why,
        before,
        after,
        untouched: &untouched,
        left_out,
        no_scenario: &|operation| {
            let has_one = |scenario: &Scenario| scenario.operation == operation;
            let unmeasured = || bench::unmeasured().iter();
            if bench::scenarios().iter().any(has_one) {
                return args
                    .selection
                    .is_some()
                    .then(|| "none of its scenarios was chosen".into());
            }
            let known = unmeasured().find(|one| one.operation == operation);
            known.map(|one| one.why.clone())
        },
        only_sums,
        total_change: found
            .proposal
            .as_ref()
            .map_or(0.0, |proposal| proposal.total_change),
        rounds: history.len(),
        mix: mix(args, plan, found, prices)
            .transpose()
            .map_err(|error| Failure::start(error.to_string()))?,
        recorded: args.runs.given().then(|| args.runs.name()),
        adversary,
        fixtures,
        verdict,
    })
    .map_err(|error| Failure::start(error.to_string()))
}

/// What the proposal makes of the mix that changes are weighed by.
fn mix(
    args: &Args,
    plan: &Plan,
    found: &solve::Report,
    prices: &Prices,
) -> Option<Result<MixLine, FormulaError>> {
    let file = args.weighing.weights.clone()?;
    let mix = plan.solve.as_ref()?.mix.as_ref()?;
    let before = solve::everyday_mix::gas(mix, &plan.schedule, &Prices::new());
    let after = solve::everyday_mix::gas(mix, &found.schedule, prices);
    Some(before.and_then(|before| {
        Ok(MixLine {
            file,
            before,
            after: after?,
            neutral: mix.neutral,
        })
    }))
}

/// The proposal as a child of the schedule it was made for, so that it keeps that one's target.
fn schedule_text(
    output: &Destination,
    args: &Args,
    plan: &Plan,
    proposed: &Schedule,
    report: &ProposalReport,
) -> Result<String, Failure> {
    let parent = if lang::builtin(&args.schedule).is_some() {
        args.schedule.clone()
    } else {
        let parent = output.path_to(Path::new(&args.schedule)).map_err(|error| {
            let why = schedules::reason(&error);
            Failure::outside(format!("cannot read schedule `{}`: {why}", args.schedule))
        })?;
        format!("\"{}\"", parent.display())
    };
    let title = format!("{}, as proposed", plan.name);
    let mut text = lang::write(proposed, &parent, &plan.schedule, &title, &reasons(report));
    if report.left_out > 0 {
        let scenarios = args.selection.patterns().join(", ");
        let _ = write!(
            text,
            "\n# Only the scenarios {} were run: {} others were left out.\n",
            printable(&scenarios),
            report.left_out
        );
    }
    // Proposed again, it is judged as it stands.
    text.push_str("\n# The solver's prices: they stay as written.\nsolve {\n  keep *\n}\n");
    Ok(text)
}

/// A line per changed price, for the comment above it.
fn reasons(report: &ProposalReport) -> BTreeMap<String, String> {
    let changed = report.rows.iter().filter(|row| row.changed());
    let reason = |row: &crate::report::proposal::PriceRow| {
        let why = row
            .why
            .as_ref()
            .map_or_else(|| "what it refers to".into(), |why| why.scenario.clone());
        let held = if let Some((before, after)) = row.worst.of_asked {
            let (before, after) = (three_digits(before), three_digits(after));
            format!("{before}x to {after}x the rate asked")
        } else {
            let (before, after) = (mgas_per_s(row.worst.before), mgas_per_s(row.worst.after));
            format!("{before} to {after} Mgas/s")
        };
        let text = format!("Was {}; held by {why}: {held}.", row.current);
        // A block of others may have a name of several lines.
        (row.param.clone(), printable(&text).into_owned())
    };
    changed.map(reason).collect()
}
