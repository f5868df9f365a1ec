//! What names, patterns and groups stand for.

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, BTreeSet},
};

use crate::{
    diag::{Diagnostic, FileId, Fix, Label},
    gas::{Kind, Part, Ratio, Variable, catalogue},
};

use super::{
    ast::{Pick, Span},
    suggest,
};

/// Picks in one selection.
const MAX_PICKS: usize = 1_000;
/// Names that all patterns of a file are compared with.
const MAX_COMPARED: usize = 4_000_000;
/// Misspelt names of a file that get a suggestion.
const MAX_SUGGESTIONS: usize = 20;

/// One operation, or one part of it, that a selection chose.
#[derive(Clone, Debug)]
pub(super) struct Chosen {
    pub operation: String,
    pub part: Option<Part>,
    /// Chosen by name rather than by a pattern or through a group.
    pub named: bool,
    /// The pick that chose it.
    pub span: Span,
}

/// A constant.
#[derive(Clone, Debug)]
pub(super) struct Constant {
    pub value: Ratio,
    /// Where this file binds it; `None` when inherited.
    pub own: Option<Span>,
}

/// Everything that a name can stand for in one file.
pub(super) struct Names {
    pub file: FileId,
    /// How messages call what this file extends.
    pub parent: String,
    /// Every operation, with its kind, and the order of the schedule.
    pub operations: Vec<(String, Kind)>,
    pub kinds: BTreeMap<String, Kind>,
    pub constants: BTreeMap<String, Constant>,
    pub groups: BTreeMap<String, Vec<Chosen>>,
    used: RefCell<BTreeSet<String>>,
    compared: Cell<usize>,
    suggestions: Cell<usize>,
}

impl Names {
    pub(super) fn new(file: FileId, parent: String) -> Self {
        Self {
            file,
            parent,
            operations: Vec::new(),
            kinds: BTreeMap::new(),
            constants: BTreeMap::new(),
            groups: BTreeMap::new(),
            used: RefCell::default(),
            compared: Cell::default(),
            suggestions: Cell::default(),
        }
    }

    /// Makes an operation known.
    pub(super) fn add(&mut self, name: &str, kind: Kind) {
        if self.kinds.insert(name.to_owned(), kind).is_none() {
            self.operations.push((name.to_owned(), kind));
        }
    }

    /// The value of a constant, which counts as a use of it.
    pub(super) fn constant(&self, name: &str) -> Option<Ratio> {
        let constant = self.constants.get(name)?;
        self.used.borrow_mut().insert(name.to_owned());
        Some(constant.value)
    }

    /// Whether a constant or group was used.
    pub(super) fn is_used(&self, name: &str) -> bool {
        self.used.borrow().contains(name)
    }

    /// What a selection stands for, each operation once. A statement's `kind` narrows every pick.
    pub(super) fn choose(
        &self,
        picks: &[Pick],
        kind: Option<Kind>,
        found: &mut Vec<Diagnostic>,
    ) -> Vec<Chosen> {
        if let Some(pick) = picks.get(MAX_PICKS) {
            found.push(
                Diagnostic::error("too-complex", "this selection is too long").at(
                    self.file,
                    &pick.span,
                    "more than 1000 names",
                ),
            );
            return Vec::new();
        }
        let mut all = Vec::new();
        let mut seen = BTreeSet::new();
        for pick in picks {
            match self.pick(pick, kind) {
                Ok(chosen) => {
                    for one in chosen {
                        // A repeated name is kept for the caller to object to; what patterns repeat is not.
                        let key = (one.operation.clone(), one.part);
                        if seen.insert(key) || one.named {
                            all.push(one);
                        }
                    }
                }
                Err(finding) => found.push(finding),
            }
        }
        all
    }

    fn pick(&self, pick: &Pick, kind: Option<Kind>) -> Result<Vec<Chosen>, Diagnostic> {
        let kind = pick.kind.or(kind);
        let part = self.part(pick)?;
        let chosen = |operation: &str, named| Chosen {
            operation: operation.to_owned(),
            part,
            named,
            span: pick.span.clone(),
        };
        let matches = |(name, its): &&(String, Kind), prefix: &str| {
            name.starts_with(prefix) && kind.is_none_or(|k| k == *its)
        };
        if let Some(prefix) = pick.name.strip_suffix('*') {
            let compared = self.compared.get() + self.operations.len();
            self.compared.set(compared);
            if compared > MAX_COMPARED {
                return Err(
                    Diagnostic::error("too-complex", "this file has too many patterns").at(
                        self.file,
                        &pick.span,
                        "not looked up",
                    ),
                );
            }
            let all: Vec<_> = self
                .operations
                .iter()
                .filter(|o| matches(o, prefix))
                .map(|(name, _)| chosen(name, false))
                .collect();
            return if all.is_empty() {
                Err(self.empty(pick, kind))
            } else {
                Ok(all)
            };
        }
        if let Some(group) = self.groups.get(&pick.name) {
            self.used.borrow_mut().insert(pick.name.clone());
            return group
                .iter()
                .map(|member| self.member(member, pick, part, kind))
                .collect();
        }
        match self.kinds.get(&pick.name) {
            Some(its) if kind.is_none_or(|k| k == *its) => Ok(vec![chosen(&pick.name, true)]),
            Some(its) => Err(self.wrong_kind(pick, *its, kind.unwrap_or(*its))),
            None => Err(self.unknown(&pick.name, &pick.name_span, kind, true)),
        }
    }

