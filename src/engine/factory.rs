//! EVMs under a tariff for alloy's block executor.

use alloc::sync::Arc;
use alloy_evm::{Database, Evm, EvmEnv, EvmFactory};
use alloy_primitives::{Address, Bytes};
use revm::{
    Context, ExecuteEvm, Inspector, Journal,
    context::{
        BlockEnv, CfgEnv, ContextSetters, DBErrorMarker, Evm as RevmEvm, FrameStack, TxEnv,
        result::{EVMError, ExecResultAndState, ExecutionResult, HaltReason, ResultAndState},
    },
    handler::{EthFrame, Handler, MainnetHandler, SystemCallTx, instructions::EthInstructions},
    inspector::{InspectorHandler, NoOpInspector},
    interpreter::interpreter::EthInterpreter,
    primitives::hardfork::SpecId,
};

use super::{
    Fork,
    handler::TariffHandler,
    instructions,
    priced_precompiles::PricedPrecompiles,
    pricing::{Ledger, Pricing},
    tariff::Tariff,
};

/// The gas of a system call until Osaka (EIP-4788). revm adds Amsterdam's state gas on every fork, which lets a call succeed
/// that an ordinary client sees fail.
const SYSTEM_CALL_GAS: u64 = 30_000_000;

/// revm's context with the ledger in its chain field.
pub type TariffContext<DB, C> = Context<BlockEnv, TxEnv, CfgEnv, DB, Journal<DB>, C>;

/// revm's EVM that runs inside.
pub type Inner<DB, I, C> = RevmEvm<
    TariffContext<DB, C>,
    I,
    EthInstructions<EthInterpreter, TariffContext<DB, C>>,
    PricedPrecompiles,
    EthFrame<EthInterpreter>,
>;

/// An EVM that charges a tariff's prices.
#[expect(missing_debug_implementations, reason = "revm's EVM has none")]
pub struct PricedEvm<DB: Database, I, C> {
    inner: Inner<DB, I, C>,
    inspect: bool,
}

impl<DB: Database, I, C: Ledger> PricedEvm<DB, I, C> {
    fn new(chain: C, db: DB, env: EvmEnv, inspector: I, inspect: bool) -> Self {
        let tariff = chain.pricing().tariff();
        let mut cfg = env.cfg_env;
        tariff.configure(&mut cfg);
        let spec = tariff.spec();
        let instruction = instructions::table::<C, TariffContext<DB, C>>(tariff);
        let ctx = TariffContext::<DB, ()>::new(db, spec)
            .with_cfg(cfg)
            .with_block(env.block_env)
            .with_chain(chain);
        Self {
            inner: RevmEvm {
                ctx,
                inspector,
                instruction,
                precompiles: PricedPrecompiles::new(spec),
                frame_stack: FrameStack::new_prealloc(8),
            },
            inspect,
        }
    }

    /// What it carries beside the state.
    pub const fn ledger(&self) -> &C {
        &self.inner.ctx.chain
    }

    /// The same, to be changed between transactions.
    pub const fn ledger_mut(&mut self) -> &mut C {
        &mut self.inner.ctx.chain
    }
}

