//! What servers said: those that run, and the last ones that are gone.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::SystemTime,
};

use bollard::{Docker, container::LogOutput, errors::Error, query_parameters::LogsOptionsBuilder};
use futures_util::{Stream, StreamExt as _};

use crate::input_file;

use super::{
    host::{DockerError, Host},
    program_run::servers_of,
    secrets::Secrets,
};

/// Logs kept of each prover; older ones are removed.
const KEPT: usize = 20;
/// The most that is taken of what a container says, bytes.
const MOST: usize = 4 << 20;

/// A server's log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    /// The container's name.
    pub server: String,
    /// What the engine says of its state; `gone` of one that was removed.
    pub state: String,
    /// Its last lines.
    pub text: String,
}

/// The logs of a prover's servers on a host, without its secrets.
///
/// # Errors
/// Docker does not answer.
pub fn running(
    host: &Host,
    prover: &str,
    secrets: &Secrets,
    lines: usize,
) -> Result<Vec<Log>, DockerError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| DockerError(error.to_string()))?;
    runtime.block_on(async {
        let docker = host.connect().await?;
        let mut logs = Vec::new();
        for container in servers_of(&docker, prover).await? {
            let names = container.names.unwrap_or_default();
            let Some(name) = names.first() else { continue };
            let server = name.trim_start_matches('/').to_owned();
            logs.push(Log {
                text: secrets.hide(&tail(&docker, &server, &lines.to_string()).await),
                state: container.status.unwrap_or_default(),
                server,
            });
        }
        Ok(logs)
    })
}

/// The last lines of a container's log.
pub(super) async fn tail(docker: &Docker, name: &str, lines: &str) -> String {
    let options = LogsOptionsBuilder::default()
        .stdout(true)
        .stderr(true)
        .tail(lines)
        .build();
    text(docker.logs(name, Some(options))).await
}

/// What a stream says, as far as anybody wants to read.
pub(super) async fn text(
    mut parts: impl Stream<Item = Result<LogOutput, Error>> + Unpin,
) -> String {
    let mut text = String::new();
    while text.len() < MOST
        && let Some(Ok(part)) = parts.next().await
    {
        text.push_str(&part.to_string());
    }
    text.truncate(text.floor_char_boundary(MOST));
    text.trim().to_owned()
}

/// The logs kept of a prover's servers that are gone, the last one first.
pub fn kept(folder: &Path, prover: &str, lines: usize) -> Vec<Log> {
    let log = |path: PathBuf| {
        let text = input_file::text(&path, input_file::RESULT).ok()?;
        let all: Vec<&str> = text.lines().collect();
        Some(Log {
            server: path.file_stem()?.to_str()?.to_owned(),
            state: "gone".into(),
            text: all[all.len().saturating_sub(lines)..].join("\n"),
        })
    };
    let newest_first = files(&folder.join(prover)).into_iter().rev();
    newest_first.filter_map(log).collect()
}

/// Keeps a log, and removes those that are too many.
pub(super) fn keep(folder: &Path, prover: &str, server: &str, text: &str) -> io::Result<()> {
    if text.is_empty() {
        return Ok(());
    }
    let folder = folder.join(prover);
    fs::create_dir_all(&folder)?;
    fs::write(folder.join(format!("{server}.log")), format!("{text}\n"))?;
    let all = files(&folder);
    for old in &all[..all.len().saturating_sub(KEPT)] {
        // Another run may have removed it.
        let _ = fs::remove_file(old);
    }
    Ok(())
}

/// The files of a folder, the oldest first.
fn files(folder: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut dated: Vec<(SystemTime, PathBuf)> = files
        .filter_map(|file| Some((file.metadata().ok()?.modified().ok()?, file.path())))
        .collect();
    dated.sort();
    dated.into_iter().map(|(_, path)| path).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_stream_without_end_is_left() {
        let part = || {
            Ok(LogOutput::StdOut {
                message: "\u{e9}".repeat(1_000).into(),
            })
        };
        let said = text(futures_util::stream::repeat_with(part)).await;
        assert_eq!(said.len(), MOST);
    }

    #[test]
    fn the_last_logs_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        for number in 0..KEPT + 3 {
            let server = format!("server-{number:02}");
            keep(
                folder.path(),
                "sp1",
                &server,
                &format!("a\nb\nline {number}"),
            )
            .unwrap();
        }
        keep(folder.path(), "sp1", "silent", "").unwrap();
        let logs = kept(folder.path(), "sp1", 2);
        assert_eq!(logs.len(), KEPT);
        assert!(logs.iter().all(|log| log.text.starts_with("b\nline ")));
        assert_eq!(kept(folder.path(), "zisk", 2), []);
    }
}
