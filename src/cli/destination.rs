//! Files that commands write: refused before a command runs where that is foreseeable, and written whole or not at all.
//!
//! Invariant: no command opens a file of the user's to write to it but here. The text is written to a file beside its place,
//! synced, and renamed: a full disk, a killed run or a crash leaves what was there before.

use std::{
    ffi::OsStr,
    fs::{self, File, OpenOptions},
    io::{self, ErrorKind, Write as _},
    os::unix::fs::{MetadataExt as _, fchown},
    path::{Component, Path, PathBuf},
};

use super::{exit::Failure, output::Terminal};
use crate::aside;

/// Links that lead to links before they count as a circle; Linux follows as many.
const MAX_LINKS: usize = 40;
/// Permissions of a new file, less what the umask takes.
const NEW_FILE: u32 = 0o666;
/// Permissions of a file beside its place until it gets those of the file that it replaces.
const PRIVATE: u32 = 0o600;

/// An option that names a file to write.
#[derive(Clone, Copy, Debug)]
pub struct OutputOption {
    /// As it is written.
    pub flag: &'static str,
    /// How files of its kind end.
    pub extension: &'static str,
}

/// What a command reads: no output may replace it.
#[derive(Clone, Debug)]
pub struct Input {
    /// A file; or a folder, of which every `.json` is read.
    pub path: PathBuf,
    /// What it is: "the schedule that the proposal is for".
    pub what: String,
}

/// A file that a command is going to write.
#[derive(Clone, Debug)]
pub struct Destination {
    /// As the user named it.
    named: PathBuf,
    /// The file itself, without links in its path.
    file: PathBuf,
}

/// A folder that a command is going to fill.
#[derive(Clone, Debug)]
pub struct DestinationFolder(PathBuf);

impl Destination {
    /// The file that `option` names.
    ///
    /// # Errors
    /// It cannot be written, or is one of `inputs`.
    pub fn new(option: OutputOption, path: &Path, inputs: &[Input]) -> Result<Self, Failure> {
        let destination = Self::in_place(path)?;
        let Some(input) = inputs.iter().find(|input| input.is(&destination.file)) else {
            return Ok(destination);
        };
        let (flag, named, what) = (option.flag, path.display(), &input.what);
        let harm = if input.path.is_dir() {
            format!("would be a part of {what}")
        } else if input.path == path {
            format!("would replace {what}")
        } else {
            let same = input.path.display();
            format!("would replace {what}: it is the same file as `{same}`")
        };
        let elsewhere = elsewhere(path, option.extension, inputs);
        let elsewhere = elsewhere.display();
        Err(Failure::start(format!("`{flag} {named}` {harm}"))
            .help(format!("name another file, such as `{flag} {elsewhere}`")))
    }

    /// A file whose text is going to be replaced, or one that is new.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn in_place(path: &Path) -> Result<Self, Failure> {
        Ok(Self {
            named: path.to_owned(),
            file: place(path)?,
        })
    }

    /// The path by which another file of this machine is found from here, whatever links lead to either: relative where that
    /// cannot be mistaken, else absolute.
    ///
    /// # Errors
    /// The other file cannot be found.
    pub fn path_to(&self, other: &Path) -> io::Result<PathBuf> {
        let other = other.canonicalize()?;
        let own = folder_of(&self.file);
        let as_named = std::path::absolute(folder_of(&self.named))?;
        let relative = relative(&other, own);
        // A linked file has two folders, and `..` below a linked folder leads elsewhere for who takes it out of the text.
        let same_folder = as_named.canonicalize()? == own;
        let climbs = relative.starts_with("..");
        Ok(if same_folder && (!climbs || cleaned(&as_named) == own) {
            relative
        } else {
            other
        })
    }

    /// Writes the file, whole or not at all.
    ///
    /// # Errors
    /// What the file system says; then what was there before is there still.
    pub fn write(&self, text: &str) -> Result<(), Failure> {
        put(&self.file, |file| file.write_all(text.as_bytes()))
            .map_err(|error| not_written(&self.named, &error))
    }

    /// Writes the file, and says so.
    ///
    /// # Errors
    /// Those of [`Self::write`].
    pub fn write_and_say(&self, text: &str, terminal: &Terminal) -> Result<(), Failure> {
        self.write(text)?;
        terminal.say(&format!("wrote {}\n", self.named.display()));
        Ok(())
    }
}

