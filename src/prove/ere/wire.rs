//! ere-server's messages (`zkvm.proto` of eth-act/ere), in both generations.
//!
//! Up to 0.16 a result carries a `report` in bincode; from 0.17 on, at the same place, a duration. The wire type of the field
//! tells them apart: bytes or a number.

use std::{collections::BTreeMap, time::Duration};

use prost::Message;

/// `ExecuteRequest`, and `ProveRequest`, which has the same fields.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct InputRequest {
    /// What the guest reads.
    #[prost(bytes = "vec", tag = "1")]
    pub input_stdin: Vec<u8>,
}

/// `VerifyRequest`.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct VerifyRequest {
    /// The proof.
    #[prost(bytes = "vec", tag = "1")]
    pub proof: Vec<u8>,
}

/// What a method answers with.
trait Payload: Message + Default + PartialEq + std::fmt::Debug {}

impl<T: Message + Default + PartialEq + std::fmt::Debug> Payload for T {}

/// The result of any method: one of the two.
#[derive(Clone, PartialEq, Eq, Message)]
struct Response<Ok: Payload> {
    #[prost(message, optional, tag = "1")]
    ok: Option<Ok>,
    #[prost(string, optional, tag = "2")]
    err: Option<String>,
}

/// `ExecuteOk` up to 0.16.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct ExecuteOkReport {
    /// What the guest committed to.
    #[prost(bytes = "vec", tag = "1")]
    pub public_values: Vec<u8>,
    /// In bincode: see [`Report`].
    #[prost(bytes = "vec", tag = "2")]
    pub report: Vec<u8>,
}

/// `ExecuteOk` from 0.17 on.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct ExecuteOkDuration {
    /// What the guest committed to.
    #[prost(bytes = "vec", tag = "1")]
    pub public_values: Vec<u8>,
    /// Nanoseconds it took.
    #[prost(uint64, tag = "2")]
    pub duration_nanos: u64,
}

/// `ProveOk` up to 0.16.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct ProveOkReport {
    /// What the guest committed to.
    #[prost(bytes = "vec", tag = "1")]
    pub public_values: Vec<u8>,
    /// The proof.
    #[prost(bytes = "vec", tag = "2")]
    pub proof: Vec<u8>,
    /// In bincode: see [`Report`].
    #[prost(bytes = "vec", tag = "3")]
    pub report: Vec<u8>,
}

/// `ProveOk` from 0.17 on.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct ProveOkDuration {
    /// What the guest committed to.
    #[prost(bytes = "vec", tag = "1")]
    pub public_values: Vec<u8>,
    /// The proof.
    #[prost(bytes = "vec", tag = "2")]
    pub proof: Vec<u8>,
    /// Nanoseconds it took.
    #[prost(uint64, tag = "3")]
    pub duration_nanos: u64,
}

/// `VerifyOk`.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct VerifyOk {
    /// What the guest committed to.
    #[prost(bytes = "vec", tag = "1")]
    pub public_values: Vec<u8>,
}

/// What `Execute` found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Executed {
    /// What the guest committed to; some zkVMs pad it with zeros to 256 bytes.
    pub public_values: Vec<u8>,
    /// Cycles, where the server reports them.
    pub total_num_cycles: Option<u64>,
    /// Cycles of named regions of the guest.
    pub region_cycles: BTreeMap<String, u64>,
    /// Wall clock of the execution.
    pub execution_duration: Duration,
}

/// What `Prove` found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proved {
    /// What the guest committed to.
    pub public_values: Vec<u8>,
    /// The proof.
    pub proof: Vec<u8>,
    /// Wall clock around the SDK's prove call.
    pub proving_time: Duration,
    /// Cycles, where the server reports them.
    pub total_num_cycles: Option<u64>,
}

/// Why bytes are no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WireError {
    /// Not the message.
    Protobuf(String),
    /// A message with neither a result nor an error.
    Empty,
    /// A report cut short, or with numbers that mean nothing.
    Report,
}

impl std::fmt::Display for WireError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Protobuf(error) => write!(f, "not the expected message: {error}"),
            Self::Empty => f.write_str("a message with neither a result nor an error"),
            Self::Report => f.write_str("a report that cannot be read"),
        }
    }
}

