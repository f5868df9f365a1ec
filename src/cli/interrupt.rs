//! What Ctrl-C does where containers run: they go at once, what is finished stays.

use std::{process, sync::Arc, thread, time::Duration};

use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGTERM},
    iterator::Signals,
};

use super::{
    exit::{self, Failure},
    output,
};
use crate::prove::docker::Run;

/// How long removing may take; what is left then, the next run removes.
const LIMIT: Duration = Duration::from_secs(20);

/// From now on an interrupt, a request to end or a terminal that is closed stops the run, and a second one ends the process
/// as it is.
///
/// # Errors
/// The system lets nobody listen.
pub fn stops(run: Arc<Run>) -> Result<(), Failure> {
    let signals = Signals::new([SIGINT, SIGTERM, SIGHUP]);
    let mut signals = signals
        .map_err(|error| Failure::outside(format!("cannot listen for interrupts: {error}")))?;
    let listen = move || {
        let mut signals = signals.forever();
        let first = signals.next();
        thread::spawn(move || stop(&run, first.unwrap_or(SIGINT)));
        if let Some(second) = signals.next() {
            process::exit(exit::interrupted(second));
        }
    };
    thread::Builder::new()
        .name("interrupts".into())
        .spawn(listen)
        .map_err(|error| Failure::outside(format!("cannot start threads: {error}")))?;
    Ok(())
}

fn stop(run: &Run, signal: i32) {
    output::say("interrupted: removing containers\n");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let removed = runtime.ok().and_then(|runtime| {
        let stopped = async { tokio::time::timeout(LIMIT, run.stop()).await };
        runtime.block_on(stopped).ok()
    });
    let containers = match removed {
        Some(1) => "1 container is removed".into(),
        Some(count) => format!("{count} containers are removed"),
        None => "the engine does not answer; the next run removes the containers".into(),
    };
    output::say(&format!(
        "{containers}. Everything that was finished is kept: run it again to go on\n"
    ));
    process::exit(exit::interrupted(signal));
}
