//! Result folders: walked, and written.

use std::{
    collections::BTreeMap,
    fmt, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use rayon::prelude::*;
use serde_json::{Value, json};

use super::{
    Finished, Run, Test,
    result_file::{self, document},
    source_path::source_of,
};
use crate::{
    input_file::{self, FolderError},
    printable::printable,
    prove::Source,
};

/// What says which machine the results beside and below it are from.
pub const HARDWARE: &str = "hardware.json";

/// Everything a folder holds.
#[derive(Clone, Debug, Default)]
pub struct Recorded {
    /// The results, in the order of their paths.
    pub runs: Vec<Run>,
    /// Files left out because they are empty: a runner that was stopped leaves those.
    pub empty: Vec<PathBuf>,
    /// Files left out because they cannot be understood.
    pub refused: Vec<Refused>,
}

impl Recorded {
    /// Without the blocks that were executed only, and without what the others cost.
    #[must_use]
    pub fn only_times(mut self) -> Self {
        self.runs.retain(|run| run.proving.is_some());
        for run in &mut self.runs {
            run.costs = None;
        }
        self
    }
}

/// A file that cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The file, below the folder.
    pub file: PathBuf,
    /// What is wrong, with the field's name.
    pub what: String,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("`{}`: {}", self.file.display(), self.what);
        f.write_str(&printable(&text))
    }
}

/// What one file holds.
enum Content {
    Run(Box<Run>),
    Empty(PathBuf),
    Refused(Refused),
}

/// Reads every result below `root`.
///
/// # Errors
/// A folder that cannot be listed.
pub fn read(root: &Path) -> Result<Recorded, FolderError> {
    let below = |path: &Path| path.strip_prefix(root).unwrap_or(path).to_owned();
    let listing = input_file::list(root, "json")?;
    let mut files: Vec<PathBuf> = listing.files.iter().map(|file| below(file)).collect();
    let left_out = listing.left_out.into_iter().map(|one| Refused {
        file: below(&one.path),
        what: one.why,
    });
    let mut recorded = Recorded {
        refused: left_out.collect(),
        ..Recorded::default()
    };
    let mut machines: BTreeMap<PathBuf, String> = BTreeMap::new();
    let is_machine = |file: &PathBuf| file.file_name().is_some_and(|name| name == HARDWARE);
    for file in files.iter().filter(|file| is_machine(file)) {
        let found = text(root, file).and_then(|text| result_file::hardware(&text));
        match found {
            Ok(Some(machine)) => {
                machines.insert(folder(file).to_owned(), machine);
            }
            Ok(None) => {}
            Err(what) => recorded.refused.push(Refused {
                file: file.clone(),
                what,
            }),
        }
    }
    files.retain(|file| !is_machine(file));
    let sources = sources(root, &files, &machines);
    let contents: Vec<Content> = files
        .par_iter()
        .map(|file| one(root, file, &sources[folder(file)]))
        .collect();
    for content in contents {
        match content {
            Content::Run(run) => recorded.runs.push(*run),
            Content::Empty(file) => recorded.empty.push(file),
            Content::Refused(refused) => recorded.refused.push(refused),
        }
    }
    Ok(recorded)
}

fn folder(file: &Path) -> &Path {
    file.parent().unwrap_or_else(|| Path::new(""))
}

/// One source per folder that holds results.
fn sources(
    root: &Path,
    files: &[PathBuf],
    machines: &BTreeMap<PathBuf, String>,
) -> BTreeMap<PathBuf, Arc<Source>> {
    let mut sources = BTreeMap::new();
    for file in files {
        let own = folder(file);
        if sources.contains_key(own) {
            continue;
        }
        let machine = own.ancestors().find_map(|above| machines.get(above));
        let source = source_of(own, root, machine.map(String::as_str));
        sources.insert(own.to_owned(), Arc::new(source));
    }
    sources
}

fn text(root: &Path, file: &Path) -> Result<String, String> {
    input_file::text(&root.join(file), input_file::RESULT).map_err(|error| error.to_string())
}

fn one(root: &Path, file: &Path, source: &Arc<Source>) -> Content {
    let refused = |what: String| {
        Content::Refused(Refused {
            file: file.to_owned(),
            what,
        })
    };
    let text = match text(root, file) {
        Ok(text) if text.is_empty() => return Content::Empty(file.to_owned()),
        Ok(text) => text,
        Err(what) => return refused(what),
    };
    match result(file, &text, source) {
        Ok(run) => Content::Run(Box::new(run)),
        Err(what) => refused(what),
    }
}

/// The result that `file` holds, which has this text.
///
/// # Errors
/// It holds none, or what cannot be understood, with the field's name.
pub fn result(file: &Path, text: &str, source: &Arc<Source>) -> Result<Run, String> {
    let record = result_file::record(text)?.ok_or("it holds no result")?;
    let stem = file.file_stem().map(|stem| stem.to_string_lossy());
    let name = record.original_name.or(record.name);
    let name = name.as_deref().or(stem.as_deref()).unwrap_or_default();
    let mut test = Test::parse(name);
    if test.level_mgas.is_none() {
        let stem = stem.as_deref();
        test.level_mgas = stem.and_then(|stem| Test::parse(stem).level_mgas);
    }
    Ok(Run {
        file: file.to_owned(),
        test,
        source: Arc::clone(source),
        gas_used: record.gas_used,
        opcode_count: record.opcode_count,
        costs: record.costs,
        target_opcode: record.target_opcode,
        executions: None,
        execution: record.execution,
        proving: record.proving,
    })
}

/// The folder of a prover's results, below that of all results.
pub fn folder_of(source: &Source) -> PathBuf {
    let guest = source.guest.iter();
    guest.chain([&source.zkvm]).collect()
}

/// Each measurement as a file below a result folder: `<guest>/<zkvm>/<scenario>.json`, and its text.
///
/// # Errors
/// A result without a form in JSON.
pub fn result_files(source: &Source, finished: &[Finished]) -> io::Result<Vec<(PathBuf, String)>> {
    let own = folder_of(source);
    let file = |one: &Finished| {
        let path = own.join(file_name(&one.scenario));
        Ok((path, pretty(&document(one))?))
    };
    finished.iter().map(file).collect()
}

/// What stands in [`HARDWARE`] for results of this source.
///
/// # Errors
/// None but those of JSON.
pub fn hardware_text(source: &Source) -> io::Result<String> {
    let machine = source.hardware.as_deref().unwrap_or("unknown");
    pretty(&json!({ "cpu_model": machine, "total_ram_gib": 0, "gpus": [] }))
}

/// A scenario's name without what folders are made of.
fn file_name(scenario: &str) -> String {
    format!("{}.json", scenario.replace(['/', '\\'], "__"))
}

fn pretty(document: &Value) -> io::Result<String> {
    let mut text = serde_json::to_string_pretty(document)?;
    text.push('\n');
    Ok(text)
}
