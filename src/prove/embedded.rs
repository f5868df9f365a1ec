//! SP1's executor in this process: runs the built-in guest program and counts what it costs. No proof, no download.
//!
//! Cycles come from translated code. SP1's gas and the system calls come from a trace, which SP1's estimator follows instruction by
//! instruction: exactly for small executions, and for large ones on a sample of the trace ([`TRACED_CYCLES`]).

use std::{
    fmt,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use sp1_core_executor::{
    ExecutionReport, GasEstimatingVM, MinimalExecutorEnum, Program, SP1CoreOpts, SupervisorMode,
    TraceChunkRaw,
};

use super::{CostVector, Execution, Failure, Prover, Source};
use crate::fit::{count, real};

/// The guest program, built by `guest/build.sh` from the sources whose hash its manifest holds.
const GUEST: &[u8] = include_bytes!("../../guest/elf/reprice-guest.elf");
/// The executor's version, as pinned in the package's dependencies.
const SP1_VERSION: &str = "6.10.0";
/// How costs other than cycles are counted: part of what a kept execution depends on.
const COUNTING: &str = "trace, sampled beyond 4M cycles";

/// Cycles up to which an execution's trace is followed as a whole; of a longer one about as many are, spread over all of it.
const TRACED_CYCLES: u64 = 4_000_000;
/// Memory accesses in a piece of trace that is followed as a whole.
const PIECE: u64 = 1 << 20;
/// Memory accesses in a piece of trace that may be left out: about 50,000 cycles.
const SAMPLED_PIECE: u64 = 1 << 14;

/// Exit code of the guest when its heap is full (`guest/src/runtime.rs`).
const EXIT_OUT_OF_MEMORY: u32 = 4;

/// SP1's executor with the built-in guest.
pub struct Embedded {
    program: Arc<Program>,
    guest_hash: String,
    plain: Executors,
    traced: Executors,
    sampled: Executors,
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
            sampled: Executors::new(Some(SAMPLED_PIECE)),
        }
    }

    /// The guest program itself.
    pub const fn guest() -> &'static [u8] {
        GUEST
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
        if let Some(execution) = self.traced(input)? {
            return Ok(execution);
        }
        let mut execution = self.count(input)?;
        execution.costs = self.sampled(input, execution.costs.total_num_cycles)?;
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

impl Embedded {
    /// The execution with all its costs; nothing where it has more than [`TRACED_CYCLES`].
    fn traced(&self, input: &[u8]) -> Result<Option<Execution>, Failure> {
        let mut executor = self.traced.take(&self.program, input);
        let report = self.estimated(|| {
            let room = executor.global_clk() <= TRACED_CYCLES;
            room.then(|| executor.execute_chunk()).flatten()
        })?;
        if !executor.is_done() {
            // Thrown away with its executor, which only an end makes ready for the next.
            return Ok(None);
        }
        let outcome = finished(&executor);
        self.traced.give_back(executor);
        let mut execution = outcome?;
        let cycles = execution.costs.total_num_cycles;
        execution.costs = costs(&report, cycles, cycles);
        Ok(Some(execution))
    }

    /// The costs of an execution of so many cycles, from pieces of its trace: of each run of equally many, one that is chosen as if
    /// by lot, so that no loop of the guest's keeps step with the choice.
    fn sampled(&self, input: &[u8], cycles: u64) -> Result<CostVector, Failure> {
        let stride = cycles.div_ceil(TRACED_CYCLES).max(1);
        let mut executor = self.sampled.take(&self.program, input);
        let mut at = 0;
        let report = self.estimated(|| {
            loop {
                let piece = executor.execute_chunk()?;
                let chosen = at % stride == lot(at / stride) % stride;
                at += 1;
                if chosen {
                    return Some(piece);
                }
            }
        })?;
        self.sampled.give_back(executor);
        Ok(costs(&report, report.total_instruction_count(), cycles))
    }

    /// What SP1's estimator finds in these pieces of a trace.
    fn estimated(
        &self,
        mut pieces: impl FnMut() -> Option<TraceChunkRaw>,
    ) -> Result<ExecutionReport, Failure> {
        let mut report = ExecutionReport::default();
        let mut tally = None;
        while let Some(piece) = pieces() {
            let (program, options) = (Arc::clone(&self.program), SP1CoreOpts::default());
            let mut vm = GasEstimatingVM::<SupervisorMode>::new(&piece, program, [0; 4], options);
            // A piece is no shard of its own: what an earlier one touched is no longer new.
            if let Some(earlier) = tally.take() {
                vm.gas_calculator = earlier;
            }
            report = vm.execute().map_err(|error| Failure::Crash {
                reason: error.to_string(),
            })?;
            tally = Some(vm.gas_calculator);
        }
        Ok(report)
    }
}

/// The costs of an execution of `cycles`, from a report of `seen` of them.
fn costs(report: &ExecutionReport, seen: u64, cycles: u64) -> CostVector {
    let whole = |amount: u64| {
        if seen == cycles {
            amount
        } else {
            count((real(amount) * real(cycles) / real(seen.max(1))).round())
        }
    };
    let calls = report.syscall_counts.iter();
    let calls = calls.filter(|(_, calls)| **calls > 0);
    CostVector {
        prover_gas: report.gas().map(whole),
        system_calls: calls
            .map(|(kind, calls)| (kind.to_string().to_lowercase(), whole(*calls)))
            .collect(),
        ..CostVector::cycles(cycles)
    }
}

/// A number that looks like chance and is always the same (SplitMix64).
const fn lot(of: u64) -> u64 {
    let mut mixed = of.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// What an execution that came to its end says.
fn finished(executor: &MinimalExecutorEnum) -> Result<Execution, Failure> {
    exit(executor.exit_code()).map(|()| Execution {
        costs: CostVector::cycles(executor.global_clk()),
        public_values: executor.public_values_stream().clone(),
        ..Execution::default()
    })
}

/// What the guest's exit code says.
fn exit(code: u32) -> Result<(), Failure> {
    match code {
        0 => Ok(()),
        EXIT_OUT_OF_MEMORY => Err(Failure::OutOfMemory),
        code => Err(Failure::Crash {
            reason: format!("exit code {code}"),
        }),
    }
}
