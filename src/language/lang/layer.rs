//! A checked file: what the file that extends it starts from.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    diag::{Diagnostic, Label},
    gas::{GasParam, Ratio, Schedule, Variable},
};

use super::{
    Bound, Objective, Plan, ProverSpec, Relation, Rounding, Selection, SolveSpec, Target,
    contradiction, names::Chosen,
};

/// A checked file with everything it inherits: what another file can extend.
pub(super) struct Layer {
    pub title: String,
    /// How messages call it: the built-in's name, or the path.
    pub name: String,
    /// What it extends, as written.
    pub parent: Option<String>,
    pub baseline: Schedule,
    /// As [`Plan::ancestors`].
    pub ancestors: Vec<Schedule>,
    /// The prices of the chain's first file.
    pub root: Schedule,
    pub schedule: Schedule,
    pub constants: BTreeMap<String, Ratio>,
    pub groups: BTreeMap<String, Vec<Chosen>>,
    /// What each operation is measured by, whatever its present formula mentions.
    pub measured: BTreeMap<String, Vec<Variable>>,
    pub targets: Vec<Target>,
    pub provers: Vec<ProverSpec>,
    pub requests: Option<Requests>,
}

/// Requests of a file and those it extends. Operations are chosen by the file that writes the clause; which prices
/// they have is up to the schedule that is solved in the end.
#[derive(Clone, Default)]
pub(super) struct Requests {
    pub vary: Vec<Choice>,
    pub keep: Vec<Choice>,
    pub bounds: Vec<NamedBound>,
    pub relations: Vec<Relation>,
    pub minimize: Option<Objective>,
    pub round: Option<Rounding>,
    pub include: Vec<String>,
}

/// One `vary` or `keep`.
#[derive(Clone)]
pub(super) struct Choice {
    pub chosen: Vec<Chosen>,
    pub together: bool,
    pub label: Label,
}

/// A bound, and whether its parameter was named rather than met by a pattern.
#[derive(Clone)]
pub(super) struct NamedBound {
    pub bound: Bound,
    pub named: bool,
}

impl Layer {
    /// The meaning of the outermost file.
    pub(super) fn into_plan(self, found: &mut Vec<Diagnostic>) -> Plan {
        let solve = self.requests.map(|r| r.resolve(&self.schedule));
        if let Some(spec) = &solve {
            contradiction::find(spec, &self.schedule, found);
        }
        Plan {
            name: self.title,
            parent: self.parent,
            baseline: self.baseline,
            ancestors: self.ancestors,
            root: self.root,
            schedule: self.schedule,
            targets: self.targets,
            provers: self.provers,
            solve,
        }
    }
}

impl Requests {
    /// The requests in terms of the schedule's parameters.
    pub(super) fn resolve(&self, schedule: &Schedule) -> SolveSpec {
        let selections = |choices: &[Choice]| -> Vec<Selection> {
            choices
                .iter()
                .map(|choice| {
                    let mut seen = BTreeSet::new();
                    let all = choice.chosen.iter().flat_map(|c| params(schedule, c));
                    Selection {
                        params: all.filter(|p| seen.insert(p.clone())).collect(),
                        together: choice.together,
                        label: choice.label.clone(),
                    }
                })
                .collect()
        };
        let (vary, keep) = (selections(&self.vary), selections(&self.keep));
        let varied: BTreeSet<&GasParam> = vary.iter().flat_map(|s| &s.params).collect();
        let exists: BTreeSet<GasParam> =
            schedule.params().unwrap_or_default().into_iter().collect();
        let bounds = self
            .bounds
            .iter()
            // A pattern bounds what moves; a name is meant whether or not it does.
            .filter(|b| {
                exists.contains(&b.bound.param) && (b.named || varied.contains(&b.bound.param))
            })
            .map(|b| b.bound.clone())
            .collect();
        let relations = self.relations.iter();
        let relations = relations.filter(|r| r.terms.iter().all(|(p, _)| exists.contains(p)));
        SolveSpec {
            bounds,
            relations: relations.cloned().collect(),
            minimize: self.minimize.unwrap_or_default(),
            round: self.round.unwrap_or_default(),
            include: self.include.clone(),
            mix: None,
            vary,
            keep,
        }
    }
}

/// The parameters that a choice stands for.
pub(super) fn params(schedule: &Schedule, one: &Chosen) -> Vec<GasParam> {
    let mut own = schedule.params_of(&one.operation).unwrap_or_default();
    if let Some(part) = one.part {
        own.retain(|p| p.part == part);
    }
    own
}
