//! Where a block's cost goes, as tables.

use serde::Serialize;

use super::{
    grid::{Align, Grid},
    number::{count, three_digits},
    table::Layout,
    text::line,
};
use crate::{
    fit::real,
    gas::{Gas, grouped},
    prove::profile::{Phase, Place, Profile, Spent, Times},
};

/// Of whole costs, what has no row of its own in a table that is not asked for all.
const SMALL: f64 = 0.001;

/// The whole answer to `profile`.
#[derive(Clone, Debug, Serialize)]
pub struct ProfileReport {
    /// What the block is: a scenario's id.
    pub block: String,
    /// The schedule's file or name; none of a fixture, which has the prices of its fork.
    pub schedule: Option<String>,
    /// The prover and its version.
    pub prover: String,
    /// Of the block.
    pub gas_used: Gas,
    /// Of a scenario's loop.
    pub iterations: Option<u64>,
    /// The operation that the block is about.
    pub operation: Option<String>,
    /// The whole block.
    pub total: CostLine,
    /// Fixed, operation, witness, glue: they add up to the block. None where there is no empty block to compare with.
    pub parts: Vec<PartLine>,
    /// They add up to the block.
    pub phases: Vec<PhaseLine>,
    /// By EVM instruction and precompile, the dearest first.
    pub operations: Vec<OperationLine>,
    /// Fetching the instructions' bytes, paying for them and calling what does them.
    pub dispatch: OperationLine,
    /// What is in no operation and no dispatching.
    pub outside: CostLine,
    /// By kind, the dearest first; they are parts of operations and phases.
    pub system_calls: Vec<OperationLine>,
}

/// What something costs.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct CostLine {
    /// Instructions of the zkVM.
    pub cycles: u64,
    /// SP1's own gas.
    pub prover_gas: f64,
}

/// A part of the block.
#[derive(Clone, Debug, Serialize)]
pub struct PartLine {
    /// `fixed`, `operation`, `witness`, `instructions` or `transactions`.
    pub part: &'static str,
    /// The same in words.
    pub what: String,
    /// What it costs.
    #[serde(flatten)]
    pub cost: CostLine,
}

/// What a stateless validator does.
#[derive(Clone, Debug, Serialize)]
pub struct PhaseLine {
    /// Its name.
    pub phase: &'static str,
    /// What it costs.
    #[serde(flatten)]
    pub cost: CostLine,
    /// What it costs in a block without transactions.
    pub empty: Option<CostLine>,
}

/// What was done a number of times.
#[derive(Clone, Debug, Serialize)]
pub struct OperationLine {
    /// Its name.
    pub name: String,
    /// How often.
    pub count: u64,
    /// What all of them cost.
    #[serde(flatten)]
    pub cost: CostLine,
}

/// A block that was profiled.
#[derive(Clone, Copy, Debug)]
pub struct Profiled<'a> {
    /// What it is.
    pub block: &'a str,
    /// The schedule's file or name, if there is one.
    pub schedule: Option<&'a str>,
    /// The prover and its version.
    pub prover: &'a str,
    /// Of the block.
    pub gas_used: Gas,
    /// Of a scenario's loop, if it is a scenario's.
    pub iterations: Option<u64>,
    /// The operation that it is about, if it is about one.
    pub operation: Option<&'a str>,
    /// Where its cost goes.
    pub profile: &'a Profile,
    /// The same for a block without transactions, if there is one.
    pub empty: Option<&'a Profile>,
}

impl From<Spent> for CostLine {
    fn from(spent: Spent) -> Self {
        Self {
            cycles: spent.cycles,
            prover_gas: spent.gas(),
        }
    }
}

impl From<&Times> for OperationLine {
    fn from(times: &Times) -> Self {
        Self {
            name: times.name.clone(),
            count: times.count,
            cost: times.spent.into(),
        }
    }
}

