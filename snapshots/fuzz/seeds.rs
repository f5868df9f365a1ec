//! Where fuzzing starts: what the repository's `fixtures/` and `schedules/` hold. Each target lays its seeds into its corpus when it
//! starts, so none of them is committed twice.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Lays seeds into the corpus of a target, named so that the same ones lie there once.
///
/// # Panics
/// They cannot be written.
pub fn sow(target: &str, seeds: impl IntoIterator<Item = Vec<u8>>) {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("corpus")
        .join(target);
    fs::create_dir_all(&corpus).expect("the corpus has a folder");
    for (number, seed) in seeds.into_iter().enumerate() {
        fs::write(corpus.join(format!("seed-{number:03}")), seed).expect("a seed can be written");
    }
}

/// What the files with this extension hold below folders of the repository, in the order of their paths.
///
/// # Panics
/// They cannot be read.
pub fn files(folders: &[&str], extension: &str) -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut open: Vec<PathBuf> = folders.iter().map(|folder| root.join(folder)).collect();
    let mut found = Vec::new();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            let entries = fs::read_dir(path).expect("a folder can be read");
            open.extend(entries.map(|entry| entry.expect("so can its entries").path()));
        } else if path.extension().is_some_and(|found| found == extension) {
            found.push(path);
        }
    }
    found.sort();
    assert!(!found.is_empty(), "no .{extension} below {folders:?}");
    let read = |path| fs::read(path).expect("a file can be read");
    found.into_iter().map(read).collect()
}
