//! The cache: results by the content they depend on.
//!
//! Invariant: an entry is complete or absent. It is written beside its place and renamed, so a killed run leaves
//! nothing half-written, and the next run finds all that was finished.
//!
//! Entries are never changed and their names say what they depend on. So stores of several machines become one by copying
//! their files together, in any order; where two have the same entry, either serves.
//!
//! ```text
//! v2/<kind>/<first two digits>/<rest of the key>             the one entry under a key
//! v2/<kind>/<first two digits>/<rest of the key>-<content>   one of several
//! ```
//! A file is the hash of its second line, and JSON.

use std::{
    collections::BTreeSet,
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::{
        Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use serde::{Serialize, de::DeserializeOwned};

use crate::{aside, input_file};

/// The layout's version: part of every path, so that another layout never reads this one's entries.
const LAYOUT: &str = "v2";
/// Permissions of entries.
const PRIVATE: u32 = 0o600;

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
    folder: Option<PathBuf>,
    damaged: Mutex<BTreeSet<PathBuf>>,
    /// Told of the first entry that cannot be written.
    unwritable: fn(&io::Error),
    has_told: AtomicBool,
}

impl Store {
    /// The store in `folder`, which is created on the first write. What cannot be written is measured again another time, and no
    /// reason to stop; `unwritable` is told once.
    pub fn at(folder: impl Into<PathBuf>, unwritable: fn(&io::Error)) -> Self {
        Self {
            folder: Some(folder.into()),
            unwritable,
            ..Self::none()
        }
    }

    /// A store that keeps nothing.
    pub const fn none() -> Self {
        Self {
            folder: None,
            damaged: Mutex::new(BTreeSet::new()),
            unwritable: |_| (),
            has_told: AtomicBool::new(false),
        }
    }

    /// The folder; none where nothing is kept.
    pub fn folder(&self) -> Option<&Path> {
        self.folder.as_deref()
    }

    /// The entry of `kind` under `key`, if it is there and readable.
    pub fn get<T: DeserializeOwned>(&self, kind: &str, key: Key) -> Option<T> {
        self.read(&self.path(kind, key)?)
    }

    /// Writes `entry` under `key`, whole or not at all. One that is there already stays.
    pub fn put<T: Serialize>(&self, kind: &str, key: Key, entry: &T) {
        self.keep(entry, |_| self.path(kind, key));
    }

    /// All entries that [`Self::add`] put under `key`, in an order of their own.
    pub fn all<T: DeserializeOwned>(&self, kind: &str, key: Key) -> Vec<T> {
        let Some(path) = self.path(kind, key) else {
            return Vec::new();
        };
        let start = format!("{}-", file_name(&path));
        let files = path.parent().and_then(|folder| fs::read_dir(folder).ok());
        let files = files.into_iter().flatten().flatten();
        let mut own: Vec<PathBuf> = files
            .map(|file| file.path())
            .filter(|file| file_name(file).starts_with(&start))
            .collect();
        own.sort();
        own.iter().filter_map(|file| self.read(file)).collect()
    }

    /// Writes one of several entries under `key`.
    pub fn add<T: Serialize>(&self, kind: &str, key: Key, entry: &T) {
        self.keep(entry, |text| {
            let path = self.path(kind, key)?;
            let content = blake3::hash(text.as_bytes()).to_hex();
            let name = format!("{}-{}", file_name(&path), &content[..16]);
            Some(path.with_file_name(name))
        });
    }

    /// Writes an entry to where its text belongs.
    fn keep<T: Serialize>(&self, entry: &T, place: impl FnOnce(&str) -> Option<PathBuf>) {
        let text = serde_json::to_string(entry).map_err(io::Error::from);
        let written = text.and_then(|text| match place(&text) {
            Some(path) => write(&path, &text),
            None => Ok(()),
        });
        if let Err(error) = written
            && !self.has_told.swap(true, Ordering::Relaxed)
        {
            (self.unwritable)(&error);
        }
    }

    fn read<T: DeserializeOwned>(&self, path: &Path) -> Option<T> {
        let bytes = input_file::bytes(path, input_file::RESULT).ok()?;
        let entry = intact(&bytes).and_then(|text| serde_json::from_str(text).ok());
        if entry.is_none() {
            // Measured again and overwritten; said once at the end.
            self.damaged().insert(path.to_owned());
        }
        entry
    }

    /// How many entries were there but unreadable.
    pub fn corrupted(&self) -> usize {
        self.damaged().len()
    }

    fn damaged(&self) -> MutexGuard<'_, BTreeSet<PathBuf>> {
        self.damaged.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn path(&self, kind: &str, key: Key) -> Option<PathBuf> {
        let name = key.0.to_hex();
        Some(
            self.folder
                .as_ref()?
                .join(LAYOUT)
                .join(kind)
                .join(&name[..2])
                .join(&name[2..]),
        )
    }
}

fn file_name(path: &Path) -> &str {
    path.file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default()
}

/// The JSON of an entry that is as it was written.
fn intact(bytes: &[u8]) -> Option<&str> {
    let (hash, text) = std::str::from_utf8(bytes).ok()?.split_once('\n')?;
    let text = text.strip_suffix('\n')?;
    (blake3::Hash::from_hex(hash).ok()? == blake3::hash(text.as_bytes())).then_some(text)
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let named = |e: io::Error| io::Error::new(e.kind(), format!("{}: {e}", path.display()));
    if input_file::bytes(path, input_file::RESULT).is_ok_and(|bytes| intact(&bytes).is_some()) {
        return Ok(());
    }
    fs::create_dir_all(folder).map_err(named)?;
    let mut file = aside::file_in(folder, PRIVATE).map_err(named)?;
    let hash = blake3::hash(text.as_bytes()).to_hex();
    writeln!(file, "{hash}\n{text}").map_err(named)?;
    file.as_file().sync_data().map_err(named)?;
    file.persist(path).map_err(|e| named(e.error))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unexpected(error: &io::Error) {
        unreachable!("{error}");
    }

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
        let store = Store::at(folder.path(), unexpected);
        let (a, b) = (Key::of(&[b"ab", b"c"]), Key::of(&[b"a", b"bc"]));
        assert_ne!(a, b);
        store.put("cycles", a, &7_u64);
        assert_eq!(store.get::<u64>("cycles", a), Some(7));
        assert_eq!(store.get::<u64>("cycles", b), None);
        assert_eq!(store.get::<u64>("blocks", a), None);
        assert_eq!(entries(folder.path()).len(), 1, "no temporary file is left");
    }

    #[test]
    fn a_damaged_entry_is_a_counted_miss_and_can_be_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::at(folder.path(), unexpected);
        let key = Key::of(&[b"x"]);
        store.put("cycles", key, &71_u64);
        let file = &entries(folder.path())[0];
        let whole = fs::read(file).unwrap();
        // Cut off at any place, or another digit: still JSON, but not what was measured.
        let mut damaged: Vec<Vec<u8>> = (0..whole.len()).map(|at| whole[..at].to_vec()).collect();
        damaged.push(
            whole
                .iter()
                .map(|b| if *b == b'7' { b'8' } else { *b })
                .collect(),
        );
        for (at, bytes) in damaged.iter().enumerate() {
            fs::write(file, bytes).unwrap();
            assert_eq!(store.get::<u64>("cycles", key), None, "{at}");
        }
        assert_eq!(store.corrupted(), 1);
        store.put("cycles", key, &8_u64);
        assert_eq!(store.get::<u64>("cycles", key), Some(8));
    }

    #[test]
    fn entries_stay_as_they_were_first_written() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::at(folder.path(), unexpected);
        let key = Key::of(&[b"x"]);
        store.put("time", key, &1.5_f64);
        store.put("time", key, &1.7_f64);
        assert_eq!(store.get::<f64>("time", key), Some(1.5));
    }

    #[test]
    fn stores_become_one_by_copying_files() {
        let folders = [(); 3].map(|()| tempfile::tempdir().unwrap());
        let key = Key::of(&[b"x"]);
        for (folder, own) in folders.iter().zip(["a", "b"]) {
            let store = Store::at(folder.path(), unexpected);
            store.add("used", key, &own);
            store.add("used", key, &"both");
            store.put("cycles", Key::of(&[own.as_bytes()]), &own);
        }
        for folder in &folders[..2] {
            for file in entries(folder.path()) {
                let to = folders[2].path().join(file.strip_prefix(folder).unwrap());
                fs::create_dir_all(to.parent().unwrap()).unwrap();
                fs::copy(file, to).unwrap();
            }
        }
        let store = Store::at(folders[2].path(), unexpected);
        let mut all = store.all::<String>("used", key);
        all.sort();
        assert_eq!(all, ["a", "b", "both"]);
        for own in ["a", "b"] {
            let got = store.get::<String>("cycles", Key::of(&[own.as_bytes()]));
            assert_eq!(got.as_deref(), Some(own));
        }
        assert_eq!(store.get::<String>("used", key), None);
    }

    #[test]
    fn an_unwritable_folder_is_told_of_once_and_nothing_else() {
        static TOLD: Mutex<Vec<String>> = Mutex::new(Vec::new());
        let file = tempfile::NamedTempFile::new().unwrap();
        let store = Store::at(file.path(), |error| {
            TOLD.lock().unwrap().push(error.to_string());
        });
        store.put("cycles", Key::of(&[]), &1_u64);
        store.add("used", Key::of(&[]), &1_u64);
        let told = TOLD.lock().unwrap();
        assert_eq!(told.len(), 1);
        assert!(
            told[0].contains(&*file.path().to_string_lossy()),
            "{told:?}"
        );
    }

    #[test]
    fn no_store_keeps_nothing() {
        let store = Store::none();
        store.put("cycles", Key::of(&[]), &1_u64);
        assert_eq!(store.get::<u64>("cycles", Key::of(&[])), None);
    }
}
