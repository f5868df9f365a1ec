//! EVMs that count how often each opcode runs, system calls included: what fixtures count. Calls of precompiles, which fixtures do
//! not count, beside.

use alloy_evm::{Database, Evm, EvmEnv, EvmFactory};
use revm::{
    Inspector,
    bytecode::opcode::OpCode,
    context::DBErrorMarker,
    inspector::NoOpInspector,
    interpreter::{
        CallInputs, CallOutcome, Interpreter, InterpreterTypes,
        interpreter_types::{Jumps, LegacyBytecode},
    },
};
use std::{cell::RefCell, rc::Rc};

use super::fixture_json::OpcodeCounts;
use crate::{
    bench::forward,
    evm::{operation, precompile},
};

/// How often opcodes ran.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Counted {
    /// By execution-specs' names, as fixtures have them.
    pub opcodes: OpcodeCounts,
    /// By schedules' names, calls of precompiles among them.
    pub operations: OpcodeCounts,
}

/// Counts by opcode, and calls by precompile.
#[derive(Clone, Debug)]
struct Counts {
    opcodes: [u64; 256],
    precompiles: OpcodeCounts,
}

/// Counts instructions as they start: one that fails counts, as it does in fixtures; running off the end of the code,
/// which revm sees as a STOP, does not.
#[derive(Clone, Debug)]
pub(super) struct Counter(Rc<RefCell<Counts>>);

impl<CTX, INTR: InterpreterTypes> Inspector<CTX, INTR> for Counter {
    fn step(&mut self, interpreter: &mut Interpreter<INTR>, _: &mut CTX) {
        if interpreter.bytecode.pc() < interpreter.bytecode.bytecode_len() {
            let opcode = usize::from(interpreter.bytecode.opcode());
            self.0.borrow_mut().opcodes[opcode] += 1;
        }
    }

    fn call(&mut self, _: &mut CTX, inputs: &mut CallInputs) -> Option<CallOutcome> {
        if let Some(name) = precompile(&inputs.bytecode_address) {
            let mut counts = self.0.borrow_mut();
            *counts.precompiles.entry(name.into()).or_insert(0) += 1;
        }
        None
    }
}

/// Makes the EVMs of another factory, counting.
#[derive(Clone, Debug)]
pub(super) struct CountedFactory<F> {
    inner: F,
    counter: Counter,
}

impl<F> CountedFactory<F> {
    pub(super) fn new(inner: F) -> Self {
        let counts = Counts {
            opcodes: [0; 256],
            precompiles: OpcodeCounts::new(),
        };
        Self {
            inner,
            counter: Counter(Rc::new(RefCell::new(counts))),
        }
    }

    /// What ran so far, by name.
    pub(super) fn counted(&self) -> Counted {
        let counts = self.counter.0.borrow();
        let mut counted = Counted {
            opcodes: OpcodeCounts::new(),
            operations: counts.precompiles.clone(),
        };
        for (opcode, count) in (0..=u8::MAX).zip(counts.opcodes) {
            if count == 0 {
                continue;
            }
            counted.opcodes.insert(name(opcode), count);
            if let Some(operation) = operation(opcode) {
                *counted.operations.entry(operation.into()).or_insert(0) += count;
            }
        }
        counted
    }
}

/// The name of an opcode: execution-specs', which is revm's but for one.
fn name(opcode: u8) -> String {
    match OpCode::new(opcode) {
        Some(OpCode::DIFFICULTY) => "PREVRANDAO".into(),
        Some(opcode) => opcode.as_str().into(),
        None => format!("0x{opcode:02x}"),
    }
}

/// A fixture's counts under our names: tools that fill fixtures differ in them.
pub(super) fn renamed(counts: &OpcodeCounts) -> OpcodeCounts {
    let mut all = OpcodeCounts::new();
    for (name, count) in counts {
        let name = match name.as_str() {
            "SHA3" | "KECCAK" => "KECCAK256",
            "DIFFICULTY" => "PREVRANDAO",
            name => name,
        };
        *all.entry(name.into()).or_insert(0) += count;
    }
    all
}

/// An EVM of [`CountedFactory`].
pub(super) struct CountedEvm<E>(E);

impl<E, I> Evm for CountedEvm<E>
where
    E: Evm<Inspector = (Counter, I)>,
{
    type DB = E::DB;
    type Tx = E::Tx;
    type Error = E::Error;
    type HaltReason = E::HaltReason;
    type Spec = E::Spec;
    type BlockEnv = E::BlockEnv;
    type Precompiles = E::Precompiles;
    type Inspector = I;

    forward!(0);
    forward!(0 transact_raw);
    forward!(0 transact_system_call);

    fn components(&self) -> (&Self::DB, &I, &Self::Precompiles) {
        let (db, (_, inspector), precompiles) = self.0.components();
        (db, inspector, precompiles)
    }

    fn components_mut(&mut self) -> (&mut Self::DB, &mut I, &mut Self::Precompiles) {
        let (db, (_, inspector), precompiles) = self.0.components_mut();
        (db, inspector, precompiles)
    }
}

impl<F: EvmFactory> EvmFactory for CountedFactory<F> {
    type Evm<DB: Database, I: Inspector<F::Context<DB>>> = CountedEvm<F::Evm<DB, (Counter, I)>>;
    type Context<DB: Database> = F::Context<DB>;
    type Tx = F::Tx;
    type Error<E: DBErrorMarker> = F::Error<E>;
    type HaltReason = F::HaltReason;
    type Spec = F::Spec;
    type BlockEnv = F::BlockEnv;
    type Precompiles = F::Precompiles;

    fn create_evm<DB: Database>(
        &self,
        db: DB,
        env: EvmEnv<F::Spec, F::BlockEnv>,
    ) -> Self::Evm<DB, NoOpInspector> {
        self.create_evm_with_inspector(db, env, NoOpInspector)
    }

    fn create_evm_with_inspector<DB: Database, I: Inspector<F::Context<DB>>>(
        &self,
        db: DB,
        env: EvmEnv<F::Spec, F::BlockEnv>,
        inspector: I,
    ) -> Self::Evm<DB, I> {
        let inspector = (self.counter.clone(), inspector);
        CountedEvm(self.inner.create_evm_with_inspector(db, env, inspector))
    }
}
