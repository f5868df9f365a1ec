//! Where a block's cost goes, as tables.

use serde::Serialize;

use super::{
    grid::{Align, Grid},
    number::{count, percent, three_digits},
    text::line,
};
use crate::{
    fit::real,
    gas::{Gas, grouped},
    prove::profile::{Profile, Spent},
};

/// The whole answer to `profile`.
#[derive(Clone, Debug, Serialize)]
pub struct ProfileReport {
    /// What the block is: a scenario's id.
    pub block: String,
    /// The schedule's file or name.
    pub schedule: String,
    /// The prover and its version.
    pub prover: String,
    /// Of the block.
    pub gas_used: Gas,
    /// Of a scenario's loop.
    pub iterations: u64,
    /// The whole block.
    pub total: CostLine,
    /// Fixed, operation, glue: they add up to the block.
    pub parts: Vec<PartLine>,
    /// They add up to the block.
    pub phases: Vec<PhaseLine>,
    /// By EVM instruction and precompile, the dearest first.
    pub operations: Vec<OperationLine>,
    /// Fetching the instructions' bytes, counting their gas and calling what does them.
    pub dispatch: CostLine,
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
    /// `fixed`, `operation` or `glue`.
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
    pub empty: CostLine,
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
    /// The operation that it is about.
    pub operation: &'a str,
    /// The schedule's file or name.
    pub schedule: &'a str,
    /// The prover and its version.
    pub prover: &'a str,
    /// Of the block.
    pub gas_used: Gas,
    /// Of a scenario's loop.
    pub iterations: u64,
    /// Where its cost goes.
    pub profile: &'a Profile,
    /// The same for a block without transactions.
    pub empty: &'a Profile,
}

impl From<Spent> for CostLine {
    fn from(spent: Spent) -> Self {
        Self {
            cycles: spent.cycles,
            prover_gas: spent.gas(),
        }
    }
}

impl ProfileReport {
    /// The report on a block.
    pub fn new(of: Profiled<'_>) -> Self {
        let (profile, empty) = (of.profile, of.empty);
        let phases = profile.phases.iter().zip(&empty.phases);
        let phases = phases.map(|((phase, spent), (_, empty))| PhaseLine {
            phase: phase.name(),
            cost: (*spent).into(),
            empty: (*empty).into(),
        });
        let operations = profile.operations.iter().map(|one| OperationLine {
            name: one.name.clone(),
            count: one.executions,
            cost: one.spent.into(),
        });
        let system_calls = profile.system_calls.iter().map(|one| OperationLine {
            name: one.name.clone(),
            count: one.calls,
            cost: one.spent.into(),
        });
        let within = profile
            .operations
            .iter()
            .fold(Spent::default(), |sum, one| sum + one.spent);
        Self {
            block: of.block.into(),
            schedule: of.schedule.into(),
            prover: of.prover.into(),
            gas_used: of.gas_used,
            iterations: of.iterations,
            total: profile.total.into(),
            parts: parts(of),
            phases: phases.collect(),
            operations: operations.collect(),
            dispatch: profile.dispatch.into(),
            outside: (profile.total - within - profile.dispatch).into(),
            system_calls: system_calls.collect(),
        }
    }
}

/// What is there without any transaction; what the operation takes above that; and all else.
fn parts(of: Profiled<'_>) -> Vec<PartLine> {
    let (profile, empty) = (of.profile, of.empty);
    let fixed = empty.total;
    let in_all = profile.operation(of.operation);
    let in_empty = empty.operation(of.operation);
    let spent = in_all.map(|one| one.spent).unwrap_or_default()
        - in_empty.map(|one| one.spent).unwrap_or_default();
    let executions =
        in_all.map_or(0, |one| one.executions) - in_empty.map_or(0, |one| one.executions);
    let mut parts = vec![PartLine {
        part: "fixed",
        what: "fixed: an empty block".into(),
        cost: fixed.into(),
    }];
    let what = if in_all.is_some() {
        format!("{}, {} times", of.operation, grouped(executions.into()))
    } else {
        format!(
            "{}: no instruction, so its work is in the glue",
            of.operation
        )
    };
    parts.push(PartLine {
        part: "operation",
        what,
        cost: spent.into(),
    });
    parts.push(PartLine {
        part: "glue",
        what: "glue: loop, transactions, witness".into(),
        cost: (profile.total - fixed - spent).into(),
    });
    parts
}

