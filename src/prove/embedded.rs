//! SP1's executor in this process: runs the built-in guest program and counts what it costs. No proof, no download.
//!
//! Cycles come from translated code, SP1's gas and the system calls from a trace that it makes (`reprice-sp1`).

use std::{
    fmt,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use reprice_sp1::{Counted, PIECE, trace_costs};
use sp1_core_executor::{MinimalExecutorEnum, Program};

use super::{CostVector, Execution, Failure, Prover, Source};

/// The guest program, built by `guest/build.sh` from the sources whose hash its manifest holds.
const GUEST: &[u8] = include_bytes!("../../guest/elf/reprice-guest.elf");
/// The executor's version, as pinned in the package's dependencies.
const SP1_VERSION: &str = "6.10.0";
/// How costs other than cycles are counted: part of what a kept execution depends on.
const COUNTING: &str = "trace of pieces, system calls by the clock";

/// Exit code of the guest when its heap is full (`guest/src/runtime.rs`).
const EXIT_OUT_OF_MEMORY: u32 = 4;

/// SP1's executor with the built-in guest.
pub struct Embedded {
    program: Arc<Program>,
    guest_hash: String,
    plain: Executors,
    traced: Executors,
}

/// Translated programs that wait for their next input: translating takes longer than a small block.
struct Executors {
    /// Memory accesses in a piece of trace; without, none is made.
    piece: Option<u64>,
    idle: Mutex<Vec<MinimalExecutorEnum>>,
}

impl Executors {
    const fn new(piece: Option<u64>) -> Self {
        Self {
            piece,
            idle: Mutex::new(Vec::new()),
        }
    }

    /// One of them with its input.
    fn take(&self, program: &Arc<Program>, input: &[u8]) -> MinimalExecutorEnum {
        let mut executor = self
            .idle()
            .pop()
            .unwrap_or_else(|| MinimalExecutorEnum::new(Arc::clone(program), false, self.piece));
        executor.with_input(input);
        executor
    }

    fn give_back(&self, mut executor: MinimalExecutorEnum) {
        executor.reset();
        self.idle().push(executor);
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<MinimalExecutorEnum>> {
        // A panic elsewhere leaves complete executors behind.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
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
        if program.enable_untrusted_programs {
            return Err(Failure::Crash {
                reason: "programs that run other programs are not supported".into(),
            });
        }
        Ok(Self::of(
            Arc::new(program),
            blake3::hash(elf).to_hex().to_string(),
        ))
    }

    /// Another of the same program.
    fn again(&self) -> Self {
        Self::of(Arc::clone(&self.program), self.guest_hash.clone())
    }

    const fn of(program: Arc<Program>, guest_hash: String) -> Self {
        Self {
            program,
            guest_hash,
            plain: Executors::new(None),
            traced: Executors::new(Some(PIECE)),
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
}

impl fmt::Debug for Embedded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Embedded")
            .field("guest_hash", &self.guest_hash)
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

    fn counting(&self) -> &'static str {
        COUNTING
    }

    fn execute(&self, input: &[u8]) -> Result<Execution, Failure> {
        let mut executor = self.traced.take(&self.program, input);
        let pieces = MinimalExecutorEnum::execute_chunk;
        let traced = trace_costs(&self.program, &mut executor, pieces, counted);
        let outcome = finished(&executor);
        self.traced.give_back(executor);
        let mut execution = outcome?;
        let traced = traced.map_err(|error| Failure::Crash {
            reason: error.to_string(),
        })?;
        execution.costs.prover_gas = Some(traced.gas);
        execution.costs.system_calls = traced.system_calls;
        Ok(execution)
    }

    fn count(&self, input: &[u8]) -> Result<Execution, Failure> {
        let mut executor = self.plain.take(&self.program, input);
        while executor.execute_chunk().is_some() {}
        let outcome = finished(&executor);
        self.plain.give_back(executor);
        outcome
    }
}

/// What the executor counts without a trace.
fn counted(executor: &MinimalExecutorEnum) -> Counted {
    Counted::at(executor.clk(), executor.global_clk())
}

/// What an execution that came to its end says.
fn finished(executor: &MinimalExecutorEnum) -> Result<Execution, Failure> {
    let counted = counted(executor);
    exit(executor.exit_code()).map(|()| Execution {
        costs: CostVector {
            total_num_system_calls: Some(counted.system_calls),
            ..CostVector::cycles(counted.cycles)
        },
        public_values: executor.public_values_stream().clone(),
        ..Execution::default()
    })
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
