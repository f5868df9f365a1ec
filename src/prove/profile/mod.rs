//! Where a block's cost goes: which functions of the guest, which EVM operations, which system calls.
//!
//! The guest's bytes are those that everything else runs. It is gone through instruction by instruction on SP1's executor; jumps
//! give the call stack (`calls`), `guest/build.sh`'s table the names on it (`symbols`), and what a name is for is in one table
//! (`phases`). So nothing is estimated: the parts add up to the whole, to the cycle.

mod calls;
mod phases;
mod replay;
mod symbols;
#[cfg(test)]
mod tests;
mod tree;

use std::{
    collections::BTreeMap,
    ops::{Add, AddAssign, Sub},
    sync::Arc,
};

use sp1_core_executor::SyscallCode;

use self::{calls::Calls, symbols::Symbols, tree::Frame};
use super::{Failure, embedded::Embedded, guest_input::Answer, guest_output::check_output};
use crate::{
    bench::{BenchBlock, BenchError, Prepared, Scenario, Size},
    evm,
    fit::real,
    gas::{Gas, Schedule},
};

pub use phases::Phase;

/// The byte of the instruction that burns all gas, which no schedule prices.
const INVALID: u8 = 0xfe;

/// What one unit of SP1's gas is in what it is summed up from, three times the area of the trace and its complexity: the
/// executor divides by 10, and by 19.1 to be near the gas of its fourth version.
const GAS_SHARES: u64 = 191;

/// What something took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    /// Instructions of the zkVM.
    pub cycles: u64,
    /// SP1's own gas, in [parts](GAS_SHARES): its estimate is a sum of whole ones, rounded down in the end.
    pub gas_shares: u64,
}

/// An EVM instruction or a precompile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// As schedules have it.
    pub name: String,
    /// How often it ran. A stop at the end of a code counts, too: the guest cannot tell it from a written one.
    pub executions: u64,
    /// What it took with all that it called, but for operations among that. A call is also what begins and ends it.
    pub spent: Spent,
}

/// A kind of system call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SystemCall {
    /// As SP1 has it.
    pub name: String,
    /// How often.
    pub calls: u64,
    /// What it took.
    pub spent: Spent,
}

/// Where a run of the guest spent what it took.
#[derive(Clone, Debug)]
pub struct Profile {
    /// All of it.
    pub total: Spent,
    /// By phase; each is there.
    pub phases: Vec<(Phase, Spent)>,
    /// By operation, the dearest in cycles first.
    pub operations: Vec<Operation>,
    /// Finding out which instruction is next, and paying for it: what is around operations and in none.
    pub dispatch: Spent,
    /// By kind of system call, the dearest in cycles first.
    pub system_calls: Vec<SystemCall>,
    /// By call stack, outermost first, parted by semicolons; what is called is not among what its caller spent.
    pub stacks: BTreeMap<String, Spent>,
    /// What the guest committed to.
    pub public_values: Vec<u8>,
}

impl Profile {
    /// The operation of this name, if it ran.
    pub fn operation(&self, name: &str) -> Option<&Operation> {
        self.operations.iter().find(|one| one.name == name)
    }
}

impl Spent {
    /// SP1's own gas.
    pub fn gas(self) -> f64 {
        real(self.gas_shares) / real(GAS_SHARES)
    }
}

impl Add for Spent {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            cycles: self.cycles + other.cycles,
            gas_shares: self.gas_shares + other.gas_shares,
        }
    }
}

impl AddAssign for Spent {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

/// What is left, which is nothing where more is taken.
impl Sub for Spent {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self {
            cycles: self.cycles.saturating_sub(other.cycles),
            gas_shares: self.gas_shares.saturating_sub(other.gas_shares),
        }
    }
}

