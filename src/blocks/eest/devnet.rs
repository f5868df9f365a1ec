//! Amsterdam as development networks before devnet-8 had it: other prices, and no contracts of EIP-8282 to be called.

use std::sync::{Arc, LazyLock};

use alloy_eips::eip8282::{BUILDER_DEPOSIT_CONTRACT_ADDRESS, BUILDER_EXIT_CONTRACT_ADDRESS};
use alloy_evm::{Database, Evm, EvmEnv, EvmFactory};
use alloy_primitives::{Address, Bytes};
use revm::{
    Inspector,
    context::{
        DBErrorMarker,
        result::{ExecutionResult, Output, ResultAndState, ResultGas, SuccessReason},
    },
    inspector::NoOpInspector,
    state::EvmState,
};

use crate::{
    bench::forward,
    evm::{Tariff, TariffEvmFactory},
    lang::{self, Files, Options},
};

/// What is said of a block of theirs that does not come out.
pub(super) const UNKNOWN_RULES: &str =
    "of a development network before devnet-8, of which the prices are known and not every rule";

/// Their prices, as changes to today's Amsterdam.
const PRICES: &str = include_str!("../../../schedules/amsterdam-before-devnet-8.gas");

struct Text;

impl Files for Text {
    fn read(&self, _: &str) -> Result<String, String> {
        Ok(PRICES.into())
    }
}

/// What those networks charged.
fn tariff() -> Arc<Tariff> {
    static TARIFF: LazyLock<Arc<Tariff>> = LazyLock::new(|| {
        let plan = lang::load("before-devnet-8.gas", &Text, &Options::default()).plan;
        let schedule = plan.expect("a shipped schedule has no errors").schedule;
        Arc::new(crate::evm::compile(&schedule).expect("a shipped schedule can be charged"))
    });
    Arc::clone(&TARIFF)
}

/// Makes the EVMs of another factory for blocks of those networks.
#[derive(Clone, Debug)]
pub(super) struct DevnetFactory<F>(F);

impl DevnetFactory<TariffEvmFactory> {
    /// Under what they charged.
    pub(super) fn new() -> Self {
        Self(TariffEvmFactory::new(tariff()))
    }
}

/// An EVM of [`DevnetFactory`].
pub(super) struct DevnetEvm<E>(E);

impl<E: Evm> Evm for DevnetEvm<E> {
    type DB = E::DB;
    type Tx = E::Tx;
    type Error = E::Error;
    type HaltReason = E::HaltReason;
    type Spec = E::Spec;
    type BlockEnv = E::BlockEnv;
    type Precompiles = E::Precompiles;
    type Inspector = E::Inspector;

    forward!(0);
    forward!(0 transact_raw);
    forward!(0 components);

    /// Calls nothing, and so touches nothing, where those networks had no contract.
    fn transact_system_call(
        &mut self,
        caller: Address,
        contract: Address,
        data: Bytes,
    ) -> Result<ResultAndState<Self::HaltReason>, Self::Error> {
        if [
            BUILDER_DEPOSIT_CONTRACT_ADDRESS,
            BUILDER_EXIT_CONTRACT_ADDRESS,
        ]
        .contains(&contract)
        {
            let nothing = ExecutionResult::Success {
                reason: SuccessReason::Stop,
                gas: ResultGas::default(),
                logs: Vec::new(),
                output: Output::Call(Bytes::new()),
            };
            return Ok(ResultAndState::new(nothing, EvmState::default()));
        }
        self.0.transact_system_call(caller, contract, data)
    }
}

impl<F: EvmFactory> EvmFactory for DevnetFactory<F> {
    type Evm<DB: Database, I: Inspector<F::Context<DB>>> = DevnetEvm<F::Evm<DB, I>>;
    type Context<DB: Database> = F::Context<DB>;
    type Tx = F::Tx;
    type Error<E: DBErrorMarker> = F::Error<E>;
    type HaltReason = F::HaltReason;
    type Spec = F::Spec;
    type BlockEnv = F::BlockEnv;
    type Precompiles = F::Precompiles;

    fn create_evm<DB: Database>(
        &self,
        db: DB,
        env: EvmEnv<F::Spec, F::BlockEnv>,
    ) -> Self::Evm<DB, NoOpInspector> {
        DevnetEvm(self.0.create_evm(db, env))
    }

    fn create_evm_with_inspector<DB: Database, I: Inspector<F::Context<DB>>>(
        &self,
        db: DB,
        env: EvmEnv<F::Spec, F::BlockEnv>,
        inspector: I,
    ) -> Self::Evm<DB, I> {
        DevnetEvm(self.0.create_evm_with_inspector(db, env, inspector))
    }
}
