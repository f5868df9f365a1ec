//! The only place that writes to the terminal: stdout for the result, stderr for all the rest.

use std::io::{self, IsTerminal as _, Write as _};

use anstream::ColorChoice;
use clap::ValueEnum;

use crate::{
    diag::{Diagnostic, Sources},
    printable::printable_lines,
    report::{
        diagnostics::{self, Batch, Face},
        table::Layout,
    },
};

/// Columns where there is no terminal to ask.
const DEFAULT_WIDTH: usize = 120;
/// Tables get unreadable below this.
const LEAST_WIDTH: usize = 60;

/// How findings about schedules look.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub enum MessageFormat {
    /// With source lines, notes and fixes
    #[default]
    Full,
    /// One line each
    Short,
    /// All of it in lines without drawings
    Plain,
    /// One versioned document
    Json,
    /// Annotations of a GitHub workflow
    Github,
    /// A SARIF 2.1.0 document
    Sarif,
}

/// What the streams can show.
#[derive(Clone, Copy, Debug)]
pub struct Terminal {
    /// Colour on stdout.
    pub stdout_colour: bool,
    /// Colour on stderr.
    pub stderr_colour: bool,
    /// Whether someone watches stderr, so that progress is worth drawing.
    pub watched: bool,
    /// Columns of stdout.
    pub width: usize,
    /// How findings look.
    pub message_format: MessageFormat,
}

impl MessageFormat {
    const fn face(self, colour: bool) -> Face {
        match self {
            Self::Full => Face::Full { colour },
            Self::Short => Face::Short,
            Self::Plain => Face::Plain,
            Self::Json => Face::Json,
            Self::Github => Face::Github,
            Self::Sarif => Face::Sarif,
        }
    }
}

impl Terminal {
    /// How tables are printed here; `all` rows of them or only the first.
    pub const fn layout(&self, all: bool) -> Layout {
        Layout {
            all,
            width: self.width,
        }
    }

    /// Asks the streams and the environment (`NO_COLOR`, `CLICOLOR`, `TERM`).
    pub fn new(message_format: MessageFormat) -> Self {
        let colour = |choice: ColorChoice| choice != ColorChoice::Never;
        let width = if io::stdout().is_terminal() {
            terminal_size::terminal_size().map_or(DEFAULT_WIDTH, |(width, _)| usize::from(width.0))
        } else {
            DEFAULT_WIDTH
        };
        Self {
            stdout_colour: colour(anstream::AutoStream::choice(&io::stdout())),
            stderr_colour: colour(anstream::AutoStream::choice(&io::stderr())),
            watched: io::stderr().is_terminal(),
            width: width.max(LEAST_WIDTH),
            message_format,
        }
    }

    /// Writes a part of the result.
    ///
    /// # Errors
    /// Those of stdout; a closed pipe among them.
    #[expect(
        clippy::unused_self,
        reason = "whoever writes has to be handed the terminal"
    )]
    pub fn result(&self, text: &str) -> io::Result<()> {
        print(&printable_lines(text))
    }

    /// Writes what was found in schedules where that is the result.
    ///
    /// # Errors
    /// Those of [`Self::result`].
    pub fn result_findings(&self, batches: &[Batch<'_>]) -> io::Result<()> {
        let face = self.message_format.face(self.stdout_colour);
        print(&coloured(&diagnostics::render_all(batches, face)))
    }

    /// Says what was found in schedules on the way to a result.
    pub fn findings(&self, found: &[Diagnostic], sources: &Sources) {
        if !found.is_empty() {
            let face = self.message_format.face(self.stderr_colour);
            warn(&coloured(&diagnostics::render(found, sources, face)));
        }
    }

    /// Says something that is not the result. A stderr that is gone changes nothing.
    #[expect(
        clippy::unused_self,
        reason = "whoever writes has to be handed the terminal"
    )]
    pub fn say(&self, text: &str) {
        say(text);
    }
}

/// [`Terminal::say`] where no terminal was handed over: when the process is being ended.
pub fn say(text: &str) {
    warn(&printable_lines(text));
}

fn print(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

fn warn(text: &str) {
    let mut stderr = io::stderr().lock();
    let _ = stderr
        .write_all(text.as_bytes())
        .and_then(|()| stderr.flush());
}

/// Findings with our own colours. Others' text has none any more where these are added.
fn coloured(text: &str) -> String {
    let mut parts = text.split('\u{1b}');
    let mut shown = printable_lines(parts.next().unwrap_or_default()).into_owned();
    for part in parts {
        shown.push_str(if is_colour(part) { "\u{1b}" } else { "\\u{1b}" });
        shown.push_str(&printable_lines(part));
    }
    shown
}

/// Whether what follows an escape character sets colours: `[`, numbers, `m`.
fn is_colour(text: &str) -> bool {
    let inside = text.strip_prefix('[').unwrap_or_default();
    let end = inside.find(|c: char| !c.is_ascii_digit() && c != ';');
    end.is_some_and(|end| inside[end..].starts_with('m'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_keep_colours_and_nothing_else() {
        let plain = "a table\twith\n\u{1b}[1;31mred\u{1b}[0m and \u{e9}";
        assert_eq!(coloured(plain), plain);
        assert_eq!(
            coloured("test\u{1b}]0;title\u{7}[x]\u{1b}[2J\r"),
            "test\\u{1b}]0;title\\u{7}[x]\\u{1b}[2J\\r"
        );
        assert_eq!(coloured("\u{1b}"), "\\u{1b}");
        assert_eq!(coloured("\u{1b}["), "\\u{1b}[");
    }
}
