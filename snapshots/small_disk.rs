//! A disk that can be full or read-only without harm.

use std::{path::Path, process::Command};

/// Shares the disk of nobody: a file system in memory, where one may be made.
pub struct Small(tempfile::TempDir);

impl Small {
    /// With these options, such as `size=64k`; none where nothing can be mounted, which is said.
    pub fn mounted(options: &str) -> Option<Self> {
        let small = Self(tempfile::tempdir().unwrap());
        if small.mount(options) {
            return Some(small);
        }
        eprintln!("skipped: no file system can be mounted here");
        None
    }

    /// Mounts it, or mounts it otherwise.
    pub fn mount(&self, options: &str) -> bool {
        let mut command = Command::new("mount");
        command
            .args(["-t", "tmpfs", "-o", options, "tmpfs"])
            .arg(self.path());
        command.output().is_ok_and(|output| output.status.success())
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.path()).output();
    }
}
