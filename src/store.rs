//! The cache: results by the content they depend on.
//!
//! Invariant: an entry is complete or absent. It is written beside its place and renamed, so a killed run leaves
//! nothing half-written, and the next run finds all that was finished.

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::{
        OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
};

use serde::{Serialize, de::DeserializeOwned};

/// The layout's version: part of every path, so that another layout never reads this one's entries.
const LAYOUT: &str = "v1";

/// What an entry depends on, as a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key(blake3::Hash);

impl Key {
    /// The key of all `parts` in order. Lengths are hashed too, so parts cannot run into each other.
    pub fn of(parts: &[&[u8]]) -> Self {
        let mut hasher = blake3::Hasher::new();
        for part in parts {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
        Self(hasher.finalize())
    }

    /// This very program: results that its own code shapes depend on it. Without a readable executable nothing
    /// that depends on it is found again.
    pub fn program() -> Self {
        static PROGRAM: OnceLock<Key> = OnceLock::new();
        *PROGRAM.get_or_init(|| {
            let bytes = std::env::current_exe().and_then(fs::read);
            Self::of(&[&bytes.unwrap_or_else(|_| std::process::id().to_le_bytes().into())])
        })
    }

    /// The hash itself, to make other keys of.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }
}

/// A folder of entries; several processes may use it at once.
#[derive(Debug)]
pub struct Store {
    root: Option<PathBuf>,
    corrupted: AtomicUsize,
}

impl Store {
    /// The store in `folder`, which is created on the first write.
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Self {
            root: Some(folder.into().join(LAYOUT)),
            corrupted: AtomicUsize::new(0),
        }
    }

    /// A store that keeps nothing.
    pub const fn none() -> Self {
        Self {
            root: None,
            corrupted: AtomicUsize::new(0),
        }
    }

    /// The entry of `kind` under `key`, if it is there and readable.
    pub fn get<T: DeserializeOwned>(&self, kind: &str, key: Key) -> Option<T> {
        let bytes = fs::read(self.path(kind, key)?).ok()?;
        let entry = serde_json::from_slice(&bytes).ok();
        if entry.is_none() {
            // Measured again and overwritten; said once at the end.
            self.corrupted.fetch_add(1, Ordering::Relaxed);
        }
        entry
    }

    /// Writes `entry` under `key`, whole or not at all.
    ///
    /// # Errors
    /// What the file system says; the path is in the message.
    pub fn put<T: Serialize>(&self, kind: &str, key: Key, entry: &T) -> io::Result<()> {
        let Some(path) = self.path(kind, key) else {
            return Ok(());
        };
        let folder = path.parent().unwrap_or(Path::new("."));
        let named = |e: io::Error| io::Error::new(e.kind(), format!("{}: {e}", path.display()));
        fs::create_dir_all(folder).map_err(named)?;
        let file = tempfile::NamedTempFile::new_in(folder).map_err(named)?;
        serde_json::to_writer(file.as_file(), entry).map_err(|e| named(e.into()))?;
        file.as_file().sync_data().map_err(named)?;
        file.persist(&path).map_err(|e| named(e.error))?;
        Ok(())
    }

    /// How many entries were there but unreadable.
    pub fn corrupted(&self) -> usize {
        self.corrupted.load(Ordering::Relaxed)
    }

    fn path(&self, kind: &str, key: Key) -> Option<PathBuf> {
        let name = key.0.to_hex();
        Some(
            self.root
                .as_ref()?
                .join(kind)
                .join(&name[..2])
                .join(format!("{}.json", &name[2..])),
        )
    }
}

/// Replaces the text of a file, whole or not at all: a killed run leaves the old one. Its permissions stay, and so
/// does a link that leads to it.
///
/// # Errors
/// What the file system says.
pub fn replace(path: &Path, text: &str) -> io::Result<()> {
    let path = path.canonicalize()?;
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file()
        .set_permissions(fs::metadata(&path)?.permissions())?;
    file.persist(&path).map_err(|e| e.error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(folder: &Path) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut open = vec![folder.to_path_buf()];
        while let Some(folder) = open.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    open.push(path);
                } else {
                    found.push(path);
                }
            }
        }
        found
    }

    #[test]
    fn what_is_put_is_got_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::at(folder.path());
        let (a, b) = (Key::of(&[b"ab", b"c"]), Key::of(&[b"a", b"bc"]));
        assert_ne!(a, b);
        store.put("cycles", a, &7_u64).unwrap();
        assert_eq!(store.get::<u64>("cycles", a), Some(7));
        assert_eq!(store.get::<u64>("cycles", b), None);
        assert_eq!(store.get::<u64>("blocks", a), None);
        assert_eq!(entries(folder.path()).len(), 1, "no temporary file is left");
    }

    #[test]
    fn a_damaged_entry_is_a_counted_miss_and_can_be_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::at(folder.path());
        let key = Key::of(&[b"x"]);
        store.put("cycles", key, &7_u64).unwrap();
        fs::write(&entries(folder.path())[0], b"{ \"trunc").unwrap();
        assert_eq!(store.get::<u64>("cycles", key), None);
        assert_eq!(store.corrupted(), 1);
        store.put("cycles", key, &8_u64).unwrap();
        assert_eq!(store.get::<u64>("cycles", key), Some(8));
    }

    #[test]
    fn an_unwritable_folder_is_an_error_that_names_the_path() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let store = Store::at(file.path());
        let error = store.put("cycles", Key::of(&[]), &1_u64).unwrap_err();
        assert!(error.to_string().contains(&*file.path().to_string_lossy()));
    }

    #[test]
    fn a_replaced_file_keeps_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.gas");
        assert!(
            replace(&path, "new").is_err(),
            "there is nothing to replace"
        );
        fs::write(&path, "old").unwrap();
        let before = fs::metadata(&path).unwrap().permissions();
        replace(&path, "new").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(fs::metadata(&path).unwrap().permissions(), before);
        assert_eq!(entries(folder.path()).len(), 1);
    }

    #[test]
    fn no_store_keeps_nothing() {
        let store = Store::none();
        store.put("cycles", Key::of(&[]), &1_u64).unwrap();
        assert_eq!(store.get::<u64>("cycles", Key::of(&[])), None);
    }
}
