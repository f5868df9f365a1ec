//! revm's course of a transaction with an execution loop that records what happens between instructions.

use alloy_evm::Database;
use reprice_engine::{Course, Inner, Outcome, TariffContext, TariffHandler, TransactionUnits};
use revm::{
    Inspector,
    context::{Cfg, ContextTr, JournalTr, Transaction, TransactionType, result::HaltReason},
    context_interface::{Host, transaction::AuthorizationTr},
    handler::{
        EthFrame, EvmTr, EvmTrError, FrameResult, Handler, instructions::InstructionProvider,
        pre_execution::apply_auth_list,
    },
    inspector::InspectorHandler,
    interpreter::{
        GasTracker, InitialAndFloorGas, interpreter::EthInterpreter, interpreter_action::FrameInit,
    },
    state::EvmState,
};

use super::{
    counts::{Executions, StateUnits},
    execution_loop,
    ledger::CountingLedger,
};

/// [`TariffHandler`], recording usage.
pub(crate) struct CountingHandler<EVM, ERROR> {
    plain: TariffHandler<EVM, ERROR>,
    executions: Box<Executions>,
}

impl<EVM, ERROR> Default for CountingHandler<EVM, ERROR> {
    fn default() -> Self {
        Self {
            plain: TariffHandler::default(),
            executions: Box::new([0; 256]),
        }
    }
}

impl<EVM, ERROR> Handler for CountingHandler<EVM, ERROR>
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
    type Evm = EVM;
    type Error = ERROR;
    type HaltReason = HaltReason;

    fn validate_initial_tx_gas(&self, evm: &mut EVM) -> Result<InitialAndFloorGas, ERROR> {
        self.plain.validate_initial_tx_gas(evm)
    }

    fn apply_eip7702_auth_list(
        &self,
        evm: &mut EVM,
        gas: &mut GasTracker,
    ) -> Result<Option<u64>, ERROR> {
        let context = evm.ctx_mut();
        if context.tx().tx_type() != TransactionType::Eip7702 as u8 {
            return self.plain.apply_eip7702_auth_list(evm, gas);
        }
        if context.cfg().is_amsterdam_eip2780_enabled() {
            let before = *gas;
            let refund = self.plain.apply_eip7702_auth_list(evm, gas)?;
            if refund.is_some() {
                record_authorizations(evm.ctx_mut(), &before, gas);
            }
            return Ok(refund);
        }
        // The number of accounts is what counts: their refund may be 0.
        let chain_id = context.cfg().chain_id();
        let price = context.cfg().gas_params().tx_eip7702_auth_refund_regular();
        let (tx, journal) = context.tx_journal_mut();
        let accounts = apply_auth_list::<_, ERROR>(chain_id, tx.authorization_list(), journal)?;
        context.chain_mut().tally.refunded_authorizations(accounts);
        Ok(Some(price.saturating_mul(accounts)))
    }

    fn first_frame_input(
        &mut self,
        evm: &mut EVM,
        gas: &mut GasTracker,
    ) -> Result<Option<FrameInit>, ERROR> {
        let before = *gas;
        let first = self.plain.first_frame_input(evm, gas)?;
        let paid = regular(&before, gas);
        if first.is_some() && paid > 0 {
            let context = evm.ctx_mut();
            let warm = context.cfg().gas_params().warm_storage_read_cost();
            let tally = &mut context.chain_mut().tally;
            tally.delegated_recipient(paid > warm);
        }
        Ok(first)
    }

    fn last_frame_result(
        &mut self,
        evm: &mut EVM,
        frame_result: &mut FrameResult,
        parent_gas: &mut GasTracker,
    ) -> Result<(), ERROR> {
        let params = evm.ctx_ref().cfg().gas_params();
        // What comes back to a transaction that halts burns with the rest.
        if let Some(charge) = frame_result.refundable_state_gas(params)
            && frame_result.instruction_result().is_halt()
        {
            let spilled = charge.min(parent_gas.state_gas_spilled());
            evm.ctx_mut().chain_mut().tally.burn(spilled);
        }
        self.plain.last_frame_result(evm, frame_result, parent_gas)
    }

    fn runtime_oog_result(
        &mut self,
        evm: &mut EVM,
        init_and_floor_gas: &InitialAndFloorGas,
        gas: &mut GasTracker,
    ) -> Result<FrameResult, ERROR> {
        let left = self.tx_gas(evm, init_and_floor_gas).remaining();
        evm.ctx_mut().chain_mut().tally.never_began(left);
        self.plain.runtime_oog_result(evm, init_and_floor_gas, gas)
    }

    fn run_exec_loop(
        &mut self,
        evm: &mut EVM,
        first_frame_input: FrameInit,
    ) -> Result<FrameResult, ERROR> {
        let result =
            execution_loop::run::<EVM, ERROR>(evm, first_frame_input, &mut self.executions)?;
        let tally = &mut evm.ctx_mut().chain_mut().tally;
        tally.executions(&self.executions);
        Ok(result)
    }

    fn refund(
        &self,
        evm: &mut EVM,
        exec_result: &mut FrameResult,
        eip7702_refund: i64,
    ) -> Result<(), ERROR> {
        let wanted = exec_result.gas().refunded().saturating_add(eip7702_refund);
        self.plain.refund(evm, exec_result, eip7702_refund)?;
        let kept_back = wanted.saturating_sub(exec_result.gas().refunded());
        let tally = &mut evm.ctx_mut().chain_mut().tally;
        tally.keep_back(u64::try_from(kept_back).unwrap_or(0));
        Ok(())
    }

    fn eip7623_check_gas_floor(
        &self,
        evm: &mut EVM,
        exec_result: &mut FrameResult,
        init_and_floor_gas: InitialAndFloorGas,
    ) {
        let context = evm.ctx_mut();
        let gas = exec_result.gas();
        let used = if context.cfg().is_amsterdam_eip8037_enabled() {
            // A block compares gas before refunds, without state gas.
            let state = u64::try_from(gas.state_gas_spent()).unwrap_or(0);
            gas.total_gas_spent()
                .saturating_sub(gas.reservoir())
                .saturating_sub(state)
        } else {
            gas.used()
        };
        let units = TransactionUnits::of(context.tx());
        let tally = &mut context.chain_mut().tally;
        tally.settle(&units, used < init_and_floor_gas.floor_gas());
        self.plain
            .eip7623_check_gas_floor(evm, exec_result, init_and_floor_gas);
    }
}

