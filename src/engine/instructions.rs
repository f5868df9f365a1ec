//! Wrapped instructions: measure, charge what revm's tables do not, run revm's own, record.

use revm::{
    bytecode::opcode as op,
    context::{ContextTr, JournalTr},
    context_interface::Host,
    handler::instructions::EthInstructions,
    interpreter::{
        Instruction, InstructionContext, InstructionExecResult, InstructionResult, Interpreter,
        instructions::{InstructionTable, gas_table_spec, instruction_table},
        interpreter::EthInterpreter,
        interpreter_types::{InputsTr, Jumps, LegacyBytecode, MemoryTr, RuntimeFlag},
    },
    primitives::{Address, B256, U256},
};

use super::{
    formula::Units,
    measured::Measured,
    opcodes::{ACCOUNT_ACCESS, CALLS, variables},
    pages,
    pricing::Ledger,
    sstore::sstore,
    tariff::Tariff,
};
use crate::Variable::{self, Bytes, Cold, Created, Topics, Value, Warm, Words};

/// revm's instruction and price tables with the tariff's prices; wrapped is what revm cannot charge by itself and, if
/// usage is recorded, whatever has units.
pub(crate) fn table<C, H>(tariff: &Tariff) -> EthInstructions<EthInterpreter, H>
where
    C: Ledger,
    H: Host + ContextTr<Chain = C>,
{
    let mut gas = gas_table_spec(tariff.spec());
    for (opcode, price) in &tariff.statics {
        gas[usize::from(*opcode)] = *price;
    }
    let mut table: InstructionTable<EthInterpreter, H> = stock();
    let own = tariff.opcodes.iter().map(|(opcode, _)| *opcode);
    let measured = (0..=u8::MAX).filter(|opcode| {
        // STOP: running off the end of the code is not an execution.
        C::COUNTING && (!variables(*opcode).is_empty() || *opcode == op::STOP)
    });
    let paged = pages::OPCODES
        .into_iter()
        .filter(|_| tariff.page_price() > 0);
    for opcode in own.chain(measured).chain(paged) {
        table[usize::from(opcode)] = Instruction::new(wrapped::<C, H>);
    }
    EthInstructions::new(table, gas, tariff.spec())
}

const fn stock<H: Host>() -> InstructionTable<EthInterpreter, H> {
    instruction_table::<EthInterpreter, H>()
}

