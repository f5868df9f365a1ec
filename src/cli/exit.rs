//! Exit statuses, and why a command could not answer.
//!
//! An interrupt ends the process, 130 by Ctrl-C: every file the tool keeps is written aside and renamed, so nothing has to
//! be cleaned up but containers, where there are some (`interrupt`).

use std::{fmt, io, process::ExitCode};

use crate::{
    gas::FormulaError,
    printable::printable,
    prove::{CampaignError, anchor::AnchorError},
    solve::LoopError,
};

/// What the exit status says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done, and the answer is yes.
    Yes = 0,
    /// Done, and the answer is no: errors in a schedule, a block that misses the target, no prices that hold it.
    No = 1,
    /// Nothing was done: usage, an unreadable file, a bad configuration.
    CouldNotStart = 2,
    /// Something outside failed on the way: a prover, a disk.
    OutsideFailed = 3,
}

impl Exit {
    /// Yes or no.
    pub const fn from_answer(yes: bool) -> Self {
        if yes { Self::Yes } else { Self::No }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// The status of a process that this signal ended, as shells have it.
pub const fn interrupted(signal: i32) -> i32 {
    128 + signal
}

/// Why there is no answer: one line, and what to do about it.
#[derive(Debug)]
pub struct Failure {
    /// Status to leave with.
    pub exit: Exit,
    /// What happened: lower case, no full stop; empty when everything has been said already.
    pub message: String,
    /// Lines of the file that it is about, as its reader shows them; may be empty.
    pub excerpt: String,
    /// Ways out, one line each.
    pub helps: Vec<String>,
}

impl Failure {
    /// Nothing could be started.
    pub fn start(message: impl Into<String>) -> Self {
        Self {
            exit: Exit::CouldNotStart,
            message: message.into(),
            excerpt: String::new(),
            helps: Vec::new(),
        }
    }

    /// Something outside failed.
    pub fn outside(message: impl Into<String>) -> Self {
        Self {
            exit: Exit::OutsideFailed,
            message: message.into(),
            excerpt: String::new(),
            helps: Vec::new(),
        }
    }

    /// The answer is no, and the reason has been printed.
    pub const fn said(exit: Exit) -> Self {
        Self {
            exit,
            message: String::new(),
            excerpt: String::new(),
            helps: Vec::new(),
        }
    }

    /// Adds lines of the file that it is about.
    #[must_use]
    pub fn excerpt(mut self, lines: impl Into<String>) -> Self {
        self.excerpt = lines.into();
        self
    }

    /// Adds a way out.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.helps.push(help.into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.message.is_empty() {
            return Ok(());
        }
        writeln!(f, "error: {}", printable(&self.message))?;
        for line in self.excerpt.lines() {
            writeln!(f, "  {}", printable(line))?;
        }
        for help in &self.helps {
            writeln!(f, "  help: {}", printable(help))?;
        }
        Ok(())
    }
}

/// Writing the result failed: a closed pipe is the reader's choice, anything else is a failure.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            Self::said(Exit::Yes)
        } else {
            Self::outside(format!("cannot write the result: {error}"))
        }
    }
}

/// A formula of a schedule without a value.
impl From<FormulaError> for Failure {
    fn from(error: FormulaError) -> Self {
        Self::start(error.to_string())
    }
}

/// A campaign that could not go on.
impl From<CampaignError> for Failure {
    fn from(error: CampaignError) -> Self {
        let message = error.to_string();
        match error {
            CampaignError::Tariff(_) => Self::start(message),
            CampaignError::Threads(_) => Self::outside(message),
            CampaignError::Unreached { .. } => {
                Self::outside(message).help("run it again: everything that was finished is kept")
            }
        }
    }
}

/// Nothing to hold blocks against.
impl From<AnchorError> for Failure {
    fn from(error: AnchorError) -> Self {
        let message = error.to_string();
        match error {
            AnchorError::Campaign(error) => error.into(),
            AnchorError::Unmeasured { .. } => Self::start(message).help(
                "name an operation that has blocks: `reprice explain NAME` lists its scenarios",
            ),
            AnchorError::Crashed { .. } => Self::outside(message)
                .help("the rate of another operation, or of several, is as good an anchor"),
            AnchorError::Free { .. } => {
                Self::start(message).help("a bigger block, or an operation with more work")
            }
        }
    }
}

/// No answer to whether there are prices.
impl<E: Into<Self>> From<LoopError<E>> for Failure {
    fn from(error: LoopError<E>) -> Self {
        match error {
            LoopError::Measure(error) => error.into(),
            LoopError::Solve(error) => Self::start(error.to_string()),
        }
    }
}

/// What a command ends with.
pub type Outcome = Result<Exit, Failure>;
