//! SSTORE with a sentry of its own and any price per kind of write (EIP-2200, EIP-2929, EIP-8037).

use revm::{
    bytecode::opcode as op,
    context::ContextTr,
    context_interface::{Host, context::SStoreResult},
    interpreter::{
        InstructionContext, InstructionExecResult, InstructionResult, StateLoad,
        interpreter::EthInterpreter,
        interpreter_types::{InputsTr, RuntimeFlag},
    },
};

use super::{formula::Units, measured::Measured, pricing::Ledger};
use crate::Variable::{Cold, Reset, Set, Warm};

/// What a write is measured by.
fn measure(load: &StateLoad<SStoreResult>) -> Units {
    let first = load.data.new_values_changes_present() && load.data.is_original_eq_present();
    let zero = load.data.is_original_zero();
    Units::default()
        .with(Cold, u64::from(load.is_cold))
        .with(Set, u64::from(first && zero))
        .with(Reset, u64::from(first && !zero))
        .with(Warm, u64::from(!first))
}

pub(crate) fn sstore<C, H>(
    context: InstructionContext<'_, H, EthInterpreter>,
) -> InstructionExecResult
where
    C: Ledger,
    H: Host + ContextTr<Chain = C>,
{
    let InstructionContext { interpreter, host } = context;
    if interpreter.runtime_flag.is_static() {
        return Err(InstructionResult::StateChangeDuringStaticCall);
    }
    let Some([key, value]) = interpreter.stack.popn() else {
        return Err(InstructionResult::StackUnderflow);
    };
    let remaining = interpreter.gas.remaining();
    let pricing = host.chain().pricing().clone();
    if remaining <= pricing.tariff().sstore_sentry {
        return Err(InstructionResult::ReentrancySentryOOG);
    }
    let price = pricing.opcode(op::SSTORE);
    let cold = match price {
        Some(price) => price.formula.rate(Cold),
        None => host.gas_params().cold_storage_cost(),
    };
    let target = interpreter.input.target_address();
    let load = host.sstore_skip_cold_load(target, key, value, remaining < cold)?;
    let units = measure(&load);
    let params = host.gas_params();
    let gas = match price {
        Some(price) => price.formula.cost(&units),
        None => params
            .sstore_static_gas()
            .saturating_add(params.sstore_dynamic_gas(true, &load.data, load.is_cold)),
    };
    if !interpreter.gas.record_regular_cost(gas) {
        return Err(InstructionResult::OutOfGas);
    }
    if host.is_amsterdam_eip8037_enabled() {
        if !interpreter
            .gas
            .record_state_cost(params.sstore_state_gas(&load.data))
        {
            return Err(InstructionResult::OutOfGas);
        }
        interpreter
            .gas
            .refill_reservoir(params.sstore_state_gas_refill(&load.data));
    }
    interpreter
        .gas
        .record_refund(params.sstore_refund(true, &load.data));
    if C::COUNTING {
        let ledger = host.chain_mut();
        ledger.ran(op::SSTORE, &Measured::from(units));
        ledger.wrote(&load.data);
    }
    Ok(())
}
