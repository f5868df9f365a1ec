//! Schedules as commands take them: a built-in's name or a path, read from disk, with what they extend.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::{
    exit::{Exit, Failure},
    output::Terminal,
};
use crate::lang::{self, Files, Loaded, Options, Plan};

/// Values for a schedule's constants.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct Constants {
    /// Use the constants of this `variant` of the schedule
    #[arg(long, value_name = "NAME")]
    variant: Option<String>,
    /// Set a `let` of the schedule; may be given several times
    #[arg(long, value_name = "NAME=VALUE", value_parser = assignment)]
    set: Vec<(String, String)>,
}

impl Constants {
    /// As the language takes them.
    pub fn options(&self) -> Options {
        Options {
            variant: self.variant.clone(),
            set: self.set.clone(),
        }
    }
}

fn assignment(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() && !value.trim().is_empty() => {
            Ok((name.trim().into(), value.trim().into()))
        }
        _ => Err("expected NAME=VALUE, such as k=5".into()),
    }
}

/// Files on this machine.
struct Disk;

impl Files for Disk {
    fn read(&self, path: &str) -> Result<String, String> {
        fs::read_to_string(path).map_err(|error| reason(&error))
    }
}

/// Why a file cannot be read, in a few words.
pub fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "no such file".into(),
        io::ErrorKind::PermissionDenied => "permission denied".into(),
        io::ErrorKind::IsADirectory => "it is a folder".into(),
        io::ErrorKind::InvalidData => "it is not UTF-8 text".into(),
        _ => error.to_string(),
    }
}

/// Reads the schedule called `name` with everything it extends.
///
/// # Errors
/// The file itself cannot be read. What is wrong inside is among the diagnostics.
pub fn load(name: &str, options: &Options) -> Result<Loaded, Failure> {
    if lang::builtin(name).is_none()
        && let Err(what) = Disk.read(name)
    {
        let failure = Failure::start(format!("cannot read schedule `{name}`: {what}"));
        return Err(if Path::new(name).extension().is_none() {
            let names: Vec<&str> = lang::builtins().collect();
            failure.help(format!(
                "built in: {}; anything else is a path",
                names.join(", ")
            ))
        } else {
            failure
        });
    }
    Ok(lang::load(name, &Disk, options))
}

/// The plan of the schedule called `name`. Findings go to stderr.
///
/// # Errors
/// The file cannot be read, or it has errors.
pub fn plan(name: &str, options: &Options, terminal: &Terminal) -> Result<Plan, Failure> {
    let loaded = load(name, options)?;
    terminal.findings(&loaded.diagnostics, &loaded.sources);
    loaded.plan.ok_or(Failure::said(Exit::CouldNotStart))
}

/// The plans of several.
///
/// # Errors
/// Those of [`plan`].
pub fn plans(
    names: &[String],
    options: &Options,
    terminal: &Terminal,
) -> Result<Vec<Plan>, Failure> {
    names
        .iter()
        .map(|name| plan(name, options, terminal))
        .collect()
}

/// `path` as a schedule in `folder` has to write it to extend it.
pub fn relative(path: &Path, folder: &Path) -> PathBuf {
    let (Ok(path_full), Ok(folder)) = (path.canonicalize(), folder.canonicalize()) else {
        return path.into();
    };
    let common = path_full
        .components()
        .zip(folder.components())
        .take_while(|(a, b)| a == b)
        .count();
    let up = folder.components().skip(common).map(|_| "..");
    up.map(PathBuf::from)
        .chain(
            path_full
                .components()
                .skip(common)
                .map(|part| PathBuf::from(part.as_os_str())),
        )
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_finds_its_parent() {
        let root = tempfile::tempdir().unwrap();
        let inner = root.path().join("a/b");
        fs::create_dir_all(&inner).unwrap();
        let parent = root.path().join("parent.gas");
        fs::write(&parent, "").unwrap();
        assert_eq!(relative(&parent, root.path()), Path::new("parent.gas"));
        assert_eq!(relative(&parent, &inner), Path::new("../../parent.gas"));
        let deep = inner.join("deep.gas");
        fs::write(&deep, "").unwrap();
        assert_eq!(relative(&deep, root.path()), Path::new("a/b/deep.gas"));
    }

    #[test]
    fn constants_are_name_and_value() {
        assert_eq!(assignment("k = 5"), Ok(("k".into(), "5".into())));
        assert!(assignment("k").is_err() && assignment("=5").is_err() && assignment("k=").is_err());
    }
}
