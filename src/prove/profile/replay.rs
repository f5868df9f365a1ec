//! Runs the guest once more, an instruction at a time, with what each costs.
//!
//! SP1's executor leaves a trace of what the program read; its machine that estimates gas goes through that trace. Here it does
//! so step by step, and what its counters say more after an instruction than before is the instruction's.

use std::{collections::HashMap, sync::Arc};

use reprice_sp1::execute;
use sp1_core_executor::{
    ExecutionError, GasEstimatingVM, Instruction, MinimalExecutorEnum, Opcode, Program, RiscvAirId,
    SP1CoreOpts, SupervisorMode, SyscallCode,
};

use super::{
    calls::{Calls, Jump},
    spent::Spent,
};
use crate::prove::{Failure, embedded::exit};

/// Memory accesses in a piece of the trace. SP1's gas counts what a piece touches first, and this is the size it was calibrated
/// with; set here because the executor's default can be changed from the environment.
const GAS_TRACE_CHUNK: u64 = 1 << 27;

/// The register that holds where a function returns to.
const RETURN_ADDRESS: u64 = 1;
/// The register that reads as 0.
const ZERO: u8 = 0;

/// Tables that any instruction can add rows to.
const SHARED: [RiscvAirId; 5] = [
    RiscvAirId::MemoryBump,
    RiscvAirId::MemoryLocal,
    RiscvAirId::StateBump,
    RiscvAirId::Global,
    RiscvAirId::SyscallCore,
];

type Machine<'a> = GasEstimatingVM<'a, SupervisorMode>;

/// What a run of the guest left.
pub(super) struct Replay {
    pub calls: Calls,
    /// The system calls that were seen, in the order of their first.
    pub system_calls: Vec<SyscallCode>,
    /// What the guest committed to.
    pub public_values: Vec<u8>,
}

/// Runs `program` on `input`.
///
/// # Errors
/// The guest stopped with an exit code other than 0, or the executor refused to go on.
pub(super) fn replay(program: &Arc<Program>, input: &[u8]) -> Result<Replay, Failure> {
    let options = SP1CoreOpts {
        gas_trace_chunk_threshold: GAS_TRACE_CHUNK,
        ..SP1CoreOpts::default()
    };
    let mut executor = MinimalExecutorEnum::new(Arc::clone(program), false, Some(GAS_TRACE_CHUNK));
    executor.with_input(input);
    let mut calls = Calls::new(program.pc_start_abs);
    let mut kinds = Kinds::default();
    let mut prices = None;
    while let Some(chunk) = executor.execute_chunk() {
        let machine = || Machine::new(&chunk, Arc::clone(program), [0; 4], options.clone());
        let prices = prices.get_or_insert_with(|| Prices::new(machine()));
        let mut machine = machine();
        let mut run = Run {
            calls: &mut calls,
            kinds: &mut kinds,
            prices,
            shared: 0,
        };
        run.chunk(&mut machine).map_err(|error| Failure::Crash {
            reason: error.to_string(),
        })?;
    }
    exit(executor.exit_code())?;
    Ok(Replay {
        calls,
        system_calls: kinds.seen,
        public_values: executor.public_values_stream().clone(),
    })
}

/// The system calls that were seen.
#[derive(Default)]
struct Kinds {
    seen: Vec<SyscallCode>,
    places: HashMap<u32, usize>,
}

impl Kinds {
    fn place(&mut self, code: SyscallCode) -> usize {
        let seen = &mut self.seen;
        *self.places.entry(code as u32).or_insert_with(|| {
            seen.push(code);
            seen.len() - 1
        })
    }
}

/// Parts of SP1's gas (`GAS_SHARES`).
struct Prices {
    /// By opcode.
    instructions: [u64; 256],
    /// Of a row.
    system_calls: HashMap<u32, u64>,
    shared: [u64; SHARED.len()],
}

