//! Progress on stderr, where someone watches.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::output::Terminal;
use crate::prove::campaign::Progress;

/// A bar over the scenarios in hand, or nothing at all.
pub struct Bar(ProgressBar);

impl Bar {
    /// A bar where stderr is a terminal.
    pub fn new(terminal: &Terminal) -> Self {
        if !terminal.watched {
            return Self(ProgressBar::hidden());
        }
        let style = ProgressStyle::with_template("{prefix} [{bar:30}] {pos}/{len} {elapsed} {msg}");
        let bar = ProgressBar::new(0);
        if let Ok(style) = style {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.enable_steady_tick(Duration::from_millis(200));
        Self(bar)
    }

    /// Says what is being measured from now on.
    pub fn stage(&self, what: String) {
        self.0.set_prefix(what);
    }

    /// Takes the bar away.
    pub fn clear(&self) {
        self.0.finish_and_clear();
    }
}

impl Progress for Bar {
    fn begin(&self, total: usize) {
        self.0.reset();
        self.0.set_length(total as u64);
    }

    fn done(&self, scenario: &str) {
        self.0.inc(1);
        self.0.set_message(scenario.to_owned());
    }
}
