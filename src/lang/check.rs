//! One file on top of what it extends: a layer.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    diag::{Diagnostic, FileId, Label},
    gas::{Fork, Ratio, Schedule, Variable},
};

use super::{
    Plan, ProverSpec, Target,
    ast::{self, Word},
    builtin, contradiction, goals, load, meters,
    names::{Chosen, Constant, Names},
    prices,
    requests::{self, Requests},
};

/// Groups in one file.
const MAX_GROUPS: usize = 1_000;

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

/// The command line's changes.
#[derive(Default)]
pub(super) struct Overrides {
    pub set: Vec<Override>,
    pub variant: Option<String>,
}

/// Another value for a constant.
pub(super) struct Override {
    pub name: String,
    /// Where its formula stands.
    pub file: FileId,
    pub value: ast::Expr,
}

/// What checking a file works on.
pub(super) struct Checker<'a> {
    pub file: FileId,
    pub parent: Option<&'a Layer>,
    /// The file's text.
    pub text: &'a str,
    pub names: Names,
    pub found: &'a mut Vec<Diagnostic>,
}

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
    let requests = requests::requests(&mut checker, tree, &schedule, &priced, &targets);
    checker.unused(tree);
    if parent.is_none() && builtin::builtin(name).is_none() {
        checker.complete(tree, &schedule);
    }
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
                    Diagnostic::error("too-complex", "this file has too many groups").label(
                        Label::primary(self.file, name.span.clone(), "more than 1000 groups"),
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

    /// The finding for a name that is not free.
    pub(super) fn reserved(&self, name: &Word, what: &str) -> Diagnostic {
        Diagnostic::error(
            "reserved-name",
            format!("`{}` means something already", name.text),
        )
        .label(Label::primary(self.file, name.span.clone(), what))
    }

    /// Objects to the second definition of a name.
    pub(super) fn once(&mut self, seen: &mut BTreeMap<String, ast::Span>, name: &Word, what: &str) {
        match seen.get(&name.text) {
            Some(first) => {
                let finding = self.twice(name, first.clone(), what);
                self.found.push(finding);
            }
            None => {
                seen.insert(name.text.clone(), name.span.clone());
            }
        }
    }

    /// The finding for a second definition.
    pub(super) fn twice(&self, name: &Word, first: ast::Span, what: &str) -> Diagnostic {
        Diagnostic::error("defined-twice", format!("a second {what} `{}`", name.text))
            .label(Label::primary(
                self.file,
                name.span.clone(),
                "and again here",
            ))
            .label(Label::context(self.file, first, "first here"))
    }

    /// The fork whose rules apply to a schedule that extends nothing.
    pub(super) fn fork(&mut self, tree: &ast::File) -> Fork {
        let Some(word) = tree.header.as_ref().and_then(|h| h.fork.as_ref()) else {
            return Fork::Osaka;
        };
        if let Some(fork) = Fork::named(&word.text) {
            return fork;
        }
        let unknown = load::unknown_fork(&word.text, self.file, word.span.clone());
        self.found.push(unknown);
        Fork::Osaka
    }

    /// A schedule that extends nothing must price everything that its fork charges for.
    fn complete(&mut self, tree: &ast::File, schedule: &Schedule) {
        let Some(header) = &tree.header else { return };
        let unknown = |word: &Word| Fork::named(&word.text).is_none();
        if header.fork.as_ref().is_some_and(unknown) {
            return;
        }
        let mut missing = builtin::schedule(schedule.fork)
            .entries()
            .iter()
            .filter(|e| schedule.entry(&e.name).is_none());
        if let Some(first) = missing.next() {
            let more = missing.count();
            self.found.push(
                Diagnostic::error(
                    "missing-price",
                    format!("there is no price of `{}`", first.name),
                )
                .label(Label::primary(
                    self.file,
                    header.span.clone(),
                    format!("extends nothing, and lacks this price and {more} more"),
                ))
                .help(format!(
                    "start from another schedule: extends {}",
                    schedule.fork.name()
                )),
            );
        }
    }
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
