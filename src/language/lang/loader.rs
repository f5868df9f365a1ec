//! A file together with everything it extends.

use crate::{
    diag::{Diagnostic, FileId, Label, Severity, Sources},
    gas::{Fork, Schedule},
};

use super::{
    Plan, ast,
    bindings::{Override, Overrides},
    built_in_texts::{built_in_names, builtin, builtins},
    inheritance::check,
    layer::Layer,
    parser,
    paths::{beside, clean},
    suggest::did_you_mean,
};

/// Files in one chain of `extends`.
const MAX_CHAIN: usize = 16;

/// Where files come from.
pub trait Files {
    /// The text of the file at `path`, which is the path given to [`load`], or one relative to that of the file
    /// that extends it, joined and cleaned of `.` and `..`.
    ///
    /// # Errors
    /// Why there is no text, in a few words.
    fn read(&self, path: &str) -> Result<String, String>;
}

/// A reader with nothing to read: what built-ins need.
pub struct NoFiles;

impl Files for NoFiles {
    fn read(&self, path: &str) -> Result<String, String> {
        Err(format!("no file `{path}` here"))
    }
}

/// What the command line changes about a file. None of it reaches the files that it extends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// The variant to use.
    pub variant: Option<String>,
    /// Other values for constants: name and formula. They win over the variant's.
    pub set: Vec<(String, String)>,
}

/// What became of a file.
#[derive(Debug)]
pub struct Loaded {
    /// Its meaning; `None` exactly when there is an error among the diagnostics.
    pub plan: Option<Plan>,
    /// Everything found, in the order of the places.
    pub diagnostics: Vec<Diagnostic>,
    /// The texts that the diagnostics point into.
    pub sources: Sources,
}

/// Reads the schedule at `path`, or the built-in of that name.
pub fn load(path: &str, files: &dyn Files, options: &Options) -> Loaded {
    let mut loader = Loader {
        files,
        sources: Sources::default(),
        found: Vec::new(),
        chain: Vec::new(),
    };
    let layer = match builtin(path) {
        Some(text) => loader.built_in(path, text, Some(options)),
        None => match files.read(path) {
            Ok(text) => loader.file(path, &text, Some(options)),
            Err(why) => {
                loader.found.push(no_such_file(path, &why));
                None
            }
        },
    };
    let Loader {
        sources, mut found, ..
    } = loader;
    let plan = layer.map(|layer| layer.into_plan(&mut found));
    found.sort_by_key(|d| {
        let at = d.place().map(|l| (l.file, l.span.start));
        (at.is_none(), at)
    });
    let failed = found.iter().any(|d| d.severity == Severity::Error);
    Loaded {
        plan: plan.filter(|_| !failed),
        diagnostics: found,
        sources,
    }
}

struct Loader<'a> {
    files: &'a dyn Files,
    sources: Sources,
    found: Vec<Diagnostic>,
    /// The files being read, outermost first, and where each extends the next.
    chain: Vec<(String, Label)>,
}