impl ProfileReport {
    /// The report on a block.
    pub fn new(of: Profiled<'_>) -> Self {
        let profile = of.profile;
        let phase = |phase| {
            let spent = |of: &Profile| of.spent(|of, _| of == phase).into();
            PhaseLine {
                phase: phase.name(),
                cost: spent(profile),
                empty: of.empty.map(spent),
            }
        };
        let placed = |place: &Place| profile.spent(|_, of| of == place).into();
        Self {
            block: of.block.into(),
            schedule: of.schedule.map(Into::into),
            prover: of.prover.into(),
            gas_used: of.gas_used,
            iterations: of.iterations,
            operation: of.operation.map(Into::into),
            total: profile.spent(|_, _| true).into(),
            parts: of.empty.map_or_else(Vec::new, |empty| parts(of, empty)),
            phases: Phase::ALL.into_iter().map(phase).collect(),
            operations: profile.operations.iter().map(Into::into).collect(),
            dispatch: OperationLine {
                name: "(dispatching)".into(),
                count: profile.instructions,
                cost: placed(&Place::Dispatch),
            },
            outside: placed(&Place::Outside),
            system_calls: profile.system_calls.iter().map(Into::into).collect(),
        }
    }
}

/// What is there without any transaction; and what each kind of work takes above that.
fn parts(of: Profiled<'_>, empty: &Profile) -> Vec<PartLine> {
    let above =
        |chosen: &dyn Fn(Phase, &Place) -> bool| of.profile.spent(chosen) - empty.spent(chosen);
    let about = |place: &Place| matches!(place, Place::Operation(name) if Some(name.as_str()) == of.operation);
    let read = |phase: Phase| phase == Phase::Witness;
    let fixed = empty.spent(|_, _| true);
    let operation = above(&|_, place| about(place));
    let witness = above(&|phase, place| !about(place) && read(phase));
    let instructions =
        above(&|phase, place| !about(place) && !read(phase) && *place != Place::Outside);
    let all = of.profile.spent(|_, _| true);
    let others = all - fixed - operation - witness - instructions;
    let times = |profile: &Profile, name: &str| profile.operation(name).map_or(0, |one| one.count);
    let ran = of
        .operation
        .map(|name| (name, times(of.profile, name) - times(empty, name)));
    let part = |part, what: &str, spent: Spent| PartLine {
        part,
        what: what.into(),
        cost: spent.into(),
    };
    let mut parts = vec![part("fixed", "an empty block", fixed)];
    if let Some((name, count)) = ran.filter(|(_, count)| *count > 0) {
        let what = format!("{name}, {} times", grouped(count.into()));
        parts.push(part("operation", &what, operation));
    }
    parts.extend([
        part(
            "witness",
            "hashing and reading the witness, outside of that",
            witness,
        ),
        part(
            "instructions",
            "other instructions, and dispatching",
            instructions,
        ),
        part("transactions", "transactions, roots, the rest", others),
    ]);
    parts
}

/// A table for each question, below lines that say how large the block is.
pub fn table(report: &ProfileReport, layout: Layout) -> String {
    let mut out = String::new();
    header(&mut out, report);
    let (total, width) = (report.total, layout.width);
    if !report.parts.is_empty() {
        out.push('\n');
        let mut grid = Grid::new(
            [(Align::Left, "part")]
                .into_iter()
                .chain(FIGURES)
                .chain([(Align::Left, "what it is")]),
        );
        for PartLine { part, what, cost } in &report.parts {
            let mut row = vec![(*part).to_owned()];
            row.extend(figures(*cost, total));
            row.push(what.clone());
            grid.row(row);
        }
        out.push_str(&grid.render(width));
    }
    out.push('\n');
    out.push_str(&phases(report).render(width));
    out.push('\n');
    operations(&mut out, report, layout);
    out.push('\n');
    system_calls(&mut out, report, layout);
    out
}

fn header(out: &mut String, report: &ProfileReport) {
    let block = &report.block;
    let under = report.schedule.as_ref();
    let under = under.map_or_else(String::new, |schedule| format!(" under {schedule}"));
    let iterations = report.iterations.map_or_else(String::new, |number| {
        let number = usize::try_from(number).unwrap_or(usize::MAX);
        format!(", {}", count(number, "iteration"))
    });
    let gas = grouped(report.gas_used.into());
    line(
        out,
        format!("{block}{under}: a block of {gas} gas{iterations}"),
    );
    line(out, format!("  runs  {}", report.prover));
    let cycles = grouped(report.total.cycles.into());
    let gas = three_digits(report.total.prover_gas);
    line(out, format!("  cost  {cycles} cycles, {gas} SP1 gas"));
    if let Some(operation) = &report.operation
        && !report.operations.iter().any(|one| one.name == *operation)
    {
        line(
            out,
            format!("  note  {operation} is no instruction: what it takes is in the other parts"),
        );
    }
}

