//! SP1's gas and system calls, from pieces of an execution's trace.
//!
//! SP1's estimator follows a trace instruction by instruction, which takes ten times as long as executing it. So a short execution
//! is followed as a whole, with SP1's result to the last unit, and of a longer one ever fewer pieces are, each standing for those
//! around it.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::{Arc, OnceLock},
};

use sp1_core_executor::{
    CoreVM, CycleResult, ExecutionError, GasEstimatingVM, Instruction, Opcode, Program, RiscvAirId,
    SP1CoreOpts, SupervisorMode, SyscallCode, TraceChunkRaw, get_complexity_mapping, rv64im_costs,
};

/// Memory accesses in a piece of trace: about 100,000 cycles.
pub const PIECE: u64 = 1 << 15;
/// Pieces that are followed before the first is left out.
const FOLLOWED: u64 = 128;
/// After so many runs of pieces, of which one is followed, the next are twice as long.
const RUNS: u64 = 160;

/// Pieces that are kept until they are followed, each about a megabyte.
const AT_ONCE: usize = 16;

/// SP1's gas is (3 x area + complexity) / 10, normalised to that of its version 4 (`ExecutionReport::gas`).
const AREA_WEIGHT: u64 = 3;
const SCALE: u64 = 10;
const NORMAL: (u64, u64) = (10, 191);

/// SP1's clock begins here, goes on by so much with every instruction, and by so much more with a system call.
const CLOCK_BEGIN: u64 = 1;
const CLOCK_OF_INSTRUCTION: u64 = 8;
const CLOCK_OF_SYSTEM_CALL: u64 = 256;

/// What an executor counts of an execution by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    /// Instructions; a system call is one.
    pub cycles: u64,
    /// System calls of all kinds.
    pub system_calls: u64,
}

impl Counted {
    /// From an executor at its end: its clock, and how many instructions it counted.
    pub const fn at(clock: u64, cycles: u64) -> Self {
        let of_calls = clock - CLOCK_BEGIN - CLOCK_OF_INSTRUCTION * cycles;
        Self {
            cycles,
            system_calls: of_calls / CLOCK_OF_SYSTEM_CALL,
        }
    }
}

/// What an execution costs besides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TraceCosts {
    /// SP1's gas, normalised as its reports have it.
    pub gas: u64,
    /// System calls by kind, in SP1's names in lower case.
    pub system_calls: BTreeMap<String, u64>,
}

/// The costs of an execution, from the pieces of its trace in their order. `counted` tells what the executor counted once they are through.
///
/// # Errors
/// What SP1's estimator cannot follow.
pub fn trace_costs<S>(
    program: &Arc<Program>,
    state: &mut S,
    mut next: impl FnMut(&mut S) -> Option<TraceChunkRaw>,
    counted: impl FnOnce(&S) -> Counted,
) -> Result<TraceCosts, ExecutionError> {
    let mut choice = Choice::default();
    let (mut whole, mut sample) = (Sum::default(), Sum::default());
    let options = SP1CoreOpts::default();
    // A piece is no shard of its own: what an earlier one touched is no longer new.
    let mut earlier = None;
    let mut uses = Uses::default();
    loop {
        // An estimator takes long to make, and is bound to the pieces that it has seen.
        let mut pieces = Vec::new();
        while pieces.len() < AT_ONCE
            && let Some(piece) = next(state)
        {
            let is_whole = choice.at < FOLLOWED;
            let stands_for = choice.of_next();
            pieces.extend(stands_for.map(|stands_for| (piece, stands_for, is_whole)));
        }
        let Some((first, ..)) = pieces.first() else {
            break;
        };
        let (of, options) = (Arc::clone(program), options.clone());
        let mut vm = GasEstimatingVM::<SupervisorMode>::new(first, of, [0; 4], options.clone());
        if let Some(earlier) = earlier.take() {
            vm.gas_calculator = earlier;
        }
        for (piece, stands_for, is_whole) in &pieces {
            vm.core = CoreVM::new(piece, Arc::clone(program), options.clone(), [0; 4]);
            let before = Seen::of(&vm);
            follow(&mut vm, &mut uses)?;
            let sum = if *is_whole { &mut whole } else { &mut sample };
            sum.add(&before, &Seen::of(&vm), *stands_for);
        }
        earlier = Some(vm.gas_calculator);
    }
    Ok(of_all(counted(state), &whole, &sample))
}

/// Which pieces are followed.
#[derive(Default)]
struct Choice {
    /// Pieces so far.
    at: u64,
    /// Where the current run of pieces began, its length, and how many runs there were of that length.
    run: (u64, u64, u64),
}

