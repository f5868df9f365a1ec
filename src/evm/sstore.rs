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

use super::{counts::Revocable, formula::Units, instructions::Measured, pricing::Ledger};
use crate::gas::Variable::{Cold, Reset, Set, Warm};

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

/// Which refunds a write gives or takes back (EIP-3529) and what state it adds or takes back (EIP-8037): the rules of revm's
/// `sstore_refund`, `sstore_state_gas` and `sstore_state_gas_refill`, as counts.
fn claims(write: &SStoreResult) -> Revocable {
    let mut refunds = Revocable::default();
    if write.is_new_eq_present() {
        return refunds;
    }
    if write.is_original_zero() {
        refunds.state.slots =
            i64::from(write.is_original_eq_present()) - i64::from(write.is_original_eq_new());
    }
    if !write.is_original_zero() {
        if write.is_present_zero() {
            refunds.clear -= 1;
        } else if write.is_new_zero() {
            refunds.clear += 1;
        }
    }
    if write.is_original_eq_new() {
        if write.is_original_zero() {
            refunds.restore_set += 1;
        } else {
            refunds.restore_reset += 1;
        }
    }
    refunds
}

pub(super) fn sstore<C, H>(
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
    if let Some(tally) = host.chain_mut().tally() {
        let other = price.is_some_and(|price| !price.formula.is_linear());
        tally.opcode(op::SSTORE, &Measured::from(units), other.then_some(gas));
        tally.claim(&claims(&load.data));
    }
    Ok(())
}
