//! What a run of the guest spent, by what it was spent for.

use std::{cmp::Reverse, collections::BTreeMap};

use sp1_core_executor::SyscallCode;

use super::{
    calls::Calls,
    phases::{self, Phase},
    replay::replay,
    spent::Spent,
    symbols::Symbols,
    tree::Frame,
};
use crate::{
    eest::GuestQuestion,
    evm,
    prove::{Embedded, Failure, guest_input::Question, guest_output::check_output},
};

/// The byte of the instruction that burns all gas, which no schedule prices.
const INVALID: u8 = 0xfe;

/// What a cycle is a part of in the EVM.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// An instruction or a precompile, as schedules name it, with all that it called; but for those among that. A call is also
    /// what begins and ends it.
    Operation(String),
    /// Finding out which instruction is next, and paying for it.
    Dispatch,
    /// Nothing of these.
    Outside,
}

/// Something that was done a number of times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Times {
    /// What it is called.
    pub name: String,
    /// How often.
    pub count: u64,
    /// What all of it took.
    pub spent: Spent,
}

/// Where a run of the guest spent what it took.
#[derive(Clone, Debug)]
pub struct Profile {
    /// All of it, by what the guest was doing and what the EVM was.
    pub places: BTreeMap<(Phase, Place), Spent>,
    /// By operation, the dearest in cycles first. A stop at the end of a code counts, too: the guest cannot tell it from a
    /// written one.
    pub operations: Vec<Times>,
    /// How many instructions of the EVM ran.
    pub instructions: u64,
    /// By kind of system call as SP1 names it, the dearest in gas first: parts of the others.
    pub system_calls: Vec<Times>,
    /// By call stack, outermost first, parted by semicolons; what is called is not among what its caller spent.
    pub stacks: BTreeMap<String, Spent>,
    /// What the guest committed to.
    pub public_values: Vec<u8>,
}

impl Profile {
    /// What was spent in the places that `chosen` picks.
    pub fn spent(&self, chosen: impl Fn(Phase, &Place) -> bool) -> Spent {
        let of = |((phase, place), spent): (&(Phase, Place), &Spent)| {
            if chosen(*phase, place) {
                *spent
            } else {
                Spent::default()
            }
        };
        self.places
            .iter()
            .map(of)
            .fold(Spent::default(), |sum, one| sum + one)
    }

    /// The operation of this name, if it ran.
    pub fn operation(&self, name: &str) -> Option<&Times> {
        self.operations.iter().find(|one| one.name == name)
    }
}

/// Runs the built-in guest on these bytes: an encoded input of ours, or a canonical one.
///
/// # Errors
/// The guest stopped with an exit code other than 0, or the executor refused to go on.
pub fn profile(input: &[u8]) -> Result<Profile, Failure> {
    let run = replay(Embedded::new()?.program(), input)?;
    let (tree, symbols) = (&run.calls.tree, Symbols::guest());
    let phase_of = symbols.each(phases::phase);
    let phase = tree.closest(|frame| match frame {
        Frame::Function(function) => phase_of.of(function),
        _ => None,
    });
    let dispatches = symbols.each(|name| name == phases::DISPATCH);
    let innermost = tree.closest(|frame| operation(frame).map(|_| frame));

    let mut places: BTreeMap<(Phase, Place), Spent> = BTreeMap::new();
    let mut operations = Table::default();
    let mut system_calls = Table::default();
    for (at, node) in tree.nodes().iter().enumerate() {
        let place = match (innermost[at].and_then(operation), node.frame) {
            (Some(name), _) => {
                operations.add(&name, 0, node.own);
                Place::Operation(name)
            }
            (None, Frame::Function(function)) if dispatches.of(function) => Place::Dispatch,
            (None, _) => Place::Outside,
        };
        let phase = phase[at].unwrap_or(Phase::Rest);
        *places.entry((phase, place)).or_default() += node.own;
        if let Frame::SystemCall(kind) = node.frame {
            system_calls.add(&run.system_calls[kind].to_string(), node.entered, node.own);
        }
    }
    for (frame, count) in executions(&run.calls).filter(|(_, count)| *count > 0) {
        let name = operation(frame).unwrap_or_default();
        operations.add(&name, count, Spent::default());
    }
    Ok(Profile {
        places,
        operations: operations.sorted_by(|spent| spent.cycles),
        instructions: run.calls.opcodes.iter().sum(),
        system_calls: system_calls.sorted_by(|spent| spent.gas_shares),
        stacks: tree.folded(|frame| name(frame, &run.system_calls)),
        public_values: run.public_values,
    })
}

/// The profile of a block that the guest accepts.
///
/// # Errors
/// The guest stopped with an exit code other than 0, the executor refused to go on, or the guest does not answer what is expected.
pub fn accepted(question: GuestQuestion) -> Result<Profile, Failure> {
    answered(&question.into())
}

/// [`accepted`], of any question.
pub(super) fn answered(question: &Question) -> Result<Profile, Failure> {
    let profile = profile(&question.input)?;
    check_output(&profile.public_values, &question.answer)?;
    Ok(profile)
}

/// Sums by name.
#[derive(Default)]
struct Table(BTreeMap<String, (u64, Spent)>);

impl Table {
    fn add(&mut self, name: &str, count: u64, spent: Spent) {
        let entry = self.0.entry(name.to_owned()).or_default();
        entry.0 += count;
        entry.1 += spent;
    }

    /// The largest first, equals by name.
    fn sorted_by(self, key: impl Fn(Spent) -> u64) -> Vec<Times> {
        let times = |(name, (count, spent))| Times { name, count, spent };
        let mut all: Vec<Times> = self.0.into_iter().map(times).collect();
        all.sort_by_key(|one| Reverse(key(one.spent)));
        all
    }
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
