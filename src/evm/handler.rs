//! The transaction's course: revm's, with the schedule's prices before execution and, when usage is recorded, an
//! execution loop that records what happens between instructions.

use alloc::boxed::Box;
use core::marker::PhantomData;
use revm::{
    Inspector,
    context::{Cfg, ContextTr, JournalTr, Transaction, TransactionType, result::HaltReason},
    context_interface::Host,
    handler::{
        EthFrame, EvmTr, EvmTrError, FrameResult, Handler, instructions::InstructionProvider,
        pre_execution::apply_auth_list,
    },
    inspector::{InspectorEvmTr, InspectorHandler},
    interpreter::{
        GasTracker, InitialAndFloorGas, interpreter::EthInterpreter, interpreter_action::FrameInit,
    },
    state::EvmState,
};

use super::{
    counting::{self, Executions},
    intrinsic::TransactionUnits,
    pricing::{Ledger, Meter},
};

/// revm's handler with the tariff's intrinsic gas.
pub(super) struct TariffHandler<EVM, ERROR>(PhantomData<(EVM, ERROR)>);

impl<EVM, ERROR> Default for TariffHandler<EVM, ERROR> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<EVM, ERROR> Handler for TariffHandler<EVM, ERROR>
where
    EVM: EvmTr<
            Context: ContextTr<Journal: JournalTr<State = EvmState>, Chain: Ledger>,
            Frame = EthFrame<EthInterpreter>,
        >,
    ERROR: EvmTrError<EVM>,
{
    type Evm = EVM;
    type Error = ERROR;
    type HaltReason = HaltReason;

    fn validate_initial_tx_gas(&self, evm: &mut EVM) -> Result<InitialAndFloorGas, ERROR> {
        let context = evm.ctx_ref();
        let prices = &context.chain().pricing().tariff().transaction;
        Ok(prices.validate(context.tx())?)
    }
}

impl<EVM, ERROR> InspectorHandler for TariffHandler<EVM, ERROR>
where
    EVM: InspectorEvmTr<
            Context: ContextTr<Journal: JournalTr<State = EvmState>, Chain: Ledger>,
            Frame = EthFrame<EthInterpreter>,
            Inspector: Inspector<EVM::Context, EthInterpreter>,
        >,
    ERROR: EvmTrError<EVM>,
{
    type IT = EthInterpreter;
}

/// [`TariffHandler`], recording usage.
pub(super) struct CountingHandler<EVM, ERROR> {
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
            Context: ContextTr<Journal: JournalTr<State = EvmState>, Chain = Meter> + Host,
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
        // The number of accounts is what counts: their refund may be 0.
        let chain_id = context.cfg().chain_id();
        let price = context.cfg().gas_params().tx_eip7702_auth_refund_regular();
        let (tx, journal) = context.tx_journal_mut();
        let accounts = apply_auth_list::<_, ERROR>(chain_id, tx.authorization_list(), journal)?;
        context.chain_mut().tally.refunded_authorizations(accounts);
        Ok(Some(price.saturating_mul(accounts)))
    }

    fn run_exec_loop(
        &mut self,
        evm: &mut EVM,
        first_frame_input: FrameInit,
    ) -> Result<FrameResult, ERROR> {
        let result = counting::run::<EVM, ERROR>(evm, first_frame_input, &mut self.executions)?;
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
        tally.refund_cap += u64::try_from(kept_back).unwrap_or(0);
        Ok(())
    }

    fn eip7623_check_gas_floor(
        &self,
        evm: &mut EVM,
        exec_result: &mut FrameResult,
        init_and_floor_gas: InitialAndFloorGas,
    ) {
        let used = exec_result.gas().used();
        self.plain
            .eip7623_check_gas_floor(evm, exec_result, init_and_floor_gas);
        let context = evm.ctx_mut();
        let units = TransactionUnits::of(context.tx());
        let tally = &mut context.chain_mut().tally;
        tally.floor += init_and_floor_gas.floor_gas().saturating_sub(used);
        tally.transaction(&units);
    }
}