/// A table for each question, below a line that says how large the block is.
pub fn table(report: &ProfileReport, width: usize) -> String {
    let mut out = String::new();
    let ProfileReport {
        block, schedule, ..
    } = report;
    line(
        &mut out,
        format!(
            "{block} under {schedule}: a block of {} gas, {}",
            grouped(report.gas_used.into()),
            count(
                usize::try_from(report.iterations).unwrap_or(usize::MAX),
                "iteration"
            ),
        ),
    );
    line(&mut out, format!("  runs  {}", report.prover));
    let total = report.total;
    line(
        &mut out,
        format!(
            "  cost  {} cycles, {} SP1 gas\n",
            grouped(total.cycles.into()),
            three_digits(total.prover_gas)
        ),
    );

    let mut grid = costs("part", &[], &[]);
    for PartLine { what, cost, .. } in &report.parts {
        grid.row(cells(what, &[], *cost, total, &[]));
    }
    out.push_str(&grid.render(width));

    out.push('\n');
    let mut grid = costs("phase", &[], &["of them fixed"]);
    for one in &report.phases {
        let fixed = grouped(one.empty.cycles.into());
        grid.row(cells(one.phase, &[], one.cost, total, &[fixed]));
    }
    out.push_str(&grid.render(width));

    out.push('\n');
    let mut grid = costs("operation", &["count"], &["cycles each"]);
    for one in &report.operations {
        grid.row(counted(one, total));
    }
    let executions = report.operations.iter().map(|one| one.count).sum();
    grid.row(counted(
        &OperationLine {
            name: "fetching and dispatching".into(),
            count: executions,
            cost: report.dispatch,
        },
        total,
    ));
    grid.row(cells(
        "outside of them",
        &[String::new()],
        report.outside,
        total,
        &[String::new()],
    ));
    out.push_str(&grid.render(width));

    out.push('\n');
    let mut grid = costs("system call", &["count"], &["SP1 gas each"]);
    for one in &report.system_calls {
        let each = three_digits(one.cost.prover_gas / real(one.count));
        let number = grouped(one.count.into());
        grid.row(cells(&one.name, &[number], one.cost, total, &[each]));
    }
    out.push_str(&grid.render(width));
    line(
        &mut out,
        "system calls are parts of what is above them; SP1 gas is SP1's own estimate of a block's cost",
    );
    out
}

/// A table of costs in both units, with columns before and after.
fn costs(name: &str, before: &[&str], after: &[&str]) -> Grid {
    let figures = ["cycles", "share", "SP1 gas", "share"];
    let columns = before.iter().chain(&figures).chain(after);
    let columns = columns.map(|head| (Align::Right, *head));
    Grid::new([(Align::Left, name)].into_iter().chain(columns))
}

fn cells(
    name: &str,
    before: &[String],
    cost: CostLine,
    total: CostLine,
    after: &[String],
) -> Vec<String> {
    let share = |part: f64, whole: f64| percent(part / whole);
    let figures = [
        grouped(cost.cycles.into()),
        share(real(cost.cycles), real(total.cycles)),
        three_digits(cost.prover_gas),
        share(cost.prover_gas, total.prover_gas),
    ];
    let mut cells = vec![name.to_owned()];
    cells.extend_from_slice(before);
    cells.extend(figures);
    cells.extend_from_slice(after);
    cells
}

fn counted(one: &OperationLine, total: CostLine) -> Vec<String> {
    let each = three_digits(real(one.cost.cycles) / real(one.count));
    let number = grouped(one.count.into());
    cells(&one.name, &[number], one.cost, total, &[each])
}
