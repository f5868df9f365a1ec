//! The only place that writes to the terminal: stdout for the result, stderr for all the rest.

use std::io::{self, IsTerminal as _, Write as _};

use anstream::ColorChoice;

/// Columns where there is no terminal to ask.
const DEFAULT_WIDTH: usize = 120;
/// Tables get unreadable below this.
const LEAST_WIDTH: usize = 60;

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
}

impl Terminal {
    /// Asks the streams and the environment (`NO_COLOR`, `CLICOLOR`, `TERM`).
    pub fn new() -> Self {
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
        let mut stdout = io::stdout().lock();
        stdout.write_all(text.as_bytes())?;
        stdout.flush()
    }

    /// Says something that is not the result. A stderr that is gone changes nothing.
    #[expect(
        clippy::unused_self,
        reason = "whoever writes has to be handed the terminal"
    )]
    pub fn say(&self, text: &str) {
        let mut stderr = io::stderr().lock();
        let _ = stderr
            .write_all(text.as_bytes())
            .and_then(|()| stderr.flush());
    }
}
