//! SP1's executor in this process: runs the built-in guest program and counts cycles. No proof, no download.

use std::{
    fmt,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use sp1_core_executor::{
    ExecutionReport, GasEstimatingVMEnum, MinimalExecutorEnum, Program, SP1CoreOpts,
};

use super::{Execution, Failure, Prover, Source};

/// The guest program, built by `guest/build.sh` from the sources whose hash its manifest holds.
const GUEST: &[u8] = include_bytes!("../../guest/elf/reprice-guest.elf");
/// The executor's version, as pinned in the package's dependencies.
const SP1_VERSION: &str = "6.10.0";
/// Memory accesses per chunk when SP1's gas is estimated. The estimate depends on it; this is what SP1 calibrated it
/// with, set here because the executor's default can be changed from the environment.
pub(super) const GAS_TRACE_CHUNK: u64 = 1 << 27;

/// Exit code of the guest when its heap is full (`guest/src/runtime.rs`).
const EXIT_OUT_OF_MEMORY: u32 = 4;

/// SP1's executor with the built-in guest.
pub struct Embedded {
    program: Arc<Program>,
    guest_hash: String,
    estimate_gas: bool,
    /// Translated programs that wait for their next input: translating takes longer than a small block.
    idle: Mutex<Vec<MinimalExecutorEnum>>,
}

impl Embedded {
    /// The executor's version.
    pub const SDK_VERSION: &str = SP1_VERSION;

    /// The executor with the built-in guest.
    ///
    /// # Errors
    /// When the executor cannot read the built-in guest.
    pub fn new() -> Result<Self, Failure> {
        static PROGRAM: OnceLock<Result<Embedded, Failure>> = OnceLock::new();
        let built_in = PROGRAM.get_or_init(|| Self::with_program(GUEST)).as_ref();
        built_in.map(Self::again).map_err(Clone::clone)
    }

    /// The executor with another program, as an ELF.
    ///
    /// # Errors
    /// When the executor cannot read it.
    pub fn with_program(elf: &[u8]) -> Result<Self, Failure> {
        let program = Program::from(elf).map_err(|error| Failure::Crash {
            reason: error.to_string(),
        })?;
        Ok(Self {
            program: Arc::new(program),
            guest_hash: blake3::hash(elf).to_hex().to_string(),
            estimate_gas: false,
            idle: Mutex::default(),
        })
    }

    /// Another of the same program.
    fn again(&self) -> Self {
        Self {
            program: Arc::clone(&self.program),
            guest_hash: self.guest_hash.clone(),
            estimate_gas: false,
            idle: Mutex::default(),
        }
    }

    /// The guest program itself.
    pub const fn guest() -> &'static [u8] {
        GUEST
    }

    /// The guest program as the executor has it.
    pub(super) const fn program(&self) -> &Arc<Program> {
        &self.program
    }

    /// Estimates SP1's gas as well, which takes forty times as long.
    #[must_use]
    pub fn with_prover_gas(mut self) -> Self {
        self.estimate_gas = true;
        self
    }
}

impl fmt::Debug for Embedded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Embedded")
            .field("guest_hash", &self.guest_hash)
            .field("estimate_gas", &self.estimate_gas)
            .finish_non_exhaustive()
    }
}

impl Prover for Embedded {
    fn name(&self) -> &'static str {
        "sp1"
    }

    fn version(&self) -> String {
        format!(
            "sp1-core-executor {SP1_VERSION}, guest {}",
            &self.guest_hash[..16]
        )
    }

    fn source(&self) -> Source {
        Source {
            guest: Some(format!("reprice-guest-{}", &self.guest_hash[..16])),
            zkvm: format!("sp1-{SP1_VERSION}"),
            hardware: None,
        }
    }

    fn execute(&self, input: &[u8]) -> Result<Execution, Failure> {
        let (total_num_cycles, public_values) = self.count_cycles(input)?;
        let prover_gas = if self.estimate_gas {
            self.estimate_gas(input)?
        } else {
            None
        };
        Ok(Execution {
            total_num_cycles,
            prover_gas,
            public_values,
            ..Execution::default()
        })
    }
}

impl Embedded {
    /// Runs the guest: cycles and what it committed to.
    fn count_cycles(&self, input: &[u8]) -> Result<(u64, Vec<u8>), Failure> {
        let mut executor = self
            .idle()
            .pop()
            .unwrap_or_else(|| MinimalExecutorEnum::new(self.program.clone(), false, None));
        executor.with_input(input);
        while executor.execute_chunk().is_some() {}
        let cycles = executor.global_clk();
        let outcome =
            exit(executor.exit_code()).map(|()| (cycles, executor.public_values_stream().clone()));
        executor.reset();
        self.idle().push(executor);
        outcome
    }

    /// Runs the guest again, with a trace from which SP1's gas follows.
    fn estimate_gas(&self, input: &[u8]) -> Result<Option<u64>, Failure> {
        let options = SP1CoreOpts {
            gas_trace_chunk_threshold: GAS_TRACE_CHUNK,
            ..SP1CoreOpts::default()
        };
        let mut executor =
            MinimalExecutorEnum::new(self.program.clone(), false, Some(GAS_TRACE_CHUNK));
        executor.with_input(input);
        let mut report = ExecutionReport::default();
        while let Some(chunk) = executor.execute_chunk() {
            let mut vm =
                GasEstimatingVMEnum::new(&chunk, self.program.clone(), [0; 4], options.clone());
            report += vm.execute().map_err(|error| Failure::Crash {
                reason: error.to_string(),
            })?;
        }
        Ok(report.gas())
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<MinimalExecutorEnum>> {
        // A panic elsewhere leaves complete executors behind.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the guest's exit code says.
pub(super) fn exit(code: u32) -> Result<(), Failure> {
    match code {
        0 => Ok(()),
        EXIT_OUT_OF_MEMORY => Err(Failure::OutOfMemory),
        code => Err(Failure::Crash {
            reason: format!("exit code {code}"),
        }),
    }
}
