//! The files of fixtures that a benchmark reads.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Adds a file that is named, or every `.json` file below a folder, in order; no link in it is followed.
pub fn json_files(named: &Path, found: &mut Vec<PathBuf>) {
    if named.is_file() {
        found.push(named.to_path_buf());
        return;
    }
    let entries = fs::read_dir(named).unwrap();
    let mut entries: Vec<_> = entries.map(Result::unwrap).collect();
    entries.sort_by_key(fs::DirEntry::path);
    for entry in entries {
        let (path, kind) = (entry.path(), entry.file_type().unwrap());
        if kind.is_dir() {
            json_files(&path, found);
        } else if kind.is_file() && path.extension().is_some_and(|ending| ending == "json") {
            found.push(path);
        }
    }
}
