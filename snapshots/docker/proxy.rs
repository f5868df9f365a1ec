//! A socket between `reprice` and the engine that can be cut.

use std::{
    io,
    net::Shutdown,
    os::unix::net::{UnixListener, UnixStream},
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    thread,
};

const ENGINE: &str = "/var/run/docker.sock";

/// The socket.
pub struct Proxy {
    path: PathBuf,
    state: Arc<Mutex<State>>,
}

struct State {
    cut: bool,
    open: Vec<UnixStream>,
}

impl Proxy {
    /// Listens until the test ends.
    pub fn new(path: &Path) -> Self {
        let listener = UnixListener::bind(path).unwrap();
        let state = Arc::new(Mutex::new(State {
            cut: false,
            open: Vec::new(),
        }));
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for near in listener.incoming().map_while(Result::ok) {
                let mut state = shared.lock().unwrap();
                if state.cut {
                    continue;
                }
                let far = UnixStream::connect(ENGINE).unwrap();
                state
                    .open
                    .extend([near.try_clone().unwrap(), far.try_clone().unwrap()]);
                pass(near.try_clone().unwrap(), far.try_clone().unwrap());
                pass(far, near);
            }
        });
        Self {
            path: path.to_owned(),
            state,
        }
    }

    /// As a host's `url` has it.
    pub fn url(&self) -> String {
        format!("unix://{}", self.path.display())
    }

    /// Breaks every connection and lets no new one through.
    pub fn cut(&self) {
        let mut state = self.state.lock().unwrap();
        state.cut = true;
        for stream in state.open.drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    /// Lets connections through again.
    pub fn mend(&self) {
        self.state.lock().unwrap().cut = false;
    }
}

fn pass(mut from: UnixStream, mut to: UnixStream) {
    thread::spawn(move || {
        let _ = io::copy(&mut from, &mut to);
        let _ = to.shutdown(Shutdown::Write);
    });
}
