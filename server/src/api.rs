//! The methods of `api.ZkvmService`.

use std::{convert::Infallible, sync::Arc, time::Instant};

use http_body_util::{BodyExt as _, Limited};
use hyper::{
    Method, Request, StatusCode,
    body::{Bytes, Incoming},
};
use prost::Message;
use reprice::prove::{
    Embedded, Execution, Prover as _,
    ere::wire::{
        self, ExecuteOkDuration, ExecuteOkReport, InputRequest, ProveOkDuration, ProveOkReport,
        Report, VerifyOk, VerifyRequest,
    },
};

use crate::{
    double::{Double, Fault},
    responses::{Answer, failed, result, text},
};

/// The largest input, bytes.
const MAX_INPUT: usize = 1 << 30;

/// What makes proofs.
pub trait Proofs: Send + Sync {
    /// Proves the program's run on an input: what it commits to, and the proof.
    fn prove(&self, input: Vec<u8>) -> Result<(Vec<u8>, Vec<u8>), String>;

    /// What a proof is about that holds.
    fn verify(&self, proof: &[u8]) -> Result<Vec<u8>, String>;
}

/// A zkVM, and what is wrong with it.
pub struct Server {
    pub zkvm: Embedded,
    pub proofs: Option<Arc<dyn Proofs>>,
    pub double: Option<Double>,
}

impl Server {
    /// Answers a request.
    pub async fn answer(self: Arc<Self>, request: Request<Incoming>) -> Result<Answer, Infallible> {
        let method = request.uri().path().strip_prefix("/twirp/api.ZkvmService/");
        let method = method.map(str::to_owned);
        Ok(match (request.method(), request.uri().path(), method) {
            (&Method::GET, "/health", _) => text(StatusCode::OK, "text/plain", "ok"),
            (&Method::GET, "/metrics", _) => text(StatusCode::OK, "text/plain", self.metrics()),
            (&Method::POST, _, Some(method)) => {
                match Limited::new(request.into_body(), MAX_INPUT).collect().await {
                    Ok(body) => self.call(&method, body.to_bytes()).await,
                    Err(error) => failed(StatusCode::BAD_REQUEST, "malformed", &error.to_string()),
                }
            }
            _ => failed(StatusCode::NOT_FOUND, "bad_route", "no such method"),
        })
    }

    fn metrics(&self) -> String {
        let name = if self.double.is_some() {
            "double"
        } else {
            self.zkvm.name()
        };
        format!(
            "# TYPE ere_server_info gauge\n\
             ere_server_info{{version=\"{}\",zkvm_name=\"{name}\",zkvm_sdk_version=\"{}\"}} 1\n",
            env!("CARGO_PKG_VERSION"),
            Embedded::SDK_VERSION,
        )
    }

    async fn call(self: Arc<Self>, method: &str, body: Bytes) -> Answer {
        let malformed = || {
            failed(
                StatusCode::BAD_REQUEST,
                "malformed",
                "not the request's message",
            )
        };
        if method == "Verify" {
            let Ok(VerifyRequest { proof }) = VerifyRequest::decode(body) else {
                return malformed();
            };
            let checked = match (&self.double, &self.proofs) {
                // Its proofs are what was committed.
                (Some(_), _) => Ok(proof),
                (None, Some(proofs)) => {
                    let proofs = Arc::clone(proofs);
                    apart(move || proofs.verify(&proof)).await
                }
                (None, None) => Err(EXECUTES_ONLY.into()),
            };
            return result(checked.map(|public_values| wire::encode(VerifyOk { public_values })));
        }
        let Ok(request) = InputRequest::decode(body) else {
            return malformed();
        };
        let fault = self.double.as_ref().and_then(Double::next);
        if let Some(fault) = fault
            && let Some(answer) = fault.happen().await
        {
            return answer;
        }
        match (method, &self.double) {
            ("Execute", _) => self.execute(request.input_stdin).await,
            ("Prove", Some(double)) => self.pretend(double, fault, request.input_stdin).await,
            ("Prove", None) => self.prove(request.input_stdin).await,
            _ => failed(StatusCode::NOT_FOUND, "bad_route", "no such method"),
        }
    }

    async fn execute(self: &Arc<Self>, input: Vec<u8>) -> Answer {
        let started = Instant::now();
        let outcome = self.run(input).await;
        let took = started.elapsed();
        result(outcome.map(|done| {
            if self.double.as_ref().is_some_and(Double::is_new) {
                return wire::encode(ExecuteOkDuration {
                    public_values: done.public_values,
                    duration_nanos: u64::try_from(took.as_nanos()).unwrap_or(u64::MAX),
                });
            }
            wire::encode(ExecuteOkReport {
                public_values: done.public_values,
                report: Report::of_execution(done.costs.total_num_cycles, took),
            })
        }))
    }

    async fn prove(self: &Arc<Self>, input: Vec<u8>) -> Answer {
        let Some(proofs) = self.proofs.clone() else {
            return result(Err(EXECUTES_ONLY.into()));
        };
        let executed = match self.run(input.clone()).await {
            Ok(executed) => executed,
            Err(failure) => return result(Err(failure)),
        };
        let started = Instant::now();
        let proven = apart(move || proofs.prove(input)).await;
        let took = started.elapsed();
        result(proven.map(|(public_values, proof)| {
            wire::encode(ProveOkReport {
                public_values,
                proof,
                report: Report::of_proof(took, Some(executed.costs.total_num_cycles)),
            })
        }))
    }

    /// What the double takes for a proof: what was committed, after a while.
    async fn pretend(
        self: &Arc<Self>,
        double: &Double,
        fault: Option<Fault>,
        input: Vec<u8>,
    ) -> Answer {
        let outcome = self.run(input).await;
        let took = double.delay(fault).await;
        result(outcome.map(|done| {
            let proof = done.public_values.clone();
            if double.is_new() {
                return wire::encode(ProveOkDuration {
                    public_values: done.public_values,
                    proof,
                    duration_nanos: u64::try_from(took.as_nanos()).unwrap_or(u64::MAX),
                });
            }
            wire::encode(ProveOkReport {
                public_values: done.public_values,
                proof,
                report: Report::of_proof(took, Some(done.costs.total_num_cycles)),
            })
        }))
    }

    /// The program on this input.
    async fn run(self: &Arc<Self>, input: Vec<u8>) -> Result<Execution, String> {
        let server = Arc::clone(self);
        let run = move || server.zkvm.execute(&input);
        apart(move || run().map_err(|failure| failure.to_string())).await
    }
}

/// Long work on a thread of its own, away from those that answer.
pub async fn apart<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, String> + Send + 'static,
) -> Result<T, String> {
    let (done, outcome) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        // Whoever asked may have left.
        let _ = done.send(work());
    });
    outcome.await.map_err(|_| "it panicked".to_owned())?
}

const EXECUTES_ONLY: &str = "this server executes and does not prove";
