//! Files that a process locks as long as it lives: one that nobody locks is abandoned, however its process ended.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use rustix::fs::OFlags;

/// A file that this process holds.
#[derive(Debug)]
pub struct LockedFile {
    /// Where it is.
    pub path: PathBuf,
    /// Locked until it is closed.
    _file: File,
}

impl LockedFile {
    /// Makes a file; none where another process has just taken it for an abandoned one.
    ///
    /// # Errors
    /// It cannot be made, or is there already.
    pub fn new(path: PathBuf) -> io::Result<Option<Self>> {
        let file = options().create_new(true).open(&path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { path, _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// An abandoned file: only a regular one that can be opened and locked is. Nobody else takes it while it is held.
    pub fn abandoned(path: &Path) -> Option<Self> {
        let file = options().open(path).ok()?;
        let is_abandoned = file.metadata().ok()?.is_file() && file.try_lock().is_ok();
        let path = path.to_owned();
        is_abandoned.then_some(Self { path, _file: file })
    }
}

/// No links are followed, and nothing is waited for.
fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
    options.read(true).write(true);
    options.custom_flags(flags.bits().cast_signed());
    options
}