impl Loader<'_> {
    fn built_in(&mut self, name: &str, text: &str, options: Option<&Options>) -> Option<Layer> {
        let id = self.sources.add(format!("<{name}>"), text);
        self.layer(name, text, id, options)
    }

    fn file(&mut self, path: &str, text: &str, options: Option<&Options>) -> Option<Layer> {
        let id = self.sources.add(path, text);
        self.layer(path, text, id, options)
    }

    fn layer(
        &mut self,
        path: &str,
        text: &str,
        id: FileId,
        options: Option<&Options>,
    ) -> Option<Layer> {
        let tree = parser::parse(text, id, &mut self.found);
        let parent = if let Some(header) = &tree.header {
            match &header.parent {
                None => None,
                Some(parent) => Some(self.parent(path, id, parent)?),
            }
        } else {
            // Where lines were not understood, one of them may well be the header.
            let here = |d: &Diagnostic| d.place().is_some_and(|l| l.file == id);
            if !self.found.iter().any(here) {
                self.found.push(no_header(id));
            }
            self.stand_in()
        };
        let overrides = options.map(|o| self.overrides(o)).unwrap_or_default();
        let extends_nothing = parent.is_none();
        let layer = check(&tree, path, (id, text), parent, &overrides, &mut self.found);
        if extends_nothing && builtin(path).is_none() {
            self.found.extend(incomplete(&tree, &layer.schedule, id));
        }
        Some(layer)
    }

    /// The command line's changes, each read as a little file of its own so that findings can point into it.
    fn overrides(&mut self, options: &Options) -> Overrides {
        let set = options.set.iter().filter_map(|(name, text)| {
            let file = self.sources.add(format!("--set {name}"), text.as_str());
            let value = parser::argument(text, file, &mut self.found)?;
            Some(Override {
                name: name.clone(),
                file,
                value,
            })
        });
        Overrides {
            set: set.collect(),
            variant: options.variant.clone(),
        }
    }

    /// The layer that a file extends.
    fn parent(&mut self, path: &str, id: FileId, parent: &ast::Parent) -> Option<Layer> {
        let label = Label::context(id, parent.word.span.clone(), "extended here");
        let warnings = self.found.len();
        let target = if parent.quoted {
            beside(path, &parent.word.text)
        } else {
            parent.word.text.clone()
        };
        self.chain.push((clean(path), label));
        let layer = self.open(&target, id, parent);
        self.chain.pop();
        // What is doubtful about another file is for whoever checks that file.
        let mut at = 0;
        self.found.retain(|d| {
            at += 1;
            at <= warnings || d.severity == Severity::Error
        });
        layer
    }

    /// What to check against when nobody knows what a file extends, so that its other mistakes show too.
    fn stand_in(&mut self) -> Option<Layer> {
        let name = Fork::Osaka.name();
        builtin(name).and_then(|text| self.built_in(name, text, None))
    }

    fn open(&mut self, target: &str, id: FileId, parent: &ast::Parent) -> Option<Layer> {
        let here = parent.word.span.clone();
        if !parent.quoted {
            if let Some(text) = builtin(target) {
                return self.built_in(target, text, None);
            }
            let finding = unknown_schedule(target, id, parent);
            self.found.push(finding);
            return self.stand_in();
        }
        if let Some(at) = self.chain.iter().position(|(path, _)| path == target) {
            let links = self.chain[at..].iter();
            let mut finding = Diagnostic::error("extends-cycle", "this schedule extends itself")
                .at(id, &here, "extended here");
            for (_, label) in links.filter(|(_, label)| label.file != id) {
                finding = finding.label(label.clone());
            }
            self.found.push(finding);
            return None;
        }
        if self.chain.len() >= MAX_CHAIN {
            self.found.push(
                Diagnostic::error("too-complex", "too many schedules extend one another").at(
                    id,
                    &here,
                    format!("more than {MAX_CHAIN} files deep"),
                ),
            );
            return None;
        }
        match self.files.read(target) {
            Ok(text) => self.file(target, &text, None),
            Err(why) => {
                let finding = no_such_file(target, &why).at(id, &here, why);
                self.found.push(finding);
                None
            }
        }
    }
}

/// A schedule that extends nothing must price everything that its fork charges for.
fn incomplete(tree: &ast::File, schedule: &Schedule, id: FileId) -> Option<Diagnostic> {
    let header = tree.header.as_ref()?;
    if let Some(word) = &header.fork {
        Fork::named(&word.text)?;
    }
    let fork = fork_prices(schedule.fork);
    let mut missing = fork
        .entries()
        .iter()
        .filter(|e| schedule.entry(&e.name).is_none());
    let first = missing.next()?;
    let more = missing.count();
    let finding = Diagnostic::error(
        "missing-price",
        format!("there is no price of `{}`", first.name),
    )
    .at(
        id,
        &header.span,
        format!("extends nothing, and lacks this price and {more} more"),
    )
    .help(format!(
        "start from another schedule: extends {}",
        schedule.fork.name()
    ));
    Some(finding)
}

/// The prices of a fork, read anew.
pub(super) fn fork_prices(fork: Fork) -> Schedule {
    let plan = load(fork.name(), &NoFiles, &Options::default()).plan;
    plan.expect("a built-in schedule has no findings").schedule
}

fn no_such_file(path: &str, why: &str) -> Diagnostic {
    let bare = !path.contains(['/', '.']);
    let finding = Diagnostic::error("unknown-schedule", format!("cannot read `{path}`"));
    if bare {
        finding.note(why).note(built_in_names())
    } else {
        finding
    }
}

fn unknown_schedule(name: &str, id: FileId, parent: &ast::Parent) -> Diagnostic {
    let span = parent.word.span.clone();
    let finding = Diagnostic::error("unknown-schedule", format!("there is no schedule `{name}`"))
        .at(id, &span, "not built in")
        .note(built_in_names())
        .help(format!(
            "to extend a file, write its path in quotes: extends \"{name}.gas\""
        ));
    finding.fix(did_you_mean(id, name, &span, builtins()))
}

fn no_header(id: FileId) -> Diagnostic {
    Diagnostic::error("missing-header", "this file does not say what it is")
        .at(id, &(0..0), "expected a `schedule` line")
        .help("start with `schedule \"what this is about\" extends osaka`")
}