/// Runs the built-in guest on these bytes: an encoded input of ours, or a canonical one.
///
/// # Errors
/// The guest stopped with an exit code other than 0, or the executor refused to go on.
pub fn profile(input: &[u8]) -> Result<Profile, Failure> {
    let guest = Embedded::new()?;
    let run = replay::replay(guest.program(), input)?;
    let tree = &run.calls.tree;
    let nodes = tree.nodes();
    let phase_of = Symbols::guest().each(phases::phase);
    let phase = tree.closest(|frame| match frame {
        Frame::Function(function) => phase_of.of(function),
        _ => None,
    });
    let operation = tree.closest(|frame| operation(frame).map(|_| frame));

    let dispatches = Symbols::guest().each(|name| name == phases::DISPATCH);
    let mut total = Spent::default();
    let mut dispatch = Spent::default();
    let mut phases: BTreeMap<Phase, Spent> = BTreeMap::new();
    let mut operations: BTreeMap<String, Operation> = BTreeMap::new();
    let mut system_calls: BTreeMap<String, SystemCall> = BTreeMap::new();
    for (at, node) in nodes.iter().enumerate() {
        total += node.own;
        *phases.entry(phase[at].unwrap_or(Phase::Rest)).or_default() += node.own;
        if let Some(name) = operation[at].and_then(self::operation) {
            let entry = operations.entry(name.clone()).or_insert_with(|| Operation {
                name,
                executions: 0,
                spent: Spent::default(),
            });
            entry.spent += node.own;
        }
        match node.frame {
            Frame::Function(function) if operation[at].is_none() && dispatches.of(function) => {
                dispatch += node.own;
            }
            _ => {}
        }
        if let Frame::SystemCall(kind) = node.frame {
            let name = run.system_calls[kind].to_string();
            let entry = system_calls
                .entry(name.clone())
                .or_insert_with(|| SystemCall {
                    name,
                    calls: 0,
                    spent: Spent::default(),
                });
            entry.calls += node.entered;
            entry.spent += node.own;
        }
    }
    for (frame, executions) in executions(&run.calls) {
        let name = self::operation(frame);
        if let Some(entry) = name.and_then(|name| operations.get_mut(&name)) {
            entry.executions += executions;
        }
    }
    let mut operations: Vec<_> = operations.into_values().collect();
    operations.sort_by_key(|one| std::cmp::Reverse(one.spent.cycles));
    let mut system_calls: Vec<_> = system_calls.into_values().collect();
    system_calls.sort_by_key(|one| std::cmp::Reverse(one.spent.cycles));
    let all = Phase::ALL
        .iter()
        .map(|phase| (*phase, phases.get(phase).copied().unwrap_or_default()));
    Ok(Profile {
        total,
        phases: all.collect(),
        operations,
        dispatch,
        system_calls,
        stacks: tree.folded(|frame| name(frame, &run.system_calls)),
        public_values: run.public_values,
    })
}

/// The operation of the schedule that a frame is of, if it is one.
fn operation(frame: Frame) -> Option<String> {
    match frame {
        Frame::Opcode(INVALID) => Some("INVALID".into()),
        Frame::Opcode(byte) => {
            let name = evm::operation(byte).map(Into::into);
            Some(name.unwrap_or_else(|| format!("0x{byte:02x}")))
        }
        Frame::Precompile(which) => Some(phases::PRECOMPILES[which].1.into()),
        Frame::Function(_) | Frame::SystemCall(_) => None,
    }
}

/// What a frame is called on a stack.
fn name(frame: Frame, system_calls: &[SyscallCode]) -> String {
    match frame {
        Frame::Function(function) => Symbols::guest().name(function).into(),
        Frame::SystemCall(kind) => system_calls[kind].to_string(),
        Frame::Opcode(_) | Frame::Precompile(_) => operation(frame).unwrap_or_default(),
    }
}

/// How often each operation was begun.
fn executions(calls: &Calls) -> impl Iterator<Item = (Frame, u64)> {
    let opcodes = (0..=u8::MAX).zip(*calls.opcodes);
    let opcodes = opcodes.map(|(byte, count)| (Frame::Opcode(byte), count));
    let precompiles = calls.precompiles.iter().enumerate();
    opcodes.chain(precompiles.map(|(which, count)| (Frame::Precompile(which), *count)))
}

/// A scenario's block, taken apart.
#[derive(Clone, Debug)]
pub struct ProfiledBlock {
    /// By all transactions.
    pub gas_used: Gas,
    /// Over all transactions.
    pub iterations: u64,
    /// Where its cost goes.
    pub profile: Profile,
    /// The same for a block without iterations.
    pub empty: Profile,
}

/// The block of this size of `scenario` under `schedule`, or of one iteration where not even that fits.
///
/// # Errors
/// There is no such block, or the guest refuses it.
pub fn scenario(
    scenario: &Scenario,
    schedule: &Schedule,
    size: Size,
) -> Result<ProfiledBlock, Failure> {
    let tariff = evm::compile(schedule).map_err(|error| Failure::from(BenchError::from(error)))?;
    let mut prepared = Prepared::new(scenario, schedule, Arc::new(tariff))?;
    let (empty, _) = block(&mut prepared, Size::Iterations(0))?;
    let (profile, made) = match block(&mut prepared, size) {
        Err(Failure::NoBlock { .. }) if matches!(size, Size::Gas(_)) => {
            block(&mut prepared, Size::Iterations(1))?
        }
        done => done?,
    };
    Ok(ProfiledBlock {
        gas_used: made.gas_used,
        iterations: made.iterations,
        profile,
        empty,
    })
}

fn block(prepared: &mut Prepared<'_>, size: Size) -> Result<(Profile, BenchBlock), Failure> {
    let made = prepared.block_with_input(size)?;
    let (Some(input), Some(hash)) = (&made.input, made.block_hash) else {
        return Err(Failure::OutputMismatch);
    };
    let profile = profile(&input.encode())?;
    check_output(&profile.public_values, &Answer::Verdict(hash))?;
    Ok((profile, made))
}
