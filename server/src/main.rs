//! `reprice-server`: one zkVM behind ere-server's HTTP API.
//!
//! It reads a guest program, and only then listens. `cpu` runs programs on SP1's executor; `double` is a test double that
//! does the same with faults on request, and is never a default.
//!
//! Built by `server/sp1`, which has the feature `proofs`, `cpu` also proves, with SP1's prover on the CPU.

mod api;
mod double;
mod responses;
#[cfg(feature = "proofs")]
mod sp1;

use std::{fs, path::PathBuf, process::ExitCode, sync::Arc};

use clap::{Parser, Subcommand};
use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use reprice::prove::Embedded;

#[derive(Parser)]
#[command(
    name = "reprice-server",
    version,
    about = "A zkVM behind ere-server's HTTP API"
)]
struct Arguments {
    /// Port to listen on, at every address
    #[arg(long, default_value_t = 3000)]
    port: u16,
    /// The guest program
    #[arg(long)]
    elf_path: PathBuf,
    #[command(subcommand)]
    personality: Personality,
}

#[derive(Subcommand)]
enum Personality {
    /// Run programs on SP1's executor: cycles; and proofs, where it was built with the prover
    Cpu,
    /// Test double: says it proves, and fails as its script has it
    Double(double::Script),
}

#[tokio::main]
async fn main() -> ExitCode {
    match serve(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("error: {reason}");
            ExitCode::from(2)
        }
    }
}

async fn serve(arguments: Arguments) -> Result<(), String> {
    let path = &arguments.elf_path;
    let elf =
        fs::read(path).map_err(|error| format!("cannot read `{}`: {error}", path.display()))?;
    let zkvm = Embedded::with_program(&elf).map_err(|failure| failure.to_string())?;
    let (proofs, double) = match arguments.personality {
        Personality::Cpu => (proofs(elf).await?, None),
        Personality::Double(script) => (None, Some(double::Double::new(&script)?)),
    };
    let listener = tokio::net::TcpListener::bind(("0.0.0.0", arguments.port)).await;
    let listener =
        listener.map_err(|error| format!("cannot listen on {}: {error}", arguments.port))?;
    let server = Arc::new(api::Server {
        zkvm,
        proofs,
        double,
    });
    loop {
        let (stream, _) = listener.accept().await.map_err(|error| error.to_string())?;
        let server = Arc::clone(&server);
        let answer = service_fn(move |request| Arc::clone(&server).answer(request));
        let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), answer);
        tokio::spawn(async move {
            // A client that leaves is no matter.
            let _ = connection.await;
        });
    }
}

/// SP1's prover for this program.
#[cfg(feature = "proofs")]
async fn proofs(elf: Vec<u8>) -> Result<Option<Arc<dyn api::Proofs>>, String> {
    let prover = api::apart(move || sp1::Sp1::new(elf)).await?;
    Ok(Some(Arc::new(prover)))
}

#[cfg(not(feature = "proofs"))]
#[expect(clippy::unused_async, reason = "with the prover it takes minutes")]
async fn proofs(_: Vec<u8>) -> Result<Option<Arc<dyn api::Proofs>>, String> {
    Ok(None)
}
