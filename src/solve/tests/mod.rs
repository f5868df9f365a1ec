//! A small schedule and plans over it.

mod anchored;
mod applied;
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "small test figures"
)]
mod fewest;
mod infeasible;
mod looped;
mod metered;
mod mixed;
mod parts;
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "small test figures"
)]
mod random;
mod shipped;
mod small;

use std::collections::BTreeMap;

use crate::{
    diag::Label,
    gas::{Entry, Expr, Fork, GasParam, Kind, Schedule, Source, Variable},
    lang::{
        Anchor, Bound, Compare, Limit, Objective, Plan, Relation, Rounding, Selection, SolveSpec,
        Step, Target, Verb,
    },
    prove::BlockId,
    solve::{Answer, Infeasible, Price, Problem, Proposal, Row, problem, solve},
};

pub fn number(value: u64) -> Expr {
    Expr::number(value)
}

pub fn reference(name: &str) -> Expr {
    Expr::Param(param(name))
}

pub fn plus(a: Expr, b: Expr) -> Expr {
    Expr::Add(Box::new(a), Box::new(b))
}

pub fn times(a: Expr, b: Expr) -> Expr {
    Expr::Mul(Box::new(a), Box::new(b))
}

pub fn per(a: Expr, variable: Variable) -> Expr {
    times(a, Expr::Variable(variable))
}

pub fn param(name: &str) -> GasParam {
    name.parse().unwrap()
}

pub fn schedule(entries: Vec<(&str, Expr)>) -> Schedule {
    let mut schedule = Schedule::new("Small", Fork::Osaka);
    for (name, expr) in entries {
        schedule.insert(Entry {
            name: name.into(),
            kind: Kind::Opcode,
            expr,
            reason: None,
            source: Source::default(),
        });
    }
    schedule
}

/// Names and shapes of Osaka, as far as these tests need them.
pub fn small() -> Schedule {
    let squared = Expr::Pow(
        Box::new(Expr::Variable(Variable::Words)),
        Box::new(number(2)),
    );
    schedule(vec![
        ("VERY_LOW", number(3)),
        ("WARM", number(100)),
        ("COLD", number(2_600)),
        ("STORAGE_SET", number(20_000)),
        (
            "REFUND",
            Expr::Sub(
                Box::new(reference("STORAGE_SET")),
                Box::new(reference("WARM")),
            ),
        ),
        ("ADD", reference("VERY_LOW")),
        ("MUL", number(5)),
        ("MULMOD", number(8)),
        ("POP", number(2)),
        (
            "BALANCE",
            plus(
                per(reference("COLD"), Variable::Cold),
                per(reference("WARM"), Variable::Warm),
            ),
        ),
        (
            "KECCAK256",
            plus(number(30), per(number(6), Variable::Words)),
        ),
        (
            "MCOPY",
            plus(reference("VERY_LOW"), per(number(3), Variable::Words)),
        ),
        (
            "CREATE2",
            plus(
                number(32_000),
                per(reference("KECCAK256.per_word"), Variable::Words),
            ),
        ),
        ("BLAKE2F", plus(number(0), per(number(1), Variable::Rounds))),
        ("MODEXP", Expr::Max(vec![number(500), squared])),
    ])
}

pub fn selection(names: &[&str], together: bool) -> Selection {
    Selection {
        params: names.iter().map(|n| param(n)).collect(),
        together,
        label: Label::default(),
    }
}

pub fn vary(names: &[&str]) -> SolveSpec {
    SolveSpec {
        include: Vec::new(),
        vary: vec![selection(names, false)],
        keep: vec![],
        bounds: vec![],
        relations: vec![],
        minimize: Objective::TotalChange,
        round: Rounding::default(),
        mix: None,
    }
}

pub fn bound(name: &str, low: Option<f64>, high: Option<f64>) -> Bound {
    Bound {
        param: param(name),
        low,
        high,
        label: Label::default(),
    }
}

pub fn relation(terms: &[(&str, f64)], constant: f64, compare: Compare) -> Relation {
    Relation {
        terms: terms.iter().map(|(n, a)| (param(n), *a)).collect(),
        constant,
        compare,
        label: labelled(terms[0].0),
    }
}

pub fn labelled(text: &str) -> Label {
    Label {
        text: text.into(),
        ..Label::default()
    }
}

/// 10 Mgas within 10 s: with no fixed cost 1 Mgas/s is needed.
pub fn plan(schedule: Schedule, solve: SolveSpec) -> Plan {
    Plan {
        name: "Test".into(),
        parent: None,
        baseline: schedule.clone(),
        ancestors: vec![],
        root: schedule.clone(),
        schedule,
        targets: vec![target(&["sp1"], None)],
        provers: vec![],
        solve: Some(solve),
    }
}

pub fn target(on: &[&str], at_least: Option<usize>) -> Target {
    Target {
        verb: Verb::Prove,
        gas: 10_000_000,
        limit: Limit::Within(10.0),
        margin: 0.0,
        on: on.iter().map(|p| (*p).to_owned()).collect(),
        at_least,
        label: Label::default(),
    }
}

pub fn id(scenario: &str, operation: &str, prover: &str) -> BlockId {
    BlockId {
        scenario: scenario.into(),
        operation: operation.into(),
        prover: prover.parse().unwrap(),
    }
}

/// A row that needs `need` gas.
pub fn row(scenario: &str, operation: &str, units: &[(&str, f64)], need: f64) -> Row {
    Row {
        id: id(scenario, operation, "sp1"),
        target: 0,
        units: units
            .iter()
            .map(|(n, u)| (param(n), *u))
            .collect::<BTreeMap<_, _>>(),
        rest: 0.0,
        cost_s: need / 1e6,
        cost_interval: None,
        fixed_s: 0.0,
        needed_rate: 1e6,
    }
}

pub fn proposal(problem: &Problem) -> Proposal {
    match solve(problem).unwrap() {
        Answer::Proposal(proposal) => proposal,
        Answer::Infeasible(none) => panic!("infeasible: {none:?}"),
    }
}

pub fn none(plan: &Plan, rows: Vec<Row>) -> Infeasible {
    match solve(&problem(plan, rows).unwrap()).unwrap() {
        Answer::Infeasible(none) => none,
        Answer::Proposal(proposal) => panic!("a proposal: {:?}", proposal.prices),
    }
}

pub fn gas(value: u64) -> Price {
    Price::Gas(value)
}
