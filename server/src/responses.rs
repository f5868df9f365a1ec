//! Answers as HTTP has them.

use http_body_util::Full;
use hyper::{
    Response, StatusCode,
    body::Bytes,
    header::{CONTENT_TYPE, HeaderValue},
};
use reprice::prove::ere::wire;

/// What a request is answered with.
pub type Answer = Response<Full<Bytes>>;

/// The zkVM's result or error, both of which are answers.
pub fn result(outcome: Result<Vec<u8>, String>) -> Answer {
    let body = outcome.unwrap_or_else(wire::encode_error);
    text(StatusCode::OK, "application/protobuf", body)
}

/// A failure on the way, as Twirp has it.
pub fn failed(status: StatusCode, code: &str, message: &str) -> Answer {
    let body = format!("{{\"code\":\"{code}\",\"msg\":{message:?}}}");
    text(status, "application/json", body)
}

/// An answer with a body of this type.
pub fn text(status: StatusCode, kind: &'static str, body: impl Into<Bytes>) -> Answer {
    let mut answer = Response::new(Full::new(body.into()));
    *answer.status_mut() = status;
    let kind = HeaderValue::from_static(kind);
    answer.headers_mut().insert(CONTENT_TYPE, kind);
    answer
}