impl Choice {
    /// How many pieces the next one stands for, if it is followed.
    fn of_next(&mut self) -> Option<u64> {
        let at = self.at;
        self.at += 1;
        if at < FOLLOWED {
            return Some(1);
        }
        let (begin, length, runs) = &mut self.run;
        if *length == 0 {
            (*begin, *length, *runs) = (at, 2, 0);
        } else if at == *begin + *length {
            *begin = at;
            *runs += 1;
            if *runs == RUNS {
                (*length, *runs) = (2 * *length, 0);
            }
        }
        // As if by lot, so that no loop of the guest's keeps step with the choice.
        (at == *begin + lot(*begin) % *length).then_some(*length)
    }
}

/// A number that looks like chance and is always the same (`SplitMix64`).
const fn lot(of: u64) -> u64 {
    let mut mixed = of.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// What an estimator has seen up to now.
struct Seen {
    instructions: u64,
    /// Gas of system calls and of the rest, before it is scaled and normalised.
    gas_of_calls: u64,
    gas: u64,
    /// Rows of system calls by kind.
    calls: Vec<(SyscallCode, u64)>,
}

impl Seen {
    fn of(vm: &GasEstimatingVM<'_, SupervisorMode>) -> Self {
        let tally = &vm.gas_calculator;
        let weights = weights();
        let weight = |id: RiscvAirId| weights.get(&id).copied().unwrap_or(0);
        let opcodes = tally.opcode_counts.iter().filter(|(_, n)| **n > 0);
        let chips = tally.system_chips_counts.iter();
        let mut calls: Vec<(SyscallCode, u64)> = Vec::new();
        for counts in [&tally.syscall_counts, &tally.deferred_syscall_counts] {
            calls.extend(counts.iter().filter(|(_, n)| **n > 0).map(|(c, n)| (c, *n)));
        }
        let rows = calls.iter();
        Self {
            instructions: tally.opcode_counts.values().sum(),
            gas_of_calls: rows
                .filter_map(|(code, n)| Some(weight(code.as_air_id()?) * n))
                .sum(),
            gas: opcodes.map(|(code, n)| weight(chip(code)) * n).sum::<u64>()
                + chips.map(|(id, n)| weight(id) * n).sum::<u64>(),
            calls,
        }
    }
}

/// What pieces come to, each counted for all that it stands for.
#[derive(Default)]
struct Sum {
    instructions: u64,
    gas_of_calls: u64,
    gas: u64,
    rows: HashMap<SyscallCode, u64>,
}

impl Sum {
    fn add(&mut self, before: &Seen, after: &Seen, stands_for: u64) {
        self.instructions += (after.instructions - before.instructions) * stands_for;
        self.gas_of_calls += (after.gas_of_calls - before.gas_of_calls) * stands_for;
        self.gas += (after.gas - before.gas) * stands_for;
        for (code, rows) in &after.calls {
            *self.rows.entry(*code).or_default() += rows * stands_for;
        }
        for (code, rows) in &before.calls {
            if let Some(all) = self.rows.get_mut(code) {
                *all -= rows * stands_for;
            }
        }
    }
}

/// The costs of an execution of which this was counted, whose first pieces were followed `whole` and the rest by a `sample`: what
/// system calls cost for as many as there were, and the rest for as many instructions.
fn of_all(counted: Counted, whole: &Sum, sample: &Sum) -> TraceCosts {
    let kinds: HashSet<&SyscallCode> = whole.rows.keys().chain(sample.rows.keys()).collect();
    let calls = |sum: &Sum, code: &SyscallCode| {
        let per_call = code.as_air_id().map_or(1, |id| id.rows_per_event() as u64);
        sum.rows.get(code).copied().unwrap_or(0) / per_call
    };
    let calls_of = |sum: &Sum| kinds.iter().map(|code| calls(sum, code)).sum::<u64>();
    let by_instructions = Scale::new(counted.cycles, whole.instructions, sample.instructions);
    let by_calls = Scale::new(counted.system_calls, calls_of(whole), calls_of(sample));
    let mut system_calls = BTreeMap::new();
    for code in kinds {
        let calls = by_calls.all(calls(whole, code), calls(sample, code));
        if calls > 0 {
            system_calls.insert(code.to_string().to_lowercase(), calls);
        }
    }
    let of_calls = by_calls.all(whole.gas_of_calls, sample.gas_of_calls);
    let gas = (by_instructions.all(whole.gas, sample.gas) + of_calls) / SCALE;
    TraceCosts {
        gas: gas * NORMAL.0 / NORMAL.1,
        system_calls,
    }
}

/// How much of all was not followed as a whole, and how much of that is in the sample.
struct Scale {
    rest: u128,
    seen: u128,
}

impl Scale {
    fn new(all: u64, whole: u64, sample: u64) -> Self {
        Self {
            rest: u128::from(all.saturating_sub(whole)),
            seen: u128::from(sample),
        }
    }

    /// What was followed as a whole, and what stands for the rest.
    fn all(&self, whole: u64, sample: u64) -> u64 {
        let sampled = (u128::from(sample) * self.rest + self.seen / 2).checked_div(self.seen);
        whole.saturating_add(u64::try_from(sampled.unwrap_or(0)).unwrap_or(u64::MAX))
    }
}

/// Gas of a row of each chip, before it is scaled.
fn weights() -> &'static HashMap<RiscvAirId, u64> {
    static WEIGHTS: OnceLock<HashMap<RiscvAirId, u64>> = OnceLock::new();
    WEIGHTS.get_or_init(|| {
        let complexity = get_complexity_mapping();
        let areas = rv64im_costs().into_iter();
        areas
            .map(|(id, area)| (id, AREA_WEIGHT * area as u64 + complexity[id]))
            .collect()
    })
}