/// The zkVM's result, or its error in its own words.
pub type Answer<T> = Result<T, String>;

/// Reads an `ExecuteResponse`.
///
/// # Errors
/// See [`WireError`].
pub fn executed(bytes: &[u8]) -> Result<Answer<Executed>, WireError> {
    if let Ok(response) = Response::<ExecuteOkReport>::decode(bytes) {
        return answer(response, |ok| {
            let mut report = Report(&ok.report);
            let cycles = report.u64()?;
            let mut region_cycles = BTreeMap::new();
            for _ in 0..report.u64()? {
                region_cycles.insert(report.string()?, report.u64()?);
            }
            Some(Executed {
                public_values: ok.public_values,
                total_num_cycles: Some(cycles),
                region_cycles,
                execution_duration: report.duration()?,
            })
        });
    }
    answer(decode::<ExecuteOkDuration>(bytes)?, |ok| {
        Some(Executed {
            public_values: ok.public_values,
            total_num_cycles: None,
            region_cycles: BTreeMap::new(),
            execution_duration: Duration::from_nanos(ok.duration_nanos),
        })
    })
}

/// Reads a `ProveResponse`.
///
/// # Errors
/// See [`WireError`].
pub fn proved(bytes: &[u8]) -> Result<Answer<Proved>, WireError> {
    if let Ok(response) = Response::<ProveOkReport>::decode(bytes) {
        return answer(response, |ok| {
            let mut report = Report(&ok.report);
            let proving_time = report.duration()?;
            let total_num_cycles = report.cycles().ok()?;
            Some(Proved {
                public_values: ok.public_values,
                proof: ok.proof,
                proving_time,
                total_num_cycles,
            })
        });
    }
    answer(decode::<ProveOkDuration>(bytes)?, |ok| {
        Some(Proved {
            public_values: ok.public_values,
            proof: ok.proof,
            proving_time: Duration::from_nanos(ok.duration_nanos),
            total_num_cycles: None,
        })
    })
}

/// Reads a `VerifyResponse`: the public values that the proof is about.
///
/// # Errors
/// See [`WireError`].
pub fn verified(bytes: &[u8]) -> Result<Answer<Vec<u8>>, WireError> {
    answer(decode::<VerifyOk>(bytes)?, |ok| Some(ok.public_values))
}

/// A response with a result.
pub fn encode(ok: impl Message + Default + PartialEq + std::fmt::Debug) -> Vec<u8> {
    let response = Response {
        ok: Some(ok),
        err: None,
    };
    response.encode_to_vec()
}

/// A response with the zkVM's error.
pub fn encode_error(error: String) -> Vec<u8> {
    let response = Response::<VerifyOk> {
        ok: None,
        err: Some(error),
    };
    response.encode_to_vec()
}

fn decode<Ok: Payload>(bytes: &[u8]) -> Result<Response<Ok>, WireError> {
    Response::decode(bytes).map_err(|error| WireError::Protobuf(error.to_string()))
}

fn answer<Ok: Payload, T>(
    response: Response<Ok>,
    read: impl FnOnce(Ok) -> Option<T>,
) -> Result<Answer<T>, WireError> {
    match (response.ok, response.err) {
        (_, Some(error)) => Ok(Err(error)),
        (Some(ok), None) => read(ok).map(Ok).ok_or(WireError::Report),
        (None, None) => Err(WireError::Empty),
    }
}

/// A report of up to 0.16, in bincode's legacy form: little endian, numbers of fixed size, lengths as u64.
pub struct Report<'a>(&'a [u8]);

