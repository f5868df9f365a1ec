//! The methods of `api.ZkvmService`.

use std::{sync::Arc, time::Instant};

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State},
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use prost::Message;
use reprice::prove::{
    Embedded, Execution, Prover as _,
    ere::wire::{
        self, ExecuteOkReport, InputRequest, ProveOkReport, Report, VerifyOk, VerifyRequest,
    },
};

use crate::double::{Double, Fault};

/// The largest input.
const MAX_INPUT: usize = 1 << 30;

/// A zkVM, and what is wrong with it.
pub struct Server {
    pub zkvm: Embedded,
    pub double: Option<Double>,
}

pub fn router(server: Arc<Server>) -> Router {
    Router::new()
        .route("/health", get(|| async { "ok" }))
        .route("/metrics", get(metrics))
        .route("/twirp/api.ZkvmService/Execute", post(execute))
        .route("/twirp/api.ZkvmService/Prove", post(prove))
        .route("/twirp/api.ZkvmService/Verify", post(verify))
        .layer(DefaultBodyLimit::max(MAX_INPUT))
        .with_state(server)
}

async fn metrics(State(server): State<Arc<Server>>) -> String {
    let name = if server.double.is_some() {
        "double"
    } else {
        server.zkvm.name()
    };
    format!(
        "# TYPE ere_server_info gauge\n\
         ere_server_info{{version=\"{}\",zkvm_name=\"{name}\",zkvm_sdk_version=\"{}\"}} 1\n",
        env!("CARGO_PKG_VERSION"),
        Embedded::SDK_VERSION,
    )
}

async fn execute(State(server): State<Arc<Server>>, body: Bytes) -> Response {
    let Ok(request) = InputRequest::decode(body) else {
        return malformed();
    };
    if let Some(fault) = server.fault() {
        return fault.happen().await;
    }
    let started = Instant::now();
    let outcome = run(&server, request.input_stdin).await;
    reply(outcome.map(|done| {
        let took = started.elapsed();
        if server.double.as_ref().is_some_and(Double::is_new) {
            let nanos = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
            return wire::encode(wire::ExecuteOkDuration {
                public_values: done.public_values,
                duration_nanos: nanos,
            });
        }
        wire::encode(ExecuteOkReport {
            public_values: done.public_values,
            report: Report::of_execution(done.total_num_cycles, took),
        })
    }))
}

async fn prove(State(server): State<Arc<Server>>, body: Bytes) -> Response {
    let Ok(request) = InputRequest::decode(body) else {
        return malformed();
    };
    let Some(double) = &server.double else {
        return reply(Err("this server executes and does not prove".into()));
    };
    if let Some(fault) = server.fault() {
        return fault.happen().await;
    }
    let outcome = run(&server, request.input_stdin).await;
    let took = double.delay().await;
    reply(outcome.map(|done| {
        // A stand-in, which `verify` knows again: what was committed.
        let proof = done.public_values.clone();
        if double.is_new() {
            let nanos = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
            return wire::encode(wire::ProveOkDuration {
                public_values: done.public_values,
                proof,
                duration_nanos: nanos,
            });
        }
        wire::encode(ProveOkReport {
            public_values: done.public_values,
            proof,
            report: Report::of_proof(took, Some(done.total_num_cycles)),
        })
    }))
}

async fn verify(State(server): State<Arc<Server>>, body: Bytes) -> Response {
    let Ok(request) = VerifyRequest::decode(body) else {
        return malformed();
    };
    if server.double.is_none() {
        return reply(Err("this server executes and does not prove".into()));
    }
    reply(Ok(wire::encode(VerifyOk {
        public_values: request.proof,
    })))
}

impl Server {
    fn fault(&self) -> Option<Fault> {
        self.double.as_ref().and_then(Double::next)
    }
}

/// The program on this input, away from the threads that answer.
async fn run(server: &Arc<Server>, input: Vec<u8>) -> Result<Execution, String> {
    let server = Arc::clone(server);
    let run = tokio::task::spawn_blocking(move || server.zkvm.execute(&input));
    let outcome = run.await.map_err(|error| error.to_string())?;
    outcome.map_err(|failure| failure.to_string())
}

fn reply(outcome: Result<Vec<u8>, String>) -> Response {
    let body = outcome.unwrap_or_else(|error| wire::encode_error(error));
    ([(CONTENT_TYPE, "application/protobuf")], body).into_response()
}

fn malformed() -> Response {
    let body = r#"{"code":"malformed","msg":"not the request's message"}"#;
    (
        StatusCode::BAD_REQUEST,
        [(CONTENT_TYPE, "application/json")],
        body,
    )
        .into_response()
}