/// Follows a piece of trace to its end, as `GasEstimatingVM::execute` does. That one also makes a report, for as long as a piece
/// takes.
fn follow(
    vm: &mut GasEstimatingVM<'_, SupervisorMode>,
    uses: &mut Uses,
) -> Result<(), ExecutionError> {
    if vm.core.is_done() {
        return Ok(());
    }
    loop {
        let instruction: Instruction = vm.core.fetch();
        if uses.count(&instruction) {
            execute(vm, &instruction)?;
        } else {
            execute_without_registers(vm, &instruction)?;
        }
        match vm.core.advance() {
            CycleResult::Done(false) => {}
            CycleResult::TraceEnd | CycleResult::ShardBoundary | CycleResult::Done(true) => {
                return Ok(());
            }
        }
    }
}

/// The registers whose next use counts as memory that is touched: those that none has used yet, and those that a system call may have.
struct Uses {
    open: u32,
}

impl Default for Uses {
    fn default() -> Self {
        Self { open: u32::MAX }
    }
}

impl Uses {
    /// Whether the estimator has to look at the registers of the next instruction.
    const fn count(&mut self, next: &Instruction) -> bool {
        if matches!(Class::of(next.opcode), Class::System) {
            self.open = u32::MAX;
            return true;
        }
        let mut used = 1 << (next.op_a % 32);
        if !next.imm_b {
            used |= 1 << (next.op_b % 32);
        }
        if !next.imm_c {
            used |= 1 << (next.op_c % 32);
        }
        let counts = self.open & used != 0;
        self.open &= !used;
        counts
    }
}

/// How an instruction is executed.
enum Class {
    Load,
    Store,
    Jump,
    Branch,
    Upper,
    System,
    Arithmetic,
}

impl Class {
    const fn of(opcode: Opcode) -> Self {
        match opcode {
            Opcode::LB
            | Opcode::LBU
            | Opcode::LH
            | Opcode::LHU
            | Opcode::LW
            | Opcode::LWU
            | Opcode::LD => Self::Load,
            Opcode::SB | Opcode::SH | Opcode::SW | Opcode::SD => Self::Store,
            Opcode::JAL | Opcode::JALR => Self::Jump,
            Opcode::BEQ | Opcode::BNE | Opcode::BLT | Opcode::BGE | Opcode::BLTU | Opcode::BGEU => {
                Self::Branch
            }
            Opcode::LUI | Opcode::AUIPC => Self::Upper,
            Opcode::ECALL | Opcode::EBREAK | Opcode::UNIMP => Self::System,
            _ => Self::Arithmetic,
        }
    }
}

/// [`execute`] of an instruction whose registers count nothing: the same result, in less time.
fn execute_without_registers(
    vm: &mut GasEstimatingVM<'_, SupervisorMode>,
    instruction: &Instruction,
) -> Result<(), ExecutionError> {
    let core = &mut vm.core;
    let mut touched = None;
    match Class::of(instruction.opcode) {
        Class::Load => {
            let load = core.execute_load(instruction)?;
            touched = Some((load.addr, load.mr_record.prev_timestamp));
        }
        Class::Store => {
            let store = core.execute_store(instruction)?;
            touched = Some((store.addr, store.mw_record.prev_timestamp));
        }
        Class::Jump => drop(core.execute_jump(instruction)),
        Class::Branch => drop(core.execute_branch(instruction)),
        Class::Upper => drop(core.execute_utype(instruction)),
        Class::Arithmetic => drop(core.execute_alu(instruction)),
        // Its registers count: `Uses::count`.
        Class::System => return execute(vm, instruction),
    }
    let (bump, state) = (
        vm.core.needs_bump_clk_high(),
        vm.core.needs_state_bump(instruction),
    );
    vm.gas_calculator
        .handle_instruction(instruction, bump, false, state);
    if let Some((address, before)) = touched {
        vm.gas_calculator.handle_mem_event(address, before);
    }
    Ok(())
}