impl Prices {
    /// What SP1's gas says of a single one of each.
    fn new(mut machine: Machine<'_>) -> Self {
        let counter = &mut machine.gas_calculator;
        // The estimate is linear in its counters, which are all 0 here.
        let opcodes: Vec<Opcode> = counter.opcode_counts.iter().map(|(code, _)| code).collect();
        let codes: Vec<SyscallCode> = counter
            .syscall_counts
            .iter()
            .map(|(code, _)| code)
            .collect();
        let shares = |(complexity, area): (u64, u64)| 3 * area + complexity;
        let mut instructions = [0; 256];
        for opcode in opcodes {
            // Neither is ever executed, and neither has a table.
            if matches!(opcode, Opcode::EBREAK | Opcode::UNIMP) {
                continue;
            }
            counter.opcode_counts[opcode] = 1;
            instructions[usize::from(opcode as u8)] = shares(counter.get_costs());
            counter.opcode_counts[opcode] = 0;
        }
        let mut system_calls = HashMap::new();
        for code in codes {
            counter.syscall_counts[code] = 1;
            system_calls.insert(code as u32, shares(counter.get_costs()));
            counter.syscall_counts[code] = 0;
        }
        let shared = SHARED.map(|table| {
            counter.system_chips_counts[table] = 1;
            let price = shares(counter.get_costs());
            counter.system_chips_counts[table] = 0;
            price
        });
        Self {
            instructions,
            system_calls,
            shared,
        }
    }
}

/// A chunk of the trace that is gone through.
struct Run<'a> {
    calls: &'a mut Calls,
    kinds: &'a mut Kinds,
    prices: &'a Prices,
    /// What rows in shared tables have come to so far, parts of SP1's gas.
    shared: u64,
}

impl Run<'_> {
    fn chunk(&mut self, machine: &mut Machine<'_>) -> Result<(), ExecutionError> {
        while !machine.core.is_done() && !machine.core.is_trace_end() {
            self.instruction(machine)?;
        }
        Ok(())
    }

    fn instruction(&mut self, machine: &mut Machine<'_>) -> Result<(), ExecutionError> {
        let instruction = machine.core.fetch();
        let mut gas_shares = self.prices.instructions[usize::from(instruction.opcode as u8)];
        let mut system_call = None;
        let mut jump = None;
        match instruction.opcode {
            Opcode::LBU => {
                execute(machine, &instruction)?;
                let register = usize::from(instruction.op_a);
                self.calls.loaded(machine.core.registers()[register].value);
            }
            Opcode::JAL | Opcode::JALR => {
                jump = Some(kind(&instruction, machine.core.pc()));
                execute(machine, &instruction)?;
            }
            Opcode::ECALL => {
                let code = machine.core.read_code();
                let rows = rows(machine, code);
                execute(machine, &instruction)?;
                let rows = self::rows(machine, code) - rows;
                gas_shares += rows * self.prices.system_calls.get(&(code as u32)).unwrap_or(&0);
                system_call = Some(self.kinds.place(code));
            }
            _ => execute(machine, &instruction)?,
        }
        machine.core.advance();
        let chips = &machine.gas_calculator.system_chips_counts;
        let prices = SHARED.iter().zip(&self.prices.shared);
        let shared = prices.map(|(table, price)| chips[*table] * price).sum();
        gas_shares += shared - self.shared;
        self.shared = shared;
        let spent = Spent {
            cycles: 1,
            gas_shares,
        };
        match system_call {
            Some(system_call) => self.calls.spend_in_call(system_call, spent),
            None => self.calls.spend(spent),
        }
        if let Some(jump) = jump {
            self.calls.jumped(jump, machine.core.pc());
        }
        Ok(())
    }
}

/// Rows that a kind of system call has come to.
fn rows(machine: &Machine<'_>, code: SyscallCode) -> u64 {
    let counter = &machine.gas_calculator;
    counter.syscall_counts[code] + counter.deferred_syscall_counts[code]
}

/// What the jump at `pc` is for, by the registers that RISC-V's calling convention gives to it.
fn kind(instruction: &Instruction, pc: u64) -> Jump {
    let back = pc.wrapping_add(4);
    let computed = instruction.opcode == Opcode::JALR;
    let by_return_address = instruction.op_b == RETURN_ADDRESS;
    match instruction.op_a {
        // A far call computes its target in the register of the return address, which depends on no data.
        register if u64::from(register) == RETURN_ADDRESS => Jump::Call {
            back,
            computed: computed && !by_return_address,
        },
        ZERO if computed && by_return_address && instruction.op_c == 0 => Jump::Return,
        _ => Jump::Go,
    }
}