impl<DB, I, C> Evm for PricedEvm<DB, I, C>
where
    DB: Database,
    I: Inspector<TariffContext<DB, C>>,
    C: Course,
{
    type DB = DB;
    type Tx = TxEnv;
    type Error = EVMError<DB::Error>;
    type HaltReason = HaltReason;
    type Spec = SpecId;
    type BlockEnv = BlockEnv;
    type Precompiles = PricedPrecompiles;
    type Inspector = I;

    fn block(&self) -> &BlockEnv {
        &self.inner.ctx.block
    }

    fn cfg_env(&self) -> &CfgEnv {
        &self.inner.ctx.cfg
    }

    fn chain_id(&self) -> u64 {
        self.inner.ctx.cfg.chain_id
    }

    fn transact_raw(&mut self, tx: TxEnv) -> Result<ResultAndState<HaltReason>, Self::Error> {
        self.inner.ctx.set_tx(tx);
        let result = if self.inspect {
            C::inspect(&mut self.inner)
        } else {
            C::run(&mut self.inner)
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
        let recorded = self.inner.ctx.chain.clone();
        let mut tx = TxEnv::new_system_tx_with_caller(caller, contract, data);
        if self.inner.ctx.chain.pricing().tariff().fork() < Fork::Amsterdam {
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
        self.inner.ctx.chain = recorded;
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

    fn components(&self) -> (&DB, &I, &PricedPrecompiles) {
        let evm = &self.inner;
        let db = &evm.ctx.journaled_state.database;
        (db, &evm.inspector, &evm.precompiles)
    }

    fn components_mut(&mut self) -> (&mut DB, &mut I, &mut PricedPrecompiles) {
        let evm = &mut self.inner;
        let db = &mut evm.ctx.journaled_state.database;
        (db, &mut evm.inspector, &mut evm.precompiles)
    }
}

/// How a transaction runs under a ledger.
pub trait Course: Ledger {
    /// Runs the transaction that is set.
    ///
    /// # Errors
    /// An invalid transaction, or the database's.
    fn run<DB: Database, I>(evm: &mut Inner<DB, I, Self>) -> Outcome<DB>;

    /// Runs it under the inspector.
    ///
    /// # Errors
    /// Those of [`Self::run`].
    fn inspect<DB: Database, I: Inspector<TariffContext<DB, Self>>>(
        evm: &mut Inner<DB, I, Self>,
    ) -> Outcome<DB>;
}

/// A transaction's result.
pub type Outcome<DB> = Result<ExecutionResult<HaltReason>, EVMError<<DB as revm::Database>::Error>>;

impl Course for Pricing {
    fn run<DB: Database, I>(evm: &mut Inner<DB, I, Self>) -> Outcome<DB> {
        TariffHandler::default().run(evm)
    }

    fn inspect<DB: Database, I: Inspector<TariffContext<DB, Self>>>(
        evm: &mut Inner<DB, I, Self>,
    ) -> Outcome<DB> {
        TariffHandler::default().inspect_run(evm)
    }
}

/// A factory of EVMs that charge a tariff, each with a copy of the ledger.
#[derive(Clone, Debug)]
pub struct PricedEvmFactory<C>(C);

/// EVMs that charge a tariff: for the guest and for measuring.
pub type TariffEvmFactory = PricedEvmFactory<Pricing>;

impl<C: Ledger + From<Pricing>> PricedEvmFactory<C> {
    /// A factory of EVMs under `tariff`. Whatever of the environment's configuration the schedule decides, it overrides.
    pub fn new(tariff: Arc<Tariff>) -> Self {
        Self(Pricing::new(tariff).into())
    }

    /// The prices.
    pub fn tariff(&self) -> &Arc<Tariff> {
        self.0.pricing().tariff()
    }
}

impl<C: Course> EvmFactory for PricedEvmFactory<C> {
    type Evm<DB: Database, I: Inspector<TariffContext<DB, C>>> = PricedEvm<DB, I, C>;
    type Context<DB: Database> = TariffContext<DB, C>;
    type Tx = TxEnv;
    type Error<E: DBErrorMarker> = EVMError<E>;
    type HaltReason = HaltReason;
    type Spec = SpecId;
    type BlockEnv = BlockEnv;
    type Precompiles = PricedPrecompiles;

    fn create_evm<DB: Database>(&self, db: DB, env: EvmEnv) -> Self::Evm<DB, NoOpInspector> {
        PricedEvm::new(self.0.clone(), db, env, NoOpInspector, false)
    }

    fn create_evm_with_inspector<DB: Database, I: Inspector<Self::Context<DB>>>(
        &self,
        db: DB,
        env: EvmEnv,
        inspector: I,
    ) -> Self::Evm<DB, I> {
        PricedEvm::new(self.0.clone(), db, env, inspector, true)
    }
}
