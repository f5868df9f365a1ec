//! Asking a server about one block.

use std::time::{Duration, Instant};

use super::{Fault, Mode, Remote};
use crate::prove::{Execution, Failure, docker::Container, ere::CallError};

/// How long a server may take to check a proof.
const VERIFY_LIMIT: Duration = Duration::from_mins(2);
/// How much longer than it took to answer a server may say that its proof took.
const CLOCK_TOLERANCE: Duration = Duration::from_millis(100);

impl Remote {
    /// One block, once.
    pub(super) async fn once(
        &self,
        container: &Container,
        input: &[u8],
    ) -> Result<Execution, Fault> {
        let input = if self.setup.length_prefix {
            prefixed(input)
        } else {
            input.to_vec()
        };
        let outcome = match self.setup.mode {
            Mode::Execute => self.execution(container, input).await,
            Mode::Prove => self.proof(container, input).await,
        };
        match outcome {
            Ok(execution) => Ok(execution),
            Err(CallError::Zkvm(reason)) => Err(Fault::Block(Failure::Crash { reason })),
            Err(CallError::Timeout(limit)) => Err(Fault::Server(Failure::Timeout {
                limit_s: limit.as_secs_f64(),
            })),
            // The connection broke: because the server died of this block, or for a reason of its own.
            Err(CallError::Transport(reason)) => {
                let fate = container.fate().await.map_err(Fault::Server)?;
                Err(Fault::Server(fate.unwrap_or(Failure::Transport { reason })))
            }
        }
    }

    async fn execution(
        &self,
        container: &Container,
        input: Vec<u8>,
    ) -> Result<Execution, CallError> {
        let done = container.client.execute(input, self.setup.limit).await?;
        Ok(Execution {
            total_num_cycles: done.total_num_cycles.unwrap_or_default(),
            public_values: done.public_values,
            ..Execution::default()
        })
    }

    async fn proof(&self, container: &Container, input: Vec<u8>) -> Result<Execution, CallError> {
        let client = &container.client;
        let asked = Instant::now();
        let done = client.prove(input, self.setup.limit).await?;
        let took = asked.elapsed();
        if done.proving_time > took + CLOCK_TOLERANCE || done.proving_time.is_zero() {
            return Err(CallError::Transport(format!(
                "it says that its proof took {:.3} s, and answered within {:.3} s: its clock jumped",
                done.proving_time.as_secs_f64(),
                took.as_secs_f64()
            )));
        }
        let public_values = client.verify(done.proof.clone(), VERIFY_LIMIT).await?;
        Ok(Execution {
            total_num_cycles: done.total_num_cycles.unwrap_or_default(),
            times_ms: vec![done.proving_time.as_secs_f64() * 1e3],
            proof_size: Some(done.proof.len() as u64),
            public_values,
            ..Execution::default()
        })
    }
}

/// The input after its length.
fn prefixed(input: &[u8]) -> Vec<u8> {
    let length = u32::try_from(input.len()).unwrap_or(u32::MAX);
    [&length.to_le_bytes()[..], input].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_the_length() {
        assert_eq!(prefixed(&[7; 3]), [3, 0, 0, 0, 7, 7, 7]);
        assert_eq!(prefixed(&[0; 258])[..4], [2, 1, 0, 0]);
    }
}
