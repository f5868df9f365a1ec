//! Files of others: read as far as a file of their kind can sensibly go, so that none exhausts the machine.

use std::{
    fs::File,
    io::{self, Read as _},
    path::Path,
};

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

/// The bytes of a file of at most `limit` bytes.
///
/// # Errors
/// It cannot be read, or is longer.
pub fn bytes(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let file = File::open(path)?;
    let expected = file.metadata()?.len().min(limit);
    let mut bytes = Vec::with_capacity(usize::try_from(expected).unwrap_or(0));
    // One byte more tells a longer file from one that ends there.
    file.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        let what = format!("it is longer than {} MiB", limit >> 20);
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, what));
    }
    Ok(bytes)
}

/// The same as text.
///
/// # Errors
/// Those of [`bytes`]; what is not UTF-8 is invalid data.
pub fn text(path: &Path, limit: u64) -> io::Result<String> {
    String::from_utf8(bytes(path, limit)?)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8 text"))
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
        assert_eq!(longer.kind(), io::ErrorKind::FileTooLarge);
        std::fs::write(&path, [0xff]).unwrap();
        assert_eq!(
            text(&path, 3).unwrap_err().kind(),
            io::ErrorKind::InvalidData
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_file_without_end_is_refused() {
        let endless = bytes(Path::new("/dev/zero"), CONFIGURATION).unwrap_err();
        assert_eq!(endless.to_string(), "it is longer than 1 MiB");
    }
}
