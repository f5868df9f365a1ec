//! The transaction's course: revm's, with the schedule's prices before execution.

use core::marker::PhantomData;
use revm::{
    Inspector,
    context::{ContextTr, JournalTr, result::HaltReason},
    handler::{EthFrame, EvmTr, EvmTrError, FrameResult, Handler},
    inspector::{InspectorEvmTr, InspectorHandler},
    interpreter::{InitialAndFloorGas, interpreter::EthInterpreter, interpreter_action::FrameInit},
    state::EvmState,
};

use super::{
    frames::{Inspected, Plain, run_frames},
    pricing::Ledger,
};

/// revm's handler with the tariff's intrinsic gas.
#[expect(missing_debug_implementations, reason = "it holds nothing")]
pub struct TariffHandler<EVM, ERROR>(PhantomData<(EVM, ERROR)>);

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
        let tariff = context.chain().pricing().tariff();
        Ok(tariff.validate(context.tx())?)
    }

    fn run_exec_loop(&mut self, evm: &mut EVM, first: FrameInit) -> Result<FrameResult, ERROR> {
        run_frames::<Plain, _, _>(evm, first)
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

    fn inspect_run_exec_loop(
        &mut self,
        evm: &mut EVM,
        first: FrameInit,
    ) -> Result<FrameResult, ERROR> {
        run_frames::<Inspected, _, _>(evm, first)
    }
}
