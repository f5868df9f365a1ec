//! What an EVM around another leaves to it.

/// Methods of [`alloy_evm::Evm`] that call the EVM in a field: those that no EVM of ours changes, or the one that is named.
macro_rules! forward {
    ($evm:tt) => {
        fn block(&self) -> &Self::BlockEnv {
            self.$evm.block()
        }

        fn cfg_env(&self) -> &revm::context::CfgEnv<Self::Spec> {
            self.$evm.cfg_env()
        }

        fn chain_id(&self) -> u64 {
            self.$evm.chain_id()
        }

        fn finish(self) -> (Self::DB, alloy_evm::EvmEnv<Self::Spec, Self::BlockEnv>) {
            self.$evm.finish()
        }

        fn set_inspector_enabled(&mut self, enabled: bool) {
            self.$evm.set_inspector_enabled(enabled);
        }
    };
    ($evm:tt transact_raw) => {
        fn transact_raw(
            &mut self,
            tx: Self::Tx,
        ) -> Result<revm::context::result::ResultAndState<Self::HaltReason>, Self::Error> {
            self.$evm.transact_raw(tx)
        }
    };
    ($evm:tt transact_system_call) => {
        fn transact_system_call(
            &mut self,
            caller: alloy_primitives::Address,
            contract: alloy_primitives::Address,
            data: alloy_primitives::Bytes,
        ) -> Result<revm::context::result::ResultAndState<Self::HaltReason>, Self::Error> {
            self.$evm.transact_system_call(caller, contract, data)
        }
    };
    ($evm:tt components) => {
        fn components(&self) -> (&Self::DB, &Self::Inspector, &Self::Precompiles) {
            self.$evm.components()
        }

        fn components_mut(
            &mut self,
        ) -> (&mut Self::DB, &mut Self::Inspector, &mut Self::Precompiles) {
            self.$evm.components_mut()
        }
    };
}

pub(crate) use forward;
