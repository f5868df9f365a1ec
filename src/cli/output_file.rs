//! Where a command writes its result: checked before anything runs, written whole or not at all.

use std::{
    io,
    path::{Path, PathBuf},
};

use super::{exit::Failure, output::Terminal, schedules};
use crate::store;

/// A file to write to, which is no input of the command.
#[derive(Debug)]
pub struct OutputFile(PathBuf);

impl OutputFile {
    /// The file at `path` of a command that reads `inputs`.
    ///
    /// # Errors
    /// It is one of them, by whatever path or link, or nothing can be written there.
    pub fn at<'a>(
        path: &Path,
        inputs: impl IntoIterator<Item = &'a Path>,
    ) -> Result<Self, Failure> {
        if let Ok(place) = path.canonicalize() {
            let same = |input: &&Path| input.canonicalize().is_ok_and(|input| input == place);
            if let Some(input) = inputs.into_iter().find(same) {
                let (path, input) = (path.display(), input.display());
                return Err(Failure::start(format!(
                    "`{path}` would be overwritten, and `{input}` is read from it"
                ))
                .help("write to another file"));
            }
        }
        store::check_replaceable(path).map_err(|error| {
            let reason = match error.kind() {
                io::ErrorKind::NotFound => "its folder does not exist".into(),
                _ => schedules::reason(&error),
            };
            Failure::start(format!("cannot write `{}`: {reason}", path.display()))
        })?;
        Ok(Self(path.into()))
    }

    /// Its path, as the user wrote it.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Writes it, and says so.
    ///
    /// # Errors
    /// What the file system says.
    pub fn write(&self, text: &str, terminal: &Terminal) -> Result<(), Failure> {
        let path = self.0.display();
        store::replace(&self.0, text)
            .map_err(|error| Failure::outside(format!("cannot write `{path}`: {error}")))?;
        terminal.say(&format!("wrote {path}\n"));
        Ok(())
    }
}
