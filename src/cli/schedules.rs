//! Schedules as commands take them: a built-in's name or a path, read from disk, with what they extend.

use std::{io, path::Path};

use super::{
    destination::Input,
    exit::{Exit, Failure},
    output::Terminal,
};
use crate::{
    input_file,
    lang::{self, Files, Loaded, Options, Plan},
    prove::anchor,
};

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
    /// Whether any is chosen.
    pub const fn is_some(&self) -> bool {
        self.variant.is_some() || !self.set.is_empty()
    }

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
        input_file::text(Path::new(path), input_file::PRICES).map_err(|error| reason(&error))
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

/// Whether something is the name of a schedule, or of a file that could be one.
pub fn is_one(name: &str) -> bool {
    lang::builtin(name).is_some() || Path::new(name).is_file()
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
    let mut loaded = lang::load(name, &Disk, options);
    if let Some(plan) = &loaded.plan {
        let unmeasured = anchor::unmeasured(&plan.root, &plan.targets);
        loaded.diagnostics.extend(unmeasured);
    }
    Ok(loaded)
}

/// The plan of the schedule called `name`. Findings go to stderr.
///
/// # Errors
/// The file cannot be read, or it has errors.
pub fn plan(name: &str, options: &Options, terminal: &Terminal) -> Result<Plan, Failure> {
    plan_and_files(name, options, terminal).map(|(plan, _)| plan)
}

/// The plan of the schedule called `name`, and the files that it is made of.
///
/// # Errors
/// Those of [`plan`].
pub fn plan_and_files(
    name: &str,
    options: &Options,
    terminal: &Terminal,
) -> Result<(Plan, Vec<Input>), Failure> {
    let loaded = load(name, options)?;
    terminal.findings(&loaded.diagnostics, &loaded.sources);
    let plan = loaded.plan.ok_or(Failure::said(Exit::CouldNotStart))?;
    // Built-ins and what the command line sets are texts, too, but no files.
    let paths = loaded.sources.files().iter().map(|source| &*source.path);
    let files = paths.filter(|path| Path::new(path).is_file());
    let what = |path: &str| {
        if path == name {
            "the schedule that is read".to_owned()
        } else {
            format!("a schedule that `{name}` extends")
        }
    };
    let files = files.map(|path| Input::new(path, what(path)));
    Ok((plan, files.collect()))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_are_name_and_value() {
        assert_eq!(assignment("k = 5"), Ok(("k".into(), "5".into())));
        assert!(assignment("k").is_err() && assignment("=5").is_err() && assignment("k=").is_err());
    }
}
