//! The only place that writes to the terminal: stdout for the result, stderr for all the rest.

use std::{
    borrow::Cow,
    io::{self, IsTerminal as _, Write as _},
};

use anstream::ColorChoice;
use clap::ValueEnum;

use crate::{
    diag::{Diagnostic, Sources},
    report::{
        diagnostics::{self, Face},
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

    /// The face of findings that are the result.
    pub const fn result_face(&self) -> Face {
        self.message_format.face(self.stdout_colour)
    }

    /// The face of findings on the way to a result.
    pub const fn message_face(&self) -> Face {
        self.message_format.face(self.stderr_colour)
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
        let mut stdout = io::stdout().lock();
        stdout.write_all(harmless(text).as_bytes())?;
        stdout.flush()
    }

    /// Says what was found in schedules on the way to a result.
    pub fn findings(&self, found: &[Diagnostic], sources: &Sources) {
        if !found.is_empty() {
            self.say(&diagnostics::render(found, sources, self.message_face()));
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
    let mut stderr = io::stderr().lock();
    let _ = stderr
        .write_all(harmless(text).as_bytes())
        .and_then(|()| stderr.flush());
}

/// Text that a terminal only shows: names in others' files may hold what would move its cursor or rename its window. Of control
/// characters line feeds, tabs and our colours stay.
fn harmless(text: &str) -> Cow<'_, str> {
    let harmful = |at: usize, c: char| match c {
        '\n' | '\t' => false,
        '\u{1b}' => !is_colour(&text[at..]),
        c => c.is_control(),
    };
    if !text.char_indices().any(|(at, c)| harmful(at, c)) {
        return Cow::Borrowed(text);
    }
    let shown = |(at, c)| {
        if harmful(at, c) {
            char::REPLACEMENT_CHARACTER
        } else {
            c
        }
    };
    text.char_indices().map(shown).collect()
}

/// Whether a text begins with a sequence that sets colours: `ESC [`, numbers, `m`.
fn is_colour(text: &str) -> bool {
    let inside = text.strip_prefix("\u{1b}[").unwrap_or_default();
    let end = inside.find(|c: char| !c.is_ascii_digit() && c != ';');
    end.is_some_and(|end| inside[end..].starts_with('m'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_is_only_shown_text_and_colours() {
        let plain = "a table\twith\n\u{1b}[1;31mred\u{1b}[0m and \u{e9}";
        assert_eq!(harmless(plain), plain);
        assert_eq!(
            harmless("test\u{1b}]0;title\u{7}[x]\u{1b}[2J\r"),
            "test\u{fffd}]0;title\u{fffd}[x]\u{fffd}[2J\u{fffd}"
        );
        assert_eq!(harmless("\u{1b}"), "\u{fffd}");
    }
}
