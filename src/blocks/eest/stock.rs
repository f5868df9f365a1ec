//! revm as it is, for any fork, but for system calls, which get the 30 million gas of EIP-4788 before Amsterdam and which an
//! inspector sees, and for contracts, which are not created where storage is (EIP-7610).

use alloy_evm::{Database, Evm, EvmEnv, EvmFactory};
use alloy_primitives::{Address, Bytes};
use core::marker::PhantomData;
use revm::{
    Context, ExecuteEvm, Inspector, MainBuilder, MainContext,
    context::{
        BlockEnv, CfgEnv, ContextSetters, ContextTr, DBErrorMarker, Evm as RevmEvm, JournalTr,
        TxEnv,
        result::{EVMError, ExecResultAndState, HaltReason, ResultAndState},
    },
    handler::{
        EthFrame, EthPrecompiles, EvmTr, EvmTrError, FrameResult, Handler, MainnetHandler,
        SystemCallTx, instructions::EthInstructions,
    },
    inspector::{InspectorEvmTr, InspectorHandler, NoOpInspector},
    interpreter::{interpreter::EthInterpreter, interpreter_action::FrameInit},
    primitives::hardfork::SpecId,
    state::EvmState,
};

use crate::evm::{Inspected, Plain, run_frames};

/// The gas of a system call before Amsterdam. revm adds Amsterdam's state gas on every fork.
const SYSTEM_CALL_GAS: u64 = 30_000_000;

type StockContext<DB> = Context<BlockEnv, TxEnv, CfgEnv, DB>;

type Inner<DB, I> = RevmEvm<
    StockContext<DB>,
    I,
    EthInstructions<EthInterpreter, StockContext<DB>>,
    EthPrecompiles,
    EthFrame<EthInterpreter>,
>;

/// revm's handler with our frames.
struct StockHandler<EVM, ERROR>(PhantomData<(EVM, ERROR)>);

impl<EVM, ERROR> Handler for StockHandler<EVM, ERROR>
where
    EVM: EvmTr<
            Context: ContextTr<Journal: JournalTr<State = EvmState>>,
            Frame = EthFrame<EthInterpreter>,
        >,
    ERROR: EvmTrError<EVM>,
{
    type Evm = EVM;
    type Error = ERROR;
    type HaltReason = HaltReason;

    fn run_exec_loop(&mut self, evm: &mut EVM, first: FrameInit) -> Result<FrameResult, ERROR> {
        run_frames::<Plain, _, _>(evm, first)
    }
}

impl<EVM, ERROR> InspectorHandler for StockHandler<EVM, ERROR>
where
    EVM: InspectorEvmTr<
            Context: ContextTr<Journal: JournalTr<State = EvmState>>,
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

/// Makes EVMs that are revm's.
#[derive(Clone, Copy, Debug, Default)]
pub struct StockEvmFactory;

/// revm's EVM for alloy's block executor.
#[expect(missing_debug_implementations, reason = "revm's EVM has none")]
pub struct StockEvm<DB: Database, I> {
    inner: Inner<DB, I>,
    inspect: bool,
}

impl<DB: Database, I> StockEvm<DB, I> {
    fn new(db: DB, env: EvmEnv, inspector: I, inspect: bool) -> Self {
        let context = Context::mainnet()
            .with_db(db)
            .with_block(env.block_env)
            .with_cfg(env.cfg_env);
        Self {
            inner: context.build_mainnet_with_inspector(inspector),
            inspect,
        }
    }
}

impl<DB: Database, I: Inspector<StockContext<DB>>> Evm for StockEvm<DB, I> {
    type DB = DB;
    type Tx = TxEnv;
    type Error = EVMError<DB::Error>;
    type HaltReason = HaltReason;
    type Spec = SpecId;
    type BlockEnv = BlockEnv;
    type Precompiles = EthPrecompiles;
    type Inspector = I;

    fn block(&self) -> &BlockEnv {
        self.inner.ctx.block()
    }

    fn cfg_env(&self) -> &CfgEnv {
        self.inner.ctx.cfg()
    }

    fn chain_id(&self) -> u64 {
        self.cfg_env().chain_id
    }

    fn transact_raw(&mut self, tx: TxEnv) -> Result<ResultAndState<HaltReason>, Self::Error> {
        self.inner.ctx.set_tx(tx);
        let mut handler = StockHandler::<_, Self::Error>(PhantomData);
        let result = if self.inspect {
            handler.inspect_run(&mut self.inner)
        } else {
            handler.run(&mut self.inner)
        };
        let state = self.inner.finalize();
        Ok(ExecResultAndState::new(result?, state))
    }

    fn transact_system_call(
        &mut self,
        caller: Address,
        contract: Address,
        data: Bytes,
    ) -> Result<ResultAndState<HaltReason>, Self::Error> {
        let mut tx = TxEnv::new_system_tx_with_caller(caller, contract, data);
        if self.cfg_env().spec < SpecId::AMSTERDAM {
            tx.gas_limit = SYSTEM_CALL_GAS;
        }
        self.inner.ctx.set_tx(tx);
        let mut handler = MainnetHandler::<_, Self::Error, _>::default();
        let result = if self.inspect {
            handler.inspect_run_system_call(&mut self.inner)
        } else {
            handler.run_system_call(&mut self.inner)
        };
        let state = self.inner.finalize();
        Ok(ExecResultAndState::new(result?, state))
    }

    fn finish(self) -> (DB, EvmEnv) {
        let Context {
            block,
            cfg,
            journaled_state,
            ..
        } = self.inner.ctx;
        (journaled_state.database, EvmEnv::new(cfg, block))
    }

    fn set_inspector_enabled(&mut self, enabled: bool) {
        self.inspect = enabled;
    }

    fn components(&self) -> (&DB, &I, &EthPrecompiles) {
        let evm = &self.inner;
        let db = &evm.ctx.journaled_state.database;
        (db, &evm.inspector, &evm.precompiles)
    }

    fn components_mut(&mut self) -> (&mut DB, &mut I, &mut EthPrecompiles) {
        let evm = &mut self.inner;
        let db = &mut evm.ctx.journaled_state.database;
        (db, &mut evm.inspector, &mut evm.precompiles)
    }
}

impl EvmFactory for StockEvmFactory {
    type Evm<DB: Database, I: Inspector<StockContext<DB>>> = StockEvm<DB, I>;
    type Context<DB: Database> = StockContext<DB>;
    type Tx = TxEnv;
    type Error<E: DBErrorMarker> = EVMError<E>;
    type HaltReason = HaltReason;
    type Spec = SpecId;
    type BlockEnv = BlockEnv;
    type Precompiles = EthPrecompiles;

    fn create_evm<DB: Database>(&self, db: DB, env: EvmEnv) -> StockEvm<DB, NoOpInspector> {
        StockEvm::new(db, env, NoOpInspector, false)
    }

    fn create_evm_with_inspector<DB: Database, I: Inspector<Self::Context<DB>>>(
        &self,
        db: DB,
        env: EvmEnv,
        inspector: I,
    ) -> StockEvm<DB, I> {
        StockEvm::new(db, env, inspector, true)
    }
}