/// Gas spent between two states of a tracker, state gas aside.
const fn regular(before: &GasTracker, after: &GasTracker) -> u64 {
    let spilled = after
        .state_gas_spilled()
        .saturating_sub(before.state_gas_spilled());
    before
        .remaining()
        .saturating_sub(after.remaining())
        .saturating_sub(spilled)
}

/// Records what a list of authorizations was charged as it was applied (EIP-2780, EIP-8037): which account was new is in the
/// state, and the rest follows from the gas.
fn record_authorizations<CTX>(context: &mut CTX, before: &GasTracker, after: &GasTracker)
where
    CTX: ContextTr<Journal: JournalTr<State = EvmState>, Chain = CountingLedger>,
{
    let authorities = context.tx().authorization_list();
    let mut authorities: Vec<_> = authorities.filter_map(|a| a.authority()).collect();
    authorities.sort_unstable();
    authorities.dedup();
    let state = context.journal().evm_state();
    let new = authorities.iter().filter(|authority| {
        state
            .get(*authority)
            .is_some_and(|account| account.is_loaded_as_not_existing() && account.info.nonce > 0)
    });
    let accounts = i64::try_from(new.count()).unwrap_or(i64::MAX);
    let params = context.cfg().gas_params();
    let price = |price: u64| i64::try_from(price).unwrap_or(i64::MAX);
    let state_gas = after.state_gas_spent() - before.state_gas_spent();
    let others = state_gas - accounts.saturating_mul(price(params.new_account_state_gas()));
    let delegations = others
        .checked_div(price(params.tx_eip7702_state_gas_bytecode()))
        .unwrap_or(0);
    let written = regular(before, after).checked_div(params.tx_account_write_cost());
    let tally = &mut context.chain_mut().tally;
    tally.written_authorities(written.unwrap_or(0));
    tally.add_state(StateUnits {
        accounts,
        delegations,
        ..StateUnits::default()
    });
}

impl Course for CountingLedger {
    fn run<DB: Database, I>(evm: &mut Inner<DB, I, Self>) -> Outcome<DB> {
        CountingHandler::default().run(evm)
    }

    fn inspect<DB: Database, I: Inspector<TariffContext<DB, Self>>>(
        evm: &mut Inner<DB, I, Self>,
    ) -> Outcome<DB> {
        let recorded = evm.ctx.chain.clone();
        let result = TariffHandler::default().inspect_run(evm);
        evm.ctx.chain = recorded;
        if let Ok(result) = &result {
            evm.ctx.chain.tally.unexplained(result.tx_gas_used());
        }
        result
    }
}
