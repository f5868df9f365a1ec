//! Which machine this is: names of machines are neither unique nor secret.

use std::{
    io::{self, ErrorKind, Write as _},
    path::Path,
};

use super::run_folder::random_id;
use crate::{aside, input_file};

/// Where systems keep theirs.
const SYSTEM: &str = "/etc/machine-id";
/// The one that is made up once where the system has none.
const OWN: &str = "machine-id";

/// This machine's id for labels. The id itself is told to nobody, as its manual asks.
///
/// # Errors
/// The system has none, and `folder` cannot be written.
pub(super) fn machine_id(folder: &Path) -> io::Result<String> {
    of(Path::new(SYSTEM), folder)
}

fn of(system: &Path, folder: &Path) -> io::Result<String> {
    let own = folder.join(OWN);
    if let Some(id) = known(system).or_else(|| known(&own)) {
        return Ok(id);
    }
    let mut made_up = aside::file_in(folder, 0o600)?;
    writeln!(made_up, "{0}{0}", random_id()?)?;
    match made_up.persist_noclobber(&own) {
        // Another run was faster.
        Err(error) if error.error.kind() != ErrorKind::AlreadyExists => Err(error.error),
        Ok(_) | Err(_) => known(&own)
            .ok_or_else(|| io::Error::new(ErrorKind::InvalidData, "`machine-id` in it is no id")),
    }
}

/// The hash of the id in a file: 32 hexadecimal digits.
fn known(path: &Path) -> Option<String> {
    let text = input_file::text(path, input_file::CONFIGURATION).ok()?;
    let id = text.trim();
    let is_id = id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    let hash = blake3::derive_key("reprice label of the machine", id.as_bytes());
    is_id.then(|| blake3::Hash::from_bytes(hash).to_hex()[..16].to_owned())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_machine_has_the_systems_id_or_one_that_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let system = folder.path().join("system");
        let own = of(&system, folder.path()).unwrap();
        assert_eq!(of(&system, folder.path()).unwrap(), own);
        for text in ["", "uninitialized\n"] {
            fs::write(&system, text).unwrap();
            assert_eq!(of(&system, folder.path()).unwrap(), own, "{text}");
        }
        let id = "0123456789abcdef0123456789abcdef";
        fs::write(&system, format!("{id}\n")).unwrap();
        let told = of(&system, folder.path()).unwrap();
        assert_ne!(told, own);
        assert!(!id.contains(&told));
    }
}
