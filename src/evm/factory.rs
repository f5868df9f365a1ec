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
    handler::{CountingHandler, TariffHandler},
    instructions,
    precompiles::PricedPrecompiles,
    pricing::{Ledger, Meter, Pricing},
    tally::{Tally, Used},
    tariff::Tariff,
};
use crate::gas::Fork;

/// The gas of a system call until Osaka (EIP-4788). revm adds Amsterdam's state gas on every fork, which lets a call succeed
/// that an ordinary client sees fail.
const SYSTEM_CALL_GAS: u64 = 30_000_000;

/// revm's context with prices, and a tally if usage is recorded, in its chain field.
pub type TariffContext<DB, C> = Context<BlockEnv, TxEnv, CfgEnv, DB, Journal<DB>, C>;

type Inner<DB, I, C> = RevmEvm<
    TariffContext<DB, C>,
    I,
    EthInstructions<EthInterpreter, TariffContext<DB, C>>,
    PricedPrecompiles,
    EthFrame<EthInterpreter>,
>;

/// An EVM that charges a tariff's prices.
#[expect(missing_debug_implementations, reason = "revm's EVM has none")]
pub struct TariffEvm<DB: Database, I, C> {
    inner: Inner<DB, I, C>,
    inspect: bool,
}

impl<DB: Database, I, C: Ledger> TariffEvm<DB, I, C> {
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
}

impl<DB: Database, I> TariffEvm<DB, I, Meter> {
    /// What all transactions used so far. System calls are not part of a block's gas and are not recorded.
    pub fn used(&self) -> Used {
        let meter = &self.inner.ctx.chain;
        meter.tally.used(meter.pricing())
    }

    /// [`Self::used`], starting anew: per transaction, call it after each.
    pub fn take_used(&mut self) -> Used {
        let used = self.used();
        *self.inner.ctx.chain.tally = Tally::default();
        used
    }
}

impl<DB, I, C> Evm for TariffEvm<DB, I, C>
where
    DB: Database,
    I: Inspector<TariffContext<DB, C>>,
    C: Mode,
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

/// How a transaction runs: plainly, or recorded.
pub trait Mode: Ledger {
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

type Outcome<DB> = Result<ExecutionResult<HaltReason>, EVMError<<DB as revm::Database>::Error>>;

impl Mode for Pricing {
    fn run<DB: Database, I>(evm: &mut Inner<DB, I, Self>) -> Outcome<DB> {
        TariffHandler::default().run(evm)
    }

    fn inspect<DB: Database, I: Inspector<TariffContext<DB, Self>>>(
        evm: &mut Inner<DB, I, Self>,
    ) -> Outcome<DB> {
        TariffHandler::default().inspect_run(evm)
    }
}

impl Mode for Meter {
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

macro_rules! factory {
    ($(#[$doc:meta])* $name:ident, $chain:ty, $new:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name(Pricing);

        impl $name {
            /// A factory of EVMs under `tariff`. Whatever of the environment's configuration the schedule decides, it overrides.
            pub fn new(tariff: Arc<Tariff>) -> Self {
                Self(Pricing::new(tariff))
            }

            /// The prices.
            pub const fn tariff(&self) -> &Arc<Tariff> {
                self.0.tariff()
            }
        }

        impl EvmFactory for $name {
            type Evm<DB: Database, I: Inspector<TariffContext<DB, $chain>>> =
                TariffEvm<DB, I, $chain>;
            type Context<DB: Database> = TariffContext<DB, $chain>;
            type Tx = TxEnv;
            type Error<E: DBErrorMarker> = EVMError<E>;
            type HaltReason = HaltReason;
            type Spec = SpecId;
            type BlockEnv = BlockEnv;
            type Precompiles = PricedPrecompiles;

            fn create_evm<DB: Database>(&self, db: DB, env: EvmEnv) -> Self::Evm<DB, NoOpInspector> {
                TariffEvm::new($new(self.0.clone()), db, env, NoOpInspector, false)
            }

            fn create_evm_with_inspector<DB: Database, I: Inspector<Self::Context<DB>>>(
                &self,
                db: DB,
                env: EvmEnv,
                inspector: I,
            ) -> Self::Evm<DB, I> {
                TariffEvm::new($new(self.0.clone()), db, env, inspector, true)
            }
        }
    };
}

factory!(
    /// EVMs that charge a tariff: for the guest and for measuring.
    TariffEvmFactory,
    Pricing,
    core::convert::identity
);
factory!(
    /// EVMs that charge a tariff and record what each transaction used.
    CountingEvmFactory,
    Meter,
    Meter::new
);
