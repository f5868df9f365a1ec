//! The folder of this user's runs: a locked file for each, named by its random id.
//!
//! Invariant: what containers and images say of themselves leads to no file. A run is known from its file in this folder, and
//! nothing else is opened or removed.

use std::{
    fs::{self, DirBuilder},
    io::{self, ErrorKind},
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _},
    path::{Path, PathBuf},
};

use crate::locked_file::LockedFile;

/// How files of runs end.
const LOCK: &str = "lock";
/// Files kept of runs that could not remove their own: their containers may be on a host that is asked later.
const KEPT: usize = 64;

/// Permissions of the folder: nobody else's business.
const PRIVATE: u32 = 0o700;

/// The folder of this user's runs.
#[derive(Clone, Debug)]
pub struct RunFolder(PathBuf);

/// A run's file. The run lives as long as someone holds its lock.
#[derive(Debug)]
pub(super) struct RunLock {
    /// The run's id: random, so that no image can name it.
    pub id: String,
    file: LockedFile,
}

impl RunFolder {
    /// The folder at `path`, made if it is not there.
    ///
    /// # Errors
    /// It cannot be made or written to, or others may have put there what is in it.
    pub fn at(path: &Path) -> io::Result<Self> {
        DirBuilder::new()
            .recursive(true)
            .mode(PRIVATE)
            .create(path)?;
        let refused = |why: &str| Err(io::Error::new(ErrorKind::PermissionDenied, why));
        let found = fs::symlink_metadata(path)?;
        if !found.is_dir() {
            return refused("it is a link");
        }
        // What this process makes belongs to its user.
        if found.uid() != tempfile::tempfile_in(path)?.metadata()?.uid() {
            return refused("it belongs to another user");
        }
        if found.mode() & !PRIVATE & 0o777 != 0 {
            return refused("others may use it, too; `chmod 700` makes it private");
        }
        Ok(Self(path.to_owned()))
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// Begins a run.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub(super) fn begin(&self) -> io::Result<RunLock> {
        loop {
            let id = random_id()?;
            let path = self.0.join(format!("{id}.{LOCK}"));
            if let Some(file) = LockedFile::new(path)? {
                self.remove_old();
                return Ok(RunLock { id, file });
            }
        }
    }

    /// The runs that are dead. Their locks are held, so that nobody else cleans up after them meanwhile.
    pub(super) fn dead(&self) -> Vec<RunLock> {
        let files = fs::read_dir(&self.0).into_iter().flatten().flatten();
        files
            .filter_map(|file| RunLock::take(&file.path()))
            .collect()
    }

    /// Removes the oldest files of dead runs where there are too many.
    fn remove_old(&self) {
        let mut dead = self.dead();
        dead.sort_by_cached_key(|run| {
            fs::metadata(&run.file.path)
                .and_then(|file| file.modified())
                .ok()
        });
        let old = dead.len().saturating_sub(KEPT);
        for run in &dead[..old] {
            run.remove();
        }
    }
}

impl RunLock {
    /// The lock of a run that is dead: only one that can be opened and taken says so.
    fn take(path: &Path) -> Option<Self> {
        let id = path.file_stem()?.to_str()?.to_owned();
        if path.extension()? != LOCK || !is_id(&id) {
            return None;
        }
        let file = LockedFile::abandoned(path)?;
        Some(Self { id, file })
    }

    /// Forgets the run. Only for one that has left no containers.
    pub(super) fn remove(&self) {
        // Nothing but a file that stays.
        let _ = fs::remove_file(&self.file.path);
    }
}

/// 16 hexadecimal digits that nobody can guess.
pub(super) fn random_id() -> io::Result<String> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes)?;
    Ok(format!("{:016x}", u64::from_le_bytes(bytes)))
}

/// Whether a text has the form of [`random_id`].
fn is_id(text: &str) -> bool {
    text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use std::{
        fs::Permissions,
        os::unix::fs::{PermissionsExt as _, symlink},
    };

    use super::*;

    fn dead(folder: &RunFolder) -> Vec<String> {
        folder.dead().iter().map(|run| run.id.clone()).collect()
    }

    #[test]
    fn a_run_lives_while_its_lock_is_held() {
        let place = tempfile::tempdir().unwrap();
        let folder = RunFolder::at(&place.path().join("runs")).unwrap();
        let (killed, lives) = (folder.begin().unwrap(), folder.begin().unwrap());
        assert_ne!(killed.id, lives.id);
        assert!(dead(&folder).is_empty());
        let id = killed.id.clone();
        drop(killed);
        assert_eq!(dead(&folder), [id]);
        let cleaning = folder.dead();
        assert!(dead(&folder).is_empty(), "one cleans up, and only one");
        cleaning[0].remove();
        drop(cleaning);
        assert!(dead(&folder).is_empty());
    }

    #[test]
    fn files_of_dead_runs_do_not_pile_up() {
        let place = tempfile::tempdir().unwrap();
        let folder = RunFolder::at(&place.path().join("runs")).unwrap();
        for _ in 0..KEPT + 5 {
            folder.begin().unwrap();
        }
        assert_eq!(folder.dead().len(), KEPT + 1);
    }

    /// A lock of another user can be neither opened nor taken, and says nothing.
    #[test]
    fn a_lock_that_cannot_be_taken_is_no_dead_run() {
        let place = tempfile::tempdir().unwrap();
        let folder = RunFolder::at(&place.path().join("runs")).unwrap();
        let lock = |id: &str| folder.path().join(id).with_extension(LOCK);
        fs::create_dir(lock("0123456789abcdef")).unwrap();
        let target = place.path().join("target");
        fs::write(&target, "text").unwrap();
        symlink(&target, lock("fedcba9876543210")).unwrap();
        symlink("nowhere", lock("00000000fedcba98")).unwrap();
        fs::write(folder.path().join("notes.lock"), "").unwrap();
        assert!(dead(&folder).is_empty());
        assert_eq!(fs::read_to_string(target).unwrap(), "text");
    }

    #[test]
    fn the_folder_is_this_users_alone() {
        let place = tempfile::tempdir().unwrap();
        let own = place.path().join("state/reprice");
        RunFolder::at(&own).unwrap();
        let mode = fs::metadata(&own).unwrap().mode();
        assert_eq!(mode & 0o777, PRIVATE);
        let refused = |path: &Path| RunFolder::at(path).unwrap_err().to_string();
        let link = place.path().join("link");
        symlink(&own, &link).unwrap();
        assert_eq!(refused(&link), "it is a link");
        fs::set_permissions(&own, Permissions::from_mode(0o770)).unwrap();
        assert!(refused(&own).starts_with("others may use it"));
        fs::set_permissions(&own, Permissions::from_mode(PRIVATE)).unwrap();
        // Only the superuser can give it away.
        if std::os::unix::fs::chown(&own, Some(65_534), None).is_ok() {
            assert_eq!(refused(&own), "it belongs to another user");
        }
    }
}