    /// A group's member, narrowed by the pick that names the group.
    fn member(
        &self,
        member: &Chosen,
        pick: &Pick,
        part: Option<Part>,
        kind: Option<Kind>,
    ) -> Result<Chosen, Diagnostic> {
        let its = self.kinds.get(&member.operation).copied();
        if let (Some(its), Some(kind)) = (its, kind)
            && its != kind
        {
            return Err(Diagnostic::error(
                "unknown-name",
                format!(
                    "`{}` of `{}` is no {}",
                    member.operation,
                    pick.name,
                    kind.keyword()
                ),
            )
            .at(
                self.file,
                &pick.name_span,
                format!("this group has a {}", its.keyword()),
            ));
        }
        Ok(Chosen {
            operation: member.operation.clone(),
            part: part.or(member.part),
            named: false,
            span: pick.span.clone(),
        })
    }

    /// The part that a pick names, whether or not the operation has it.
    fn part(&self, pick: &Pick) -> Result<Option<Part>, Diagnostic> {
        let Some(word) = &pick.part else {
            return Ok(None);
        };
        Part::named(&word.text)
            .map(Some)
            .ok_or_else(|| self.unknown_part(&word.text, &word.span, &pick.name, &[]))
    }

    /// No operation has a part of that name; `has` are the parts that it does have.
    pub(super) fn unknown_part(
        &self,
        part: &str,
        span: &Span,
        operation: &str,
        has: &[Part],
    ) -> Diagnostic {
        let known: Vec<&str> = if has.is_empty() {
            let all = Variable::ALL.iter().map(|v| v.part());
            all.chain(std::iter::once("base")).collect()
        } else {
            has.iter().filter_map(|p| p.name()).collect()
        };
        let finding = Diagnostic::error(
            "unknown-part",
            format!("`{operation}` has no part `{part}`"),
        )
        .at(self.file, span, "no such part");
        let finding = match has {
            [] => finding,
            [Part::Whole, ..] => finding.note(format!("`{operation}` has a single price")),
            _ => finding.note(format!("its parts: {}", known.join(", "))),
        };
        finding.fix(self.did_you_mean(part, span, known))
    }

    /// Nothing goes by that name. `selecting`: groups would be welcome too.
    pub(super) fn unknown(
        &self,
        name: &str,
        span: &Span,
        kind: Option<Kind>,
        selecting: bool,
    ) -> Diagnostic {
        let message = match kind {
            Some(kind) => format!("no {} is called `{name}`", kind.keyword()),
            None => format!("nothing is called `{name}`"),
        };
        let finding = Diagnostic::error("unknown-name", message);
        let priced = format!("not priced by `{}`", self.parent);
        let label = Label::primary(self.file, span.clone(), priced);
        let instead = |to: &str, sure| Fix {
            message: format!("write `{to}`"),
            file: self.file,
            span: span.clone(),
            replacement: to.to_owned(),
            sure,
        };
        if let Some(family) = catalogue::family(name) {
            let (family, first, last) = family;
            return finding
                .at(self.file, span, "one of a family with one price")
                .note(format!(
                    "`{family}` is the price of {family}{first} to {family}{last}"
                ))
                .fix(Some(instead(family, false)));
        }
        let to = catalogue::alias(name);
        if to != name {
            return finding.label(label).fix(Some(instead(to, true)));
        }
        let operations = self
            .operations
            .iter()
            .filter(|(_, its)| kind.is_none_or(|k| k == *its))
            .map(|(name, _)| name.as_str());
        let groups = self.groups.keys().map(String::as_str).filter(|_| selecting);
        finding
            .label(label)
            .fix(self.did_you_mean(name, span, operations.chain(groups)))
    }

    fn wrong_kind(&self, pick: &Pick, its: Kind, wanted: Kind) -> Diagnostic {
        Diagnostic::error(
            "unknown-name",
            format!("no {} is called `{}`", wanted.keyword(), pick.name),
        )
        .at(
            self.file,
            &pick.name_span,
            format!("this is a {}", its.keyword()),
        )
        .help(format!("write `{} {}`", its.keyword(), pick.name))
    }

    fn empty(&self, pick: &Pick, kind: Option<Kind>) -> Diagnostic {
        let what = kind.map_or("nothing", |k| match k {
            Kind::Opcode => "no opcode",
            Kind::Precompile => "no precompile",
            Kind::Param => "no param",
        });
        Diagnostic::error("empty-selection", format!("{what} matches `{}`", pick.name)).at(
            self.file,
            &pick.span,
            "this selects nothing",
        )
    }

    /// The repair for a misspelt word, if a likely one exists.
    pub(super) fn did_you_mean<'a>(
        &self,
        word: &str,
        span: &Span,
        candidates: impl IntoIterator<Item = &'a str>,
    ) -> Option<Fix> {
        self.suggestions.set(self.suggestions.get() + 1);
        if self.suggestions.get() > MAX_SUGGESTIONS {
            return None;
        }
        suggest::did_you_mean(self.file, word, span, candidates)
    }
}