impl DestinationFolder {
    /// The folder that `flag` names. It need not be there yet.
    ///
    /// # Errors
    /// It cannot be made or written to.
    pub fn new(flag: &str, path: &Path) -> Result<Self, Failure> {
        let refused = |why| Failure::start(format!("cannot write to `{}`: {why}", path.display()));
        let above = first_above(path).map_err(|why| {
            refused(why).help(format!(
                "`{flag}` takes a folder; what is missing of it is made"
            ))
        })?;
        probe(&above).map_err(|error| {
            let above = above.display();
            refused(format!(
                "nothing can be made in `{above}`: {}",
                reason(&error)
            ))
        })?;
        Ok(Self(path.to_owned()))
    }

    /// The folder as the user named it.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Writes a file below the folder, whole or not at all; folders on the way are made.
    ///
    /// # Errors
    /// What the file system says.
    pub fn write(&self, inner: &Path, text: &str) -> Result<(), Failure> {
        let path = self.0.join(inner);
        fs::create_dir_all(folder_of(&path))
            .and_then(|()| followed(&path))
            .and_then(|file| put(&file, |file| file.write_all(text.as_bytes())))
            .map_err(|error| not_written(&path, &error))
    }
}

impl Input {
    /// A file, or a folder of `.json`.
    pub fn new(path: impl Into<PathBuf>, what: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            what: what.into(),
        }
    }

    /// Whether writing `file` changes what is read.
    fn is(&self, file: &Path) -> bool {
        if self.path.is_dir() {
            let below = self.path.canonicalize();
            let below = below.is_ok_and(|folder| file.starts_with(folder));
            return below && file.extension() == Some(OsStr::new("json"));
        }
        // Names of one file: links of both kinds, and spellings that the file system does not tell apart.
        // A terminal or a pipe can be both ends.
        match (fs::metadata(&self.path), fs::metadata(file)) {
            (Ok(one), Ok(other)) => {
                one.is_file() && one.dev() == other.dev() && one.ino() == other.ino()
            }
            _ => false,
        }
    }
}

/// A name beside `path` that is none of `inputs`.
fn elsewhere(path: &Path, extension: &str, inputs: &[Input]) -> PathBuf {
    let free = path.with_extension(extension);
    if free != path && !free.exists() && !inputs.iter().any(|input| input.path == free) {
        return free;
    }
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!("{stem}-new.{extension}"))
}

/// The file that is written when `path` is, or why none can be.
fn place(path: &Path) -> Result<PathBuf, Failure> {
    let named = path.display();
    let refused = |why: String| Failure::start(format!("cannot write `{named}`: {why}"));
    let slash = path.as_os_str().as_encoded_bytes().ends_with(b"/");
    match fs::metadata(path) {
        Ok(found) if found.is_dir() => {
            let inside = path.join("new.gas");
            return Err(refused("it is a folder".into())
                .help(format!("name a file in it, such as `{}`", inside.display())));
        }
        Ok(found) if !found.is_file() => return Ok(path.to_owned()),
        _ if slash || path.file_name().is_none() => {
            return Err(refused("it names no file".into()));
        }
        Ok(_) | Err(_) => {}
    }
    let folder = folder_of(path).display();
    let file = followed(path).map_err(|error| match error.kind() {
        ErrorKind::NotFound if path.is_symlink() => {
            refused("it is a link to a folder that is not there".into())
        }
        ErrorKind::NotFound => refused(format!("there is no folder `{folder}`"))
            .help(format!("make it first: `mkdir -p {folder}`")),
        _ => refused(reason(&error)),
    })?;
    if file.is_file() {
        // The rename would go through, but who made the file read-only meant it.
        let opened = OpenOptions::new().write(true).open(&file);
        opened.map_err(|error| refused(reason(&error)))?;
    }
    probe(folder_of(&file)).map_err(|error| match error.kind() {
        ErrorKind::NotADirectory => refused(format!("`{folder}` is a file")),
        _ => refused(format!(
            "no file can be made in `{folder}`: {}",
            reason(&error)
        )),
    })?;
    Ok(file)
}

