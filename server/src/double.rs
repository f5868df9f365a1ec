//! The test double's script: which fault each request meets.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use hyper::StatusCode;

use crate::responses::{Answer, failed, result, text};

/// What the double does.
#[derive(clap::Args, Clone, Debug)]
pub struct Script {
    /// What happens to requests, in their order: ok, error, exit, out-of-memory, garbage, html, status, huge, hang, clock;
    /// after the last one, ok
    #[arg(long, value_delimiter = ',')]
    faults: Vec<String>,
    /// Milliseconds that every proof is said to take, and takes
    #[arg(long, default_value_t = 10)]
    proving_ms: u64,
    /// Answer as servers from 0.17 on do
    #[arg(long)]
    new_api: bool,
}

/// A script under way.
pub struct Double {
    faults: Vec<Option<Fault>>,
    requests: AtomicUsize,
    proving: Duration,
    new_api: bool,
}

/// What can go wrong.
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    /// The zkVM reports an error.
    Error,
    /// The process ends.
    Exit,
    /// The process takes memory until it is killed.
    OutOfMemory,
    /// The right content type, and no message.
    Garbage,
    /// A web page.
    Html,
    /// An HTTP error.
    Status,
    /// An answer without end.
    Huge,
    /// No answer.
    Hang,
    /// The clock jumps by an hour during the proof.
    Clock,
}

impl Double {
    pub fn new(script: &Script) -> Result<Self, String> {
        let fault = |name: &String| {
            Ok(Some(match name.as_str() {
                "ok" => return Ok(None),
                "error" => Fault::Error,
                "exit" => Fault::Exit,
                "out-of-memory" => Fault::OutOfMemory,
                "garbage" => Fault::Garbage,
                "html" => Fault::Html,
                "status" => Fault::Status,
                "huge" => Fault::Huge,
                "hang" => Fault::Hang,
                "clock" => Fault::Clock,
                other => return Err(format!("no fault is called `{other}`")),
            }))
        };
        Ok(Self {
            faults: script.faults.iter().map(fault).collect::<Result<_, _>>()?,
            requests: AtomicUsize::new(0),
            proving: Duration::from_millis(script.proving_ms),
            new_api: script.new_api,
        })
    }

    /// What happens to this request.
    pub fn next(&self) -> Option<Fault> {
        let at = self.requests.fetch_add(1, Ordering::Relaxed);
        self.faults.get(at).copied().flatten()
    }

    pub const fn is_new(&self) -> bool {
        self.new_api
    }

    /// Lets the time of a proof pass, and says how much it was.
    pub async fn delay(&self, fault: Option<Fault>) -> Duration {
        tokio::time::sleep(self.proving).await;
        match fault {
            Some(Fault::Clock) => self.proving + Duration::from_hours(1),
            _ => self.proving,
        }
    }
}

impl Fault {
    /// The answer instead of the zkVM's; `None` where only its time is wrong.
    pub async fn happen(self) -> Option<Answer> {
        const MESSAGE: &str = "application/protobuf";
        Some(match self {
            Self::Clock => return None,
            Self::Error => result(Err("the double was told to fail".into())),
            Self::Exit => {
                eprintln!("the double was told to leave");
                std::process::exit(101)
            }
            Self::OutOfMemory => {
                let mut taken = Vec::new();
                loop {
                    // Written to, so that it is really there.
                    taken.push(vec![1_u8; 64 << 20]);
                    std::hint::black_box(&taken);
                }
            }
            Self::Garbage => text(StatusCode::OK, MESSAGE, vec![0xff_u8; 99]),
            Self::Html => text(StatusCode::OK, "text/html", "<html></html>"),
            Self::Status => failed(StatusCode::INTERNAL_SERVER_ERROR, "internal", "told to"),
            Self::Huge => text(StatusCode::OK, MESSAGE, vec![0_u8; 300 << 20]),
            Self::Hang => std::future::pending().await,
        })
    }
}
