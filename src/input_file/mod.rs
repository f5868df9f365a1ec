//! Files of others: regular ones only, read as far as a file of their kind can sensibly go, so that none hangs or exhausts the
//! machine. Folders of others are listed without leaving them.
//!
//! Invariant: nothing else reads files of others; the tests of `layers` hold that.

mod folder;

use std::{
    fs::File,
    io::{self, ErrorKind, Read},
    path::Path,
};

use rustix::{
    fs::{Mode, OFlags},
    io::Errno,
};

pub use folder::{FolderError, LeftOut, Listing, list};

/// The most that is read of a configuration, bytes.
pub const CONFIGURATION: u64 = 1 << 20;
/// The most that is read of a schedule, a price list or a table of weights, bytes. The language refuses schedules from 4 MiB on.
pub const PRICES: u64 = 64 << 20;
/// The most that is read of one recorded result, bytes.
pub const RESULT: u64 = 64 << 20;
/// The most that is read of a table of results or a file of fixtures, bytes.
pub const RESULTS: u64 = 1 << 30;
/// The most that is read of a guest program, bytes.
pub const PROGRAM: u64 = 256 << 20;

/// A file to be read. Nothing is waited for, and reading it comes to an end.
///
/// # Errors
/// It cannot be opened, or is a folder, a pipe or a device.
fn open(path: &Path) -> io::Result<File> {
    // Opening a pipe waits for who writes to it, and some devices act on being opened as a terminal.
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = File::from(rustix::fs::open(path, flags, Mode::empty())?);
    // What was opened is asked, for the path may lead elsewhere by now.
    let kind = file.metadata()?.file_type();
    if kind.is_file() {
        Ok(file)
    } else if kind.is_dir() {
        Err(Errno::ISDIR.into())
    } else {
        let what = "it is no regular file";
        Err(io::Error::new(ErrorKind::InvalidInput, what))
    }
}

/// The bytes of a regular file of at most `limit` bytes.
///
/// # Errors
/// It cannot be read, is none, or is longer.
pub fn bytes(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let file = open(path)?;
    let expected = file.metadata()?.len().min(limit);
    let mut bytes = Vec::with_capacity(usize::try_from(expected).unwrap_or(0));
    read(file, limit, &mut bytes)?;
    Ok(bytes)
}

/// The same as text.
///
/// # Errors
/// Those of [`bytes`]; what is not UTF-8 is invalid data.
pub fn text(path: &Path, limit: u64) -> io::Result<String> {
    utf8(bytes(path, limit)?)
}

/// What a stream says, at most `limit` bytes of text.
///
/// # Errors
/// It cannot be read, is longer or not UTF-8.
pub fn text_of(stream: impl Read, limit: u64) -> io::Result<String> {
    let mut bytes = Vec::new();
    read(stream, limit, &mut bytes)?;
    utf8(bytes)
}

fn read(stream: impl Read, limit: u64, bytes: &mut Vec<u8>) -> io::Result<()> {
    // One byte more tells a longer file from one that ends there.
    stream.take(limit + 1).read_to_end(bytes)?;
    if bytes.len() as u64 > limit {
        let what = format!("it is longer than {} MiB", limit >> 20);
        return Err(io::Error::new(ErrorKind::FileTooLarge, what));
    }
    Ok(())
}

fn utf8(bytes: Vec<u8>) -> io::Result<String> {
    String::from_utf8(bytes)
        .map_err(|_| io::Error::new(ErrorKind::InvalidData, "it is not UTF-8 text"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_whole_or_refused_for_its_length() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, "abc").unwrap();
        assert_eq!(text(&path, 3).unwrap(), "abc");
        let longer = text(&path, 2).unwrap_err();
        assert_eq!(longer.kind(), ErrorKind::FileTooLarge);
        std::fs::write(&path, [0xff]).unwrap();
        assert_eq!(text(&path, 3).unwrap_err().kind(), ErrorKind::InvalidData);
    }

    #[test]
    fn what_has_no_end_or_is_not_there_yet_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());
        let link = folder.path().join("link");
        std::os::unix::fs::symlink("/dev/zero", &link).unwrap();
        for path in [&pipe, &link, Path::new("/dev/zero"), Path::new("/dev/tty")] {
            assert!(bytes(path, CONFIGURATION).is_err(), "{}", path.display());
        }
        let error = bytes(&pipe, CONFIGURATION).unwrap_err();
        assert_eq!(error.to_string(), "it is no regular file");
        let error = bytes(folder.path(), CONFIGURATION).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::IsADirectory);
        let endless = text_of(io::repeat(b'a'), CONFIGURATION).unwrap_err();
        assert_eq!(endless.to_string(), "it is longer than 1 MiB");
    }
}