fn wrapped<C, H>(context: InstructionContext<'_, H, EthInterpreter>) -> InstructionExecResult
where
    C: Ledger,
    H: Host + ContextTr<Chain = C>,
{
    let InstructionContext { interpreter, host } = context;
    let before = interpreter.gas.remaining();
    let words = interpreter.memory.size() / 32;
    let result = charged::<C, H>(interpreter, host);
    if C::COUNTING
        && let Err(reason) = result
        && reason.is_halt()
    {
        // The halt burns all that was left before the instruction, whatever part of it was paid meanwhile.
        interpreter.gas.set_remaining(before);
        host.chain_mut().halts(words);
    }
    result
}

fn charged<C, H>(
    interpreter: &mut Interpreter<EthInterpreter>,
    host: &mut H,
) -> InstructionExecResult
where
    C: Ledger,
    H: Host + ContextTr<Chain = C>,
{
    let at = interpreter.bytecode.pc().saturating_sub(1);
    let opcode = match interpreter.bytecode.bytecode_slice().get(at) {
        Some(opcode) => *opcode,
        None => return Err(InstructionResult::Stop),
    };
    if opcode == op::SSTORE {
        return sstore::<C, H>(InstructionContext { interpreter, host });
    }
    let page = host.gas_params().get(pages::PRICE);
    if page > 0 {
        pages::charge(opcode, interpreter, page)?;
    }
    let measured = measure::<C, H>(opcode, interpreter, host)?;
    let excess = match host.chain().pricing().opcode(opcode) {
        Some(price) => price.excess(&measured.units, measured.delegated),
        None => measured
            .units
            .get(Cold)
            .saturating_mul(cold_premium(opcode, host)),
    };
    if !interpreter.gas.record_regular_cost(excess) {
        return Err(InstructionResult::OutOfGas);
    }
    let stock = const { stock::<H>() };
    let result = stock[usize::from(opcode)].execute(InstructionContext {
        interpreter: &mut *interpreter,
        host: &mut *host,
    });
    let failed = matches!(result, Err(reason) if reason.is_halt());
    if C::COUNTING && !failed {
        host.chain_mut().ran(opcode, &measured);
    }
    result
}

/// What revm charges for a cold access above a warm one. Measuring warms what it measures, so revm does not.
fn cold_premium<H: Host>(opcode: u8, host: &H) -> u64 {
    let params = host.gas_params();
    match opcode {
        op::SLOAD => params.cold_storage_additional_cost(),
        op::SELFDESTRUCT => params.selfdestruct_cold_cost(),
        _ if ACCOUNT_ACCESS.contains(&opcode) => params.cold_account_additional_cost(),
        _ => 0,
    }
}

/// Measures the instruction that is about to run. Accounts and slots that it touches are loaded, and warm from here on;
/// an operand that the instruction will refuse counts as nothing.
fn measure<C, H>(
    opcode: u8,
    interpreter: &mut Interpreter<EthInterpreter>,
    host: &mut H,
) -> Result<Measured, InstructionResult>
where
    C: Ledger,
    H: Host + ContextTr<Chain = C>,
{
    let peek = |place: usize| interpreter.stack.peek(place);
    let words = |place: usize| {
        peek(place).map(|length| u64::try_from(length).map_or(0, |bytes| bytes.div_ceil(32)))
    };
    let units = Units::default();
    Ok(match opcode {
        op::EXP => units.with(Bytes, peek(1)?.bit_len().div_ceil(8) as u64),
        op::KECCAK256 => units.with(Words, words(1)?),
        op::CALLDATACOPY
        | op::CODECOPY
        | op::RETURNDATACOPY
        | op::MCOPY
        | op::CREATE
        | op::CREATE2 => units.with(Words, words(2)?),
        op::LOG0..=op::LOG4 => units
            .with(Topics, u64::from(opcode - op::LOG0))
            .with(Bytes, u64::try_from(peek(1)?).unwrap_or(0)),
        op::SLOAD => {
            let (key, target) = (peek(0)?, interpreter.input.target_address());
            let skip = interpreter.gas.remaining() < cold_price::<C, H>(opcode, host);
            let slot = host.sload_skip_cold_load(target, key, skip)?;
            access(units, slot.is_cold)
        }
        op::BALANCE | op::EXTCODESIZE | op::EXTCODEHASH | op::EXTCODECOPY => {
            let length = if opcode == op::EXTCODECOPY {
                words(3)?
            } else {
                0
            };
            let account = Account::load::<C, H>(opcode, address(peek(0)?), interpreter, host)?;
            access(units, account.cold).with(Words, length)
        }
        op::SELFDESTRUCT => return selfdestruct::<C, H>(interpreter, host),
        _ if CALLS.contains(&opcode) => return call::<C, H>(opcode, interpreter, host),
        _ => units,
    }
    .into())
}

fn access(mut units: Units, cold: bool) -> Units {
    units.bump(if cold { Cold } else { Warm });
    units
}

fn address(word: U256) -> Address {
    Address::from_word(B256::from(word))
}

/// What a cold access costs at least: with less gas left, nothing is loaded.
fn cold_price<C, H>(opcode: u8, host: &H) -> u64
where
    C: Ledger,
    H: Host + ContextTr<Chain = C>,
{
    match host.chain().pricing().opcode(opcode) {
        Some(price) => price.formula.rate(Variable::Cold),
        None => cold_premium(opcode, host),
    }
}

struct Account {
    cold: bool,
    empty: bool,
    delegate: Option<Address>,
}

impl Account {
    fn load<C, H>(
        opcode: u8,
        address: Address,
        interpreter: &Interpreter<EthInterpreter>,
        host: &mut H,
    ) -> Result<Self, InstructionResult>
    where
        C: Ledger,
        H: Host + ContextTr<Chain = C>,
    {
        let skip = interpreter.gas.remaining() < cold_price::<C, H>(opcode, host);
        let code = !matches!(opcode, op::BALANCE | op::EXTCODEHASH | op::SELFDESTRUCT);
        let account = host.load_account_info_skip_cold_load(address, code, skip)?;
        let code = account.code.as_ref().filter(|_| code);
        Ok(Self {
            cold: account.is_cold,
            empty: account.is_empty,
            delegate: code.and_then(revm::bytecode::Bytecode::eip7702_address),
        })
    }
}

fn call<C, H>(
    opcode: u8,
    interpreter: &mut Interpreter<EthInterpreter>,
    host: &mut H,
) -> Result<Measured, InstructionResult>
where
    C: Ledger,
    H: Host + ContextTr<Chain = C>,
{
    let to = address(interpreter.stack.peek(1)?);
    let value = match opcode {
        op::CALL | op::CALLCODE => !interpreter.stack.peek(2)?.is_zero(),
        _ => false,
    };
    if opcode == op::CALL && value && interpreter.runtime_flag.is_static() {
        return Err(InstructionResult::CallNotAllowedInsideStatic);
    }
    let account = Account::load::<C, H>(opcode, to, interpreter, host)?;
    let mut measured = Measured::from(access(Units::default(), account.cold));
    measured.units = measured.units.with(Value, u64::from(value));
    if opcode == op::CALL && value && account.empty {
        measured.units = measured.units.with(Created, 1);
    } else if let Some(delegate) = account.delegate {
        let delegate = Account::load::<C, H>(opcode, delegate, interpreter, host)?;
        measured.units = access(measured.units, delegate.cold);
        measured.delegated = true;
    }
    Ok(measured)
}

fn selfdestruct<C, H>(
    interpreter: &mut Interpreter<EthInterpreter>,
    host: &mut H,
) -> Result<Measured, InstructionResult>
where
    C: Ledger,
    H: Host + ContextTr<Chain = C>,
{
    if interpreter.runtime_flag.is_static() {
        return Err(InstructionResult::StateChangeDuringStaticCall);
    }
    let heir = address(interpreter.stack.peek(0)?);
    let heir = Account::load::<C, H>(op::SELFDESTRUCT, heir, interpreter, host)?;
    let target = interpreter.input.target_address();
    let own = host.journal_mut().load_account(target);
    let own = own.map_err(|_| InstructionResult::FatalExternalError)?.data;
    let created = heir.empty && !own.info.balance.is_zero();
    let units = access(Units::default(), heir.cold).with(Created, u64::from(created));
    Ok(Measured {
        units,
        delegated: false,
        destroys: !(own.is_selfdestructed() && own.is_selfdestructed_locally()),
    })
}
