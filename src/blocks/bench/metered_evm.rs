//! The counting EVM with its usage in a place that outlives it: block building drops its EVM.

use alloy_evm::{Database, Evm, EvmEnv, EvmFactory};
use revm::{
    Inspector,
    context::{
        BlockEnv, DBErrorMarker, TxEnv,
        result::{EVMError, HaltReason, ResultAndState},
    },
    inspector::NoOpInspector,
    primitives::hardfork::SpecId,
};
use std::{cell::RefCell, rc::Rc, sync::Arc};

use super::forwarded::forward;
use crate::evm::{CountingEvmFactory, Tariff, Used};

type Counting<DB, I> = <CountingEvmFactory as EvmFactory>::Evm<DB, I>;

/// Makes EVMs that add what their transactions use.
#[derive(Clone, Debug)]
pub(crate) struct MeteredFactory {
    counting: CountingEvmFactory,
    used: Rc<RefCell<Used>>,
}

impl MeteredFactory {
    pub(crate) fn new(tariff: Arc<Tariff>) -> Self {
        Self {
            counting: CountingEvmFactory::new(tariff),
            used: Rc::default(),
        }
    }

    /// What was used since the last call.
    pub(crate) fn take_used(&self) -> Used {
        self.used.take()
    }
}

/// An EVM of [`MeteredFactory`].
pub(crate) struct MeteredEvm<DB: Database, I: Inspector<Context<DB>>> {
    evm: Counting<DB, I>,
    used: Rc<RefCell<Used>>,
}

type Context<DB> = <CountingEvmFactory as EvmFactory>::Context<DB>;
type Precompiles = <CountingEvmFactory as EvmFactory>::Precompiles;

impl<DB: Database, I: Inspector<Context<DB>>> Evm for MeteredEvm<DB, I> {
    type DB = DB;
    type Tx = TxEnv;
    type Error = EVMError<DB::Error>;
    type HaltReason = HaltReason;
    type Spec = SpecId;
    type BlockEnv = BlockEnv;
    type Precompiles = Precompiles;
    type Inspector = I;

    forward!(evm);
    forward!(evm transact_system_call);
    forward!(evm components);

    fn transact_raw(&mut self, tx: TxEnv) -> Result<ResultAndState<HaltReason>, Self::Error> {
        let result = self.evm.transact_raw(tx)?;
        self.used
            .borrow_mut()
            .merge(&self.evm.ledger_mut().take_used());
        Ok(result)
    }
}

impl EvmFactory for MeteredFactory {
    type Evm<DB: Database, I: Inspector<Context<DB>>> = MeteredEvm<DB, I>;
    type Context<DB: Database> = Context<DB>;
    type Tx = TxEnv;
    type Error<E: DBErrorMarker> = EVMError<E>;
    type HaltReason = HaltReason;
    type Spec = SpecId;
    type BlockEnv = BlockEnv;
    type Precompiles = Precompiles;

    fn create_evm<DB: Database>(&self, db: DB, env: EvmEnv) -> MeteredEvm<DB, NoOpInspector> {
        MeteredEvm {
            evm: self.counting.create_evm(db, env),
            used: Rc::clone(&self.used),
        }
    }

    fn create_evm_with_inspector<DB: Database, I: Inspector<Context<DB>>>(
        &self,
        db: DB,
        env: EvmEnv,
        inspector: I,
    ) -> MeteredEvm<DB, I> {
        MeteredEvm {
            evm: self.counting.create_evm_with_inspector(db, env, inspector),
            used: Rc::clone(&self.used),
        }
    }
}