/// `path` without links, whether there is a file or not yet.
fn followed(path: &Path) -> io::Result<PathBuf> {
    if path.exists() {
        return path.canonicalize();
    }
    let mut at = path.to_owned();
    for _ in 0..MAX_LINKS {
        let Ok(to) = fs::read_link(&at) else {
            let name = at.file_name().ok_or(ErrorKind::IsADirectory)?;
            return Ok(folder_of(&at).canonicalize()?.join(name));
        };
        at = folder_of(&at).join(to);
    }
    Err(ErrorKind::InvalidInput.into())
}

/// The closest folder at `path` or above that is there.
fn first_above(path: &Path) -> Result<PathBuf, String> {
    for above in path.ancestors() {
        let above = if above.as_os_str().is_empty() {
            Path::new(".")
        } else {
            above
        };
        match fs::metadata(above) {
            Ok(found) if found.is_dir() => return Ok(above.to_owned()),
            Ok(_) => return Err(format!("`{}` is a file", above.display())),
            Err(_) if above.is_symlink() => {
                return Err(format!("`{}` is a link to nothing", above.display()));
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            // What is wrong further up is said there.
            Err(error) if error.kind() == ErrorKind::NotADirectory => {}
            Err(error) => return Err(reason(&error)),
        }
    }
    Err("there is no such folder".into())
}

/// Whether files can be made in `folder`: by making one, for permissions alone do not say.
fn probe(folder: &Path) -> io::Result<()> {
    aside::file_in(folder, PRIVATE).map(drop)
}

/// Gives `file` what `fill` writes. A file that was there keeps permissions and, where this process may give it away, owner.
fn put(file: &Path, fill: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<()> {
    let old = match fs::metadata(file) {
        Ok(old) => Some(old),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    if old.as_ref().is_some_and(|old| !old.is_file()) {
        // A pipe or a device takes text as it comes, and a file in its place would be none of it.
        return fill(&mut OpenOptions::new().write(true).open(file)?);
    }
    let mode = if old.is_some() { PRIVATE } else { NEW_FILE };
    let mut aside = aside::file_in(folder_of(file), mode)?;
    fill(aside.as_file_mut())?;
    if let Some(old) = old {
        let new = aside.as_file().metadata()?;
        if (new.uid(), new.gid()) != (old.uid(), old.gid()) {
            // Only the superuser may, and it is no reason to fail.
            let _ = fchown(aside.as_file(), Some(old.uid()), Some(old.gid()));
        }
        aside.as_file().set_permissions(old.permissions())?;
    }
    aside.as_file().sync_all()?;
    aside.persist(file).map_err(|error| error.error)?;
    Ok(())
}

fn not_written(named: &Path, error: &io::Error) -> Failure {
    let named = named.display();
    Failure::outside(format!("cannot write `{named}`: {}", reason(error)))
        .help("nothing of it was written, and what was there before is there still")
}

/// Why a file cannot be written, in a few words.
fn reason(error: &io::Error) -> String {
    let known = match error.kind() {
        ErrorKind::NotFound => "its folder is gone",
        ErrorKind::PermissionDenied => "permission denied",
        ErrorKind::ReadOnlyFilesystem => "the file system is read-only",
        ErrorKind::StorageFull => "the disk is full",
        ErrorKind::QuotaExceeded => "the disk quota is used up",
        ErrorKind::NotADirectory => "a folder on the way is a file",
        ErrorKind::IsADirectory => "it is a folder",
        ErrorKind::InvalidInput => "its links lead in a circle",
        _ => return error.to_string(),
    };
    known.into()
}

/// The folder that `path` is in.
fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// An absolute path with `..` taken out of its text.
fn cleaned(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for part in path.components() {
        if part == Component::ParentDir {
            clean.pop();
        } else {
            clean.push(part);
        }
    }
    clean
}

/// The way from `folder` to `path`, both without links.
fn relative(path: &Path, folder: &Path) -> PathBuf {
    let common = path
        .components()
        .zip(folder.components())
        .take_while(|(a, b)| a == b)
        .count();
    let up = folder.components().skip(common).map(|_| OsStr::new(".."));
    let down = path
        .components()
        .skip(common)
        .map(std::path::Component::as_os_str);
    up.chain(down).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let names = fs::read_dir(folder).unwrap();
        let names = names.map(|file| file.unwrap().file_name().into_string().unwrap());
        names.collect()
    }

    #[test]
    fn a_failed_write_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let half = |file: &mut File| {
            file.write_all(b"half")?;
            Err(ErrorKind::StorageFull.into())
        };
        let path = folder.path().join("a.gas");
        assert!(put(&path, half).is_err());
        assert!(names(folder.path()).is_empty());
        fs::write(&path, "old").unwrap();
        assert!(put(&path, half).is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(names(folder.path()), ["a.gas"]);
    }

    #[test]
    fn a_folder_is_made_where_there_is_none() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("a/b");
        let folder = DestinationFolder::new("--to", &path).unwrap();
        assert!(names(root.path()).is_empty(), "nothing is made before");
        folder.write(Path::new("c/d.json"), "{}").unwrap();
        assert_eq!(fs::read_to_string(path.join("c/d.json")).unwrap(), "{}");
        let below = path.join("c/d.json/e");
        let failure = DestinationFolder::new("--to", &below).unwrap_err();
        assert!(failure.message.ends_with("d.json` is a file"), "{failure}");
    }

    #[test]
    fn a_circle_of_links_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let [one, other] = ["a", "b"].map(|name| folder.path().join(name));
        std::os::unix::fs::symlink(&one, &other).unwrap();
        std::os::unix::fs::symlink(&other, &one).unwrap();
        let failure = Destination::in_place(&one).unwrap_err();
        assert!(failure.message.ends_with("in a circle"), "{failure}");
        assert!(DestinationFolder::new("--to", &one).is_err());
    }

    #[test]
    fn a_device_stays_one() {
        let null = Destination::in_place(Path::new("/dev/null")).unwrap();
        null.write("text").unwrap();
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
    }

    #[test]
    fn a_child_finds_its_parent() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path().canonicalize().unwrap();
        fs::create_dir_all(root.join("a/b")).unwrap();
        std::os::unix::fs::symlink("a/b", root.join("link")).unwrap();
        for parent in ["parent.gas", "a/b/deep.gas"] {
            fs::write(root.join(parent), "").unwrap();
        }
        let way = |child: &str, parent: &str| {
            let child = Destination::in_place(&root.join(child)).unwrap();
            child.path_to(&root.join(parent)).unwrap()
        };
        assert_eq!(way("new.gas", "parent.gas"), Path::new("parent.gas"));
        assert_eq!(
            way("a/b/n.gas", "parent.gas"),
            Path::new("../../parent.gas")
        );
        assert_eq!(
            way("a/../a/n.gas", "parent.gas"),
            Path::new("../parent.gas")
        );
        assert_eq!(way("new.gas", "link/deep.gas"), Path::new("a/b/deep.gas"));
        assert_eq!(way("link/n.gas", "a/b/deep.gas"), Path::new("deep.gas"));
        assert_eq!(way("link/n.gas", "parent.gas"), root.join("parent.gas"));
    }
}
