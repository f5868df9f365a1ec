//! The execution loop that records usage. Executions are counted here, one addition per instruction; units by the wrapped
//! instructions; and what happens between instructions - frames, memory, deployed code, halts - here again.

use reprice_engine::{occupy, vacate};
use revm::{
    bytecode::opcode::STOP,
    context::{Cfg, ContextTr, JournalTr},
    context_interface::{Host, cfg::GasId},
    handler::{
        EthFrame, EvmTr, EvmTrError, FrameInitOrResult, FrameResult, ItemOrResult,
        instructions::InstructionProvider,
    },
    interpreter::{
        FrameInput, Interpreter, InterpreterAction,
        instructions::{GasTable, InstructionTable},
        interpreter::EthInterpreter,
        interpreter_action::FrameInit,
        interpreter_types::{Jumps, LegacyBytecode, LoopControl, MemoryTr},
    },
    state::EvmState,
};

use super::{
    counts::{Executions, StateUnits},
    ledger::CountingLedger,
};
use crate::gas::Gas;

/// Runs a transaction's first frame and all that it calls.
pub(super) fn run<EVM, ERROR>(
    evm: &mut EVM,
    first: FrameInit,
    executions: &mut Executions,
) -> Result<FrameResult, ERROR>
where
    EVM: EvmTr<
            Context: ContextTr<Journal: JournalTr<State = EvmState>, Chain = CountingLedger> + Host,
            Instructions: InstructionProvider<
                Context = EVM::Context,
                InterpreterTypes = EthInterpreter,
            >,
            Frame = EthFrame<EthInterpreter>,
        >,
    ERROR: EvmTrError<EVM>,
{
    if let Some(result) = begin::<EVM, ERROR>(evm, first)? {
        give_back::<EVM>(evm, &result);
        return Ok(result);
    }
    loop {
        let result = match advance::<EVM, ERROR>(evm, executions)? {
            ItemOrResult::Item(call) => match begin::<EVM, ERROR>(evm, call)? {
                Some(result) => result,
                None => continue,
            },
            ItemOrResult::Result(result) => result,
        };
        give_back::<EVM>(evm, &result);
        if let Some(last) = evm.frame_return_result(result)? {
            return Ok(last);
        }
    }
}

/// State gas that the caller paid for an account is given back to it where there is no account (EIP-8037).
fn give_back<EVM: EvmTr<Context: ContextTr<Chain = CountingLedger>>>(
    evm: &mut EVM,
    result: &FrameResult,
) {
    let context = evm.ctx_mut();
    if result
        .refundable_state_gas(context.cfg().gas_params())
        .is_some()
    {
        let account = matches!(result, FrameResult::Call(_));
        let tally = &mut context.chain_mut().tally;
        tally.add_state(StateUnits {
            accounts: -i64::from(account),
            creations: -i64::from(!account),
            ..StateUnits::default()
        });
    }
}

/// What state gas the caller paid for the account that a call or creation makes.
fn made(init: &FrameInput) -> StateUnits {
    let (account, creation) = match init {
        FrameInput::Call(inputs) => (inputs.charged_new_account_state_gas, false),
        FrameInput::Create(inputs) => (false, inputs.charged_create_state_gas()),
        FrameInput::Empty => (false, false),
    };
    StateUnits {
        accounts: i64::from(account),
        creations: i64::from(creation),
        ..StateUnits::default()
    }
}

/// Begins a call or creation; its result if no code runs.
fn begin<EVM, ERROR>(evm: &mut EVM, init: FrameInit) -> Result<Option<FrameResult>, ERROR>
where
    EVM: EvmTr<
            Context: ContextTr<Journal: JournalTr<State = EvmState>, Chain = CountingLedger>,
            Frame = EthFrame<EthInterpreter>,
        >,
    ERROR: EvmTrError<EVM>,
{
    let granted = match &init.frame_input {
        FrameInput::Call(inputs) => inputs.gas_limit,
        FrameInput::Create(inputs) => inputs.gas_limit(),
        FrameInput::Empty => 0,
    };
    let made = made(&init.frame_input);
    let occupied = occupy(evm.ctx_mut(), &init)?;
    let result = match evm.frame_init(init)? {
        ItemOrResult::Item(_) => None,
        ItemOrResult::Result(result) => Some(result),
    };
    vacate(evm.ctx_mut(), occupied);
    let tally = &mut evm.ctx_mut().chain_mut().tally;
    tally.add_state(made);
    match &result {
        None => tally.open_frame(),
        Some(result) if result.instruction_result().is_halt() => tally.burn(granted),
        Some(_) => {}
    }
    Ok(result)
}