fn phases(report: &ProfileReport) -> Grid {
    let fixed = report.phases.iter().any(|one| one.empty.is_some());
    let mut columns = vec![(Align::Left, "phase")];
    columns.extend(FIGURES);
    if fixed {
        columns.push((Align::Right, "cycles of an empty block"));
    }
    let mut grid = Grid::new(columns);
    for one in &report.phases {
        let mut row = vec![one.phase.to_owned()];
        row.extend(figures(one.cost, report.total));
        row.extend(one.empty.map(|cost| grouped(cost.cycles.into())));
        grid.row(row);
    }
    grid
}

fn operations(out: &mut String, report: &ProfileReport, layout: Layout) {
    let total = report.total;
    let mut grid = counted("operation", "cycles each");
    let each = |one: &OperationLine| three_digits(real(one.cost.cycles) / real(one.count));
    let about = |one: &OperationLine| report.operation.as_ref() == Some(&one.name);
    let (shown, small): (Vec<_>, Vec<_>) = report
        .operations
        .iter()
        .partition(|one| layout.all || about(one) || is_large(one.cost, total));
    for one in shown {
        grid.row(row(one, total, each(one)));
    }
    let small = together(&small);
    if small.count > 0 {
        grid.row(row(&small, total, each(&small)));
    }
    let dispatch = &report.dispatch;
    grid.row(row(dispatch, total, each(dispatch)));
    let mut outside = vec!["(around them)".to_owned(), String::new()];
    outside.extend(figures(report.outside, total));
    outside.push(String::new());
    grid.row(outside);
    out.push_str(&grid.render(layout.width));
}

fn system_calls(out: &mut String, report: &ProfileReport, layout: Layout) {
    let total = report.total;
    let mut grid = counted("system call", "SP1 gas each");
    let each = |one: &OperationLine| three_digits(one.cost.prover_gas / real(one.count));
    let (shown, small): (Vec<_>, Vec<_>) = report
        .system_calls
        .iter()
        .partition(|one| layout.all || is_large(one.cost, total));
    for one in shown {
        grid.row(row(one, total, each(one)));
    }
    let small = together(&small);
    if small.count > 0 {
        grid.row(row(&small, total, each(&small)));
    }
    out.push_str(&grid.render(layout.width));
    line(
        out,
        "SP1 gas: SP1's own estimate of what a proof costs; system calls are parts of what stands above them",
    );
}

/// The heads of [`figures`].
const FIGURES: [(Align, &str); 4] = [
    (Align::Right, "cycles"),
    (Align::Right, "share"),
    (Align::Right, "SP1 gas"),
    (Align::Right, "share"),
];

/// A cost in both units, each with its share of the whole.
fn figures(cost: CostLine, total: CostLine) -> [String; 4] {
    [
        grouped(cost.cycles.into()),
        share(real(cost.cycles) / real(total.cycles)),
        three_digits(cost.prover_gas.round()),
        share(cost.prover_gas / total.prover_gas),
    ]
}

/// A part of one as per cent, to a tenth.
fn share(part: f64) -> String {
    if part == 0.0 {
        "0 %".into()
    } else if part < SMALL / 2.0 {
        "<0.1 %".into()
    } else {
        format!("{:.1} %", 100.0 * part)
    }
}

fn is_large(cost: CostLine, total: CostLine) -> bool {
    real(cost.cycles) >= SMALL * real(total.cycles) || cost.prover_gas >= SMALL * total.prover_gas
}

/// Many rows as one.
fn together(small: &[&OperationLine]) -> OperationLine {
    let sum = |mut sum: OperationLine, one: &&OperationLine| {
        sum.count += one.count;
        sum.cost.cycles += one.cost.cycles;
        sum.cost.prover_gas += one.cost.prover_gas;
        sum
    };
    let none = OperationLine {
        name: format!("({} smaller, --all)", small.len()),
        count: 0,
        cost: CostLine::default(),
    };
    small.iter().fold(none, sum)
}

/// A table of what was done a number of times.
fn counted(name: &'static str, each: &'static str) -> Grid {
    let columns = [(Align::Left, name), (Align::Right, "count")];
    Grid::new(
        columns
            .into_iter()
            .chain(FIGURES)
            .chain([(Align::Right, each)]),
    )
}

fn row(one: &OperationLine, total: CostLine, each: String) -> Vec<String> {
    let mut row = vec![one.name.clone(), grouped(one.count.into())];
    row.extend(figures(one.cost, total));
    row.push(each);
    row
}
