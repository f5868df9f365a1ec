//! `let` and `variant`: constants.

use std::collections::BTreeMap;

use crate::{
    diag::{Diagnostic, FileId},
    gas::{Ratio, Variable},
};

use super::{
    ast::{self, Word},
    checker::Checker,
    lowering::number,
    names::Constant,
    suggest::did_you_mean,
};

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

impl Checker<'_> {
    /// Binds this file's constants, as the command line and the variant will have them.
    pub(super) fn constants(&mut self, tree: &ast::File, overrides: &Overrides) {
        let variant = self.chosen_variant(tree, overrides);
        for (name, value) in &tree.bindings {
            if !self.may_bind(name) {
                continue;
            }
            let set = overrides.set.iter().rev().find(|o| o.name == name.text);
            let varied = variant.and_then(|v| v.values.iter().find(|(n, _)| n.text == name.text));
            let own = number(value, &self.names);
            let value = match (set, varied) {
                (Some(set), _) => {
                    self.names.file = set.file;
                    let value = number(&set.value, &self.names);
                    self.names.file = self.file;
                    value
                }
                (None, Some((_, value))) => number(value, &self.names),
                (None, None) => own.clone(),
            };
            // A broken binding still binds, so that its uses are not findings too.
            let usable = value.as_ref().copied().unwrap_or(Ratio::ONE);
            self.found.extend(value.err());
            if set.is_some() || varied.is_some() {
                self.found.extend(own.err());
            }
            let constant = Constant {
                value: usable,
                own: Some(name.span.clone()),
            };
            self.names.constants.insert(name.text.clone(), constant);
        }
        self.variants(tree);
        for set in &overrides.set {
            let is_own = tree.bindings.iter().any(|(n, _)| n.text == set.name);
            if !is_own {
                let bound = tree.bindings.iter().map(|(n, _)| n.text.as_str());
                let finding = Diagnostic::error(
                    "unknown-name",
                    format!("no constant is called `{}`", set.name),
                )
                .at(set.file, &set.value.span, "this is set for nothing");
                let known: Vec<_> = bound.collect();
                self.found.push(if known.is_empty() {
                    finding.note("this file has no `let`")
                } else {
                    finding.note(format!("constants of this file: {}", known.join(", ")))
                });
            }
        }
    }

    /// Every variant names constants that exist, whether or not it is chosen.
    fn variants(&mut self, tree: &ast::File) {
        let bound = || tree.bindings.iter().map(|(n, _)| n.text.as_str());
        let mut seen = BTreeMap::new();
        for variant in &tree.variants {
            self.once(&mut seen, &variant.name, "variant");
            for (name, value) in &variant.values {
                if !bound().any(|n| n == name.text) {
                    self.found.push(
                        Diagnostic::error(
                            "unknown-name",
                            format!("no constant is called `{}`", name.text),
                        )
                        .at(self.file, &name.span, "not bound by `let` in this file")
                        .fix(did_you_mean(
                            self.file,
                            &name.text,
                            &name.span,
                            bound(),
                        )),
                    );
                }
                self.found.extend(number(value, &self.names).err());
            }
        }
    }

    fn chosen_variant<'t>(
        &mut self,
        tree: &'t ast::File,
        overrides: &Overrides,
    ) -> Option<&'t ast::Variant> {
        let wanted = overrides.variant.as_ref()?;
        let chosen = tree.variants.iter().find(|v| v.name.text == *wanted);
        if chosen.is_none() {
            let span = tree.header.as_ref().map_or(0..0, |h| h.span.clone());
            let names: Vec<_> = tree.variants.iter().map(|v| v.name.text.as_str()).collect();
            let label = if names.is_empty() {
                "this file has no variants".to_owned()
            } else {
                format!("variants of this file: {}", names.join(", "))
            };
            self.found.push(
                Diagnostic::error("unknown-name", format!("no variant is called `{wanted}`"))
                    .at(self.file, &span, label),
            );
        }
        chosen
    }

    /// Whether `let` may bind this name.
    fn may_bind(&mut self, name: &Word) -> bool {
        let what = if name.text.parse::<Variable>().is_ok() {
            "what operations are measured by"
        } else if name.text == "current" {
            "the price in the schedule extended"
        } else if matches!(name.text.as_str(), "min" | "max" | "ceil" | "floor") {
            "a function"
        } else if self.names.kinds.contains_key(&name.text) {
            "the name of a price"
        } else if let Some(Constant {
            own: Some(first), ..
        }) = self.names.constants.get(&name.text)
        {
            let finding = self.twice(name, first.clone(), "constant");
            self.found.push(finding);
            return false;
        } else {
            return true;
        };
        let finding = self.reserved(name, what);
        self.found.push(finding);
        false
    }

    /// Warns about what is bound and never used.
    pub(super) fn unused(&mut self, tree: &ast::File) {
        let bindings = tree.bindings.iter().map(|(name, _)| (name, "constant"));
        let groups = tree.groups.iter().map(|(name, _)| (name, "group"));
        for (name, what) in bindings.chain(groups) {
            let bound = self.names.constants.contains_key(&name.text)
                || self.names.groups.contains_key(&name.text);
            if bound && !self.names.is_used(&name.text) {
                self.found.push(
                    Diagnostic::warning(
                        "unused-binding",
                        format!("{what} `{}` is never used", name.text),
                    )
                    .at(self.file, &name.span, ""),
                );
            }
        }
    }
}