impl Report<'_> {
    /// Of an execution, without regions.
    pub fn of_execution(total_num_cycles: u64, took: Duration) -> Vec<u8> {
        let (cycles, no_regions) = (total_num_cycles.to_le_bytes(), 0u64.to_le_bytes());
        [&cycles[..], &no_regions, &Self::time(took)].concat()
    }

    /// Of a proof.
    pub fn of_proof(took: Duration, total_num_cycles: Option<u64>) -> Vec<u8> {
        let mut report = Self::time(took);
        match total_num_cycles {
            None => report.push(0),
            Some(cycles) => report.extend([&[1][..], &cycles.to_le_bytes()].concat()),
        }
        report
    }

    fn time(took: Duration) -> Vec<u8> {
        [
            &took.as_secs().to_le_bytes()[..],
            &took.subsec_nanos().to_le_bytes(),
        ]
        .concat()
    }

    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, tail) = self.0.split_first_chunk::<N>()?;
        self.0 = tail;
        Some(*head)
    }

    fn u64(&mut self) -> Option<u64> {
        self.take().map(u64::from_le_bytes)
    }

    /// Cycles, if there are any.
    fn cycles(&mut self) -> Result<Option<u64>, WireError> {
        // Old servers end here.
        if self.0.is_empty() {
            return Ok(None);
        }
        match self.take::<1>() {
            Some([0]) => Ok(None),
            Some([1]) => self.u64().map(Some).ok_or(WireError::Report),
            _ => Err(WireError::Report),
        }
    }

    fn string(&mut self) -> Option<String> {
        let length = usize::try_from(self.u64()?).ok()?;
        let (head, tail) = self.0.split_at_checked(length)?;
        self.0 = tail;
        String::from_utf8(head.to_vec()).ok()
    }

    fn duration(&mut self) -> Option<Duration> {
        let seconds = self.u64()?;
        let nanos = self.take().map(u32::from_le_bytes)?;
        (nanos < 1_000_000_000).then(|| Duration::new(seconds, nanos))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(parts: &[&[u8]]) -> Vec<u8> {
        parts.concat()
    }

    #[test]
    fn both_generations_of_execute() {
        let report = report(&[
            &1_000u64.to_le_bytes(),
            &1u64.to_le_bytes(),
            &4u64.to_le_bytes(),
            b"evm ",
            &900u64.to_le_bytes(),
            &2u64.to_le_bytes(),
            &500_000_000u32.to_le_bytes(),
        ]);
        let public_values = vec![7; 34];
        let old = encode(ExecuteOkReport {
            public_values: public_values.clone(),
            report,
        });
        let old = executed(&old).unwrap().unwrap();
        assert_eq!(
            (old.total_num_cycles, old.region_cycles["evm "]),
            (Some(1_000), 900)
        );
        assert_eq!(old.execution_duration, Duration::from_millis(2_500));
        let new = encode(ExecuteOkDuration {
            public_values: public_values.clone(),
            duration_nanos: 42,
        });
        let new = executed(&new).unwrap().unwrap();
        assert_eq!(
            (new.total_num_cycles, new.execution_duration),
            (None, Duration::from_nanos(42))
        );
        assert_eq!(new.public_values, public_values);
    }

    #[test]
    fn both_generations_of_prove() {
        let times = [&3u64.to_le_bytes()[..], &0u32.to_le_bytes()];
        let old = |tail: &[u8]| {
            encode(ProveOkReport {
                public_values: vec![1],
                proof: vec![2],
                report: [&times.concat(), tail].concat(),
            })
        };
        assert_eq!(proved(&old(&[])).unwrap().unwrap().total_num_cycles, None);
        assert_eq!(proved(&old(&[0])).unwrap().unwrap().total_num_cycles, None);
        let cycles = [&[1u8][..], &9u64.to_le_bytes()].concat();
        let with_cycles = proved(&old(&cycles)).unwrap().unwrap();
        assert_eq!(
            (
                with_cycles.total_num_cycles,
                with_cycles.proving_time.as_secs()
            ),
            (Some(9), 3)
        );
        let new = encode(ProveOkDuration {
            public_values: vec![1],
            proof: vec![2],
            duration_nanos: 5,
        });
        assert_eq!(
            proved(&new).unwrap().unwrap().proving_time,
            Duration::from_nanos(5)
        );
    }

    #[test]
    fn errors_are_the_zkvms_own_words() {
        let response = Response::<VerifyOk> {
            ok: None,
            err: Some("proof is invalid".into()),
        };
        assert_eq!(
            verified(&response.encode_to_vec()),
            Ok(Err("proof is invalid".into()))
        );
    }

    proptest::proptest! {
        #[test]
        fn garbage_is_an_error_and_no_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
            let _ = (executed(&bytes), proved(&bytes), verified(&bytes));
        }
    }
}