/// Runs the innermost frame until it calls or ends.
fn advance<EVM, ERROR>(
    evm: &mut EVM,
    executions: &mut Executions,
) -> Result<FrameInitOrResult<EthFrame<EthInterpreter>>, ERROR>
where
    EVM: EvmTr<
            Context: ContextTr<Journal: JournalTr<State = EvmState>, Chain = CountingLedger> + Host,
            Instructions: InstructionProvider<
                Context = EVM::Context,
                InterpreterTypes = EthInterpreter,
            >,
            Frame = EthFrame<EthInterpreter>,
        >,
    ERROR: EvmTrError<EVM>,
{
    let (context, instructions, _, frames) = evm.all_mut();
    let frame = frames.get();
    let (action, halted) = interpret(
        &mut frame.interpreter,
        instructions.instruction_table(),
        instructions.gas_table(),
        context,
        executions,
    );
    // State gas that a failing call gives back to itself burns with the rest.
    let (unspent, spilled) = match &action {
        InterpreterAction::Return(result) => {
            (result.gas.remaining(), result.gas.state_gas_spilled())
        }
        InterpreterAction::NewFrame(_) => (0, 0),
    };
    let words = frame.interpreter.memory.size() / 32;
    let outcome = frame.process_next_action::<_, ERROR>(context, action)?;
    if let ItemOrResult::Result(result) = &outcome {
        frame.set_finished(true);
        let params = context.cfg().gas_params();
        let divisor = params.get(GasId::memory_quadratic_reduction());
        let tally = &mut context.chain_mut().tally;
        let words = tally.words_at_halt.take().unwrap_or(words);
        tally.memory(words as u64, divisor);
        let success = result.instruction_result().is_ok();
        match halted {
            Some(left) => tally.burn(left + spilled),
            // Deployment failed after the init code had succeeded.
            None if result.instruction_result().is_halt() => tally.burn(unspent + spilled),
            None => {}
        }
        if let FrameResult::Create(outcome) = result
            && success
        {
            tally.deposit(outcome.result.output.len() as u64);
        }
        tally.close_frame(success);
    }
    Ok(outcome)
}

/// revm's interpreter loop, counting. Also the gas that was left before the instruction that halted, if one did.
fn interpret<H: Host>(
    interpreter: &mut Interpreter<EthInterpreter>,
    table: &InstructionTable<EthInterpreter, H>,
    static_gas: &GasTable,
    host: &mut H,
    executions: &mut Executions,
) -> (InterpreterAction, Option<Gas>) {
    let reason = loop {
        executions[usize::from(interpreter.bytecode.opcode())] += 1;
        if let Err(reason) = interpreter.step(table, static_gas, host) {
            break reason;
        }
    };
    let halted = reason
        .is_halt()
        .then(|| take_back(interpreter, static_gas, executions));
    if interpreter.bytecode.action().is_none() {
        interpreter.halt(reason);
    }
    (interpreter.take_next_action(), halted)
}

/// Takes back the count of the instruction that halted, and says what gas was left before it. Not inlined: the loop would
/// carry this function's values along.
#[cold]
#[inline(never)]
fn take_back(
    interpreter: &Interpreter<EthInterpreter>,
    static_gas: &GasTable,
    executions: &mut Executions,
) -> Gas {
    let at = interpreter.bytecode.pc().saturating_sub(1);
    let opcode = interpreter.bytecode.bytecode_slice().get(at);
    let opcode = opcode.map_or(usize::from(STOP), |opcode| usize::from(*opcode));
    executions[opcode] -= 1;
    // Only the static price is gone: wrapped instructions put back what they paid, and revm subtracts a static price
    // even if it does not fit.
    let price = Gas::from(static_gas[opcode]);
    interpreter.gas.remaining().wrapping_add(price)
}
