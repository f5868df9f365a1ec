//! Folders of others: what is in them, and nothing that their links lead to outside.

use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
};

/// Folders nested deeper than this are not looked into.
const MAX_DEPTH: usize = 32;

/// What a folder holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// The files looked for, in the order of their paths; the folder's own path is part of theirs.
    pub files: Vec<PathBuf>,
    /// What was passed over, though what is looked for may be there.
    pub left_out: Vec<LeftOut>,
}

/// Something in a folder that is not looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// Where it is.
    pub path: PathBuf,
    /// Why.
    pub why: String,
}

/// Why a folder cannot be read.
#[derive(Debug)]
pub struct FolderError {
    /// The folder, or the one inside it.
    pub folder: PathBuf,
    /// Why.
    pub error: io::Error,
}

impl fmt::Display for FolderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot read `{}`: {}", self.folder.display(), self.error)
    }
}

impl std::error::Error for FolderError {}

/// Every file in and below `root` whose name has this ending, but for hidden ones. Links to files count where they stay in
/// `root`; links to folders are not followed, and so lead in no circle.
///
/// # Errors
/// A folder that cannot be listed.
pub fn list(root: &Path, ending: &str) -> Result<Listing, FolderError> {
    let home = root.canonicalize().map_err(failed(root))?;
    let mut search = Search {
        home,
        ending,
        found: Listing::default(),
    };
    search.folder(root, 0)?;
    search.found.files.sort();
    Ok(search.found)
}

struct Search<'a> {
    /// The folder that is searched, without links in its path.
    home: PathBuf,
    ending: &'a str,
    found: Listing,
}

impl Search<'_> {
    fn folder(&mut self, folder: &Path, depth: usize) -> Result<(), FolderError> {
        for entry in fs::read_dir(folder).map_err(failed(folder))? {
            let entry = entry.map_err(failed(folder))?;
            let path = entry.path();
            if entry.file_name().as_encoded_bytes().starts_with(b".") {
                continue;
            }
            let kind = entry.file_type().map_err(failed(folder))?;
            if kind.is_symlink() {
                if let Err(why) = self.link(&path) {
                    self.found.left_out.push(LeftOut { path, why });
                }
            } else if !kind.is_dir() {
                self.file(&path);
            } else if depth < MAX_DEPTH {
                self.folder(&path, depth + 1)?;
            } else {
                let why = "it is nested too deeply".into();
                self.found.left_out.push(LeftOut { path, why });
            }
        }
        Ok(())
    }

    fn link(&mut self, path: &Path) -> Result<(), String> {
        let target = path
            .canonicalize()
            .map_err(|error| format!("it is a link that leads nowhere: {error}"))?;
        if target.is_dir() {
            return Err("it is a link to a folder, and those are not followed".into());
        }
        if self.is_wanted(path) && !target.starts_with(&self.home) {
            return Err("it is a link out of the folder".into());
        }
        self.file(path);
        Ok(())
    }

    fn file(&mut self, path: &Path) {
        if self.is_wanted(path) {
            self.found.files.push(path.to_owned());
        }
    }

    fn is_wanted(&self, path: &Path) -> bool {
        path.extension().is_some_and(|own| own == self.ending)
    }
}

fn failed(folder: &Path) -> impl Fn(io::Error) -> FolderError {
    move |error| FolderError {
        folder: folder.into(),
        error,
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn links_lead_neither_out_nor_in_a_circle() {
        let place = tempfile::tempdir().unwrap();
        let outside = place.path().join("secret.json");
        fs::write(&outside, "").unwrap();
        let root = place.path().join("root");
        fs::create_dir_all(root.join("a/b")).unwrap();
        fs::create_dir(root.join(".git")).unwrap();
        for file in [
            "a/b/one.json",
            "a/two.json",
            ".git/no.json",
            ".no.json",
            "no.csv",
        ] {
            fs::write(root.join(file), "").unwrap();
        }
        for (link, target) in [
            ("same.json", Path::new("a/two.json")),
            ("out.json", &outside),
            ("README.md", &outside),
            ("device.json", Path::new("/dev/zero")),
            ("a/b/up", Path::new("../..")),
            ("self.json", Path::new("self.json")),
        ] {
            symlink(target, root.join(link)).unwrap();
        }
        let listing = list(&root, "json").unwrap();
        let inside = |path: &Path| path.strip_prefix(&root).unwrap().display().to_string();
        let files: Vec<String> = listing.files.iter().map(|file| inside(file)).collect();
        assert_eq!(files, ["a/b/one.json", "a/two.json", "same.json"]);
        let mut left_out: Vec<(String, &str)> = listing
            .left_out
            .iter()
            .map(|one| (inside(&one.path), &*one.why))
            .collect();
        left_out.sort();
        let starts = [
            ("a/b/up", "it is a link to a folder"),
            ("device.json", "it is a link out of the folder"),
            ("out.json", "it is a link out of the folder"),
            ("self.json", "it is a link that leads nowhere"),
        ];
        assert_eq!(left_out.len(), starts.len(), "{left_out:?}");
        for ((path, why), (expected, start)) in left_out.iter().zip(starts) {
            assert!(path == expected && why.starts_with(start), "{path}: {why}");
        }
    }

    #[test]
    fn depth_has_an_end() {
        let root = tempfile::tempdir().unwrap();
        let mut deep = root.path().to_owned();
        for _ in 0..=MAX_DEPTH {
            deep.push("d");
        }
        fs::create_dir_all(&deep).unwrap();
        fs::write(deep.join("a.json"), "").unwrap();
        let listing = list(root.path(), "json").unwrap();
        assert_eq!((listing.files.len(), listing.left_out.len()), (0, 1));
    }
}
