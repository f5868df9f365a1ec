//! One file on top of what it extends: a layer.

use std::collections::{BTreeMap, BTreeSet};

use crate::diag::{Diagnostic, FileId};

use super::{
    ast,
    bindings::Overrides,
    checker::Checker,
    goals,
    layer::Layer,
    meters,
    names::{Constant, Names},
    prices, solve_block,
};

/// Groups in one file.
const MAX_GROUPS: usize = 1_000;

/// Checks a file against its parent. The layer is only good if nothing found is an error.
pub(super) fn check(
    tree: &ast::File,
    name: &str,
    (file, text): (FileId, &str),
    parent: Option<Layer>,
    overrides: &Overrides,
    found: &mut Vec<Diagnostic>,
) -> Layer {
    let parent_name = parent
        .as_ref()
        .map_or("any other schedule", |p| p.name.as_str());
    let mut checker = Checker {
        file,
        parent: parent.as_ref(),
        text,
        names: Names::new(file, parent_name.to_owned()),
        found,
        path: name,
    };
    checker.inherit_names();
    checker.constants(tree, overrides);
    checker.new_names(tree);
    checker.groups(tree);
    let title = tree.header.as_ref().map(|h| h.title.clone());
    let (mut schedule, measured, priced) =
        prices::prices(&mut checker, tree, name, title.as_deref().unwrap_or(name));
    let own = (&mut schedule, &measured, &priced);
    meters::meters(&mut checker, tree, name, own);
    let mut provers = parent
        .as_ref()
        .map(|p| p.provers.clone())
        .unwrap_or_default();
    goals::provers(&mut checker, tree, &mut provers);
    let inherited = parent
        .as_ref()
        .map(|p| p.targets.clone())
        .unwrap_or_default();
    let targets = goals::targets(&mut checker, tree, &mut provers, inherited);
    let requests = solve_block::requests(&mut checker, tree, &schedule, &priced, &targets);
    checker.unused(tree);
    let constants = checker.names.constants.iter();
    let ancestors = parent.as_ref().map_or_else(Vec::new, |p| {
        let own = std::iter::once(&p.schedule);
        p.ancestors.iter().chain(own).cloned().collect()
    });
    Layer {
        title: title.unwrap_or_default(),
        name: name.to_owned(),
        parent: tree
            .header
            .as_ref()
            .and_then(|h| h.parent.as_ref())
            .map(|p| {
                if p.quoted {
                    format!("\"{}\"", p.word.text)
                } else {
                    p.word.text.clone()
                }
            }),
        constants: constants.map(|(n, c)| (n.clone(), c.value)).collect(),
        groups: std::mem::take(&mut checker.names.groups),
        root: parent
            .as_ref()
            .map_or_else(|| schedule.clone(), |p| p.root.clone()),
        ancestors,
        baseline: parent.map_or_else(|| schedule.clone(), |p| p.schedule),
        schedule,
        measured,
        targets,
        provers,
        requests,
    }
}

impl Checker<'_> {
    fn inherit_names(&mut self) {
        let Some(parent) = self.parent else { return };
        for entry in parent.schedule.entries() {
            self.names.add(&entry.name, entry.kind);
        }
        self.names.groups.clone_from(&parent.groups);
        for (name, value) in &parent.constants {
            let constant = Constant {
                value: *value,
                own: None,
            };
            self.names.constants.insert(name.clone(), constant);
        }
    }

    fn new_names(&mut self, tree: &ast::File) {
        for price in tree.prices.iter().filter(|p| p.new.is_some()) {
            for pick in &price.picks {
                if !pick.name.contains('*') && pick.part.is_none() {
                    self.names.add(&pick.name, price.kind);
                }
            }
        }
    }

    fn groups(&mut self, tree: &ast::File) {
        let mut seen = BTreeMap::new();
        for (at, (name, picks)) in tree.groups.iter().enumerate() {
            if at == MAX_GROUPS {
                self.found.push(
                    Diagnostic::error("too-complex", "this file has too many groups").at(
                        self.file,
                        &name.span,
                        "more than 1000 groups",
                    ),
                );
                return;
            }
            self.once(&mut seen, name, "group");
            if self.names.kinds.contains_key(&name.text) {
                self.found.push(self.reserved(name, "the name of a price"));
                continue;
            }
            let mut members = self.names.choose(picks, None, self.found);
            let mut known = BTreeSet::new();
            members.retain(|m| known.insert((m.operation.clone(), m.part)));
            self.names.groups.insert(name.text.clone(), members);
        }
    }
}
