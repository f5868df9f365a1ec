//! Files on the way to their places: written beside them and renamed once they are whole.
//!
//! A killed process leaves such a file. Each is locked as long as its process lives, and those that are not are removed by the
//! next process that makes one in the same folder.

use std::{
    collections::BTreeSet,
    fs::{self, Permissions, TryLockError},
    io,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use tempfile::NamedTempFile;

use crate::locked_file::LockedFile;

/// How their names begin.
const PREFIX: &str = ".reprice-";
/// How their names end.
const SUFFIX: &str = ".part";

/// A hidden file in `folder` with these permissions, which is gone again unless it is renamed.
///
/// # Errors
/// It cannot be made.
pub fn file_in(folder: &Path, mode: u32) -> io::Result<NamedTempFile> {
    remove_abandoned(folder);
    loop {
        let file = tempfile::Builder::new()
            .prefix(PREFIX)
            .suffix(SUFFIX)
            .permissions(Permissions::from_mode(mode))
            .tempfile_in(folder)?;
        match file.as_file().try_lock() {
            // Another process has taken it for an abandoned one.
            Err(TryLockError::WouldBlock) => {}
            Ok(()) if !file.path().exists() => {}
            // Where files cannot be locked none counts as abandoned.
            Ok(()) | Err(TryLockError::Error(_)) => return Ok(file),
        }
    }
}

/// Removes what killed processes have left in `folder`, once.
fn remove_abandoned(folder: &Path) {
    static DONE: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());
    let mut done = DONE.lock().unwrap_or_else(PoisonError::into_inner);
    if !done.insert(folder.to_owned()) {
        return;
    }
    drop(done);
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with(PREFIX)
            && name.ends_with(SUFFIX)
            && let Some(file) = LockedFile::abandoned(&entry.path())
        {
            // Another time, perhaps.
            let _ = fs::remove_file(&file.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_killed_processes_have_left_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for name in [".reprice-killed.part", ".other.part", "a.json"] {
            fs::write(path(name), "half").unwrap();
        }
        let lives = LockedFile::new(path(".reprice-lives.part")).unwrap();
        std::os::unix::fs::symlink("a.json", path(".reprice-link.part")).unwrap();
        let file = file_in(folder.path(), 0o600).unwrap();
        assert!(!path(".reprice-killed.part").exists());
        for name in [
            ".reprice-lives.part",
            ".reprice-link.part",
            ".other.part",
            "a.json",
        ] {
            assert!(path(name).exists(), "{name}");
        }
        assert!(LockedFile::abandoned(file.path()).is_none(), "it is in use");
        drop(lives);
    }
}
