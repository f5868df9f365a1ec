//! Progress on stderr: live where someone watches, a line a minute of long campaigns where nobody does.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::output::Terminal;
use crate::{printable::printable, prove::Progress};

/// How often bars are drawn again.
const TICK: Duration = Duration::from_millis(200);
/// How often a line is written where nobody watches.
const LINE: Duration = Duration::from_mins(1);

/// A bar over the blocks in hand with a row for each server, or nothing at all.
pub struct Bar {
    terminal: Terminal,
    rows: MultiProgress,
    whole: ProgressBar,
    work: Mutex<Work>,
}

/// How far it is.
struct Work {
    stage: String,
    servers: Vec<Row>,
    since: Instant,
    said: Instant,
    done: usize,
    failed: usize,
    /// 0 to 1.
    share: f64,
}

/// A server, and the block that it has.
struct Row {
    bar: ProgressBar,
    scenario: String,
}

impl Bar {
    /// A bar where stderr is a terminal.
    pub fn new(terminal: &Terminal) -> Self {
        let rows = MultiProgress::new();
        if !terminal.watched {
            rows.set_draw_target(ProgressDrawTarget::hidden());
        }
        let whole = rows.add(ProgressBar::new(0));
        style(
            &whole,
            "{prefix} [{bar:30}] {pos}/{len} {elapsed} {msg}",
            terminal,
        );
        let now = Instant::now();
        let work = Work {
            stage: String::new(),
            servers: Vec::new(),
            since: now,
            said: now,
            done: 0,
            failed: 0,
            share: 0.0,
        };
        Self {
            terminal: *terminal,
            rows,
            whole,
            work: Mutex::new(work),
        }
    }

    /// Says what is being measured from now on.
    pub fn stage(&self, what: String) {
        self.whole.set_prefix(what.clone());
        self.work().stage = what;
    }

    /// Takes the bar away.
    pub fn clear(&self) {
        for server in self.work().servers.drain(..) {
            server.bar.finish_and_clear();
        }
        self.whole.finish_and_clear();
    }

    fn work(&self) -> MutexGuard<'_, Work> {
        self.work.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whatever ends a command, what it says next is not said into a bar.
impl Drop for Bar {
    fn drop(&mut self) {
        if !self.whole.is_finished() {
            self.clear();
        }
    }
}

impl Progress for Bar {
    fn begin(&self, total: usize) {
        self.whole.reset();
        self.whole.set_length(total as u64);
        let mut work = self.work();
        for server in work.servers.drain(..) {
            server.bar.finish_and_clear();
        }
        (work.done, work.failed, work.share) = (0, 0, 0.0);
        work.since = Instant::now();
        work.said = work.since;
    }

    fn servers(&self, names: &[String]) {
        let row = |name: &String| {
            let bar = self.rows.add(ProgressBar::new_spinner());
            style(&bar, "  {prefix}  {elapsed} {msg}", &self.terminal);
            bar.set_prefix(name.clone());
            Row {
                bar,
                scenario: String::new(),
            }
        };
        self.work().servers = names.iter().map(row).collect();
    }

    fn started(&self, server: usize, scenario: &str) {
        if let Some(row) = self.work().servers.get_mut(server) {
            row.bar.reset_elapsed();
            row.bar.set_message(printable(scenario).into_owned());
            scenario.clone_into(&mut row.scenario);
        }
    }

    fn doing(&self, server: usize, what: &str) {
        if let Some(row) = self.work().servers.get(server) {
            let scenario = &row.scenario;
            let text = match what {
                "" => scenario.clone(),
                _ => format!("{scenario} ({what})"),
            };
            row.bar.set_message(printable(&text).into_owned());
        }
    }

    fn finished(&self, server: usize, failed: bool, share: f64) {
        let mut work = self.work();
        work.failed += usize::from(failed);
        work.share += share;
        if let Some(row) = work.servers.get(server) {
            row.bar.reset_elapsed();
            row.bar.set_message("");
        }
        let state = work.state();
        if work.servers.is_empty() {
            return;
        }
        self.whole.set_message(state.clone());
        if !self.terminal.watched && work.said.elapsed() >= LINE {
            work.said = Instant::now();
            let (done, total) = (work.done + 1, self.whole.length().unwrap_or_default());
            let stage = &work.stage;
            self.terminal
                .say(&format!("{stage}: {done} of {total} blocks, {state}\n"));
        }
    }

    fn done(&self, scenario: &str) {
        self.whole.inc(1);
        let mut work = self.work();
        work.done += 1;
        if work.servers.is_empty() {
            self.whole.set_message(printable(scenario).into_owned());
        }
    }
}

impl Work {
    /// `2 failed, about 5 min left`
    fn state(&self) -> String {
        let left = left(self.since.elapsed(), self.share);
        let left = left.map_or_else(String::new, |left| format!(", about {} left", text(left)));
        format!("{} failed{left}", self.failed)
    }
}

fn style(bar: &ProgressBar, template: &str, terminal: &Terminal) {
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style.progress_chars("=> "));
    }
    if terminal.watched {
        bar.enable_steady_tick(TICK);
    }
}

/// What is left of work of which this part took so long.
fn left(took: Duration, share: f64) -> Option<Duration> {
    let rest = (1.0 - share).max(0.0);
    Duration::try_from_secs_f64(took.as_secs_f64() * rest / share).ok()
}

fn text(time: Duration) -> String {
    match time.as_secs() {
        seconds @ 0..120 => format!("{seconds} s"),
        seconds @ 120..7_200 => format!("{} min", seconds / 60),
        seconds => format!("{} h", seconds / 3_600),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::output::MessageFormat;

    #[test]
    fn a_row_says_what_its_server_does() {
        let terminal = Terminal::new(MessageFormat::Short);
        let bar = Bar::new(&Terminal {
            watched: false,
            ..terminal
        });
        bar.begin(2);
        bar.servers(&["rig1".into()]);
        let row = || bar.work().servers[0].bar.message();
        bar.started(0, "add/chain");
        assert_eq!(row(), "add/chain");
        bar.doing(0, "starting a server");
        assert_eq!(row(), "add/chain (starting a server)");
        bar.doing(0, "");
        assert_eq!(row(), "add/chain");
        bar.finished(0, true, 0.5);
        assert_eq!(row(), "");
        assert!(bar.work().state().starts_with("1 failed, about"));
    }

    #[test]
    fn the_rest_takes_as_long_as_the_share_that_is_done() {
        let minutes = Duration::from_mins;
        assert_eq!(left(minutes(1), 0.25), Some(minutes(3)));
        assert_eq!(left(minutes(1), 1.0 + 1e-12), Some(Duration::ZERO));
        assert_eq!(left(minutes(1), 0.0), None);
        assert_eq!(text(Duration::from_secs(119)), "119 s");
        assert_eq!(text(minutes(2)), "2 min");
        assert_eq!(text(minutes(200)), "3 h");
    }
}