/// Executes one instruction and counts what it costs; the machine does not go on to the next.
///
/// # Errors
/// What SP1's estimator cannot follow.
pub fn execute(
    vm: &mut GasEstimatingVM<'_, SupervisorMode>,
    instruction: &Instruction,
) -> Result<(), ExecutionError> {
    match Class::of(instruction.opcode) {
        Class::Load => vm.execute_load(instruction)?,
        Class::Store => vm.execute_store(instruction)?,
        Class::Jump => vm.execute_jump(instruction),
        Class::Branch => vm.execute_branch(instruction),
        Class::Upper => vm.execute_utype(instruction),
        Class::System => vm.execute_ecall(instruction)?,
        Class::Arithmetic => vm.execute_alu(instruction),
    }
    Ok(())
}

/// The chip that proves an instruction.
const fn chip(opcode: Opcode) -> RiscvAirId {
    match opcode {
        Opcode::ADD => RiscvAirId::Add,
        Opcode::ADDI => RiscvAirId::Addi,
        Opcode::ADDW => RiscvAirId::Addw,
        Opcode::SUB => RiscvAirId::Sub,
        Opcode::SUBW => RiscvAirId::Subw,
        Opcode::XOR | Opcode::OR | Opcode::AND => RiscvAirId::Bitwise,
        Opcode::SLT | Opcode::SLTU => RiscvAirId::Lt,
        Opcode::MUL | Opcode::MULH | Opcode::MULHU | Opcode::MULHSU | Opcode::MULW => {
            RiscvAirId::Mul
        }
        Opcode::DIV
        | Opcode::DIVU
        | Opcode::REM
        | Opcode::REMU
        | Opcode::DIVW
        | Opcode::DIVUW
        | Opcode::REMW
        | Opcode::REMUW => RiscvAirId::DivRem,
        Opcode::SLL | Opcode::SLLW => RiscvAirId::ShiftLeft,
        Opcode::SRL | Opcode::SRLW | Opcode::SRA | Opcode::SRAW => RiscvAirId::ShiftRight,
        Opcode::LB | Opcode::LBU => RiscvAirId::LoadByte,
        Opcode::LH | Opcode::LHU => RiscvAirId::LoadHalf,
        Opcode::LW | Opcode::LWU => RiscvAirId::LoadWord,
        Opcode::LD => RiscvAirId::LoadDouble,
        Opcode::SB => RiscvAirId::StoreByte,
        Opcode::SH => RiscvAirId::StoreHalf,
        Opcode::SW => RiscvAirId::StoreWord,
        Opcode::SD => RiscvAirId::StoreDouble,
        Opcode::BEQ | Opcode::BNE | Opcode::BLT | Opcode::BGE | Opcode::BLTU | Opcode::BGEU => {
            RiscvAirId::Branch
        }
        Opcode::AUIPC | Opcode::LUI => RiscvAirId::UType,
        Opcode::JAL => RiscvAirId::Jal,
        Opcode::JALR => RiscvAirId::Jalr,
        Opcode::ECALL | Opcode::EBREAK | Opcode::UNIMP => RiscvAirId::SyscallInstrs,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_counted_by_the_clock() {
        let counted = Counted::at(1 + 8 * 1_000 + 256 * 30, 1_000);
        let told = Counted {
            cycles: 1_000,
            system_calls: 30,
        };
        assert_eq!(counted, told);
    }

    #[test]
    fn every_piece_is_stood_for_once() {
        let mut choice = Choice::default();
        let chosen: Vec<(u64, u64)> = (0..10_000)
            .filter_map(|at| Some((at, choice.of_next()?)))
            .collect();
        assert_eq!(
            chosen[usize::try_from(FOLLOWED).unwrap() - 1],
            (FOLLOWED - 1, 1)
        );
        let (last, length) = chosen[chosen.len() - 1];
        let stood_for: u64 = chosen.iter().map(|(_, length)| length).sum();
        assert!(
            stood_for <= last + length + 1 && stood_for + length >= last,
            "{stood_for}"
        );
        assert!(chosen.len() < 1_300, "{}", chosen.len());
    }
}
